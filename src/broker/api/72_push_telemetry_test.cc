// SPDX-License-Identifier: Apache-2.0
// GetTelemetrySubscriptions and PushTelemetry.
#include "wire/kafka/messages/72_push_telemetry.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "broker/broker_testing.h"
#include "wire/kafka/messages/71_get_telemetry_subscriptions.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, TelemetryIsNotWantedAndAClientKeepsItsId) {
  GetTelemetrySubscriptionsRequest request;
  const auto first = ask<GetTelemetrySubscriptionsResponse>(request, 0);
  EXPECT_EQ(first.error_code, 0);
  EXPECT_FALSE(first.client_instance_id.is_zero());
  EXPECT_TRUE(first.requested_metrics.empty());
  EXPECT_GT(first.push_interval_ms, 0);
  EXPECT_NE(ask<GetTelemetrySubscriptionsResponse>(request, 0).client_instance_id, first.client_instance_id);
  request.client_instance_id = first.client_instance_id;
  const auto again = ask<GetTelemetrySubscriptionsResponse>(request, 0);
  EXPECT_EQ(again.client_instance_id, first.client_instance_id);
  EXPECT_EQ(again.subscription_id, first.subscription_id);
}

TEST_F(BrokerTest, TelemetryThatComesNeverthelessIsCheckedAndDropped) {
  const auto told = ask<GetTelemetrySubscriptionsResponse>(GetTelemetrySubscriptionsRequest{}, 0);
  PushTelemetryRequest push;
  push.client_instance_id = told.client_instance_id;
  push.subscription_id = told.subscription_id;
  push.compression_type = 4;
  push.metrics = Bytes(100, 'z');  // nothing that zstd could unpack
  const auto code = [&](const PushTelemetryRequest& r) {
    return ask<PushTelemetryResponse>(r, 0).error_code;
  };
  EXPECT_EQ(code(push), 0);
  auto bad = push;
  bad.client_instance_id = {};
  EXPECT_EQ(code(bad), wire_code(ErrorCode::InvalidRequest));
  bad = push;
  bad.subscription_id ^= 1;
  EXPECT_EQ(code(bad), wire_code(ErrorCode::UnknownSubscriptionId));
  for (const std::int8_t codec : {-1, 5, 127}) {
    bad = push;
    bad.compression_type = codec;
    EXPECT_EQ(code(bad), wire_code(ErrorCode::UnsupportedCompressionType));
  }
  bad = push;
  bad.metrics.resize(limits::telemetry_bytes_max + 1);
  EXPECT_EQ(code(bad), wire_code(ErrorCode::TelemetryTooLarge));
}

}  // namespace
}  // namespace ledge::broker
