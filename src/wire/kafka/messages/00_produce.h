// SPDX-License-Identifier: Apache-2.0
// Produce: record batches are appended to partitions. KIP-98 (idempotence), KIP-467 (record errors), KIP-951
// (current leader), KIP-516 (topic ids, version 13).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ProduceRequest {
  static constexpr Api api{
      .key = 0, .name = "Produce", .min_version = 3, .max_version = 13, .first_flexible = 9};

  struct PartitionProduceData {
    std::int32_t index = 0;
    std::optional<Chain> records;
    static const declare::Struct& declaration();
  };
  struct TopicProduceData {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceData> partition_data;
    static const declare::Struct& declaration();
  };

  std::optional<std::string> transactional_id;
  std::int16_t acks = 0;
  std::int32_t timeout_ms = 0;
  std::vector<TopicProduceData> topic_data;

  static const declare::Struct& declaration();
};

struct ProduceResponse {
  static constexpr Api api = ProduceRequest::api;

  struct BatchIndexAndErrorMessage {
    std::int32_t batch_index = 0;
    std::optional<std::string> batch_index_error_message;
    static const declare::Struct& declaration();
  };
  struct LeaderIdAndEpoch {
    std::int32_t leader_id = -1;
    std::int32_t leader_epoch = -1;
    static const declare::Struct& declaration();
  };
  struct PartitionProduceResponse {
    std::int32_t index = 0;
    std::int16_t error_code = 0;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;
    std::int64_t log_start_offset = -1;
    std::vector<BatchIndexAndErrorMessage> record_errors;
    std::optional<std::string> error_message;
    LeaderIdAndEpoch current_leader;
    static const declare::Struct& declaration();
  };
  struct TopicProduceResponse {
    std::string name;
    Uuid topic_id;
    std::vector<PartitionProduceResponse> partition_responses;
    static const declare::Struct& declaration();
  };
  struct NodeEndpoint {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
    static const declare::Struct& declaration();
  };

  std::vector<TopicProduceResponse> responses;
  std::int32_t throttle_time_ms = 0;
  std::vector<NodeEndpoint> node_endpoints;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
