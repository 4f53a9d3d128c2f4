// SPDX-License-Identifier: Apache-2.0
// DeleteRecords.
#include "wire/kafka/messages/21_delete_records.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, DeleteRecordsAnswersEveryPartitionInItsPlace) {
  store_.add_topic("t", 2);
  store_.add_topic("__consumer_offsets", 1);
  store_.topic_views["__consumer_offsets"].internal = true;
  fill("t", 0, 5);
  DeleteRecordsRequest request;
  request.topics.push_back({"t", {{0, 3}, {1, -1}, {7, 0}}});
  request.topics.push_back({"none", {{0, 0}}});
  request.topics.push_back({"__consumer_offsets", {{0, 0}}});
  const auto response = ask<DeleteRecordsResponse>(request, 2);
  ASSERT_EQ(response.topics.size(), 3u);
  EXPECT_EQ(response.topics[0].partitions[0].low_watermark, 3);
  EXPECT_EQ(response.topics[0].partitions[1].low_watermark, 0);
  EXPECT_EQ(response.topics[0].partitions[2].error_code, wire(ErrorCode::UnknownTopicOrPartition));
  EXPECT_EQ(response.topics[0].partitions[2].low_watermark, -1);
  EXPECT_EQ(response.topics[1].partitions[0].error_code, wire(ErrorCode::UnknownTopicOrPartition));
  EXPECT_EQ(response.topics[2].partitions[0].error_code, wire(ErrorCode::InvalidTopicException));
}

}  // namespace
}  // namespace ledge::broker
