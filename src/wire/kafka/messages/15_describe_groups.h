// SPDX-License-Identifier: Apache-2.0
// DescribeGroups: state and members of classic groups. KIP-1043 (version 6).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeGroupsRequest {
  static constexpr Api api{
      .key = 15, .name = "DescribeGroups", .min_version = 0, .max_version = 6, .first_flexible = 5};

  std::vector<std::string> groups;
  bool include_authorized_operations = false;

  static const declare::Struct& declaration();
};

struct DescribeGroupsResponse {
  static constexpr Api api = DescribeGroupsRequest::api;

  struct DescribedGroupMember {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::string client_id;
    std::string client_host;
    Bytes member_metadata;
    Bytes member_assignment;
    static const declare::Struct& declaration();
  };
  struct DescribedGroup {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<DescribedGroupMember> members;
    std::int32_t authorized_operations = std::numeric_limits<std::int32_t>::min();
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribedGroup> groups;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
