// SPDX-License-Identifier: Apache-2.0
// ListPartitionReassignments.
#include "wire/kafka/messages/46_list_partition_reassignments.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, ListPartitionReassignmentsHasNone) {
  store_.add_topic("t", 1);
  ListPartitionReassignmentsRequest request;
  EXPECT_TRUE(ask<ListPartitionReassignmentsResponse>(request, 0).topics.empty());
  request.topics.emplace().push_back({"t", {0}});
  EXPECT_TRUE(ask<ListPartitionReassignmentsResponse>(request, 0).topics.empty());
}

}  // namespace
}  // namespace ledge::broker
