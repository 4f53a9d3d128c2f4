// SPDX-License-Identifier: Apache-2.0
// IncrementalAlterConfigs: KIP-339.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct IncrementalAlterConfigsRequest {
  static constexpr Api api{
      .key = 44, .name = "IncrementalAlterConfigs", .min_version = 0, .max_version = 1, .first_flexible = 1};

  struct AlterableConfig {
    std::string name;
    std::int8_t config_operation = 0;
    std::optional<std::string> value = std::string{};
    static const declare::Struct& declaration();
  };
  struct AlterConfigsResource {
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<AlterableConfig> configs;
    static const declare::Struct& declaration();
  };

  std::vector<AlterConfigsResource> resources;
  bool validate_only = false;

  static const declare::Struct& declaration();
};

struct IncrementalAlterConfigsResponse {
  static constexpr Api api = IncrementalAlterConfigsRequest::api;

  struct AlterConfigsResourceResponse {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<AlterConfigsResourceResponse> responses;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
