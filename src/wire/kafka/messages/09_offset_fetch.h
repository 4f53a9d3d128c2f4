// SPDX-License-Identifier: Apache-2.0
// OffsetFetch: a group's progress is read. KIP-447 (stable offsets, version 7), KIP-709 (several groups,
// version 8).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct OffsetFetchRequest {
  static constexpr Api api{
      .key = 9, .name = "OffsetFetch", .min_version = 1, .max_version = 10, .first_flexible = 6};

  struct OffsetFetchRequestTopic {
    std::string name;
    std::vector<std::int32_t> partition_indexes;
    static const declare::Struct& declaration();
  };
  struct OffsetFetchRequestTopics {
    std::string name;
    Uuid topic_id;
    std::vector<std::int32_t> partition_indexes;
    static const declare::Struct& declaration();
  };
  struct OffsetFetchRequestGroup {
    std::string group_id;
    std::optional<std::string> member_id;
    std::int32_t member_epoch = -1;
    std::optional<std::vector<OffsetFetchRequestTopics>> topics = std::vector<OffsetFetchRequestTopics>{};
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::optional<std::vector<OffsetFetchRequestTopic>> topics = std::vector<OffsetFetchRequestTopic>{};
  std::vector<OffsetFetchRequestGroup> groups;
  bool require_stable = false;

  static const declare::Struct& declaration();
};

struct OffsetFetchResponse {
  static constexpr Api api = OffsetFetchRequest::api;

  struct OffsetFetchResponsePartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = std::string{};
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };
  struct OffsetFetchResponseTopic {
    std::string name;
    std::vector<OffsetFetchResponsePartition> partitions;
    static const declare::Struct& declaration();
  };
  struct OffsetFetchResponsePartitions {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata = std::string{};
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };
  struct OffsetFetchResponseTopics {
    std::string name;
    Uuid topic_id;
    std::vector<OffsetFetchResponsePartitions> partitions;
    static const declare::Struct& declaration();
  };
  struct OffsetFetchResponseGroup {
    std::string group_id;
    std::vector<OffsetFetchResponseTopics> topics;
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetFetchResponseTopic> topics;
  std::int16_t error_code = 0;
  std::vector<OffsetFetchResponseGroup> groups;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
