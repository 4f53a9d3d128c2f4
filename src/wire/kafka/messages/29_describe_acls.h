// SPDX-License-Identifier: Apache-2.0
// DescribeAcls: KIP-140, KIP-290 (prefixed patterns, version 1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeAclsRequest {
  static constexpr Api api{
      .key = 29, .name = "DescribeAcls", .min_version = 1, .max_version = 3, .first_flexible = 2};

  std::int8_t resource_type_filter = 0;
  std::optional<std::string> resource_name_filter = std::string{};
  std::int8_t pattern_type_filter = 3;
  std::optional<std::string> principal_filter = std::string{};
  std::optional<std::string> host_filter = std::string{};
  std::int8_t operation = 0;
  std::int8_t permission_type = 0;

  static const declare::Struct& declaration();
};

struct DescribeAclsResponse {
  static constexpr Api api = DescribeAclsRequest::api;

  struct AclDescription {
    std::string principal;
    std::string host;
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;
    static const declare::Struct& declaration();
  };
  struct DescribeAclsResource {
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::int8_t pattern_type = 3;
    std::vector<AclDescription> acls;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::vector<DescribeAclsResource> resources;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
