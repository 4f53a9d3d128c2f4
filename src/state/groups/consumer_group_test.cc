// SPDX-License-Identifier: Apache-2.0
// Dialogues with a consumer group through its coordinator, as the driver leads them.
#include "state/groups/consumer_group.h"

#include <gtest/gtest.h>

#include <random>

#include "state/groups/fake_topics.h"
#include "state/groups/group_coordinator.h"
#include "state/groups/subscription.h"

namespace ledge::state {
namespace {

using Partitions = std::vector<std::int32_t>;

class ConsumerDialogue : public ::testing::Test {
 protected:
  CoordinatorOptions options;
  testing::FakeTopics topics;
  int drawn = 0;
  std::unique_ptr<GroupCoordinator> coordinator = fresh();
  Instant now{1'000'000'000'000};
  WallMs wall = 1'000'000;
  std::vector<GroupRecord> log;

  std::unique_ptr<GroupCoordinator> fresh() {
    return std::make_unique<GroupCoordinator>(options, topics,
                                              [this] { return "id" + std::to_string(++drawn); });
  }
  static void apply(GroupCoordinator& to, const std::vector<GroupRecord>& records, bool recovering,
                    Instant at) {
    for (const GroupRecord& record : records) {
      const std::optional<ByteView> value =
          record.value ? std::optional<ByteView>{*record.value} : std::nullopt;
      const auto done = to.apply(record.key, value, recovering, at);
      ASSERT_TRUE(done) << done.error().text();
    }
  }
  void write(const CoordinatorEffects& effects) {
    apply(*coordinator, effects.records, false, now);
    log.insert(log.end(), effects.records.begin(), effects.records.end());
  }
  void pass(Duration time) {
    now = now + time;
    wall += std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    CoordinatorEffects out;
    coordinator->advance(now, wall, out);
    write(out);
  }
  ConsumerAnswer send(const ConsumerHeartbeat& request, const std::string& group = "g") {
    CoordinatorEffects out;
    auto answer = coordinator->consumer_heartbeat(group, request, now, wall, out);
    EXPECT_TRUE(answer.error == ErrorCode::None || out.records.empty()) << answer.message;
    write(out);
    expect_sound();
    return answer;
  }
  ConsumerHeartbeat joining(const std::string& member, std::vector<std::string> reads = {"t"}) {
    ConsumerHeartbeat r;
    r.member_id = member;
    r.rebalance_timeout_ms = 60000;
    r.topics = std::move(reads);
    r.holds.emplace();
    r.client_id = "c";
    return r;
  }
  ConsumerAnswer join(const std::string& member, std::vector<std::string> reads = {"t"}) {
    return send(joining(member, std::move(reads)));
  }
  ConsumerAnswer beat(const std::string& member, std::int32_t epoch,
                      std::optional<Assignment> holds = std::nullopt) {
    ConsumerHeartbeat r;
    r.member_id = member;
    r.epoch = epoch;
    r.holds = std::move(holds);
    r.client_id = "c";
    return send(r);
  }
  Assignment of(const std::string& topic, Partitions partitions) {
    return {{topics.find(std::string_view{topic})->id, std::move(partitions)}};
  }
  const ConsumerGroup& group(const std::string& id = "g") { return *coordinator->find_consumer(id); }
  std::string_view state() { return group_state_name(group().state()); }

