// SPDX-License-Identifier: Apache-2.0
// ConsumerGroupDescribe: state, members and assignments of consumer groups. KIP-848; KIP-1099 (version 1).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ConsumerGroupDescribeRequest {
  static constexpr Api api{
      .key = 69, .name = "ConsumerGroupDescribe", .min_version = 0, .max_version = 1, .first_flexible = 0};

  std::vector<std::string> group_ids;
  bool include_authorized_operations;

  static const declare::Struct& declaration();
};

struct ConsumerGroupDescribeResponse {
  static constexpr Api api = ConsumerGroupDescribeRequest::api;

  struct TopicPartitions {
    Uuid topic_id;
    std::string topic_name;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };
  struct Assignment {
    std::vector<TopicPartitions> topic_partitions;
    static const declare::Struct& declaration();
  };
  struct Member {
    std::string member_id;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::int32_t member_epoch = 0;
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex;
    Assignment assignment;
    Assignment target_assignment;
    std::int8_t member_type = -1;
    static const declare::Struct& declaration();
  };
  struct DescribedGroup {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    std::int32_t group_epoch = 0;
    std::int32_t assignment_epoch = 0;
    std::string assignor_name;
    std::vector<Member> members;
    std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
