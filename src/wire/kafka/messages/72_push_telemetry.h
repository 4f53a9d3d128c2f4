// SPDX-License-Identifier: Apache-2.0
// PushTelemetry: KIP-714.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct PushTelemetryRequest {
  static constexpr Api api{
      .key = 72, .name = "PushTelemetry", .min_version = 0, .max_version = 0, .first_flexible = 0};

  Uuid client_instance_id;
  std::int32_t subscription_id = 0;
  bool terminating = false;
  std::int8_t compression_type = 0;
  Bytes metrics;

  static const declare::Struct& declaration();
};

struct PushTelemetryResponse {
  static constexpr Api api = PushTelemetryRequest::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
