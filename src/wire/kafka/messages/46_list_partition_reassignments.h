// SPDX-License-Identifier: Apache-2.0
// ListPartitionReassignments: KIP-455.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ListPartitionReassignmentsRequest {
  static constexpr Api api{.key = 46,
                           .name = "ListPartitionReassignments",
                           .min_version = 0,
                           .max_version = 0,
                           .first_flexible = 0};

  struct ListPartitionReassignmentsTopics {
    std::string name;
    std::vector<std::int32_t> partition_indexes;
    static const declare::Struct& declaration();
  };

  std::int32_t timeout_ms = 60000;
  std::optional<std::vector<ListPartitionReassignmentsTopics>> topics;

  static const declare::Struct& declaration();
};

struct ListPartitionReassignmentsResponse {
  static constexpr Api api = ListPartitionReassignmentsRequest::api;

  struct OngoingPartitionReassignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> replicas;
    std::vector<std::int32_t> adding_replicas;
    std::vector<std::int32_t> removing_replicas;
    static const declare::Struct& declaration();
  };
  struct OngoingTopicReassignment {
    std::string name;
    std::vector<OngoingPartitionReassignment> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<OngoingTopicReassignment> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
