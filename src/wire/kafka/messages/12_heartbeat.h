// SPDX-License-Identifier: Apache-2.0
// Heartbeat: a member of a classic group is alive.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct HeartbeatRequest {
  static constexpr Api api{
      .key = 12, .name = "Heartbeat", .min_version = 0, .max_version = 4, .first_flexible = 4};

  std::string group_id;
  std::int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;

  static const declare::Struct& declaration();
};

struct HeartbeatResponse {
  static constexpr Api api = HeartbeatRequest::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
