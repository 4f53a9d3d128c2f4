// SPDX-License-Identifier: Apache-2.0
// ListOffsets: offsets by timestamp, and the special ones: -1 latest, -2 earliest, -3 the largest timestamp
// (version 7), -4 earliest local (8), -5 latest tiered (9), -6 earliest pending upload (11).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ListOffsetsRequest {
  static constexpr Api api{
      .key = 2, .name = "ListOffsets", .min_version = 1, .max_version = 11, .first_flexible = 6};

  struct ListOffsetsPartition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;
    static const declare::Struct& declaration();
  };
  struct ListOffsetsTopic {
    std::string name;
    std::vector<ListOffsetsPartition> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t replica_id = 0;
  std::int8_t isolation_level = 0;
  std::vector<ListOffsetsTopic> topics;
  std::int32_t timeout_ms = 0;

  static const declare::Struct& declaration();
};

struct ListOffsetsResponse {
  static constexpr Api api = ListOffsetsRequest::api;

  struct ListOffsetsPartitionResponse {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;
    static const declare::Struct& declaration();
  };
  struct ListOffsetsTopicResponse {
    std::string name;
    std::vector<ListOffsetsPartitionResponse> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<ListOffsetsTopicResponse> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
