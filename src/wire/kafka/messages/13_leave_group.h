// SPDX-License-Identifier: Apache-2.0
// LeaveGroup: members leave a classic group. KIP-345 (several members, version 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct LeaveGroupRequest {
  static constexpr Api api{
      .key = 13, .name = "LeaveGroup", .min_version = 0, .max_version = 5, .first_flexible = 4};

  struct MemberIdentity {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::string member_id;
  std::vector<MemberIdentity> members;

  static const declare::Struct& declaration();
};

struct LeaveGroupResponse {
  static constexpr Api api = LeaveGroupRequest::api;

  struct MemberResponse {
    std::string member_id;
    std::optional<std::string> group_instance_id = std::string{};
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<MemberResponse> members;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
