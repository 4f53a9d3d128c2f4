// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupHeartbeat: a member joins, stays in, leaves a consumer group and learns its partitions.
// KIP-848; version 1: KIP-1082 (client-made ids) and regular expressions.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ConsumerGroupHeartbeatRequest {
  static constexpr Api api{
      .key = 68, .name = "ConsumerGroupHeartbeat", .min_version = 0, .max_version = 1, .first_flexible = 0};

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::string member_id;
  std::int32_t member_epoch = 0;
  std::optional<std::string> instance_id;
  std::optional<std::string> rack_id;
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<std::vector<std::string>> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex;
  std::optional<std::string> server_assignor;
  std::optional<std::vector<TopicPartitions>> topic_partitions;

  static const declare::Struct& declaration();
};

struct ConsumerGroupHeartbeatResponse {
  static constexpr Api api = ConsumerGroupHeartbeatRequest::api;

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };
  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::optional<std::string> member_id;
  std::int32_t member_epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
