// SPDX-License-Identifier: Apache-2.0
// GetTelemetrySubscriptions: KIP-714.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct GetTelemetrySubscriptionsRequest {
  static constexpr Api api{.key = 71,
                           .name = "GetTelemetrySubscriptions",
                           .min_version = 0,
                           .max_version = 0,
                           .first_flexible = 0};

  Uuid client_instance_id;

  static const declare::Struct& declaration();
};

struct GetTelemetrySubscriptionsResponse {
  static constexpr Api api = GetTelemetrySubscriptionsRequest::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  Uuid client_instance_id;
  std::int32_t subscription_id = 0;
  std::vector<std::int8_t> accepted_compression_types;
  std::int32_t push_interval_ms = 0;
  std::int32_t telemetry_max_bytes = 0;
  bool delta_temporality = false;
  std::vector<std::string> requested_metrics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
