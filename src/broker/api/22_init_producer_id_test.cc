// SPDX-License-Identifier: Apache-2.0
// InitProducerId.
#include "wire/kafka/messages/22_init_producer_id.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, InitProducerIdGivesAFreshIdEachTimeAndNoTransactions) {
  InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 5).producer_id, 1000);
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 0).producer_id, 1001);
  request.producer_id = 1000;
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 4).error_code, 42);
  request.producer_epoch = 0;
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 4).producer_id, 1002);
  request.transactional_id = "";
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 4).error_code, 42);
  request.transactional_id = "tx";
  const auto refused = ask<InitProducerIdResponse>(request, 4);
  EXPECT_EQ(refused.error_code, 15);
  EXPECT_EQ(refused.producer_id, -1);
  EXPECT_EQ(refused.producer_epoch, -1);
}

}  // namespace
}  // namespace ledge::broker
