// SPDX-License-Identifier: Apache-2.0
// Reading by offset and by time.
#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

TEST(Reading, GivesWholeBatchesFromTheOneThatHoldsTheOffset) {
  Box box;
  box.create("t");
  for (int i = 0; i < 3; ++i) append(box, box.partition(), batch_of(10));
  const Read all = read(box, box.partition(), 15);
  ASSERT_EQ(all.slices.size(), 2u);
  EXPECT_EQ(all.slices[0].first_offset, 10);
  EXPECT_EQ(all.high_watermark, 30);
  EXPECT_EQ(all.log_start, 0);
  const std::uint64_t one = all.slices[0].bytes.length;
  EXPECT_EQ(read(box, box.partition(), 0, 2 * one).slices.size(), 2u);
  EXPECT_EQ(read(box, box.partition(), 0, 1).slices.size(), 1u);
  EXPECT_EQ(read(box, box.partition(), 0, 1, false).slices.size(), 0u);
  EXPECT_EQ(read(box, box.partition(), 0, one, false).slices.size(), 1u);
}

TEST(Reading, RefusesOffsetsOutsideOfTheLogAndIsEmptyAtItsEnd) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(2));
  EXPECT_EQ(read(box, box.partition(), -1).error.code, ErrorCode::OffsetOutOfRange);
  EXPECT_EQ(read(box, box.partition(), 3).error.code, ErrorCode::OffsetOutOfRange);
  EXPECT_EQ(read(box, box.partition(), 2).error.code, ErrorCode::None);
  EXPECT_TRUE(read(box, box.partition(), 2).slices.empty());
  send(box, box.partition(), batch_of(2));
  EXPECT_EQ(read(box, box.partition(), 4).error.code, ErrorCode::None);  // appended, not durable
  EXPECT_EQ(read(box, box.partition(), 0).slices.size(), 1u);
}

TEST(Reading, ADamagedRangeIsNamed) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(2));
  box.journal->damaged_below = 1;
  EXPECT_EQ(read(box, box.partition(), 0).error.code, ErrorCode::CorruptMessage);
  EXPECT_EQ(read(box, box.partition(), 1).error.code, ErrorCode::None);
}

TEST(FindOffset, FindsTheRecordInsideTheBatchInEveryCodec) {
  for (const auto codec : {kafka::Codec::None, kafka::Codec::Gzip, kafka::Codec::Snappy, kafka::Codec::Lz4,
                           kafka::Codec::Zstd}) {
    Box box;
    box.create("t");
    kafka::BatchFields fields;
    fields.codec = codec;
    append(box, box.partition(), batch({100, 300, 200}, fields));
    append(box, box.partition(), batch({250, 400, 400}, fields));
    const auto at = [&](std::int64_t t) {
      const FoundOffset found = find(box, box.partition(), t);
      EXPECT_EQ(found.error.code, ErrorCode::None);
      return std::pair{found.offset, found.timestamp};
    };
    using Pair = std::pair<std::int64_t, std::int64_t>;
    EXPECT_EQ(at(0), (Pair{0, 100}));
    EXPECT_EQ(at(101), (Pair{1, 300}));
    EXPECT_EQ(at(300), (Pair{1, 300}));
    EXPECT_EQ(at(301), (Pair{4, 400}));
    EXPECT_EQ(at(401), (Pair{-1, -1}));
    EXPECT_EQ(at(-3), (Pair{4, 400}));  // the first of the largest
    EXPECT_EQ(find(box, box.partition(), 0).leader_epoch, 0);
    EXPECT_EQ(box.worker.jobs > 0, codec != kafka::Codec::None);
  }
}

TEST(FindOffset, AnEmptyLogHasNothing) {
  Box box;
  box.create("t");
  EXPECT_EQ(find(box, box.partition(), 0).offset, -1);
  EXPECT_EQ(find(box, box.partition(), -3).offset, -1);
  send(box, box.partition(), batch({5}));  // not durable
  EXPECT_EQ(find(box, box.partition(), 0).offset, -1);
  EXPECT_EQ(find(box, box.partition(), -3).offset, -1);
}

}  // namespace
}  // namespace ledge::store
