// SPDX-License-Identifier: Apache-2.0
// ElectLeaders: KIP-183, KIP-460 (unclean elections, version 1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ElectLeadersRequest {
  static constexpr Api api{
      .key = 43, .name = "ElectLeaders", .min_version = 0, .max_version = 2, .first_flexible = 2};

  struct TopicPartitions {
    std::string topic;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::int8_t election_type = 0;
  std::optional<std::vector<TopicPartitions>> topic_partitions = std::vector<TopicPartitions>{};
  std::int32_t timeout_ms = 60000;

  static const declare::Struct& declaration();
};

struct ElectLeadersResponse {
  static constexpr Api api = ElectLeadersRequest::api;

  struct PartitionResult {
    std::int32_t partition_id = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    static const declare::Struct& declaration();
  };
  struct ReplicaElectionResult {
    std::string topic;
    std::vector<PartitionResult> partition_result;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<ReplicaElectionResult> replica_election_results;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
