// SPDX-License-Identifier: Apache-2.0
// ListConfigResources.
#include "wire/kafka/messages/74_list_config_resources.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, ListConfigResourcesListsWhatCanBeDescribed) {
  store_.add_topic("t", 1);
  ListConfigResourcesRequest request;
  const auto all = ask<ListConfigResourcesResponse>(request, 1);
  ASSERT_EQ(all.config_resources.size(), 3u);
  EXPECT_EQ(all.config_resources[2].resource_name, "t");
  EXPECT_TRUE(ask<ListConfigResourcesResponse>(request, 0).config_resources.empty());
  request.resource_types = {2};
  EXPECT_EQ(ask<ListConfigResourcesResponse>(request, 1).config_resources.size(), 1u);
  request.resource_types = {2, 3};
  EXPECT_EQ(ask<ListConfigResourcesResponse>(request, 1).error_code, wire(ErrorCode::UnsupportedVersion));
}

}  // namespace
}  // namespace ledge::broker
