// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/72_push_telemetry.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& PushTelemetryRequest::declaration() {
  using T = PushTelemetryRequest;
  static constexpr std::array rows{
      field<&T::client_instance_id>("ClientInstanceId", "0+", "The client's own id."),
      field<&T::subscription_id>("SubscriptionId", "0+", "The set of metrics that this answers."),
      field<&T::terminating>("Terminating", "0+", "Whether the client is stopping."),
      field<&T::compression_type>("CompressionType", "0+", "The codec of the metrics."),
      field<&T::metrics>("Metrics", "0+", "OpenTelemetry metrics, compressed."),
  };
  static constexpr auto self = structure<T>("PushTelemetryRequest", rows);
  return self;
}

const declare::Struct& PushTelemetryResponse::declaration() {
  using T = PushTelemetryResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("PushTelemetryResponse", rows);
  return self;
}

}  // namespace ledge::kafka
