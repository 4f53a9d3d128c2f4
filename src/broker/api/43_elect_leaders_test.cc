// SPDX-License-Identifier: Apache-2.0
// ElectLeaders.
#include "wire/kafka/messages/43_elect_leaders.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, ElectLeadersNeverNeedsTo) {
  store_.add_topic("t", 1);
  ElectLeadersRequest request;
  request.topic_partitions.emplace().push_back({"t", {0, 3}});
  request.topic_partitions->push_back({"none", {0}});
  const auto response = ask<ElectLeadersResponse>(request, 2);
  EXPECT_EQ(response.error_code, 0);
  const auto& results = response.replica_election_results;
  EXPECT_EQ(results[0].partition_result[0].error_code, wire(ErrorCode::ElectionNotNeeded));
  EXPECT_EQ(results[0].partition_result[1].error_code, wire(ErrorCode::UnknownTopicOrPartition));
  EXPECT_EQ(results[1].partition_result[0].error_code, wire(ErrorCode::UnknownTopicOrPartition));
  request.topic_partitions = std::nullopt;
  const auto all = ask<ElectLeadersResponse>(request, 2);
  ASSERT_EQ(all.replica_election_results.size(), 1u);
  EXPECT_TRUE(all.replica_election_results[0].partition_result.empty());
  request.election_type = 9;
  EXPECT_EQ(ask<ElectLeadersResponse>(request, 2).error_code, wire(ErrorCode::InvalidRequest));
}

}  // namespace
}  // namespace ledge::broker
