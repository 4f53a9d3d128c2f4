// SPDX-License-Identifier: Apache-2.0
// ListOffsets.
#include "wire/kafka/messages/02_list_offsets.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, ListOffsetsKnowsSpecialTimestampsFromTheirVersionsOn) {
  store_.add_topic("t", 1);
  fill("t", 0, 3);
  struct Row {
    std::int16_t version;
    std::int64_t timestamp;
    std::int16_t error;
    std::int64_t offset;
  };
  const Row rows[] = {{1, -1, 0, 3},    {1, -2, 0, 0},   {6, -3, 35, -1},  {7, -3, 0, 2},
                      {7, -4, 35, -1},  {8, -4, 0, 0},   {8, -5, 35, -1},  {9, -5, 0, -1},
                      {10, -6, 35, -1}, {11, -6, 0, -1}, {11, -7, 35, -1}, {1, 0, 0, 0}};
  for (const Row& row : rows) {
    ListOffsetsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().timestamp = row.timestamp;
    const auto response = ask<ListOffsetsResponse>(request, row.version);
    EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, row.error)
        << row.version << " " << row.timestamp;
    EXPECT_EQ(response.topics.at(0).partitions.at(0).offset, row.offset)
        << row.version << " " << row.timestamp;
  }
}

TEST_F(BrokerTest, ListOffsetsRefusesAPartitionThatStandsTwiceOnce) {
  store_.add_topic("t", 2);
  ListOffsetsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  for (const std::int32_t index : {0, 1, 0}) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = index;
    partition.timestamp = -1;
  }
  const auto response = ask<ListOffsetsResponse>(request, 7);
  ASSERT_EQ(response.topics.at(0).partitions.size(), 2u);
  EXPECT_EQ(response.topics[0].partitions[0].error_code, 42);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, 0);
}

}  // namespace
}  // namespace ledge::broker
