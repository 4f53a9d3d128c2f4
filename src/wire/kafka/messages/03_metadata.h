// SPDX-License-Identifier: Apache-2.0
// Metadata: brokers, topics and partition leaders. KIP-516 (topic ids, versions 10 and 12), KIP-1102 (version
// 13).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct MetadataRequest {
  static constexpr Api api{
      .key = 3, .name = "Metadata", .min_version = 0, .max_version = 13, .first_flexible = 9};

  struct MetadataRequestTopic {
    Uuid topic_id;
    std::optional<std::string> name = std::string{};
    static const declare::Struct& declaration();
  };

  std::optional<std::vector<MetadataRequestTopic>> topics = std::vector<MetadataRequestTopic>{};
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;

  static const declare::Struct& declaration();
};

struct MetadataResponse {
  static constexpr Api api = MetadataRequest::api;

  struct MetadataResponseBroker {
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
    static const declare::Struct& declaration();
  };
  struct MetadataResponsePartition {
    std::int16_t error_code = 0;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes;
    std::vector<std::int32_t> isr_nodes;
    std::vector<std::int32_t> offline_replicas;
    static const declare::Struct& declaration();
  };
  struct MetadataResponseTopic {
    std::int16_t error_code = 0;
    std::optional<std::string> name = std::string{};
    Uuid topic_id;
    bool is_internal = false;
    std::vector<MetadataResponsePartition> partitions;
    std::int32_t topic_authorized_operations = std::numeric_limits<std::int32_t>::min();
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<MetadataResponseBroker> brokers;
  std::optional<std::string> cluster_id;
  std::int32_t controller_id = -1;
  std::vector<MetadataResponseTopic> topics;
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();
  std::int16_t error_code = 0;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
