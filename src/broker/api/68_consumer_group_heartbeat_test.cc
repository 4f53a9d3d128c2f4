// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"

#include "broker/broker_testing.h"

namespace ledge::broker::testing {
namespace {

class ConsumerGroupHeartbeat : public BrokerTest {
 protected:
  kafka::ConsumerGroupHeartbeatRequest joining(const std::string& member) {
    kafka::ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = member;
    request.rebalance_timeout_ms = 30000;
    request.subscribed_topic_names = {"t"};
    request.topic_partitions.emplace();
    return request;
  }
  using Response = kafka::ConsumerGroupHeartbeatResponse;
};

TEST_F(ConsumerGroupHeartbeat, IsAnsweredWhenWhatItSaysIsOnTheDisk) {
  store_.hold_group_records = true;
  give(joining("m1"), 1);
  EXPECT_TRUE(sink_->answers.empty());
  store_.write_group_records({});
  EXPECT_EQ(take<Response>(1).member_epoch, 1);
}

TEST_F(ConsumerGroupHeartbeat, OfWhichNothingReachedTheDiskJoinsNobody) {
  const auto unavailable = wire_code(ErrorCode::CoordinatorNotAvailable);
  store_.group_records_error = {ErrorCode::KafkaStorageError, "test"};
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask<Response>(joining("m1"), 1).error_code, unavailable);
  store_.group_records_error = {};
  EXPECT_EQ(ask<Response>(joining("m1"), 1).member_epoch, 1);
}

}  // namespace
}  // namespace ledge::broker::testing
