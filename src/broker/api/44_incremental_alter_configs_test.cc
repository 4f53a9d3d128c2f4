// SPDX-License-Identifier: Apache-2.0
// IncrementalAlterConfigs and AlterConfigs, which share what they check.
#include "wire/kafka/messages/44_incremental_alter_configs.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"
#include "wire/kafka/messages/33_alter_configs.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

class AlterConfigsTest : public BrokerTest {
 protected:
  using Resource = IncrementalAlterConfigsRequest::AlterConfigsResource;
  static Resource resource(std::int8_t type, std::string name, std::string key = "retention.ms",
                           std::int8_t operation = 0, std::optional<std::string> value = "5") {
    return {type, std::move(name), {{std::move(key), operation, std::move(value)}}};
  }
  std::vector<std::int16_t> codes(std::vector<Resource> resources) {
    IncrementalAlterConfigsRequest request;
    request.resources = std::move(resources);
    std::vector<std::int16_t> out;
    for (const auto& one : ask<IncrementalAlterConfigsResponse>(request, 1).responses)
      out.push_back(one.error_code);
    return out;
  }
};

TEST_F(AlterConfigsTest, TopicsGoToTheStoreInTheirOrder) {
  EXPECT_EQ(codes({resource(2, "a"), resource(2, "b", "cleanup.policy", 2, "compact"),
                   resource(2, "c", "x", 1, {})}),
            (std::vector<std::int16_t>{0, 0, 0}));
  ASSERT_EQ(store_.config_requests.size(), 3u);
  EXPECT_EQ(store_.config_requests[0].topic, "a");
  EXPECT_FALSE(store_.config_requests[0].from_nothing);
  EXPECT_EQ(store_.config_requests[1].steps[0].operation, state::ConfigOperation::Append);
  EXPECT_EQ(store_.config_requests[2].steps[0].operation, state::ConfigOperation::Delete);
}

TEST_F(AlterConfigsTest, WhatIsNoChangeIsRefusedEachInItsPlace) {
  const auto bad = wire(ErrorCode::InvalidRequest);
  Resource twice = resource(2, "d");
  twice.configs.push_back(twice.configs[0]);
  EXPECT_EQ(codes({resource(2, "a"), resource(2, "b"), resource(2, "a"), resource(2, "a b"), resource(2, ""),
                   twice, resource(2, "e", "retention.ms", 0, std::nullopt),
                   resource(2, "f", "retention.ms", 4), resource(77, "x")}),
            (std::vector<std::int16_t>{bad, 0, bad, wire(ErrorCode::InvalidTopicException), bad, bad, bad,
                                       bad, bad}));
  EXPECT_EQ(store_.config_requests.size(), 1u);
}

TEST_F(AlterConfigsTest, OnlyTopicsHaveConfigurationsThatChange) {
  const auto bad = wire(ErrorCode::InvalidRequest);
  EXPECT_EQ(codes({resource(4, "1"), resource(4, ""), resource(4, "7"), resource(4, "x"), resource(8, "1"),
                   resource(16, "m"), resource(32, "g"), resource(32, "")}),
            std::vector<std::int16_t>(8, bad));
  EXPECT_EQ(codes({{4, "1", {}}}), std::vector<std::int16_t>{0});
  EXPECT_TRUE(store_.config_requests.empty());
}

TEST_F(AlterConfigsTest, TheOldRequestReplacesEverything) {
  AlterConfigsRequest request;
  request.resources.push_back({2, "t", {{"retention.ms", "5"}}});
  request.resources.push_back({8, "1", {}});
  const auto response = ask<AlterConfigsResponse>(request, 2);
  EXPECT_EQ(response.responses[0].error_code, 0);
  EXPECT_EQ(response.responses[1].error_code, wire(ErrorCode::InvalidRequest));
  ASSERT_EQ(store_.config_requests.size(), 1u);
  EXPECT_TRUE(store_.config_requests[0].from_nothing);
}

}  // namespace
}  // namespace ledge::broker
