// SPDX-License-Identifier: Apache-2.0
// ListGroups: the groups of this broker. KIP-518 (by state, version 4), KIP-848 (by type, version 5).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ListGroupsRequest {
  static constexpr Api api{
      .key = 16, .name = "ListGroups", .min_version = 0, .max_version = 5, .first_flexible = 3};

  std::vector<std::string> states_filter;
  std::vector<std::string> types_filter;

  static const declare::Struct& declaration();
};

struct ListGroupsResponse {
  static constexpr Api api = ListGroupsRequest::api;

  struct ListedGroup {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    std::string group_type;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<ListedGroup> groups;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
