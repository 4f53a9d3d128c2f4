// SPDX-License-Identifier: Apache-2.0
// DescribeCluster.
#include "wire/kafka/messages/60_describe_cluster.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, DescribeClusterTellsEndpointTypesApart) {
  DescribeClusterRequest request;
  request.include_cluster_authorized_operations = true;
  auto response = ask<DescribeClusterResponse>(request, 2);
  EXPECT_EQ(response.brokers.at(0).host, "edge-broker");
  EXPECT_EQ(response.cluster_authorized_operations, 8096);
  request.endpoint_type = 2;
  EXPECT_EQ(ask<DescribeClusterResponse>(request, 2).error_code, 114);
  request.endpoint_type = 9;
  EXPECT_EQ(ask<DescribeClusterResponse>(request, 2).error_code, 115);
}

}  // namespace
}  // namespace ledge::broker
