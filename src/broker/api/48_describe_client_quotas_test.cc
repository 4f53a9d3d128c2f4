// SPDX-License-Identifier: Apache-2.0
// DescribeClientQuotas.
#include "wire/kafka/messages/48_describe_client_quotas.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, DescribeClientQuotasHasNoneAndChecksTheFilter) {
  using Component = DescribeClientQuotasRequest::ComponentData;
  const auto code = [&](std::vector<Component> components) {
    DescribeClientQuotasRequest request;
    request.components = std::move(components);
    return ask<DescribeClientQuotasResponse>(request, 1).error_code;
  };
  EXPECT_EQ(code({}), 0);
  EXPECT_EQ(code({{"user", 0, "u"}, {"client-id", 2, std::nullopt}}), 0);
  const auto bad = wire(ErrorCode::InvalidRequest);
  EXPECT_EQ(code({{"", 0, "u"}}), bad);
  EXPECT_EQ(code({{"user", 0, std::nullopt}}), bad);
  EXPECT_EQ(code({{"user", 1, "u"}}), bad);
  EXPECT_EQ(code({{"user", 3, "u"}}), bad);
  EXPECT_EQ(code({{"user", 0, "u"}, {"user", 0, "v"}}), bad);
  EXPECT_EQ(code({{"user", 0, "u"}, {"ip", 2, std::nullopt}}), bad);
  EXPECT_EQ(code({{"planet", 0, "u"}}), wire(ErrorCode::UnsupportedVersion));
}

}  // namespace
}  // namespace ledge::broker
