// SPDX-License-Identifier: Apache-2.0
// DescribeLogDirs: KIP-113, KIP-827 (bytes of the volume, version 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeLogDirsRequest {
  static constexpr Api api{
      .key = 35, .name = "DescribeLogDirs", .min_version = 1, .max_version = 4, .first_flexible = 2};

  struct DescribableLogDirTopic {
    std::string topic;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::optional<std::vector<DescribableLogDirTopic>> topics = std::vector<DescribableLogDirTopic>{};

  static const declare::Struct& declaration();
};

struct DescribeLogDirsResponse {
  static constexpr Api api = DescribeLogDirsRequest::api;

  struct DescribeLogDirsPartition {
    std::int32_t partition_index = 0;
    std::int64_t partition_size = 0;
    std::int64_t offset_lag = 0;
    bool is_future_key = false;
    static const declare::Struct& declaration();
  };
  struct DescribeLogDirsTopic {
    std::string name;
    std::vector<DescribeLogDirsPartition> partitions;
    static const declare::Struct& declaration();
  };
  struct DescribeLogDirsResult {
    std::int16_t error_code = 0;
    std::string log_dir;
    std::vector<DescribeLogDirsTopic> topics;
    std::int64_t total_bytes = -1;
    std::int64_t usable_bytes = -1;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<DescribeLogDirsResult> results;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
