// SPDX-License-Identifier: Apache-2.0
// ListConfigResources: KIP-1000, KIP-1142 (all types, version 1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ListConfigResourcesRequest {
  static constexpr Api api{
      .key = 74, .name = "ListConfigResources", .min_version = 0, .max_version = 1, .first_flexible = 0};

  std::vector<std::int8_t> resource_types;

  static const declare::Struct& declaration();
};

struct ListConfigResourcesResponse {
  static constexpr Api api = ListConfigResourcesRequest::api;

  struct ConfigResource {
    std::string resource_name;
    std::int8_t resource_type = 16;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::vector<ConfigResource> config_resources;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
