// SPDX-License-Identifier: Apache-2.0
// CreateTopics: KIP-464 (default partitions and replicas, version 4), KIP-525 (configuration in the answer,
// version 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct CreateTopicsRequest {
  static constexpr Api api{
      .key = 19, .name = "CreateTopics", .min_version = 2, .max_version = 7, .first_flexible = 5};

  struct CreatableReplicaAssignment {
    std::int32_t partition_index = 0;
    std::vector<std::int32_t> broker_ids;
    static const declare::Struct& declaration();
  };
  struct CreatableTopicConfig {
    std::string name;
    std::optional<std::string> value = std::string{};
    static const declare::Struct& declaration();
  };
  struct CreatableTopic {
    std::string name;
    std::int32_t num_partitions = 0;
    std::int16_t replication_factor = 0;
    std::vector<CreatableReplicaAssignment> assignments;
    std::vector<CreatableTopicConfig> configs;
    static const declare::Struct& declaration();
  };

  std::vector<CreatableTopic> topics;
  std::int32_t timeout_ms = 60000;
  bool validate_only = false;

  static const declare::Struct& declaration();
};

struct CreateTopicsResponse {
  static constexpr Api api = CreateTopicsRequest::api;

  struct CreatableTopicConfigs {
    std::string name;
    std::optional<std::string> value = std::string{};
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    static const declare::Struct& declaration();
  };
  struct CreatableTopicResult {
    std::string name;
    Uuid topic_id;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int16_t topic_config_error_code = 0;
    std::int32_t num_partitions = -1;
    std::int16_t replication_factor = -1;
    std::optional<std::vector<CreatableTopicConfigs>> configs = std::vector<CreatableTopicConfigs>{};
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<CreatableTopicResult> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
