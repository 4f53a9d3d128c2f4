// SPDX-License-Identifier: Apache-2.0
// OffsetCommit: a group's progress is stored. KIP-848 (member epoch, version 9), KIP-516 (topic ids, version
// 10).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct OffsetCommitRequest {
  static constexpr Api api{
      .key = 8, .name = "OffsetCommit", .min_version = 2, .max_version = 10, .first_flexible = 8};

  struct OffsetCommitRequestPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata = std::string{};
    static const declare::Struct& declaration();
  };
  struct OffsetCommitRequestTopic {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetCommitRequestPartition> partitions;
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::int32_t generation_id_or_member_epoch = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::int64_t retention_time_ms = -1;
  std::vector<OffsetCommitRequestTopic> topics;

  static const declare::Struct& declaration();
};

struct OffsetCommitResponse {
  static constexpr Api api = OffsetCommitRequest::api;

  struct OffsetCommitResponsePartition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };
  struct OffsetCommitResponseTopic {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetCommitResponsePartition> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetCommitResponseTopic> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
