// SPDX-License-Identifier: Apache-2.0
#include "state/groups/group_coordinator.h"

#include <gtest/gtest.h>

#include <random>

#include "state/groups/fake_topics.h"

namespace ledge::state {
namespace {

class Coordinator : public ::testing::Test {
 protected:
  CoordinatorOptions options{.group = {.initial_rebalance_delay_ms = 0}};
  int drawn = 0;
  testing::FakeTopics topics;
  GroupCoordinator coordinator{options, topics, [this] { return "id" + std::to_string(++drawn); }};
  Instant now{1'000'000'000};
  WallMs wall = 1'000'000;
  Ticket ticket = 0;
  std::vector<GroupRecord> log;  // everything that was written, in order

  /// As the driver does: writes the records, then applies them.
  void write(CoordinatorEffects& effects) {
    for (const GroupRecord& record : effects.records) {
      const std::optional<ByteView> value =
          record.value ? std::optional<ByteView>{*record.value} : std::nullopt;
      ASSERT_TRUE(coordinator.apply(record.key, value, false, now));
      log.push_back(record);
    }
  }
  CoordinatorEffects join(const std::string& group, const std::string& member = "") {
    JoinRequest r;
    r.ticket = ++ticket;
    r.member_id = member;
    r.client_id = "c";
    r.session_timeout_ms = 10000;
    r.rebalance_timeout_ms = 10000;
    r.protocol_type = "consumer";
    r.protocols = {{"range", {1}}};
    CoordinatorEffects out;
    coordinator.join(group, std::move(r), now, wall, out);
    coordinator.advance(now, wall, out);
    write(out);
    return out;
  }
  std::string stable(const std::string& group) {
    const auto joined = join(group);
    const std::string member = joined.answers.joins.at(0).second.member_id;
    CoordinatorEffects out;
    coordinator.sync(group, {++ticket, 1, member, {}, {}, {}, {{member, {7}}}}, now, wall, out);
    write(out);
    return member;
  }
  std::vector<ErrorCode> commit(const std::string& group, std::int64_t offset, const std::string& member = "",
                                std::int32_t generation = -1, std::string metadata = "") {
    CommitRequest r{
        group, member, {}, generation, ErrorCode::IllegalGeneration, -1, {{"t", 0, offset, 3, metadata}}};
    CoordinatorEffects out;
    auto errors = coordinator.commit(r, now, wall, out);
    EXPECT_EQ(out.records.empty(), errors.at(0) != ErrorCode::None);
    write(out);
    return errors;
  }
  /// A coordinator that recovered from what was written.
  GroupCoordinator recovered(const std::vector<GroupRecord>& records) {
    GroupCoordinator fresh{options, topics, [this] { return "id" + std::to_string(++drawn); }};
    for (const GroupRecord& record : records)
      EXPECT_TRUE(fresh.apply(
          record.key, record.value ? std::optional<ByteView>{*record.value} : std::nullopt, true, now));
    return fresh;
  }
};

TEST_F(Coordinator, ARecordThatCannotBeReadDoesNotTakeThePlaceOfTheLastGoodOne) {
  stable("g");
  GroupCoordinator fresh = recovered(log);
  const auto before = fresh.save();
  const Bytes broken = {0, 2, 0, 1, 0};
  EXPECT_FALSE(fresh.apply(log.back().key, ByteView{broken}, true, now));
  const auto saved = fresh.save();
  ASSERT_EQ(saved.size(), before.size());
  EXPECT_EQ(saved.back().value, before.back().value);
}

TEST_F(Coordinator, AnOffsetIsVisibleOnceItIsDurableAndNotBefore) {
  CommitRequest r{"g", "", {}, -1, ErrorCode::IllegalGeneration, -1, {{"t", 0, 5, 1, "m"}}};
  CoordinatorEffects out;
  EXPECT_EQ(coordinator.commit(r, now, wall, out).at(0), ErrorCode::None);
  EXPECT_EQ(coordinator.committed("g", "t", 0), nullptr);
  write(out);
  ASSERT_NE(coordinator.committed("g", "t", 0), nullptr);
  EXPECT_EQ(coordinator.committed("g", "t", 0)->offset, 5);
  EXPECT_EQ(coordinator.committed("g", "t", 1), nullptr);
}

TEST_F(Coordinator, CommitsOfStrangersToALiveGroupAreRefused) {
  const std::string member = stable("g");
  EXPECT_EQ(commit("g", 1).at(0), ErrorCode::UnknownMemberId);
  EXPECT_EQ(commit("g", 1, member, 7).at(0), ErrorCode::IllegalGeneration);
  EXPECT_EQ(commit("g", 1, member, 1).at(0), ErrorCode::None);
  EXPECT_EQ(commit("no such group", 1, member, 1).at(0), ErrorCode::IllegalGeneration);
  EXPECT_EQ(commit("", 1).at(0), ErrorCode::None) << "the empty group id may keep offsets, as ever";
  EXPECT_EQ(commit("g", 1, member, 1, std::string(5000, 'x')).at(0), ErrorCode::OffsetMetadataTooLarge);
}

TEST_F(Coordinator, RecoversGroupsAndOffsetsFromItsRecordsAndFromASnapshotAlike) {
  const std::string member = stable("g");
  commit("g", 41, member, 1);
  commit("g", 42, member, 1);
  commit("simple", 9);
  for (const auto& records : {log, coordinator.save()}) {
    GroupCoordinator again = recovered(records);
    ASSERT_NE(again.find("g"), nullptr);
    EXPECT_EQ(again.find("g")->state(), GroupState::Stable);
    EXPECT_EQ(again.heartbeat("g", member, {}, 1, now), ErrorCode::None);
    EXPECT_EQ(again.committed("g", "t", 0)->offset, 42);
    EXPECT_EQ(again.committed("g", "t", 0)->leader_epoch, 3);
    EXPECT_EQ(again.committed("simple", "t", 0)->offset, 9);
    EXPECT_FALSE(again.find("simple")->protocol_type().has_value());
    EXPECT_EQ(again.offset_count(), 2);
    EXPECT_TRUE(again.deadline().has_value()) << "the member's session runs";
  }
}

TEST_F(Coordinator, ASnapshotKnowsNothingOfAGenerationThatIsStillBeingFormed) {
  const std::string member = stable("g");
  CoordinatorEffects out;
  coordinator.leave("g", member, {}, now, wall, out);
  write(out);
  const std::string next = join("g").answers.joins.at(0).second.member_id;
  ASSERT_EQ(coordinator.find("g")->state(), GroupState::CompletingRebalance);
  GroupCoordinator again = recovered(coordinator.save());
  ASSERT_NE(again.find("g"), nullptr);
  EXPECT_EQ(again.find("g")->generation(), 2) << "the empty one";
  EXPECT_EQ(again.find("g")->state(), GroupState::Empty);
}

TEST_F(Coordinator, DeletesAnEmptyGroupWithItsOffsetsAndNoOther) {
  const std::string member = stable("g");
  commit("g", 1, member, 1);
  CoordinatorEffects out;
  EXPECT_EQ(coordinator.remove("g", out), ErrorCode::NonEmptyGroup);
  EXPECT_EQ(coordinator.remove("other", out), ErrorCode::GroupIdNotFound);
  EXPECT_EQ(coordinator.leave("g", member, {}, now, wall, out), ErrorCode::None);
  write(out);
  CoordinatorEffects removal;
  EXPECT_EQ(coordinator.remove("g", removal), ErrorCode::None);
  write(removal);
  EXPECT_EQ(coordinator.find("g"), nullptr);
  EXPECT_EQ(coordinator.offset_count(), 0);
  EXPECT_EQ(recovered(log).find("g"), nullptr);
}

TEST_F(Coordinator, OffsetsExpireAfterTheGroupHasBeenEmptyForTheRetentionAndNotWhileItLives) {
  const std::string member = stable("g");
  commit("g", 1, member, 1);
  wall += options.offsets_retention_ms * 2;
  CoordinatorEffects none;
  coordinator.expire_offsets(wall, none);
  EXPECT_TRUE(none.records.empty());
  CoordinatorEffects left;
  coordinator.leave("g", member, {}, now, wall, left);
  write(left);
  coordinator.expire_offsets(wall + options.offsets_retention_ms - 1, none);
  EXPECT_TRUE(none.records.empty());
  coordinator.expire_offsets(wall + options.offsets_retention_ms, none);
  write(none);
  EXPECT_EQ(coordinator.find("g"), nullptr);
}

TEST_F(Coordinator, DeletingATopicDeletesItsOffsetsInEveryGroup) {
  commit("a", 1);
  commit("b", 2);
  CoordinatorEffects out;
  coordinator.topic_deleted("other", out);
  EXPECT_TRUE(out.records.empty());
  coordinator.topic_deleted("t", out);
  write(out);
  EXPECT_EQ(coordinator.offset_count(), 0);
}

TEST_F(Coordinator, ARefusedJoinLeavesNoTrace) {
  CoordinatorEffects out;
  JoinRequest r;
  r.ticket = 1;
  r.session_timeout_ms = 1;
  coordinator.join("g", r, now, wall, out);
  EXPECT_EQ(out.answers.joins.at(0).second.error, ErrorCode::InvalidSessionTimeout);
  EXPECT_EQ(coordinator.find("g"), nullptr);
  EXPECT_EQ(join("g", "unknown").answers.joins.at(0).second.error, ErrorCode::UnknownMemberId);
  EXPECT_EQ(coordinator.find("g"), nullptr);
  EXPECT_EQ(coordinator.deadline(), std::nullopt);
}

// Many groups and members that come, go, forget, and answer late, with clock steps of any size: what must
// hold, holds.
TEST_F(Coordinator, SettlesAndKeepsItsPromisesOverRandomLives) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random{seed};
    GroupCoordinator c{options, topics, [this] { return "id" + std::to_string(++drawn); }};
    std::map<Ticket, std::pair<std::string, int>> asked;  // ticket -> group, kind
    std::vector<std::pair<std::string, std::string>> members;
    std::map<std::pair<std::string, std::int32_t>, std::set<std::string>> leaders;
    std::int64_t acked = -1;
    const auto take = [&](CoordinatorEffects& out) {
      for (auto* list : {&out.answers.joins, &out.answers.joins_when_durable}) {
        for (auto& [t, answer] : *list) {
          ASSERT_EQ(asked.erase(t), 1u) << "seed " << seed << ": answered once, and only what was asked";
          if (answer.error == ErrorCode::MemberIdRequired || answer.error == ErrorCode::None)
            members.emplace_back("g" + std::to_string(0), answer.member_id);
          if (answer.error == ErrorCode::None) leaders[{"g0", answer.generation}].insert(answer.leader);
        }
      }
      for (auto* list : {&out.answers.syncs, &out.answers.syncs_when_durable})
        for (auto& [t, answer] : *list) ASSERT_EQ(asked.erase(t), 1u) << "seed " << seed;
      for (const GroupRecord& record : out.records)
        ASSERT_TRUE(c.apply(record.key, record.value ? std::optional<ByteView>{*record.value} : std::nullopt,
                            false, now));
    };
    for (int step = 0; step < 300; ++step) {
      CoordinatorEffects out;
      const std::string member =
          members.empty() || random() % 4 == 0 ? "" : members[random() % members.size()].second;
      const std::int32_t generation = c.find("g0") ? c.find("g0")->generation() - (random() % 8 == 0) : 0;
      switch (random() % 7) {
        case 0:
        case 1: {
          JoinRequest r;
          r.ticket = ++ticket;
          r.member_id = member;
          r.client_id = "c";
          r.session_timeout_ms = 6000 + static_cast<std::int32_t>(random() % 10000);
          r.rebalance_timeout_ms = static_cast<std::int32_t>(random() % 20000);
          r.protocol_type = "consumer";
          r.protocols = {{"range", {static_cast<std::uint8_t>(random() % 3)}}};
          r.requires_known_member_id = random() % 2;
          asked[r.ticket] = {"g0", 0};
          c.join("g0", std::move(r), now, wall, out);
          break;
        }
        case 2: {
          SyncRequest r{++ticket, generation, member, {}, {}, {}, {}};
          for (const auto& [g, m] : members) r.assignments.emplace_back(m, Bytes{1});
          asked[r.ticket] = {"g0", 1};
          c.sync("g0", std::move(r), now, wall, out);
          break;
        }
        case 3: c.heartbeat("g0", member, {}, generation, now); break;
        case 4: {
          CommitRequest r{
              "g0", member, {}, generation, ErrorCode::IllegalGeneration, -1, {{"t", 0, step, 0, ""}}};
          const bool was_member = c.find("g0") && c.find("g0")->members().contains(member);
          const bool was_empty = !c.find("g0") || c.find("g0")->state() == GroupState::Empty;
          if (c.commit(r, now, wall, out).at(0) == ErrorCode::None) {
            ASSERT_TRUE(was_member || was_empty) << "seed " << seed << ": a commit of a stranger";
            acked = step;
          }
          break;
        }
        case 5:
          if (random() % 4 == 0) c.leave("g0", member, {}, now, wall, out);
          break;
        case 6:
          now = now + std::chrono::milliseconds{random() % (random() % 10 == 0 ? 30000 : 1000)};
          c.advance(now, wall, out);
          break;
      }
      take(out);
      if (acked >= 0 && c.committed("g0", "t", 0)) {
        ASSERT_EQ(c.committed("g0", "t", 0)->offset, acked);
      }
    }
    for (const auto& [generation, who] : leaders) ASSERT_EQ(who.size(), 1u) << "seed " << seed;
    // Everybody falls silent: all parked requests are answered, the group ends empty, no timer is left.
    for (int i = 0; i < 40; ++i) {
      now = now + 60s;
      CoordinatorEffects out;
      c.advance(now, wall, out);
      take(out);
    }
    ASSERT_TRUE(asked.empty()) << "seed " << seed << ": " << asked.size() << " requests were never answered";
    ASSERT_EQ(c.deadline(), std::nullopt) << "seed " << seed;
    if (c.find("g0")) {
      ASSERT_EQ(c.find("g0")->state(), GroupState::Empty) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace ledge::state
