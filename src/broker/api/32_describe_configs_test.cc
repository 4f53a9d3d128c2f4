// SPDX-License-Identifier: Apache-2.0
// DescribeConfigs.
#include "wire/kafka/messages/32_describe_configs.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, DescribeConfigsListsEveryKeyWithItsSourceAndSynonyms) {
  store_.add_topic("t", 1);
  store_.topic_views["t"].overrides["cleanup.policy"] = "compact";
  DescribeConfigsRequest request;
  request.include_synonyms = true;
  auto& topic = request.resources.emplace_back();
  topic.resource_type = 2;
  topic.resource_name = "t";
  auto& node = request.resources.emplace_back();
  node.resource_type = 4;
  node.resource_name = "1";
  const auto response = ask<DescribeConfigsResponse>(request, 4);
  ASSERT_EQ(response.results.size(), 2u);
  ASSERT_EQ(response.results[0].configs.size(), state::topic_config_rows().size());
  for (const auto& config : response.results[0].configs) {
    if (config.name == "cleanup.policy") {
      EXPECT_EQ(config.value, "compact");
      EXPECT_EQ(config.config_source, 1);
      ASSERT_EQ(config.synonyms.size(), 2u);
      EXPECT_EQ(config.synonyms[1].name, "log.cleanup.policy");
      EXPECT_EQ(config.synonyms[1].source, 5);
    } else {
      EXPECT_EQ(config.config_source, 5) << config.name;
      EXPECT_TRUE(config.value) << config.name;
    }
  }
  EXPECT_GT(response.results[1].configs.size(), 80u);
}

TEST_F(BrokerTest, DescribeConfigsRefusesWhatIsNotHere) {
  struct Row {
    std::int8_t type;
    const char* name;
    std::int16_t error;
  };
  const Row rows[] = {{2, "nope", 3}, {2, "a/b", 17}, {4, "2", 42}, {4, "x", 42}, {4, "", 0},   {8, "x", 42},
                      {8, "1", 0},    {16, "", 42},   {16, "m", 0}, {32, "", 42}, {32, "g", 0}, {3, "x", 42}};
  for (const Row& row : rows) {
    DescribeConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = row.type;
    resource.resource_name = row.name;
    const auto response = ask<DescribeConfigsResponse>(request, 1);
    EXPECT_EQ(response.results.at(0).error_code, row.error) << int{row.type} << row.name;
    EXPECT_TRUE(response.results[0].configs.empty());
  }
}

}  // namespace
}  // namespace ledge::broker
