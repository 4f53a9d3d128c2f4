// SPDX-License-Identifier: Apache-2.0
// OffsetForLeaderEpoch: where a leader epoch ends. KIP-101, KIP-320.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct OffsetForLeaderEpochRequest {
  static constexpr Api api{
      .key = 23, .name = "OffsetForLeaderEpoch", .min_version = 2, .max_version = 4, .first_flexible = 4};

  struct OffsetForLeaderPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;
    static const declare::Struct& declaration();
  };
  struct OffsetForLeaderTopic {
    std::string topic;
    std::vector<OffsetForLeaderPartition> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t replica_id = -2;
  std::vector<OffsetForLeaderTopic> topics;

  static const declare::Struct& declaration();
};

struct OffsetForLeaderEpochResponse {
  static constexpr Api api = OffsetForLeaderEpochRequest::api;

  struct EpochEndOffset {
    std::int16_t error_code = 0;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;
    static const declare::Struct& declaration();
  };
  struct OffsetForLeaderTopicResult {
    std::string topic;
    std::vector<EpochEndOffset> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetForLeaderTopicResult> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
