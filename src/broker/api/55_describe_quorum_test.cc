// SPDX-License-Identifier: Apache-2.0
// DescribeQuorum.
#include "wire/kafka/messages/55_describe_quorum.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, DescribeQuorumIsAQuorumOfOne) {
  DescribeQuorumRequest request;
  request.topics.push_back({"__cluster_metadata", {{0}}});
  const auto response = ask<DescribeQuorumResponse>(request, 2);
  const auto& partition = response.topics[0].partitions[0];
  EXPECT_EQ(partition.leader_id, 1);
  EXPECT_EQ(partition.high_watermark, 42);
  ASSERT_EQ(partition.current_voters.size(), 1u);
  EXPECT_EQ(response.nodes[0].listeners[0].host, "edge-broker");
  request.topics[0].partitions[0].partition_index = 1;
  EXPECT_EQ(ask<DescribeQuorumResponse>(request, 2).topics[0].partitions[0].error_code,
            wire(ErrorCode::UnknownTopicOrPartition));
}

}  // namespace
}  // namespace ledge::broker
