// SPDX-License-Identifier: Apache-2.0
// DescribeConfigs: KIP-226 (sources, version 1), KIP-569 (types and documentation, version 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeConfigsRequest {
  static constexpr Api api{
      .key = 32, .name = "DescribeConfigs", .min_version = 1, .max_version = 4, .first_flexible = 4};

  struct DescribeConfigsResource {
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys = std::vector<std::string>{};
    static const declare::Struct& declaration();
  };

  std::vector<DescribeConfigsResource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;

  static const declare::Struct& declaration();
};

struct DescribeConfigsResponse {
  static constexpr Api api = DescribeConfigsRequest::api;

  struct DescribeConfigsSynonym {
    std::string name;
    std::optional<std::string> value = std::string{};
    std::int8_t source = 0;
    static const declare::Struct& declaration();
  };
  struct DescribeConfigsResourceResult {
    std::string name;
    std::optional<std::string> value = std::string{};
    bool read_only = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms;
    std::int8_t config_type = 0;
    std::optional<std::string> documentation = std::string{};
    static const declare::Struct& declaration();
  };
  struct DescribeConfigsResult {
    std::int16_t error_code = 0;
    std::optional<std::string> error_message = std::string{};
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::vector<DescribeConfigsResourceResult> configs;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DescribeConfigsResult> results;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
