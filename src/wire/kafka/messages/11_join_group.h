// SPDX-License-Identifier: Apache-2.0
// JoinGroup: a consumer joins a classic group. KIP-394 (member id first, version 4), KIP-345 (static members,
// version 5), KIP-814 (skip assignment, version 9).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct JoinGroupRequest {
  static constexpr Api api{
      .key = 11, .name = "JoinGroup", .min_version = 0, .max_version = 9, .first_flexible = 6};

  struct JoinGroupRequestProtocol {
    std::string name;
    Bytes metadata;
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<JoinGroupRequestProtocol> protocols;
  std::optional<std::string> reason;

  static const declare::Struct& declaration();
};

struct JoinGroupResponse {
  static constexpr Api api = JoinGroupRequest::api;

  struct JoinGroupResponseMember {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    Bytes metadata;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name = std::string{};
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<JoinGroupResponseMember> members;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