  /// No partition has two owners, and nobody owns what is not its own.
  void expect_sound() {
    for (const auto& any : coordinator->all()) {
      if (!any.consumer) continue;
      std::map<std::pair<Uuid, std::int32_t>, std::string> owners;
      for (const auto& [id, member] : any.consumer->members()) {
        for (const Assignment* part : {&member.current.assigned, &member.current.revoking})
          for (const auto& [topic, numbers] : *part)
            for (const std::int32_t n : numbers) {
              EXPECT_TRUE(owners.emplace(std::pair{topic, n}, id).second) << "two owners";
              EXPECT_EQ(any.consumer->owner(topic, n), &member);
            }
        EXPECT_LE(member.current.epoch, any.consumer->epoch());
      }
      EXPECT_LE(any.consumer->assignment_epoch(), any.consumer->epoch());
    }
  }
  /// What a restart would make of the records, as it would be saved; sessions and the like are not in it.
  static std::vector<std::pair<Bytes, Bytes>> saved(const GroupCoordinator& of) {
    std::vector<std::pair<Bytes, Bytes>> out;
    for (auto& record : of.save()) out.emplace_back(record.key, record.value.value());
    return out;
  }
  void expect_same_after_restart() {
    const auto again = fresh();
    apply(*again, log, true, now);
    EXPECT_EQ(saved(*again), saved(*coordinator));
    const auto from_snapshot = fresh();
    apply(*from_snapshot, coordinator->save(), true, now);
    EXPECT_EQ(saved(*from_snapshot), saved(*coordinator));
  }
  void restart() {
    expect_same_after_restart();
    auto again = fresh();
    apply(*again, log, true, now);
    again->recovered(now);
    coordinator = std::move(again);
  }
};

TEST_F(ConsumerDialogue, TheFirstMemberGetsEverything) {
  topics.put("t", 3);
  const auto answer = join("m1");
  EXPECT_EQ(answer.error, ErrorCode::None);
  EXPECT_EQ(answer.member_id, "m1");
  EXPECT_EQ(answer.epoch, 1);
  EXPECT_EQ(answer.heartbeat_interval_ms, 5000);
  EXPECT_EQ(answer.assignment, of("t", {0, 1, 2}));
  EXPECT_EQ(state(), "Stable");
  EXPECT_FALSE(beat("m1", 1).assignment) << "nothing new";
  auto full = joining("m1");
  full.epoch = 1;
  full.holds = of("t", {0, 1, 2});
  EXPECT_EQ(send(full).assignment, of("t", {0, 1, 2})) << "a full request gets a full answer";
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, APartitionMovesWhenItsOwnerHasLetItGo) {
  topics.put("t", 4);
  join("m1");
  const auto second = join("m2");
  EXPECT_EQ(second.epoch, 2);
  EXPECT_EQ(second.assignment, Assignment{}) << "all is m1's still";
  EXPECT_EQ(state(), "Reconciling");
  const auto told = beat("m1", 1);
  ASSERT_TRUE(told.assignment);
  EXPECT_EQ(told.epoch, 1) << "until it gave back what it has to";
  EXPECT_EQ(partition_count(*told.assignment), 2u);
  EXPECT_FALSE(beat("m2", 2).assignment);
  EXPECT_FALSE(beat("m1", 1).assignment) << "has not given back yet";
  EXPECT_EQ(beat("m1", 1, told.assignment).epoch, 2);
  const auto got = beat("m2", 2);
  ASSERT_TRUE(got.assignment);
  EXPECT_EQ(merged(*got.assignment, *told.assignment), of("t", {0, 1, 2, 3}));
  EXPECT_EQ(state(), "Stable");
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, LeavingFreesPartitionsAtOnce) {
  topics.put("t", 2);
  join("m1");
  join("m2");
  const auto told = beat("m1", 1);
  beat("m1", 1, told.assignment);
  beat("m2", 2);
  const auto left = beat("m2", kLeaveEpoch);
  EXPECT_EQ(left.epoch, kLeaveEpoch);
  EXPECT_EQ(group().members().size(), 1u);
  EXPECT_EQ(state(), "Assigning");
  EXPECT_EQ(beat("m1", 2).assignment, of("t", {0, 1}));
  EXPECT_EQ(beat("m1", kLeaveEpoch).error, ErrorCode::None);
  EXPECT_EQ(state(), "Empty");
  EXPECT_EQ(beat("m1", 3).error, ErrorCode::UnknownMemberId);
  EXPECT_EQ(beat("m1", kLeaveEpoch).error, ErrorCode::UnknownMemberId);
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, EpochsThatDoNotFitAreFenced) {
  topics.put("t", 2);
  EXPECT_EQ(beat("m1", 1).error, ErrorCode::GroupIdNotFound);
  EXPECT_EQ(beat("m1", kLeaveEpoch).error, ErrorCode::GroupIdNotFound);
  join("m1");
  EXPECT_EQ(beat("m1", 2).error, ErrorCode::FencedMemberEpoch);
  EXPECT_EQ(beat("m9", 1).error, ErrorCode::UnknownMemberId);
  EXPECT_EQ(join("m1").epoch, 1) << "epoch 0 of a member that is there: it starts again";
  topics.put("t", 3);
  const auto moved_on = beat("m1", 1);
  EXPECT_EQ(moved_on.epoch, 2);
  EXPECT_EQ(moved_on.assignment, of("t", {0, 1, 2}));
  EXPECT_EQ(beat("m1", 1).error, ErrorCode::FencedMemberEpoch) << "does not say what it holds";
  EXPECT_EQ(beat("m1", 1, of("t", {0, 1})).epoch, 2) << "the answer was lost";
  EXPECT_EQ(beat("m1", 1, of("t", {0, 7})).error, ErrorCode::FencedMemberEpoch);
}

TEST_F(ConsumerDialogue, ASilentMemberIsTakenOutAfterItsSession) {
  topics.put("t", 2);
  join("m1");
  join("m2");
  pass(30s);
  beat("m1", 1);
  pass(14s);
  EXPECT_EQ(group().members().size(), 2u);
  pass(2s);
  EXPECT_EQ(group().members().size(), 1u) << "m2 was silent for 46 s, m1 for 16";
  EXPECT_EQ(group().epoch(), 3);
  EXPECT_EQ(*coordinator->deadline(), now + 29s);
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, WhoDoesNotGiveBackInTimeIsTakenOut) {
  topics.put("t", 2);
  auto first = joining("m1");
  first.rebalance_timeout_ms = 20000;
  send(first);
  join("m2");
  beat("m1", 1);
  for (int i = 0; i < 4; ++i) {
    pass(4s);
    EXPECT_EQ(beat("m1", 1).error, ErrorCode::None);
    beat("m2", 2);
  }
  pass(5s);
  EXPECT_EQ(group().find("m1"), nullptr);
  EXPECT_EQ(beat("m2", 2).assignment, of("t", {0, 1}));
}

TEST_F(ConsumerDialogue, AStaticMemberComesBackToItsPartitions) {
  topics.put("t", 4);
  auto one = joining("m1");
  one.instance_id = "i1";
  EXPECT_EQ(send(one).epoch, 1);
  auto other = one;
  other.member_id = "m1b";
  EXPECT_EQ(send(other).error, ErrorCode::UnreleasedInstanceId);
  ConsumerHeartbeat away;
  away.member_id = "m1";
  away.instance_id = "i1";
  away.epoch = kStaticLeaveEpoch;
  EXPECT_EQ(send(away).epoch, kStaticLeaveEpoch);
  EXPECT_EQ(group().members().size(), 1u);
  const auto back = send(other);
  EXPECT_EQ(back.error, ErrorCode::None);
  EXPECT_EQ(back.epoch, 1) << "no rebalance";
  EXPECT_EQ(back.assignment, of("t", {0, 1, 2, 3}));
  EXPECT_EQ(group().epoch(), 1);
  EXPECT_EQ(group().find("m1"), nullptr);
  away.epoch = 1;
  EXPECT_EQ(send(away).error, ErrorCode::FencedInstanceId);
  away.instance_id = "i9";
  EXPECT_EQ(send(away).error, ErrorCode::UnknownMemberId);
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, TopicsThatComeGrowAndGoAreNoticedByTheNextHeartbeat) {
  join("m1");
  EXPECT_EQ(group().epoch(), 1);
  EXPECT_EQ(beat("m1", 1).epoch, 1);
  topics.put("t", 1);
  EXPECT_EQ(beat("m1", 1).assignment, of("t", {0}));
  topics.put("other", 5);
  EXPECT_EQ(beat("m1", 2).epoch, 2) << "nobody reads it";
  topics.put("t", 2);
  EXPECT_EQ(beat("m1", 2).assignment, of("t", {0, 1}));
  topics.remove("t");
  const auto gone = beat("m1", 3);
  EXPECT_EQ(gone.assignment, Assignment{});
  EXPECT_EQ(beat("m1", gone.epoch, Assignment{}).epoch, 4);
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, AnExpressionIsResolvedBehindTheAnswerAndWhenTopicsCome) {
  topics.put("ta", 1);
  topics.put("x", 1);
  auto r = joining("m1");
  r.topics.reset();
  r.regex = "t.*";
  const auto joined = send(r);
  EXPECT_EQ(joined.epoch, 1);
  EXPECT_EQ(joined.assignment, Assignment{});
  EXPECT_EQ(group().epoch(), 2) << "as in Kafka, which resolves it meanwhile";
  EXPECT_EQ(beat("m1", 1).assignment, of("ta", {0}));
  topics.put("tb", 1);
  EXPECT_EQ(beat("m1", 2).epoch, 2) << "resolved less than 10 s ago";
  pass(11s);
  beat("m1", 2);
  EXPECT_EQ(beat("m1", 2).assignment, merged(of("ta", {0}), of("tb", {0})));
  expect_same_after_restart();
  ConsumerHeartbeat change;
  change.member_id = "m1";
  change.epoch = 3;
  change.regex = "(";
  EXPECT_EQ(send(change).error, ErrorCode::InvalidRegularExpression);
  change.regex = std::string(2000, 'a');
  EXPECT_EQ(send(change).error, ErrorCode::InvalidRegularExpression);
  change.regex = "((((a{1,100}){1,100}){1,100}){1,100})";
  EXPECT_EQ(send(change).error, ErrorCode::InvalidRegularExpression);
  change.regex = "";
  send(change);
  EXPECT_EQ(beat("m1", 3, Assignment{}).epoch, 4);
  EXPECT_EQ(group().members().begin()->second.current.assigned, Assignment{});
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, OffsetsAreCommittedByMembersOfTheRightEpochOnly) {
  topics.put("t", 1);
  join("m1");
  const auto commit = [&](const std::string& member, std::int32_t epoch, bool modern = true) {
    CommitRequest r{"g", member, {}, epoch, ErrorCode::GroupIdNotFound, -1, {{"t", 0, 5, 1, ""}}, modern};
    CoordinatorEffects out;
    const auto error = coordinator->commit(r, now, wall, out).at(0);
    write(out);
    return error;
  };
  EXPECT_EQ(commit("m1", 1), ErrorCode::None);
  EXPECT_EQ(commit("m1", 1, false), ErrorCode::UnsupportedVersion);
  EXPECT_EQ(commit("m1", 0), ErrorCode::StaleMemberEpoch);
  EXPECT_EQ(commit("m2", 1), ErrorCode::UnknownMemberId);
  EXPECT_EQ(commit("", -1), ErrorCode::UnknownMemberId);
  EXPECT_EQ(coordinator->check_fetch("g", "m1", 1), ErrorCode::None);
  EXPECT_EQ(coordinator->check_fetch("g", "m1", 0), ErrorCode::StaleMemberEpoch);
  EXPECT_EQ(coordinator->check_fetch("g", "m2", 0), ErrorCode::UnknownMemberId);
  EXPECT_EQ(coordinator->check_fetch("g", std::nullopt, -1), ErrorCode::None);
  CoordinatorEffects out;
  EXPECT_EQ(coordinator->remove("g", out), ErrorCode::NonEmptyGroup);
  beat("m1", kLeaveEpoch);
  EXPECT_EQ(commit("", -1), ErrorCode::None) << "a tool, with the group empty";
  EXPECT_EQ(coordinator->offset_count(), 1);
  expect_same_after_restart();
  EXPECT_EQ(coordinator->remove("g", out), ErrorCode::None);
  write(out);
  EXPECT_EQ(coordinator->find_consumer("g"), nullptr);
  EXPECT_EQ(coordinator->offset_count(), 0);
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, AnEmptyGroupOfTheOtherKindIsTakenOverWithItsOffsets) {
  topics.put("t", 1);
  CommitRequest r{"g", "", {}, -1, ErrorCode::GroupIdNotFound, -1, {{"t", 0, 5, 1, ""}}};
  CoordinatorEffects out;
  coordinator->commit(r, now, wall, out);
  write(out);
  EXPECT_EQ(join("m1").error, ErrorCode::None);
  EXPECT_EQ(coordinator->committed("g", "t", 0)->offset, 5);
  expect_same_after_restart();
  beat("m1", kLeaveEpoch);
  JoinRequest classic;
  classic.ticket = 1;
  classic.session_timeout_ms = classic.rebalance_timeout_ms = 10000;
  classic.protocol_type = "consumer";
  classic.protocols = {{"range", {1}}};
  CoordinatorEffects joined;
  coordinator->join("g", classic, now, wall, joined);
  write(joined);
  EXPECT_EQ(coordinator->find_consumer("g"), nullptr);
  ASSERT_NE(coordinator->find("g"), nullptr);
  EXPECT_EQ(coordinator->committed("g", "t", 0)->offset, 5);
}

TEST_F(ConsumerDialogue, OffsetsOfTopicsThatAreReadStay) {
  options.offsets_retention_ms = 1000;
  coordinator = fresh();
  topics.put("t", 1);
  topics.put("u", 1);
  join("m1");
  CommitRequest r{"g", "m1", {}, 1, ErrorCode::GroupIdNotFound, -1, {{"t", 0, 5, 1, ""}, {"u", 0, 5, 1, ""}},
                  true};
  CoordinatorEffects out;
  coordinator->commit(r, now, wall, out);
  write(out);
  CoordinatorEffects expired;
  coordinator->expire_offsets(wall + 2000, expired);
  write(expired);
  EXPECT_NE(coordinator->committed("g", "t", 0), nullptr);
  EXPECT_EQ(coordinator->committed("g", "u", 0), nullptr);
  beat("m1", kLeaveEpoch);
  CoordinatorEffects again;
  coordinator->expire_offsets(wall + 2000, again);
  write(again);
  EXPECT_TRUE(coordinator->all().empty()) << "nothing is left of it";
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, WhatCouldNotBeWrittenIsWrittenWholeWithTheNextStep) {
  topics.put("t", 1);
  CoordinatorEffects lost;
  coordinator->consumer_heartbeat("g", joining("m1"), now, wall, lost);
  EXPECT_EQ(lost.consumer_groups, std::set<std::string>{"g"});
  CoordinatorEffects more;
  coordinator->not_written(lost.consumer_groups, lost.classic_groups, now, wall, more);
  EXPECT_EQ(beat("m1", 1).epoch, 1);
  expect_same_after_restart();
}

TEST_F(ConsumerDialogue, AFullGroupTakesNobodyElse) {
  options.consumer.members_max = 1;
  coordinator = fresh();
  topics.put("t", 1);
  EXPECT_EQ(join("m1").error, ErrorCode::None);
  EXPECT_EQ(join("m2").error, ErrorCode::GroupMaxSizeReached);
  EXPECT_EQ(join("m1").error, ErrorCode::None);
}

TEST_F(ConsumerDialogue, LimitsAreRefusedWithKafkasCodes) {
  options.groups_max = 1;
  coordinator = fresh();
  topics.put("t", 1);
  auto many = joining("m1");
  many.topics->assign(static_cast<std::size_t>(limits::group_subscription_topics_max) + 1, "x");
  EXPECT_EQ(send(many).error, ErrorCode::InvalidRequest);
  EXPECT_EQ(coordinator->find_consumer("g"), nullptr);
  EXPECT_EQ(join("m1").error, ErrorCode::None);
  EXPECT_EQ(send(joining("m1"), "another").error, ErrorCode::CoordinatorNotAvailable);
  auto stranger = joining("m2");
  stranger.assignor = "mine";
  EXPECT_EQ(send(stranger).error, ErrorCode::UnsupportedAssignor);
}

TEST_F(ConsumerDialogue, AGroupsMetadataIsBounded) {
  options.group.initial_rebalance_delay_ms = 0;
  coordinator = fresh();
  const auto join_with = [&](std::int64_t bytes) {
    JoinRequest r;
    r.ticket = 1;
    r.session_timeout_ms = r.rebalance_timeout_ms = 10000;
    r.protocol_type = "consumer";
    r.protocols = {{"range", Bytes(static_cast<std::size_t>(bytes))}};
    CoordinatorEffects out;
    coordinator->join("g", std::move(r), now, wall, out);
    return out.answers.joins.empty() ? ErrorCode::None : out.answers.joins.at(0).second.error;
  };
  EXPECT_EQ(join_with(limits::group_metadata_bytes_max), ErrorCode::GroupMaxSizeReached) << "and the name";
  EXPECT_EQ(join_with(limits::group_metadata_bytes_max / 2), ErrorCode::None);
  EXPECT_EQ(join_with(limits::group_metadata_bytes_max / 2), ErrorCode::GroupMaxSizeReached);
}

/// Members of the classic protocol in and beside consumer groups.
class Conversion : public ConsumerDialogue {
 protected:
  Ticket ticket = 0;

