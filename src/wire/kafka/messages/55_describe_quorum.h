// SPDX-License-Identifier: Apache-2.0
// DescribeQuorum: KIP-595, KIP-836 (times, version 1), KIP-853 (nodes, version 2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeQuorumRequest {
  static constexpr Api api{
      .key = 55, .name = "DescribeQuorum", .min_version = 0, .max_version = 2, .first_flexible = 0};

  struct PartitionData {
    std::int32_t partition_index = 0;
    static const declare::Struct& declaration();
  };
  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    static const declare::Struct& declaration();
  };

  std::vector<TopicData> topics;

  static const declare::Struct& declaration();
};

struct DescribeQuorumResponse {
  static constexpr Api api = DescribeQuorumRequest::api;

  struct ReplicaState {
    std::int32_t replica_id = 0;
    Uuid replica_directory_id;
    std::int64_t log_end_offset = 0;
    std::int64_t last_fetch_timestamp = -1;
    std::int64_t last_caught_up_timestamp = -1;
    static const declare::Struct& declaration();
  };
  struct PartitionData {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = 0;
    std::int64_t high_watermark = 0;
    std::vector<ReplicaState> current_voters;
    std::vector<ReplicaState> observers;
    static const declare::Struct& declaration();
  };
  struct TopicData {
    std::string topic_name;
    std::vector<PartitionData> partitions;
    static const declare::Struct& declaration();
  };
  struct Listener {
    std::string name;
    std::string host;
    std::uint16_t port = 0;
    static const declare::Struct& declaration();
  };
  struct Node {
    std::int32_t node_id = 0;
    std::vector<Listener> listeners;
    static const declare::Struct& declaration();
  };

  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<TopicData> topics;
  std::vector<Node> nodes;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
