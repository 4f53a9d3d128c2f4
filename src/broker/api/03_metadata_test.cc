// SPDX-License-Identifier: Apache-2.0
// Metadata: addresses, all, none and some topics, creation, ids.
#include "wire/kafka/messages/03_metadata.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, MetadataAnswersWithTheListenersAddressInEveryVersion) {
  store_.add_topic("t", 2);
  store_.at("t", 1).epoch = 3;
  for (std::int16_t version = MetadataRequest::api.min_version; version <= MetadataRequest::api.max_version;
       ++version) {
    MetadataRequest request;
    request.topics.emplace().emplace_back().name = "t";
    const auto response = ask<MetadataResponse>(request, version);
    ASSERT_EQ(response.brokers.size(), 1u);
    EXPECT_EQ(response.brokers[0].host, "edge-broker");
    EXPECT_EQ(response.brokers[0].port, 19092);
    ASSERT_EQ(response.topics.size(), 1u);
    ASSERT_EQ(response.topics[0].partitions.size(), 2u);
    EXPECT_EQ(response.topics[0].partitions[1].leader_id, 1);
    EXPECT_EQ(response.topics[0].partitions[1].leader_epoch, version >= 7 ? 3 : -1);
    EXPECT_EQ(response.topics[0].topic_id, version >= 10 ? store_.topic_views["t"].id : Uuid{});
  }
}

TEST_F(BrokerTest, MetadataTellsAllNoneAndSomeApart) {
  store_.add_topic("a", 1);
  store_.add_topic("b", 1);
  MetadataRequest request;
  request.topics.emplace();
  EXPECT_EQ(ask<MetadataResponse>(request, 0).topics.size(), 2u) << "version 0: empty is all";
  EXPECT_EQ(ask<MetadataResponse>(request, 1).topics.size(), 0u);
  request.topics.reset();
  EXPECT_EQ(ask<MetadataResponse>(request, 1).topics.size(), 2u);
  request.topics.emplace().emplace_back().name = "b";
  EXPECT_EQ(ask<MetadataResponse>(request, 1).topics.at(0).name, "b");
}

TEST_F(BrokerTest, MetadataCreatesMissingTopicsOnlyWhenAsked) {
  MetadataRequest request;
  request.topics.emplace().emplace_back().name = "new";
  request.allow_auto_topic_creation = false;
  EXPECT_EQ(ask<MetadataResponse>(request, 9).topics.at(0).error_code, 3);
  EXPECT_TRUE(store_.topic_views.empty());
  request.allow_auto_topic_creation = true;
  const auto made = ask<MetadataResponse>(request, 9);
  EXPECT_EQ(made.topics.at(0).error_code, 0);
  EXPECT_EQ(made.topics.at(0).partitions.size(), 1u);
}

TEST_F(BrokerTest, MetadataReportsBadNamesAndUnknownIdsInTheOrderOfTheRequest) {
  store_.add_topic("t", 1);
  MetadataRequest request;
  request.allow_auto_topic_creation = true;
  auto& topics = request.topics.emplace();
  topics.emplace_back().name = "a/b";
  topics.emplace_back().topic_id.bytes[3] = 9;
  topics.emplace_back().topic_id = store_.topic_views["t"].id;
  topics.emplace_back().name = "t";
  const auto response = ask<MetadataResponse>(request, 12);
  ASSERT_EQ(response.topics.size(), 4u);
  EXPECT_EQ(response.topics[0].error_code, 17);
  EXPECT_EQ(response.topics[1].error_code, 100);
  EXPECT_FALSE(response.topics[1].name);
  EXPECT_EQ(response.topics[2].name, "t");
  EXPECT_EQ(response.topics[3].error_code, 0);
}

TEST_F(BrokerTest, MetadataRefusesIdsBeforeVersionTwelveAsAWhole) {
  MetadataRequest request;
  auto& topic = request.topics.emplace().emplace_back();
  topic.name = "t";
  topic.topic_id.bytes[0] = 1;
  const auto response = ask<MetadataResponse>(request, 10);
  EXPECT_EQ(response.topics.at(0).error_code, 42);
  EXPECT_TRUE(response.brokers.empty());
}

}  // namespace
}  // namespace ledge::broker
