// SPDX-License-Identifier: Apache-2.0
// DescribeCluster: KIP-700, KIP-919 (controllers, version 1), KIP-1073 (fenced brokers, version 2).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeClusterRequest {
  static constexpr Api api{
      .key = 60, .name = "DescribeCluster", .min_version = 0, .max_version = 2, .first_flexible = 0};

  bool include_cluster_authorized_operations = false;
  std::int8_t endpoint_type = 1;
  bool include_fenced_brokers = false;

  static const declare::Struct& declaration();
};

struct DescribeClusterResponse {
  static constexpr Api api = DescribeClusterRequest::api;

  struct DescribeClusterBroker {
    std::int32_t broker_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::optional<std::string> rack;
    bool is_fenced = false;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message;
  std::int8_t endpoint_type = 1;
  std::string cluster_id;
  std::int32_t controller_id = -1;
  std::vector<DescribeClusterBroker> brokers;
  std::int32_t cluster_authorized_operations = std::numeric_limits<std::int32_t>::min();

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
