// SPDX-License-Identifier: Apache-2.0
#include "broker/fetch_sessions.h"

#include <gtest/gtest.h>

namespace ledge::broker {
namespace {

using Kind = FetchContext::Kind;

FetchTarget target(std::int32_t partition, std::int64_t offset = 0) {
  return {.key = {{}, "t", partition}, .offset = offset, .bytes_max = 1000};
}
FetchTold at(std::int64_t high_watermark, bool records = false) {
  return {.error = ErrorCode::None, .high_watermark = high_watermark, .log_start = 0, .has_records = records};
}
std::vector<std::int32_t> partitions(const FetchContext& context) {
  std::vector<std::int32_t> out;
  for (const FetchTarget& t : context.targets) out.push_back(t.key.partition);
  return out;
}

class FetchSessionsTest : public ::testing::Test {
 protected:
  std::int32_t open(std::vector<FetchTarget> targets) {
    std::vector<FetchTold> told(targets.size(), at(0));
    return sessions_.open(targets, told, false, ++random_, now_);
  }
  FetchContext next(std::int32_t id, std::int32_t epoch, std::vector<FetchTarget> targets = {},
                    std::vector<FetchKey> forgotten = {}) {
    return sessions_.begin(
        {.session_id = id, .epoch = epoch, .targets = std::move(targets), .forgotten = std::move(forgotten)},
        now_);
  }

  Instant now_{1};
  std::uint64_t random_ = 100;
  FetchSessions sessions_{2, 5};
};

TEST_F(FetchSessionsTest, OpensWithEpochZeroAndGoesOnFromOne) {
  const FetchContext opening = next(0, 0, {target(0), target(1)});
  EXPECT_EQ(opening.kind, Kind::Opening);
  EXPECT_EQ(partitions(opening), (std::vector{0, 1}));
  const std::int32_t id = open(opening.targets);
  EXPECT_EQ(id, 101);
  const FetchContext second = next(id, 1);
  EXPECT_EQ(second.kind, Kind::Incremental);
  EXPECT_EQ(partitions(second), (std::vector{0, 1}));
  EXPECT_EQ(next(id, 2).kind, Kind::Incremental);
}

TEST_F(FetchSessionsTest, RefusesAnUnknownSessionAWrongEpochAndTheOtherKindOfTopicNames) {
  EXPECT_EQ(next(7, 1).error, ErrorCode::FetchSessionIdNotFound);
  const std::int32_t id = open({target(0)});
  EXPECT_EQ(next(id, 2).error, ErrorCode::InvalidFetchSessionEpoch);
  const auto by_id =
      sessions_.begin({.session_id = id, .epoch = 1, .by_id = true, .targets = {}, .forgotten = {}}, now_);
  EXPECT_EQ(by_id.error, ErrorCode::FetchSessionTopicIdError);
  EXPECT_EQ(next(id, 1).kind, Kind::Incremental) << "a refused request leaves the session as it was";
}

TEST_F(FetchSessionsTest, AddsChangesAndForgetsPartitions) {
  const std::int32_t id = open({target(0), target(1)});
  const FetchContext context = next(id, 1, {target(1, 50), target(2)}, {{{}, "t", 0}});
  EXPECT_EQ(partitions(context), (std::vector{1, 2}));
  EXPECT_EQ(context.targets[0].offset, 50);
  EXPECT_EQ(sessions_.partitions(), 2u);
}

TEST_F(FetchSessionsTest, EndsWithItsLastPartition) {
  const std::int32_t id = open({target(0)});
  EXPECT_EQ(next(id, 1, {}, {{{}, "t", 0}}).kind, Kind::Sessionless);
  EXPECT_EQ(next(id, 2).error, ErrorCode::FetchSessionIdNotFound);
  EXPECT_EQ(sessions_.size(), 0u);
}

TEST_F(FetchSessionsTest, EndsWhenAFullFetchNamesIt) {
  const std::int32_t id = open({target(0)});
  EXPECT_EQ(next(id, FetchSessions::kFinalEpoch, {target(0)}).kind, Kind::Sessionless);
  EXPECT_EQ(sessions_.size(), 0u);
}

TEST_F(FetchSessionsTest, TellsOnlyWhatChanged) {
  const std::int32_t id = open({target(0)});
  const auto session = next(id, 1).session;
  const FetchKey key = target(0).key;
  EXPECT_FALSE(session->tell(key, at(0)));
  EXPECT_TRUE(session->tell(key, at(5)));
  EXPECT_FALSE(session->tell(key, at(5)));
  EXPECT_TRUE(session->tell(key, at(5, true))) << "records are always told";
  EXPECT_TRUE(session->tell(key, {.error = ErrorCode::OffsetOutOfRange}));
  EXPECT_TRUE(session->tell(key, {.error = ErrorCode::OffsetOutOfRange})) << "errors are always told";
  EXPECT_TRUE(session->tell(key, at(5))) << "the end of an error is told";
  EXPECT_FALSE(session->tell(key, at(5)));
}

TEST_F(FetchSessionsTest, ReadsPartitionsThatHadRecordsAfterTheOthers) {
  const std::int32_t id = open({target(0), target(1), target(2)});
  const auto session = next(id, 1).session;
  session->tell(target(0).key, at(9, true));
  session->tell(target(1).key, at(0));
  EXPECT_EQ(partitions(next(id, 2)), (std::vector{1, 2, 0}));
}

TEST_F(FetchSessionsTest, GivesNoSessionWhenAllAreInUseAndDropsTheLongestUnusedOtherwise) {
  const std::int32_t first = open({target(0)});
  now_ = now_ + 1s;
  const std::int32_t second = open({target(0)});
  EXPECT_EQ(open({target(0)}), FetchSessions::kNoSession);
  now_ = now_ + std::chrono::milliseconds(limits::fetch_session_idle_ms) - 500ms;
  EXPECT_NE(open({target(0)}), FetchSessions::kNoSession);
  EXPECT_EQ(next(first, 1).error, ErrorCode::FetchSessionIdNotFound);
  EXPECT_EQ(next(second, 1).kind, Kind::Incremental);
  EXPECT_EQ(sessions_.evicted(), 1u);
}

TEST_F(FetchSessionsTest, BoundsThePartitionsOfAllSessionsTogether) {
  const std::int32_t id = open({target(0), target(1), target(2)});
  EXPECT_EQ(open({target(0), target(1), target(2)}), FetchSessions::kNoSession);
  EXPECT_EQ(next(id, 1, {target(3), target(4)}).kind, Kind::Incremental);
  EXPECT_EQ(next(id, 2, {target(5)}).error, ErrorCode::FetchSessionIdNotFound);
  EXPECT_EQ(sessions_.partitions(), 0u);
}

}  // namespace
}  // namespace ledge::broker
