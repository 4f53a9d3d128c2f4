// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/71_get_telemetry_subscriptions.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& GetTelemetrySubscriptionsRequest::declaration() {
  using T = GetTelemetrySubscriptionsRequest;
  static constexpr std::array rows{
      field<&T::client_instance_id>("ClientInstanceId", "0+",
                                    "The client's own id; zero in the first request asks for one."),
  };
  static constexpr auto self = structure<T>("GetTelemetrySubscriptionsRequest", rows);
  return self;
}

const declare::Struct& GetTelemetrySubscriptionsResponse::declaration() {
  using T = GetTelemetrySubscriptionsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::client_instance_id>("ClientInstanceId", "0+",
                                    "The client's own id; zero in the first request asks for one."),
      field<&T::subscription_id>("SubscriptionId", "0+",
                                 "Names the set of metrics; it comes back with every push."),
      field<&T::accepted_compression_types>("AcceptedCompressionTypes", "0+",
                                            "The codecs that may be used, the best first."),
      field<&T::push_interval_ms>("PushIntervalMs", "0+", "How often to push, or to ask again."),
      field<&T::telemetry_max_bytes>("TelemetryMaxBytes", "0+", "The largest push."),
      field<&T::delta_temporality>("DeltaTemporality", "0+", "Whether counters are told as differences."),
      field<&T::requested_metrics>("RequestedMetrics", "0+",
                                   "Prefixes of the metrics that are wanted; none: nothing is."),
  };
  static constexpr auto self = structure<T>("GetTelemetrySubscriptionsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
