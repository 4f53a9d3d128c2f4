// SPDX-License-Identifier: Apache-2.0
// DeleteGroups: empty groups are deleted. KIP-229.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DeleteGroupsRequest {
  static constexpr Api api{
      .key = 42, .name = "DeleteGroups", .min_version = 0, .max_version = 2, .first_flexible = 2};

  std::vector<std::string> groups_names;

  static const declare::Struct& declaration();
};

struct DeleteGroupsResponse {
  static constexpr Api api = DeleteGroupsRequest::api;

  struct DeletableGroupResult {
    std::string group_id;
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableGroupResult> results;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
