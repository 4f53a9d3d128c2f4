// SPDX-License-Identifier: Apache-2.0
// What consumers put into JoinGroup and SyncGroup, which the server passes on unread otherwise: subscription
// and assignment of the protocol type "consumer". Both are preceded by their version (16 bits).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ConsumerProtocolSubscription {
  static constexpr Api api{
      .name = "ConsumerProtocolSubscription", .max_version = 3, .first_flexible = Api::kNeverFlexible};

  struct TopicPartition {
    std::string topic;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::vector<std::string> topics;
  std::optional<Bytes> user_data;
  std::vector<TopicPartition> owned_partitions;
  std::int32_t generation_id = -1;
  std::optional<std::string> rack_id;

  static const declare::Struct& declaration();
};

struct ConsumerProtocolAssignment {
  static constexpr Api api{
      .name = "ConsumerProtocolAssignment", .max_version = 3, .first_flexible = Api::kNeverFlexible};

  struct TopicPartition {
    std::string topic;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::vector<TopicPartition> assigned_partitions;
  std::optional<Bytes> user_data;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
