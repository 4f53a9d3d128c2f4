// SPDX-License-Identifier: Apache-2.0
// Identity and leader epochs, over starts.
#include "store/epochs.h"

#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

TEST(Identity, IsMadeOnceAndEveryStartIsCounted) {
  Box box;
  const Identity first = box.store->identity();
  EXPECT_FALSE(first.cluster_id.is_zero());
  EXPECT_EQ(first.boot_epoch, 0);
  EXPECT_EQ(first.journal_id, box.disk.id);
  box.cut_and_start();
  const Identity second = box.store->identity();
  EXPECT_EQ(second.cluster_id, first.cluster_id);
  EXPECT_EQ(second.boot_epoch, 1);
  EXPECT_NE(second.boot_id, first.boot_id);
  box.journal->take_snapshot();
  box.cut_and_start();
  EXPECT_EQ(box.store->identity().cluster_id, first.cluster_id);
  EXPECT_EQ(box.store->identity().boot_epoch, 2);
}

TEST(Identity, IsReadyWhenItIsDurable) {
  Box box;
  ASSERT_TRUE(box.try_start().has_value());
  bool ready = false;
  box.store->when_ready([&] { ready = true; });
  EXPECT_FALSE(ready);
  box.sync();
  EXPECT_TRUE(ready);
  bool again = false;
  box.store->when_ready([&] { again = true; });
  EXPECT_TRUE(again);
}

TEST(LeaderEpochs, CountTheStartsSinceTheTopicWasCreated) {
  Box box;
  box.create("old");
  box.cut_and_start();
  box.create("young");
  EXPECT_EQ(box.partition("old")->leader_epoch(), 1);
  EXPECT_EQ(box.partition("young")->leader_epoch(), 0);
  box.cut_and_start();
  EXPECT_EQ(box.partition("old")->leader_epoch(), 2);
  EXPECT_EQ(box.partition("young")->leader_epoch(), 1);
}

/// Epochs 0 (offsets 0..1), 2 (2..4) and 5 (5); none in 1, 3, 4; the newest start is 6.
void fill_epochs(Box& box) {
  box.create("t");
  for (std::int32_t epoch = 0; epoch <= 6; ++epoch) {
    if (epoch > 0) box.cut_and_start();
    if (epoch == 3) box.journal->take_snapshot();
    if (epoch == 0) append(box, box.partition(), batch_of(2));
    if (epoch == 2) append(box, box.partition(), batch_of(3));
    if (epoch == 5) append(box, box.partition(), batch_of(1));
  }
}

TEST(LeaderEpochs, EndsAreThoseOfKafka) {
  Box box;
  fill_epochs(box);
  const auto end = [&](std::int32_t epoch) {
    const auto e = box.partition()->epoch_end(epoch);
    return std::pair{e.epoch, e.end_offset};
  };
  using Pair = std::pair<std::int32_t, std::int64_t>;
  EXPECT_EQ(end(0), (Pair{0, 2}));
  EXPECT_EQ(end(1), (Pair{0, 2}));  // no records of it: the one before
  EXPECT_EQ(end(2), (Pair{2, 5}));
  EXPECT_EQ(end(4), (Pair{2, 5}));
  EXPECT_EQ(end(5), (Pair{5, 6}));
  EXPECT_EQ(end(6), (Pair{6, 6}));    // the current one ends at the end
  EXPECT_EQ(end(7), (Pair{-1, -1}));  // not there yet
  EXPECT_EQ(end(-1), (Pair{-1, -1}));
  const std::vector<std::int32_t> expected = {0, 0, 2, 2, 2, 5};
  for (std::int64_t offset = 0; offset < 6; ++offset)
    EXPECT_EQ(box.partition()->epoch_of(offset), expected[static_cast<std::size_t>(offset)]);
  EXPECT_EQ(box.partition()->epoch_of(6), -1);
}

TEST(LeaderEpochs, BelowTheOldestOneIsAnsweredWithItsStart) {
  Box box;
  box.create("t");
  box.cut_and_start();
  box.cut_and_start();
  EXPECT_EQ(box.partition()->epoch_end(0).epoch, 0);
  EXPECT_EQ(box.partition()->epoch_end(0).end_offset, 0);
  append(box, box.partition(), batch_of(2));
  EXPECT_EQ(box.partition()->epoch_end(1).epoch, 1);
  EXPECT_EQ(box.partition()->epoch_end(1).end_offset, 0);
}

}  // namespace
}  // namespace ledge::store
