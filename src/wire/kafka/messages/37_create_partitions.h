// SPDX-License-Identifier: Apache-2.0
// CreatePartitions: KIP-195.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct CreatePartitionsRequest {
  static constexpr Api api{
      .key = 37, .name = "CreatePartitions", .min_version = 0, .max_version = 3, .first_flexible = 2};

  struct CreatePartitionsAssignment {
    std::vector<std::int32_t> broker_ids;
    static const declare::Struct& declaration();
  };
  struct CreatePartitionsTopic {
    std::string name;
    std::int32_t count = 0;
    std::optional<std::vector<CreatePartitionsAssignment>> assignments =
        std::vector<CreatePartitionsAssignment>{};
    static const declare::Struct& declaration();
  };

  std::vector<CreatePartitionsTopic> topics;
  std::int32_t timeout_ms = 0;
  bool validate_only = false;

  static const declare::Struct& declaration();
};

struct CreatePartitionsResponse {
  static constexpr Api api = CreatePartitionsRequest::api;

  struct CreatePartitionsTopicResult {
    std::string name;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatePartitionsTopicResult> results;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
