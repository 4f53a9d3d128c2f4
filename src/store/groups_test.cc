// SPDX-License-Identifier: Apache-2.0
// Groups' records in the journal: what was answered is there after a start, whenever a snapshot was taken.
#include <gtest/gtest.h>

#include "state/groups/group_records.h"
#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

const state::OffsetKey kKey{"g", "t", 0};

state::GroupRecord commit_of(std::int64_t offset) {
  state::CommittedOffset committed;
  committed.offset = offset;
  return {state::encode_key(kKey), state::encode_value(committed)};
}

/// Not synced; the flag tells when it is answered.
std::shared_ptr<bool> write(Box& box, std::vector<state::GroupRecord> records) {
  auto answered = std::make_shared<bool>(false);
  box.store->append_group_records(std::move(records), [answered](const Error& error) {
    EXPECT_EQ(error.code, ErrorCode::None) << error.text();
    *answered = true;
  });
  return answered;
}

std::int64_t committed(const Box& box) {
  const state::CommittedOffset* found = box.store->groups().committed("g", "t", 0);
  return found == nullptr ? -1 : found->offset;
}

TEST(GroupsInTheStore, ACommitCountsWhenItIsDurable) {
  Box box;
  const auto answered = write(box, {commit_of(5)});
  EXPECT_FALSE(*answered);
  EXPECT_EQ(committed(box), -1);
  box.sync();
  EXPECT_TRUE(*answered);
  EXPECT_EQ(committed(box), 5);
  box.cut_and_start();
  EXPECT_EQ(committed(box), 5);
}

TEST(GroupsInTheStore, TheOffsetsTopicIsMadeOnceAndShownWhenItIsDurable) {
  Box box;
  box.store->make_offsets_topic();
  box.store->make_offsets_topic();
  EXPECT_EQ(box.store->topics().find(state::kOffsetsTopic), nullptr);
  box.sync();
  ASSERT_NE(box.store->topics().find(state::kOffsetsTopic), nullptr);
  EXPECT_TRUE(box.store->topics().find(state::kOffsetsTopic)->internal);
  box.journal->poison();
  box.store->make_offsets_topic();
  box.cut_and_start();
  EXPECT_EQ(box.store->stats().topics, 1);
}

TEST(GroupsInTheStore, ASnapshotHoldsTheCommitsThatAreInFlight) {
  Box box;
  write(box, {commit_of(5)});
  box.sync();
  const auto first = write(box, {commit_of(6)});
  const auto second = write(box, {commit_of(7)});
  box.journal->take_snapshot();  // a segment ends between the append and its sync
  box.sync();
  EXPECT_TRUE(*first && *second);
  box.cut_and_start();
  EXPECT_EQ(committed(box), 7);
}

TEST(GroupsInTheStore, ASnapshotHoldsTheRemovalsThatAreInFlight) {
  Box box;
  write(box, {commit_of(5)});
  box.sync();
  const auto removed = write(box, {{state::encode_key(kKey), std::nullopt}});
  box.journal->take_snapshot();
  box.sync();
  EXPECT_TRUE(*removed);
  box.cut_and_start();
  EXPECT_EQ(committed(box), -1);
}

TEST(GroupsInTheStore, AFirstCommitInFlightIsInTheSnapshot) {
  Box box;
  const auto answered = write(box, {commit_of(1)});
  box.journal->take_snapshot();
  box.sync();
  EXPECT_TRUE(*answered);
  box.cut_and_start();
  EXPECT_EQ(committed(box), 1);
}

}  // namespace
}  // namespace ledge::store
