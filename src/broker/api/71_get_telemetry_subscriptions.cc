// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/71_get_telemetry_subscriptions.h"

#include <limits>

#include "base/limits.h"
#include "broker/api/table.h"
#include "broker/telemetry.h"

namespace ledge::broker {
namespace {

enum Codec : std::int8_t { kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };

// librdkafka counts the microseconds in 32 bits: told an hour, it asks again at once, without end.
static_assert(limits::telemetry_interval_ms * 1000 <= std::numeric_limits<std::int32_t>::max());

}  // namespace

/// The answer of a server without subscriptions: no metrics are wanted, ask again later.
void get_telemetry_subscriptions(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::GetTelemetrySubscriptionsRequest>(services, call);
  if (!request) return;
  kafka::GetTelemetrySubscriptionsResponse response;
  response.error_code = call.code(ErrorCode::None);
  response.client_instance_id =
      request->client_instance_id.is_zero() ? services.env.random.uuid() : request->client_instance_id;
  response.subscription_id = telemetry_subscription(response.client_instance_id);
  response.accepted_compression_types = {kZstd, kLz4, kGzip, kSnappy};
  response.push_interval_ms = static_cast<std::int32_t>(limits::telemetry_interval_ms);
  response.telemetry_max_bytes = static_cast<std::int32_t>(limits::telemetry_bytes_max);
  response.delta_temporality = true;
  call.send(response);
}

}  // namespace ledge::broker
