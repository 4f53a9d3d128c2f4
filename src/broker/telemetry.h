// SPDX-License-Identifier: Apache-2.0
// Metrics that clients would push (KIP-714), for a server that wants none: GetTelemetrySubscriptions and
// PushTelemetry share the name of the empty set of metrics. Nothing is kept of a client. Private to broker/.
#pragma once

#include <cstdint>

#include "base/uuid.h"

namespace ledge::broker {

/// What a client has to say with a push; another one for each client, as from Apache Kafka.
inline std::int32_t telemetry_subscription(const Uuid& client) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const std::uint8_t byte : client.bytes) hash = (hash ^ byte) * 16777619u;
  return static_cast<std::int32_t>(hash);
}

}  // namespace ledge::broker
