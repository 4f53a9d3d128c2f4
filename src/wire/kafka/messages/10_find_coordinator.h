// SPDX-License-Identifier: Apache-2.0
// FindCoordinator: which broker keeps a group or a transaction. KIP-699 (several keys, version 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct FindCoordinatorRequest {
  static constexpr Api api{
      .key = 10, .name = "FindCoordinator", .min_version = 0, .max_version = 6, .first_flexible = 3};

  std::string key;
  std::int8_t key_type = 0;
  std::vector<std::string> coordinator_keys;

  static const declare::Struct& declaration();
};

struct FindCoordinatorResponse {
  static constexpr Api api = FindCoordinatorRequest::api;

  struct Coordinator {
    std::string key;
    std::int32_t node_id = 0;
    std::string host;
    std::int32_t port = 0;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::int32_t node_id = 0;
  std::string host;
  std::int32_t port = 0;
  std::vector<Coordinator> coordinators;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
