// SPDX-License-Identifier: Apache-2.0
// DescribeProducers.
#include "wire/kafka/messages/61_describe_producers.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, DescribeProducersTellsThemPerPartition) {
  store_.add_topic("t", 1);
  store_.active_producers = {{.id = 9, .epoch = 2, .last_sequence = 7, .last_timestamp = 77}};
  DescribeProducersRequest request;
  request.topics.push_back({"t", {0, 5}});
  request.topics.push_back({"a b", {0}});
  const auto response = ask<DescribeProducersResponse>(request, 0);
  const auto& producer = response.topics[0].partitions[0].active_producers.at(0);
  EXPECT_EQ(producer.producer_id, 9);
  EXPECT_EQ(producer.producer_epoch, 2);
  EXPECT_EQ(producer.last_sequence, 7);
  EXPECT_EQ(producer.current_txn_start_offset, -1);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, wire(ErrorCode::UnknownTopicOrPartition));
  EXPECT_EQ(response.topics[1].partitions[0].error_code, wire(ErrorCode::InvalidTopicException));
}

}  // namespace
}  // namespace ledge::broker
