// SPDX-License-Identifier: Apache-2.0
// SyncGroup: the leader's assignment reaches the members of a classic group.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct SyncGroupRequest {
  static constexpr Api api{
      .key = 14, .name = "SyncGroup", .min_version = 0, .max_version = 5, .first_flexible = 4};

  struct SyncGroupRequestAssignment {
    std::string member_id;
    Bytes assignment;
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<SyncGroupRequestAssignment> assignments;

  static const declare::Struct& declaration();
};

struct SyncGroupResponse {
  static constexpr Api api = SyncGroupRequest::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  Bytes assignment;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
