// SPDX-License-Identifier: Apache-2.0
// What all requests have in common.
#include "broker/broker.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"
#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/03_metadata.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, RefusesAnApiThatIsNotServed) {
  give(frame(999, 0, false, {}));
  ASSERT_EQ(sink_->refusals.size(), 1u);
  EXPECT_EQ(sink_->refusals[0], "an API that is not served was asked for: api 999 v0");
  EXPECT_EQ(broker_.stats().unknown_apis, 1u);
}

TEST_F(BrokerTest, RefusesAVersionThatIsNotServed) {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{2}, std::int16_t{14}, std::int16_t{-1}}) {
    sink_->refusals.clear();
    give(frame(ProduceRequest::api.key, version, false, {}));
    EXPECT_EQ(sink_->refusals.size(), 1u) << version;
  }
  EXPECT_EQ(broker_.stats().unsupported_versions, 4u);
}

TEST_F(BrokerTest, RefusesEveryRequestThatEndsTooEarly) {
  store_.add_topic("t", 1);
  const SharedBytes whole = frame(1, 12, true, encode(fetch_of("t", {{0, 0}}), 12));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    sink_->refusals.clear();
    give(SharedBytes::copy(whole.view().first(length)));
    EXPECT_EQ(sink_->refusals.size(), 1u) << length;
  }
  EXPECT_TRUE(sink_->answers.empty());
}

TEST_F(BrokerTest, TakesNoOffenceAtBytesBehindTheBody) {
  Chain body = encode(MetadataRequest{}, 9);
  body.add(SharedBytes::copy(as_bytes("more")));
  give(frame(3, 9, true, body));
  take<MetadataResponse>(9);
}

TEST_F(BrokerTest, CountsRequestsAndErrors) {
  ask<ProduceResponse>(produce_to("nope", {{0, batch()}}), 9);
  const Stats stats = broker_.stats();
  EXPECT_EQ(stats.apis[0].key, 0);
  EXPECT_EQ(stats.apis[0].requests, 1u);
  EXPECT_EQ(stats.apis[0].seconds_count, 1u);
  EXPECT_EQ(stats.errors.at(wire_code(ErrorCode::UnknownTopicOrPartition)), 1u);
}

}  // namespace
}  // namespace ledge::broker
