// SPDX-License-Identifier: Apache-2.0
#include "cli/group_reset.h"

#include <gtest/gtest.h>

namespace ledge::cli {
namespace {

using Kind = ResetTo::Kind;

TEST(TopicChoice, IsATopicWithOrWithoutPartitions) {
  EXPECT_EQ(*parse_topic_choice("orders"), (TopicChoice{"orders", {}}));
  EXPECT_EQ(*parse_topic_choice("orders:3"), (TopicChoice{"orders", {3}}));
  EXPECT_EQ(*parse_topic_choice("orders:3,0,3"), (TopicChoice{"orders", {0, 3}}));
  for (const char* wrong :
       {"", ":1", "orders:", "orders:a", "orders:-1", "orders:1,", "orders:,1", "orders:1 "})
    EXPECT_FALSE(parse_topic_choice(wrong)) << wrong;
}

TEST(ResetTime, IsAMomentOrSoLongAgo) {
  constexpr WallMs kNow = 1'700'000'000'000;
  EXPECT_EQ(*parse_reset_time("@1600000000000", kNow), 1'600'000'000'000);
  EXPECT_EQ(*parse_reset_time("@-90s", kNow), kNow - 90'000);
  EXPECT_EQ(*parse_reset_time("@-7d", kNow), kNow - 7 * 86'400'000LL);
  for (const char* wrong : {"", "12", "beginning", "@", "@-7", "@-7w", "@x"})
    EXPECT_FALSE(parse_reset_time(wrong, kNow)) << wrong;
}

TEST(OffsetFile, IsWhatKafkasToolExports) {
  const auto read = parse_offset_file("orders,0,17\r\n\n\"orders\",1,0\nother,0,9223372036854775807");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, (OffsetMap{{{"orders", 0}, 17}, {{"orders", 1}, 0}, {{"other", 0}, INT64_MAX}}));
}

TEST(OffsetFile, SaysWhichLineIsWrong) {
  for (const char* wrong : {"orders,0", "orders,0,x", ",0,1", "orders,-1,1", "orders,0,-1", "orders,0,1,2"}) {
    const auto read = parse_offset_file(std::string{"good,0,1\n"} + wrong + "\n");
    ASSERT_FALSE(read) << wrong;
    EXPECT_TRUE(read.error().detail.starts_with("line 2 is not topic,partition,offset"))
        << read.error().text();
  }
  const auto twice = parse_offset_file("a,0,1\na,0,2\n");
  ASSERT_FALSE(twice);
  EXPECT_TRUE(twice.error().detail.starts_with("line 2 names a partition for the second time"));
  EXPECT_FALSE(parse_offset_file("\n\n"));
}

TEST(ResetOffset, StaysWithinWhatIsThere) {
  const ResetSubject subject{.of = {"t", 0}, .committed = 50, .start = 10, .end = 100, .at_time = 70};
  const auto to = [&](Kind kind, std::int64_t value = 0, const OffsetMap& file = {}) {
    return *reset_offset({kind, value}, subject, file);
  };
  EXPECT_EQ(to(Kind::Earliest), 10);
  EXPECT_EQ(to(Kind::Latest), 100);
  EXPECT_EQ(to(Kind::Offset, 40), 40);
  EXPECT_EQ(to(Kind::Offset, 5), 10);
  EXPECT_EQ(to(Kind::Offset, 500), 100);
  EXPECT_EQ(to(Kind::Time), 70);
  EXPECT_EQ(to(Kind::Shift, -20), 30);
  EXPECT_EQ(to(Kind::Shift, -200), 10);
  EXPECT_EQ(to(Kind::Shift, INT64_MAX), 100);
  EXPECT_EQ(to(Kind::Shift, INT64_MIN), 10);
  EXPECT_EQ(to(Kind::File, 0, {{{"t", 0}, 33}}), 33);
}

TEST(ResetOffset, OfATimeAfterTheLastRecordIsTheEnd) {
  EXPECT_EQ(*reset_offset({Kind::Time, 0}, {.of = {"t", 0}, .start = 1, .end = 9}, {}), 9);
}

TEST(ResetOffset, CannotShiftWhatWasNeverCommitted) {
  const auto shifted = reset_offset({Kind::Shift, 1}, {.of = {"t", 2}, .start = 0, .end = 9}, {});
  ASSERT_FALSE(shifted);
  EXPECT_NE(shifted.error().detail.find("topic t, partition 2"), std::string::npos);
}

}  // namespace
}  // namespace ledge::cli
