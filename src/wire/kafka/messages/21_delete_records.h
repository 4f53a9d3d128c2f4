// SPDX-License-Identifier: Apache-2.0
// DeleteRecords: KIP-107.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DeleteRecordsRequest {
  static constexpr Api api{
      .key = 21, .name = "DeleteRecords", .min_version = 0, .max_version = 2, .first_flexible = 2};

  struct DeleteRecordsPartition {
    std::int32_t partition_index = 0;
    std::int64_t offset = 0;
    static const declare::Struct& declaration();
  };
  struct DeleteRecordsTopic {
    std::string name;
    std::vector<DeleteRecordsPartition> partitions;
    static const declare::Struct& declaration();
  };

  std::vector<DeleteRecordsTopic> topics;
  std::int32_t timeout_ms = 0;

  static const declare::Struct& declaration();
};

struct DeleteRecordsResponse {
  static constexpr Api api = DeleteRecordsRequest::api;

  struct DeleteRecordsPartitionResult {
    std::int32_t partition_index = 0;
    std::int64_t low_watermark = 0;
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };
  struct DeleteRecordsTopicResult {
    std::string name;
    std::vector<DeleteRecordsPartitionResult> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeleteRecordsTopicResult> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
