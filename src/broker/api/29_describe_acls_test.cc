// SPDX-License-Identifier: Apache-2.0
// DescribeAcls.
#include "wire/kafka/messages/29_describe_acls.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

std::int16_t wire(ErrorCode error) { return wire_code(error); }

TEST_F(BrokerTest, DescribeAclsSaysThatThereIsNoSecurity) {
  EXPECT_EQ(ask<DescribeAclsResponse>(DescribeAclsRequest{}, 3).error_code,
            wire(ErrorCode::SecurityDisabled));
}

}  // namespace
}  // namespace ledge::broker
