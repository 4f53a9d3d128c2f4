// SPDX-License-Identifier: Apache-2.0
// DescribeProducers: KIP-664.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeProducersRequest {
  static constexpr Api api{
      .key = 61, .name = "DescribeProducers", .min_version = 0, .max_version = 0, .first_flexible = 0};

  struct TopicRequest {
    std::string name;
    std::vector<std::int32_t> partition_indexes;
    static const declare::Struct& declaration();
  };

  std::vector<TopicRequest> topics;

  static const declare::Struct& declaration();
};

struct DescribeProducersResponse {
  static constexpr Api api = DescribeProducersRequest::api;

  struct ProducerState {
    std::int64_t producer_id = 0;
    std::int32_t producer_epoch = 0;
    std::int32_t last_sequence = -1;
    std::int64_t last_timestamp = -1;
    std::int32_t coordinator_epoch = 0;
    std::int64_t current_txn_start_offset = -1;
    static const declare::Struct& declaration();
  };
  struct PartitionResponse {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::vector<ProducerState> active_producers;
    static const declare::Struct& declaration();
  };
  struct TopicResponse {
    std::string name;
    std::vector<PartitionResponse> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<TopicResponse> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
