// SPDX-License-Identifier: Apache-2.0
// DescribeTopicPartitions: KIP-966.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeTopicPartitionsRequest {
  static constexpr Api api{
      .key = 75, .name = "DescribeTopicPartitions", .min_version = 0, .max_version = 0, .first_flexible = 0};

  struct TopicRequest {
    std::string name;
    static const declare::Struct& declaration();
  };
  struct Cursor {
    std::string topic_name;
    std::int32_t partition_index = 0;
    static const declare::Struct& declaration();
  };

  std::vector<TopicRequest> topics;
  std::int32_t response_partition_limit = 2000;
  std::optional<Cursor> cursor;

  static const declare::Struct& declaration();
};

struct DescribeTopicPartitionsResponse {
  static constexpr Api api = DescribeTopicPartitionsRequest::api;

  struct DescribeTopicPartitionsResponsePartition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::optional<std::vector<std::int32_t>> eligible_leader_replicas;
    std::optional<std::vector<std::int32_t>> last_known_elr;
    std::vector<std::int32_t> offline_replicas;
    static const declare::Struct& declaration();
  };
  struct DescribeTopicPartitionsResponseTopic {
    std::int16_t error_code = 0;
    std::optional<std::string> name = std::string{};
    Uuid topic_id;
    bool is_internal = false;
    std::vector<DescribeTopicPartitionsResponsePartition> partitions;
    std::int32_t topic_authorized_operations = INT32_MIN;
    static const declare::Struct& declaration();
  };
  struct Cursor {
    std::string topic_name;
    std::int32_t partition_index = 0;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeTopicPartitionsResponseTopic> topics;
  std::optional<Cursor> next_cursor;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
