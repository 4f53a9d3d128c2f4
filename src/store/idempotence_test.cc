// SPDX-License-Identifier: Apache-2.0
// Idempotent producers and their ids, over restarts and cuts.
#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

TEST(Idempotence, ARetryIsAnsweredWithTheOriginalOffsetAndNotStored) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(4));
  EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 0, 3)).base_offset, 4);
  const Appended retry = append(box, box.partition(), batch_from(7, 0, 0, 3));
  EXPECT_EQ(code(retry), "NONE");
  EXPECT_EQ(retry.base_offset, 4);
  EXPECT_EQ(box.partition()->log_end(), 7);
  EXPECT_EQ(box.store->stats().duplicates, 1u);
}

TEST(Idempotence, ARetryOfWhatIsNotDurableYetWaitsForIt) {
  Box box;
  box.create("t");
  const Answer original = send(box, box.partition(), batch_from(7, 0, 0));
  const Answer retry = send(box, box.partition(), batch_from(7, 0, 0));
  EXPECT_FALSE(retry->has_value());
  box.sync();
  ASSERT_TRUE(original->has_value() && retry->has_value());
  EXPECT_EQ((*retry)->base_offset, 0);
}

TEST(Idempotence, IsRememberedOverARestartWithAndWithoutASnapshot) {
  for (const bool snapshot : {false, true}) {
    Box box;
    box.create("t");
    for (std::int32_t i = 0; i < 6; ++i) append(box, box.partition(), batch_from(7, 0, 2 * i, 2));
    if (snapshot) box.journal->take_snapshot();
    append(box, box.partition(), batch_from(8, 3, 0));
    box.cut_and_start();
    EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 10, 2)).base_offset, 10);
    EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 2, 2)).base_offset, 2);
    EXPECT_EQ(code(append(box, box.partition(), batch_from(7, 0, 0, 2))), "OUT_OF_ORDER_SEQUENCE_NUMBER");
    EXPECT_EQ(code(append(box, box.partition(), batch_from(8, 2, 1))), "INVALID_PRODUCER_EPOCH");
    EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 12)).base_offset, 13);
  }
}

TEST(Idempotence, ABatchThatTheCutTookIsNotADuplicate) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_from(7, 0, 0));
  send(box, box.partition(), batch_from(7, 0, 1));  // never synced
  box.cut_and_start();
  EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 1)).base_offset, 1);
}

TEST(Idempotence, AWallClockThatJumpsForgetsNobody) {
  Box box;
  box.create("t", {{"message.timestamp.after.max.ms", "9223372036854775807"}});
  append(box, box.partition(), batch_from(7, 0, 0));
  box.loop.wall += std::int64_t{365} * 86400000;
  EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 0)).base_offset, 0);
  box.loop.instant = box.loop.instant + 25h;
  EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 0)).base_offset, 1);  // silent for a day: forgotten
}

TEST(ProducerIds, AreGivenOnceAlsoOverPowerCuts) {
  Box box;
  std::set<std::int64_t> seen;
  for (int boot = 0; boot < 4; ++boot) {
    for (int i = 0; i < 5; ++i) {
      const ProducerId id = new_id(box);
      EXPECT_EQ(id.epoch, 0);
      EXPECT_TRUE(seen.insert(id.id).second) << id.id;
    }
    if (boot == 1) box.journal->take_snapshot();
    box.cut_and_start();
  }
}

TEST(ProducerIds, NoneIsGivenBeforeItsBlockIsDurable) {
  Box box;
  int given = 0;
  for (int i = 0; i < 2500; ++i)
    box.store->new_producer_id([&](const ProducerId& id) { given += id.error.code == ErrorCode::None; });
  EXPECT_EQ(given, 0);
  box.journal->sync();
  EXPECT_EQ(given, 1000);
  box.journal->sync();
  box.journal->sync();
  EXPECT_EQ(given, 2500);
}

}  // namespace
}  // namespace ledge::store
