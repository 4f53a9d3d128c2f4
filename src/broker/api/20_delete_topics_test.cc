// SPDX-License-Identifier: Apache-2.0
// DeleteTopics.
#include "wire/kafka/messages/20_delete_topics.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, DeleteTopicsDeletesNothingThatStandsTwice) {
  store_.add_topic("a", 1);
  store_.add_topic("b", 1);
  store_.add_topic("c", 1);
  DeleteTopicsRequest request;
  request.topics.emplace_back().name = "a";
  request.topics.emplace_back().topic_id = store_.topic_views["a"].id;
  request.topics.emplace_back().name = "b";
  request.topics.emplace_back().name = "b";
  request.topics.emplace_back().topic_id = store_.topic_views["c"].id;
  request.topics.emplace_back();
  const auto response = ask<DeleteTopicsResponse>(request, 6);
  ASSERT_EQ(response.responses.size(), 4u);
  EXPECT_EQ(response.responses[0].error_message,
            "The provided topic name maps to an ID that was already supplied.");
  EXPECT_EQ(response.responses[1].error_message, "Duplicate topic name.");
  EXPECT_EQ(response.responses[2].error_code, 0);
  EXPECT_EQ(response.responses[2].name, "c");
  EXPECT_EQ(response.responses[3].error_code, 42);
  EXPECT_EQ(store_.topic_views.size(), 2u);
}

TEST_F(BrokerTest, DeleteTopicsDoesNotCallATopicUnknownWhoseDeletionIsNotKept) {
  store_.unsettled = {ErrorCode::KafkaStorageError, "the disk is full"};
  DeleteTopicsRequest request;
  request.topics.emplace_back().name = "deleted a moment ago";
  request.topics.emplace_back();
  const auto response = ask<DeleteTopicsResponse>(request, 6);
  ASSERT_EQ(response.responses.size(), 2u);
  EXPECT_EQ(response.responses[0].error_code, 56);
  EXPECT_EQ(response.responses[0].error_message, "the disk is full");
  EXPECT_EQ(response.responses[1].error_code, 42);  // that is wrong in any case
}

}  // namespace
}  // namespace ledge::broker
