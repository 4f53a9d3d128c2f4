// SPDX-License-Identifier: Apache-2.0
// FindCoordinator.
#include "wire/kafka/messages/10_find_coordinator.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, WhoAsksForTheCoordinatorOfAGroupFindsTheOffsetsTopicAsInKafka) {
  FindCoordinatorRequest request;
  request.key_type = 1;
  request.coordinator_keys = {"tx"};
  EXPECT_EQ(ask<FindCoordinatorResponse>(request, 4).coordinators.at(0).error_code, 35);
  EXPECT_FALSE(store_.offsets_topic_wanted);
  request.key_type = 0;
  request.coordinator_keys = {"g"};
  EXPECT_EQ(ask<FindCoordinatorResponse>(request, 4).coordinators.at(0).error_code, 0);
  EXPECT_TRUE(store_.offsets_topic_wanted);
}

}  // namespace
}  // namespace ledge::broker
