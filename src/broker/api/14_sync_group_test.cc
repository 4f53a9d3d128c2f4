// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/14_sync_group.h"

#include "broker/broker_testing.h"
#include "wire/kafka/messages/11_join_group.h"
#include "wire/kafka/messages/12_heartbeat.h"

namespace ledge::broker::testing {
namespace {

/// Two members of generation 1 of group "g"; the first leads. From then on records wait for the test.
class SyncGroup : public BrokerTest {
 protected:
  void SetUp() override {
    kafka::JoinGroupRequest join;
    join.group_id = "g";
    join.session_timeout_ms = join.rebalance_timeout_ms = 30000;
    join.protocol_type = "consumer";
    join.protocols.push_back({"range", {1}});
    for (int i = 0; i < 2; ++i) give(join, 1);
    loop_.pass(10s);
    for (int i = 0; i < 2; ++i) {
      auto answer = take<kafka::JoinGroupResponse>(1);
      ASSERT_EQ(answer.error_code, 0);
      (answer.member_id == answer.leader ? leader_ : follower_) = answer.member_id;
    }
    store_.hold_group_records = true;
  }
  void sync(const std::string& member) {
    kafka::SyncGroupRequest request;
    request.group_id = "g";
    request.generation_id = 1;
    request.member_id = member;
    if (member == leader_) request.assignments = {{leader_, {7}}, {follower_, {8}}};
    give(request, 1);
  }
  std::string leader_, follower_;
};

TEST_F(SyncGroup, WhoComesLateWaitsTooUntilTheGenerationIsOnTheDisk) {
  sync(leader_);
  sync(follower_);
  EXPECT_TRUE(sink_->answers.empty());
  store_.write_group_records({});
  EXPECT_EQ(take<kafka::SyncGroupResponse>(1).assignment, Bytes{7});
  EXPECT_EQ(take<kafka::SyncGroupResponse>(1).assignment, Bytes{8});
}

TEST_F(SyncGroup, AGenerationThatDidNotReachTheDiskIsJoinedAnew) {
  sync(leader_);
  sync(follower_);
  store_.write_group_records({ErrorCode::KafkaStorageError, "test"});
  const auto unavailable = wire_code(ErrorCode::CoordinatorNotAvailable);
  EXPECT_EQ(take<kafka::SyncGroupResponse>(1).error_code, unavailable);
  EXPECT_EQ(take<kafka::SyncGroupResponse>(1).error_code, unavailable);
  sync(follower_);
  EXPECT_EQ(take<kafka::SyncGroupResponse>(1).error_code, wire_code(ErrorCode::RebalanceInProgress));
  kafka::HeartbeatRequest heartbeat;
  heartbeat.group_id = "g";
  heartbeat.generation_id = 1;
  heartbeat.member_id = follower_;
  EXPECT_EQ(ask<kafka::HeartbeatResponse>(heartbeat, 1).error_code,
            wire_code(ErrorCode::RebalanceInProgress));
}

}  // namespace
}  // namespace ledge::broker::testing
