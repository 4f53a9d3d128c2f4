// SPDX-License-Identifier: Apache-2.0
// CreateTopics.
#include "wire/kafka/messages/19_create_topics.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, CreateTopicsAnswersADuplicateOnceAndTheOthersInOrder) {
  CreateTopicsRequest request;
  for (const char* name : {"a", "b", "a", "c"}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = name[0] == 'c' ? 0 : 2;
    topic.replication_factor = 1;
  }
  const auto response = ask<CreateTopicsResponse>(request, 7);
  ASSERT_EQ(response.topics.size(), 3u);
  EXPECT_EQ(response.topics[0].error_code, 42);
  EXPECT_EQ(response.topics[0].error_message, "Duplicate topic name.");
  EXPECT_EQ(response.topics[1].error_code, 0);
  EXPECT_EQ(response.topics[1].num_partitions, 2);
  EXPECT_EQ(response.topics[1].configs->size(), state::topic_config_rows().size());
  EXPECT_EQ(response.topics[2].error_code, 37);
  EXPECT_FALSE(store_.topic_views.contains("a"));
}

}  // namespace
}  // namespace ledge::broker
