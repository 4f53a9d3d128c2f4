// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/72_push_telemetry.h"

#include "base/limits.h"
#include "broker/api/table.h"
#include "broker/telemetry.h"

namespace ledge::broker {
namespace {

constexpr std::int8_t kCodecMax = 4;  // zstd

ErrorCode check(const kafka::PushTelemetryRequest& request) {
  if (request.client_instance_id.is_zero()) return ErrorCode::InvalidRequest;
  if (request.subscription_id != telemetry_subscription(request.client_instance_id))
    return ErrorCode::UnknownSubscriptionId;
  if (request.compression_type < 0 || request.compression_type > kCodecMax)
    return ErrorCode::UnsupportedCompressionType;
  if (std::cmp_greater(request.metrics.size(), limits::telemetry_bytes_max))
    return ErrorCode::TelemetryTooLarge;
  return ErrorCode::None;
}

}  // namespace

/// Nobody was asked for metrics, so what comes is checked and dropped. It is never unpacked.
void push_telemetry(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::PushTelemetryRequest>(services, call);
  if (!request) return;
  kafka::PushTelemetryResponse response;
  response.error_code = call.code(check(*request));
  call.send(response);
}

}  // namespace ledge::broker
