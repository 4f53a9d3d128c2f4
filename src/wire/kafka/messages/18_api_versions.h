// SPDX-License-Identifier: Apache-2.0
// ApiVersions: what the server understands. KIP-511 (client software, version 3), KIP-584 (features).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ApiVersionsRequest {
  static constexpr Api api{
      .key = 18, .name = "ApiVersions", .min_version = 0, .max_version = 4, .first_flexible = 3};

  std::string client_software_name;
  std::string client_software_version;

  static const declare::Struct& declaration();
};

struct ApiVersionsResponse {
  static constexpr Api api = ApiVersionsRequest::api;

  struct ApiVersion {
    std::int16_t api_key = 0;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    static const declare::Struct& declaration();
  };
  struct SupportedFeatureKey {
    std::string name;
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;
    static const declare::Struct& declaration();
  };
  struct FinalizedFeatureKey {
    std::string name;
    std::int16_t max_version_level = 0;
    std::int16_t min_version_level = 0;
    static const declare::Struct& declaration();
  };

  std::int16_t error_code = 0;
  std::vector<ApiVersion> api_keys;
  std::int32_t throttle_time_ms = 0;
  std::vector<SupportedFeatureKey> supported_features;
  std::int64_t finalized_features_epoch = -1;
  std::vector<FinalizedFeatureKey> finalized_features;
  bool zk_migration_ready = false;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
