// SPDX-License-Identifier: Apache-2.0
// OffsetForLeaderEpoch.
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, OffsetForLeaderEpochKnowsTheCurrentEpochBeforeItHasRecords) {
  store_.add_topic("t", 1);
  store_.at("t", 0).epoch = 2;
  const auto of = [&](std::int32_t epoch) {
    OffsetForLeaderEpochRequest request;
    auto& topic = request.topics.emplace_back();
    topic.topic = "t";
    topic.partitions.emplace_back().leader_epoch = epoch;
    return ask<OffsetForLeaderEpochResponse>(request, 4).topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(of(2).leader_epoch, 2);
  EXPECT_EQ(of(2).end_offset, 0);
  EXPECT_EQ(of(3).leader_epoch, -1);
  EXPECT_EQ(of(-1).end_offset, -1);
}

}  // namespace
}  // namespace ledge::broker
