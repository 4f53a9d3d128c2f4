// SPDX-License-Identifier: Apache-2.0
#include "state/groups/classic_group.h"

#include <gtest/gtest.h>

namespace ledge::state {
namespace {

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

/// Speaks to one group as its clients would; the clock moves only when told to.
class Dialogue : public ::testing::Test {
 protected:
  GroupOptions options{.initial_rebalance_delay_ms = 3000};
  ClassicGroup group{"g", options, 0};
  Instant now{1'000'000'000};
  Ticket last_ticket = 0;
  int made = 0;
  GroupEffects effects;  // of the last call

  JoinRequest request(std::string member, std::optional<std::string> instance = {}) {
    JoinRequest r;
    r.ticket = ++last_ticket;
    r.member_id = std::move(member);
    r.instance_id = std::move(instance);
    r.client_id = "c";
    r.client_host = "/127.0.0.1";
    r.session_timeout_ms = 10000;
    r.rebalance_timeout_ms = 60000;
    r.protocol_type = "consumer";
    r.protocols = {{"range", bytes("r")}, {"roundrobin", bytes("rr")}};
    return r;
  }
  Ticket send(JoinRequest r) {
    const Ticket ticket = r.ticket;
    effects = {};
    group.join(std::move(r), "m" + std::to_string(++made), now, 0, effects);
    return ticket;
  }
  Ticket join(std::string member = "", std::optional<std::string> instance = {}) {
    return send(request(std::move(member), std::move(instance)));
  }
  Ticket sync(const std::string& member, std::vector<std::pair<std::string, Bytes>> assignments = {},
              std::optional<std::int32_t> generation = {}) {
    SyncRequest r;
    r.ticket = ++last_ticket;
    r.member_id = member;
    r.generation = generation.value_or(group.generation());
    r.assignments = std::move(assignments);
    effects = {};
    group.sync(std::move(r), now, 0, effects);
    return last_ticket;
  }
  void wait(Duration d) {
    now = now + d;
    effects = {};
    group.advance(now, 0, effects);
  }
  static const JoinAnswer* find(const std::vector<std::pair<Ticket, JoinAnswer>>& answers, Ticket ticket) {
    for (const auto& [t, answer] : answers)
      if (t == ticket) return &answer;
    return nullptr;
  }
  static const SyncAnswer* find(const std::vector<std::pair<Ticket, SyncAnswer>>& answers, Ticket ticket) {
    for (const auto& [t, answer] : answers)
      if (t == ticket) return &answer;
    return nullptr;
  }
  /// A stable group of m1 .. mN; m1 leads.
  void stable(int members) {
    for (int i = 0; i < members; ++i) join();
    wait(3s);
    if (members > 1) wait(3s);
    ASSERT_EQ(group.state(), GroupState::CompletingRebalance);
    std::vector<std::pair<std::string, Bytes>> all;
    for (int i = 1; i <= members; ++i)
      all.emplace_back("m" + std::to_string(i), bytes("a" + std::to_string(i)));
    for (int i = members; i >= 1; --i) sync("m" + std::to_string(i), i == 1 ? all : decltype(all){});
    ASSERT_EQ(group.state(), GroupState::Stable);
  }
};

TEST_F(Dialogue, TheFirstMembersOfANewGroupAreGatheredForTheInitialDelay) {
  const Ticket first = join();
  EXPECT_TRUE(effects.joins.empty());
  wait(2s);
  const Ticket second = join();
  wait(1s);
  EXPECT_TRUE(effects.joins.empty()) << "somebody came during the wait, so it goes on once more";
  wait(3s);
  const JoinAnswer* leader = find(effects.joins, first);
  const JoinAnswer* follower = find(effects.joins, second);
  ASSERT_TRUE(leader && follower);
  EXPECT_EQ(leader->generation, 1);
  EXPECT_EQ(leader->leader, "m1");
  EXPECT_EQ(leader->protocol_name, "range");
  EXPECT_EQ(leader->members.size(), 2u);
  EXPECT_EQ(leader->members[0].metadata, bytes("r"));
  EXPECT_EQ(follower->leader, "m1");
  EXPECT_TRUE(follower->members.empty());
}

TEST_F(Dialogue, AMemberIdIsHandedOutFirstWhereTheClientKnowsHowToUseIt) {
  JoinRequest r = request("");
  r.requires_known_member_id = true;
  const Ticket asked = send(r);
  ASSERT_TRUE(find(effects.joins, asked));
  EXPECT_EQ(find(effects.joins, asked)->error, ErrorCode::MemberIdRequired);
  EXPECT_EQ(find(effects.joins, asked)->member_id, "m1");
  EXPECT_TRUE(group.members().empty());
  join("m1");
  EXPECT_TRUE(group.members().contains("m1"));
  const Ticket stranger = join("nobody");
  EXPECT_EQ(find(effects.joins, stranger)->error, ErrorCode::UnknownMemberId);
}

TEST_F(Dialogue, AnIdThatNobodyCameBackWithExpires) {
  stable(1);
  JoinRequest r = request("");
  r.requires_known_member_id = true;
  send(r);
  EXPECT_TRUE(group.has_pending_members());
  now = now + 9s;
  group.heartbeat("m1", {}, group.generation(), now);
  wait(2s);
  EXPECT_FALSE(group.has_pending_members());
}

TEST_F(Dialogue, FollowersWaitForTheLeadersAssignmentWhichIsDurableBeforeTheyAreAnswered) {
  join();
  join();
  wait(3s);
  wait(3s);
  const Ticket follower = sync("m2");
  EXPECT_TRUE(effects.syncs.empty());
  const Ticket leader = sync("m1", {{"m1", bytes("one")}, {"m2", bytes("two")}, {"stranger", bytes("x")}});
  EXPECT_TRUE(effects.syncs.empty());
  EXPECT_TRUE(effects.record_changed);
  ASSERT_TRUE(find(effects.syncs_when_durable, follower));
  EXPECT_EQ(find(effects.syncs_when_durable, follower)->assignment, bytes("two"));
  EXPECT_EQ(find(effects.syncs_when_durable, leader)->assignment, bytes("one"));
  EXPECT_EQ(group.state(), GroupState::Stable);
  const Ticket again = sync("m2");
  EXPECT_EQ(find(effects.syncs, again)->assignment, bytes("two")) << "asked again, answered at once";
}

TEST_F(Dialogue, AThirdMemberMakesTheOthersRejoinAndTheNextGenerationHasAllThree) {
  stable(2);
  const Ticket third = join();
  EXPECT_EQ(group.state(), GroupState::PreparingRebalance);
  EXPECT_EQ(group.heartbeat("m1", {}, 1, now), ErrorCode::RebalanceInProgress);
  join("m1");
  EXPECT_TRUE(effects.joins.empty());
  join("m2");
  ASSERT_EQ(effects.joins.size(), 3u);
  EXPECT_EQ(find(effects.joins, third)->generation, 2);
  EXPECT_EQ(group.heartbeat("m1", {}, 1, now), ErrorCode::IllegalGeneration);
  EXPECT_EQ(group.heartbeat("m1", {}, 2, now), ErrorCode::None);
}

TEST_F(Dialogue, WhoDoesNotRejoinInTimeIsTakenOut) {
  stable(2);
  join();
  join("m1");
  for (int i = 0; i < 12; ++i) {
    now = now + 5s;
    group.heartbeat("m2", {}, 1, now);  // alive, but does not come back
  }
  wait(0s);
  EXPECT_EQ(group.members().size(), 2u);
  EXPECT_FALSE(group.members().contains("m2"));
  EXPECT_EQ(group.generation(), 2);
}

TEST_F(Dialogue, ASilentMemberLosesItsSessionAndTheRestRebalance) {
  stable(2);
  now = now + 9s;
  group.heartbeat("m1", {}, 1, now);
  wait(2s);
  EXPECT_FALSE(group.members().contains("m2"));
  EXPECT_EQ(group.state(), GroupState::PreparingRebalance);
  const Ticket back = join("m1");
  EXPECT_EQ(find(effects.joins, back)->generation, 2);
}

TEST_F(Dialogue, AMemberWhoseJoinIsParkedDoesNotExpireByItsSession) {
  stable(2);
  join("m2");
  EXPECT_TRUE(effects.joins.size() == 1u)
      << "a follower with unchanged metadata gets the generation there is";
  JoinRequest changed = request("m2");
  changed.protocols[0].metadata = bytes("owned partitions changed");
  const Ticket parked = send(changed);
  now = now + 9s;
  group.heartbeat("m1", {}, 1, now);
  wait(5s);
  EXPECT_TRUE(group.members().contains("m2"));
  join("m1");
  EXPECT_TRUE(find(effects.joins, parked));
}

TEST_F(Dialogue, WhoNeverSyncsIsTakenOutAfterTheRebalanceTimeout) {
  join();
  join();
  wait(3s);
  wait(3s);
  sync("m1", {{"m1", bytes("one")}});
  for (int i = 0; i < 12; ++i) {
    now = now + 5s;
    group.heartbeat("m1", {}, 1, now);
    group.heartbeat("m2", {}, 1, now);
  }
  wait(0s);
  EXPECT_FALSE(group.members().contains("m2"));
}

TEST_F(Dialogue, LeavingRebalancesTheRestAndTheLastOneLeavesAnEmptyGroup) {
  stable(2);
  effects = {};
  EXPECT_EQ(group.leave("m2", {}, now, 0, effects), ErrorCode::None);
  EXPECT_EQ(group.leave("m2", {}, now, 0, effects), ErrorCode::UnknownMemberId);
  join("m1");
  EXPECT_EQ(group.generation(), 2);
  effects = {};
  EXPECT_EQ(group.leave("m1", {}, now, 0, effects), ErrorCode::None);
  EXPECT_EQ(group.state(), GroupState::Empty);
  EXPECT_TRUE(effects.record_changed);
  EXPECT_EQ(group.generation(), 3);
  EXPECT_EQ(group.deadline(), std::nullopt) << "an empty group costs no timer";
}

TEST_F(Dialogue, AStaticMemberThatRestartsKeepsItsPartitionsWithoutARebalance) {
  join("", "i1");
  join("", "i2");
  wait(3s);
  wait(3s);
  sync("m2");
  sync("m1", {{"m1", bytes("one")}, {"m2", bytes("two")}});
  const Ticket back = join("", "i2");
  EXPECT_EQ(group.state(), GroupState::Stable);
  EXPECT_TRUE(effects.joins.empty());
  ASSERT_TRUE(find(effects.joins_when_durable, back));
  EXPECT_EQ(find(effects.joins_when_durable, back)->generation, 1);
  EXPECT_EQ(find(effects.joins_when_durable, back)->member_id, "m3");
  const Ticket synced = sync("m3");
  EXPECT_EQ(find(effects.syncs, synced)->assignment, bytes("two"));
  EXPECT_EQ(group.heartbeat("m2", "i2", 1, now), ErrorCode::FencedInstanceId);
  EXPECT_EQ(group.heartbeat("m3", "i2", 1, now), ErrorCode::None);
}

TEST_F(Dialogue, AStaticLeaderThatRestartsIsToldToSkipTheAssignmentIfItUnderstandsThat) {
  join("", "i1");
  wait(3s);
  sync("m1", {{"m1", bytes("one")}});
  const Ticket old_client = join("", "i1");
  EXPECT_EQ(find(effects.joins_when_durable, old_client)->leader, "m1") << "must not think that it leads";
  EXPECT_TRUE(find(effects.joins_when_durable, old_client)->members.empty());
  JoinRequest r = request("", "i1");
  r.understands_skip_assignment = true;
  const Ticket new_client = send(r);
  const JoinAnswer* answer = find(effects.joins_when_durable, new_client);
  EXPECT_TRUE(answer->skip_assignment);
  EXPECT_EQ(answer->leader, answer->member_id);
  EXPECT_EQ(answer->members.size(), 1u);
}

TEST_F(Dialogue, ProtocolsAreAgreedOnAndAStrangerToAllOfThemIsRefused) {
  JoinRequest first = request("");
  first.protocols = {{"a", bytes("1")}, {"b", bytes("2")}};
  send(first);
  JoinRequest second = request("");
  second.protocols = {{"b", bytes("3")}, {"c", bytes("4")}};
  send(second);
  JoinRequest third = request("");
  third.protocols = {{"a", bytes("5")}};
  const Ticket refused = send(third);
  EXPECT_EQ(find(effects.joins, refused)->error, ErrorCode::InconsistentGroupProtocol);
  JoinRequest other_type = request("");
  other_type.protocol_type = "connect";
  EXPECT_EQ(find((send(other_type), effects.joins), last_ticket)->error,
            ErrorCode::InconsistentGroupProtocol);
  wait(3s);
  wait(3s);
  EXPECT_EQ(group.protocol_name(), "b");
}

TEST_F(Dialogue, SessionTimeoutsOutsideTheBoundsAreRefused) {
  JoinRequest r = request("");
  r.session_timeout_ms = 5999;
  EXPECT_EQ(find((send(r), effects.joins), last_ticket)->error, ErrorCode::InvalidSessionTimeout);
}

TEST_F(Dialogue, CommitsAreTakenFromMembersOfThisGenerationAndFromAnybodyWhileTheGroupIsEmpty) {
  EXPECT_EQ(group.check_commit("", {}, -1, now), ErrorCode::None);
  stable(1);
  EXPECT_EQ(group.check_commit("", {}, -1, now), ErrorCode::UnknownMemberId);
  EXPECT_EQ(group.check_commit("m1", {}, 0, now), ErrorCode::IllegalGeneration);
  EXPECT_EQ(group.check_commit("m9", {}, 1, now), ErrorCode::UnknownMemberId);
  EXPECT_EQ(group.check_commit("m1", {}, 1, now), ErrorCode::None);
  join();
  EXPECT_EQ(group.check_commit("m1", {}, 1, now), ErrorCode::None) << "commit on revocation";
  join("m1");
  EXPECT_EQ(group.check_commit("m1", {}, 2, now), ErrorCode::RebalanceInProgress)
      << "its assignment is not known yet";
}

TEST_F(Dialogue, ARestoredGroupIsStableAndNobodyIsThrownOutAtOnce) {
  stable(2);
  ClassicGroup::Saved saved{"consumer", 1, "range", "m1", 7, {}};
  for (const auto& [id, member] : group.members()) saved.members.push_back(member);
  ClassicGroup restored{"g", options, 0};
  restored.restore(std::move(saved), now + 1h);
  EXPECT_EQ(restored.state(), GroupState::Stable);
  EXPECT_EQ(restored.heartbeat("m2", {}, 1, now + 1h), ErrorCode::None);
  GroupEffects out;
  restored.advance(now + 1h + 9s, 0, out);
  EXPECT_EQ(restored.members().size(), 2u);
  restored.advance(now + 1h + 11s, 0, out);
  EXPECT_EQ(restored.members().size(), 0u);
}

TEST_F(Dialogue, AFullGroupRefusesOneMore) {
  options.members_max = 1;
  group = ClassicGroup{"g", options, 0};
  join();
  const Ticket second = join();
  EXPECT_EQ(find(effects.joins, second)->error, ErrorCode::GroupMaxSizeReached);
}

}  // namespace
}  // namespace ledge::state
