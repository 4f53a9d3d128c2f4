// SPDX-License-Identifier: Apache-2.0
// DescribeTopicPartitions.
#include "wire/kafka/messages/75_describe_topic_partitions.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/limits.h"
#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

class TopicPartitionsTest : public BrokerTest {
 protected:
  TopicPartitionsTest() {
    store_.add_topic("a", 3);
    store_.add_topic("b", 2);
    store_.add_topic("c", 1);
  }
  using Response = DescribeTopicPartitionsResponse;
  Response describe(std::vector<std::string> names, std::int32_t limit = 2000,
                    std::optional<DescribeTopicPartitionsRequest::Cursor> cursor = {}) {
    DescribeTopicPartitionsRequest request;
    for (std::string& name : names) request.topics.push_back({std::move(name)});
    request.response_partition_limit = limit;
    request.cursor = std::move(cursor);
    return ask<Response>(request, 0);
  }
};

TEST_F(TopicPartitionsTest, SortsAndAnswersEachTopicOnce) {
  const auto response = describe({"c", "a", "none", "c", "a b"});
  ASSERT_EQ(response.topics.size(), 4u);
  EXPECT_EQ(response.topics[0].name, "a");
  EXPECT_EQ(response.topics[0].partitions.size(), 3u);
  EXPECT_EQ(response.topics[1].error_code, wire(ErrorCode::InvalidTopicException));
  EXPECT_EQ(response.topics[2].name, "c");
  EXPECT_EQ(response.topics[3].error_code, wire(ErrorCode::UnknownTopicOrPartition));
  EXPECT_FALSE(response.next_cursor);
}

TEST_F(TopicPartitionsTest, PagesGiveEveryPartitionOnceWhateverTheLimit) {
  for (std::int32_t limit = 1; limit <= 7; ++limit) {
    std::vector<std::pair<std::string, std::int32_t>> seen;
    std::optional<DescribeTopicPartitionsRequest::Cursor> cursor;
    for (int page = 0; page < 20; ++page) {
      const auto response = describe({}, limit, cursor);
      std::int32_t partitions = 0;
      for (const auto& topic : response.topics)
        for (const auto& partition : topic.partitions)
          seen.emplace_back(*topic.name, partition.partition_index), ++partitions;
      EXPECT_LE(partitions, limit);
      if (!response.next_cursor) break;
      cursor = {response.next_cursor->topic_name, response.next_cursor->partition_index};
    }
    EXPECT_EQ(seen, (std::vector<std::pair<std::string, std::int32_t>>{
                        {"a", 0}, {"a", 1}, {"a", 2}, {"b", 0}, {"b", 1}, {"c", 0}}))
        << limit;
  }
}

TEST_F(TopicPartitionsTest, TheServersLimitHoldsWhateverIsAskedFor) {
  store_.add_topic("big", static_cast<std::int32_t>(limits::described_partitions_max) + 10);
  const auto response = describe({"big"}, std::numeric_limits<std::int32_t>::max());
  EXPECT_EQ(std::ssize(response.topics[0].partitions), limits::described_partitions_max);
  ASSERT_TRUE(response.next_cursor);
  EXPECT_EQ(response.next_cursor->partition_index, limits::described_partitions_max);
  EXPECT_EQ(describe({"big"}, 0).topics[0].partitions.size(), 1u);
  EXPECT_EQ(describe({"big"}, -5).topics[0].partitions.size(), 1u);
}

TEST_F(TopicPartitionsTest, ACursorThatPointsNowhereIsRefusedOrEmpty) {
  EXPECT_EQ(describe({"a"}, 10, {{"b", 0}}).topics[0].error_code, wire(ErrorCode::InvalidRequest));
  EXPECT_EQ(describe({"a"}, 10, {{"a", -1}}).topics[0].error_code, wire(ErrorCode::InvalidRequest));
  const auto behind = describe({"a"}, 10, {{"a", std::numeric_limits<std::int32_t>::max()}});
  EXPECT_TRUE(behind.topics[0].partitions.empty());
  EXPECT_FALSE(behind.next_cursor);
  EXPECT_EQ(describe({}, 10, {{"bb", 1}}).topics.size(), 1u);  // goes on behind a topic that went
}

}  // namespace
}  // namespace ledge::broker
