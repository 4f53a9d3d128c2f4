// SPDX-License-Identifier: Apache-2.0
// CreatePartitions.
#include "wire/kafka/messages/37_create_partitions.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, CreatePartitionsAnswersEveryNameOnceAndPassesTheOthersOn) {
  CreatePartitionsRequest request;
  for (const char* name : {"a", "twice", "b", "twice"}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.count = 4;
    topic.assignments = std::nullopt;
  }
  request.topics[2].assignments.emplace().emplace_back().broker_ids = {1};
  const auto response = ask<CreatePartitionsResponse>(request, 3);
  ASSERT_EQ(response.results.size(), 3u);
  EXPECT_EQ(response.results[0].error_code, 0);
  EXPECT_EQ(response.results[0].error_message, std::nullopt);
  EXPECT_EQ(response.results[1].name, "twice");
  EXPECT_EQ(response.results[1].error_code, wire(ErrorCode::InvalidRequest));
  EXPECT_EQ(response.results[2].name, "b");
  ASSERT_EQ(store_.partition_requests.size(), 2u);
  EXPECT_FALSE(store_.partition_requests[0].assignments);
  EXPECT_EQ(store_.partition_requests[1].assignments->at(0), std::vector<std::int32_t>{1});
}

}  // namespace
}  // namespace ledge::broker