  Bytes subscription(const Assignment& holds) {
    kafka::ConsumerProtocolSubscription message;
    message.topics = {"t"};
    for (const auto& [id, partitions] : holds)
      message.owned_partitions.push_back({topics.find(id)->name, partitions});
    ByteWriter out;
    out.be<std::int16_t>(1);
    declare::encode_to(out, message.declaration(), &message, message.api.format(1));
    return out.take();
  }
  JoinRequest classic(const std::string& member, const Assignment& holds = {}) {
    JoinRequest r;
    r.ticket = ++ticket;
    r.member_id = member;
    r.client_id = "c";
    r.session_timeout_ms = 10000;
    r.rebalance_timeout_ms = 20000;
    r.protocol_type = "consumer";
    r.protocols = {{"range", subscription(holds)}};
    return r;
  }
  JoinAnswer join_classic(const JoinRequest& r) {
    CoordinatorEffects out;
    coordinator->join("g", r, now, wall, out);
    write(out);
    expect_sound();
    for (auto* answers : {&out.answers.joins, &out.answers.joins_when_durable})
      for (auto& [whose, answer] : *answers)
        if (whose == r.ticket) return answer;
    return {};
  }
  SyncAnswer sync(const std::string& member, std::int32_t generation,
                  std::vector<std::pair<std::string, Bytes>> assignments = {}) {
    CoordinatorEffects out;
    SyncRequest r{++ticket, generation, member, {}, {}, {}, std::move(assignments)};
    const Ticket mine = r.ticket;
    coordinator->sync("g", std::move(r), now, wall, out);
    write(out);
    for (auto* answers : {&out.answers.syncs, &out.answers.syncs_when_durable})
      for (auto& [whose, answer] : *answers)
        if (whose == mine) return answer;
    return {ErrorCode::UnknownServerError, {}, {}, {}};
  }
  Assignment read(const Bytes& bytes) {
    return to_assignment(read_assignment(bytes).value().assigned_partitions, topics);
  }
  ErrorCode beat_classic(const std::string& member, std::int32_t generation) {
    return coordinator->heartbeat("g", member, {}, generation, now);
  }
  /// A classic group of one member that has all four partitions.
  std::string classic_group() {
    topics.put("t", 4);
    options.group.initial_rebalance_delay_ms = 0;
    coordinator = fresh();
    CoordinatorEffects out;
    coordinator->join("g", classic(""), now, wall, out);
    coordinator->advance(now, wall, out);
    write(out);
    const std::string id = out.answers.joins.at(0).second.member_id;
    sync(id, 1, {{id, write_assignment(of("t", {0, 1, 2, 3}), topics, subscription({}))}});
    EXPECT_EQ(coordinator->find("g")->state(), GroupState::Stable);
    return id;
  }
};

TEST_F(Conversion, AClassicGroupWithMembersIsUpgradedAndFollowsTheLastOfThemBack) {
  const std::string old = classic_group();
  const auto joined = join("new");
  EXPECT_EQ(joined.error, ErrorCode::None) << joined.message;
  EXPECT_EQ(joined.epoch, 2);
  EXPECT_EQ(joined.assignment, Assignment{}) << "all is with the classic member still";
  ASSERT_NE(coordinator->find_consumer("g"), nullptr);
  expect_same_after_restart();

  EXPECT_EQ(beat_classic(old, 1), ErrorCode::RebalanceInProgress);
  auto again = join_classic(classic(old, of("t", {0, 1, 2, 3})));
  EXPECT_EQ(again.error, ErrorCode::None);
  EXPECT_EQ(again.generation, 1) << "it has to give back first";
  const auto less = sync(old, again.generation);
  EXPECT_EQ(less.error, ErrorCode::None);
  const Assignment kept = read(less.assignment);
  EXPECT_EQ(partition_count(kept), 2u);
  EXPECT_EQ(beat_classic(old, 1), ErrorCode::RebalanceInProgress) << "to say that it gave them back";
  again = join_classic(classic(old, kept));
  EXPECT_EQ(again.generation, 2);
  EXPECT_EQ(again.protocol_name, "range");
  EXPECT_EQ(read(sync(old, 2).assignment), kept);
  EXPECT_EQ(beat_classic(old, 2), ErrorCode::None);
  EXPECT_EQ(beat_classic(old, 1), ErrorCode::IllegalGeneration);
  EXPECT_EQ(partition_count(*beat("new", 2).assignment), 2u);
  EXPECT_EQ(state(), "Stable");
  expect_same_after_restart();

  EXPECT_EQ(beat("new", kLeaveEpoch).error, ErrorCode::None);
  ASSERT_NE(coordinator->find("g"), nullptr) << "only classic members are left";
  EXPECT_EQ(coordinator->find("g")->state(), GroupState::PreparingRebalance);
  EXPECT_EQ(coordinator->find("g")->generation(), 2);
  EXPECT_EQ(beat_classic(old, 2), ErrorCode::RebalanceInProgress);
  const auto back = join_classic(classic(old));
  EXPECT_EQ(back.error, ErrorCode::None);
  EXPECT_EQ(back.generation, 3);
  EXPECT_EQ(back.leader, old);
}

TEST_F(Conversion, AClassicMemberJoinsAConsumerGroup) {
  topics.put("t", 2);
  join("new");
  JoinRequest first = classic("");
  first.requires_known_member_id = true;
  const auto told = join_classic(first);
  EXPECT_EQ(told.error, ErrorCode::MemberIdRequired);
  const auto joined = join_classic(classic(told.member_id));
  EXPECT_EQ(joined.error, ErrorCode::None);
  EXPECT_EQ(joined.generation, 2);
  EXPECT_EQ(read(sync(told.member_id, 2).assignment), Assignment{});
  EXPECT_EQ(beat_classic(told.member_id, 2), ErrorCode::None) << "its partition is not free yet";
  const auto kept = beat("new", 1).assignment;
  beat("new", 1, kept);
  EXPECT_EQ(beat_classic(told.member_id, 2), ErrorCode::RebalanceInProgress) << "now it is";
  EXPECT_EQ(join_classic(classic(told.member_id)).generation, 2);
  EXPECT_EQ(partition_count(read(sync(told.member_id, 2).assignment)), 1u);
  expect_same_after_restart();
  JoinRequest foreign = classic("");
  foreign.protocol_type = "connect";
  EXPECT_EQ(join_classic(foreign).error, ErrorCode::InconsistentGroupProtocol);
  foreign = classic("");
  foreign.protocols = {{"sticky", subscription({})}};
  EXPECT_EQ(join_classic(foreign).error, ErrorCode::InconsistentGroupProtocol);
  EXPECT_EQ(beat("stranger", 1).error, ErrorCode::UnknownMemberId);
  CoordinatorEffects out;
  EXPECT_EQ(coordinator->leave("g", told.member_id, {}, now, wall, out), ErrorCode::None);
  write(out);
  EXPECT_EQ(beat("new", 2).assignment, of("t", {0, 1}));
  expect_same_after_restart();
}

TEST_F(Conversion, AClassicMemberThatDoesNotComeBackIsTakenOut) {
  const std::string old = classic_group();
  join("new");
  for (int i = 0; i < 3; ++i) {
    pass(6s);
    EXPECT_EQ(beat_classic(old, 1), ErrorCode::RebalanceInProgress);
    beat("new", 2);
  }
  pass(9s);
  EXPECT_EQ(group().find(old), nullptr) << "its rebalance timeout is 20 s";
  EXPECT_EQ(beat("new", 2).assignment, of("t", {0, 1, 2, 3}));
}

TEST_F(Conversion, AGroupThatIsNoneOfConsumersStaysWhatItIs) {
  topics.put("t", 1);
  options.group.initial_rebalance_delay_ms = 0;
  coordinator = fresh();
  JoinRequest connect = classic("");
  connect.protocol_type = "connect";
  join_classic(connect);
  EXPECT_EQ(join("new").error, ErrorCode::GroupIdNotFound);
  EXPECT_EQ(coordinator->find("g")->members().size(), 1u);
  EXPECT_EQ(beat("new", 1).error, ErrorCode::GroupIdNotFound);
}

TEST_F(Conversion, TheOperatorMaySwitchItOff) {
  options.consumer.upgrade = false;
  classic_group();
  EXPECT_EQ(join("new").error, ErrorCode::GroupIdNotFound);
}

/// Members as clients behave: they join, give back what they are told to, lose answers, fall silent, leave.
TEST_F(ConsumerDialogue, ARandomLifeKeepsItsInvariantsAndSettles) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random{seed};
    const auto below = [&](std::uint64_t n) { return static_cast<int>(random() % n); };
    log.clear();
    topics = {};
    coordinator = fresh();
    topics.put("t", 4);
    topics.put("u", 3);
    struct Client {
      std::int32_t epoch = 0;
      Assignment holds;
      std::optional<Assignment> told;
    };
    std::map<std::string, Client> clients;
    std::int32_t group_epoch = 0;
    const auto talk = [&](const std::string& id, bool answer_is_lost) {
      Client& client = clients[id];
      ConsumerHeartbeat r;
      if (client.epoch == 0) {
        r = joining(id, below(2) ? std::vector<std::string>{"t"} : std::vector<std::string>{"t", "u"});
        if (seed % 3 == 0) r.topics.reset(), r.regex = below(2) ? "t" : "[tu]";
        client.holds.clear();
      } else {
        r.member_id = id;
        r.epoch = client.epoch;
        r.holds = client.holds;
      }
      const auto answer = send(r);
      if (answer_is_lost) return;
      if (answer.error == ErrorCode::FencedMemberEpoch || answer.error == ErrorCode::UnknownMemberId ||
          answer.error == ErrorCode::GroupIdNotFound) {
        client = {};
        return;
      }
      ASSERT_EQ(answer.error, ErrorCode::None) << answer.message;
      ASSERT_GE(answer.epoch, client.epoch);
      client.epoch = answer.epoch;
      if (answer.assignment) client.told = answer.assignment;
      if (client.told && below(2)) client.holds = *std::exchange(client.told, std::nullopt);
    };
    for (int step = 0; step < 150; ++step) {
      const std::string id = "m" + std::to_string(below(5));
      switch (below(12)) {
        case 0: clients.erase(id); break;  // killed
        case 1:
          if (clients.contains(id) && clients[id].epoch > 0) beat(id, kLeaveEpoch);
          clients.erase(id);
          break;
        case 2: topics.put(below(2) ? "t" : "u", 1 + below(6) + step / 10); break;
        case 3: pass(std::chrono::seconds{below(40)}); break;
        case 4:
          if (below(4) == 0) restart();
          break;
        default: talk(id, below(8) == 0);
      }
      if (HasFailure()) return;
      if (const auto* g = coordinator->find_consumer("g")) {
        EXPECT_GE(g->epoch(), group_epoch) << "epochs only grow";
        group_epoch = g->epoch();
      }
    }
    expect_same_after_restart();
    for (int round = 0; round < 40; ++round) {
      pass(3s);
      for (auto& [id, client] : clients) talk(id, false);
    }
    if (clients.empty()) continue;
    EXPECT_EQ(state(), "Stable");
    EXPECT_EQ(group().members().size(), clients.size());
    std::size_t held = 0;
    for (const auto& [id, client] : clients) {
      EXPECT_EQ(group().find(id)->current.assigned, group().target(id));
      held += partition_count(client.told ? *client.told : client.holds);
      EXPECT_EQ(client.told ? *client.told : client.holds, group().target(id));
    }
    EXPECT_GT(held, 0u);
  }
}

}  // namespace
}  // namespace ledge::state
