// SPDX-License-Identifier: Apache-2.0
// Fetch: sizes, waiting, sessions, and what goes out as bytes or as a range of a file.
#include "wire/kafka/messages/01_fetch.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, FetchGivesWholeBatchesWithinTheLimits) {
  store_.add_topic("t", 2);
  fill("t", 0, 3);
  fill("t", 1, 3);
  const std::size_t one = batch().size();
  const auto all = static_cast<std::int32_t>(3 * one);
  struct Row {
    const char* what;
    std::int32_t answer_max, first_max, second_max;
    std::size_t first, second;
  };
  const Row rows[] = {
      {"everything fits", 1 << 20, 1 << 20, 1 << 20, 3, 3},
      {"the first batch comes even when nothing is allowed", 0, 0, 0, 1, 0},
      {"a partition's limit cuts at a batch", 1 << 20, all - 1, 1 << 20, 2, 3},
      {"the answer's limit cuts the second partition", all + 1, 1 << 20, 1 << 20, 3, 0},
      {"a second partition gets no batch that does not fit", 1 << 20, 1 << 20, 1, 3, 0},
      {"the first partition's limit is ignored for its first batch only", 1 << 20, 1, 1 << 20, 1, 3},
  };
  for (const Row& row : rows) {
    auto request = fetch_of("t", {{0, 0, row.first_max}, {1, 0, row.second_max}});
    request.max_bytes = row.answer_max;
    const auto response = ask<FetchResponse>(request, 12);
    const auto& parts = response.responses.at(0).partitions;
    EXPECT_EQ(bytes_of(parts.at(0)), row.first * one) << row.what;
    EXPECT_EQ(bytes_of(parts.at(1)), row.second * one) << row.what;
  }
}

TEST_F(BrokerTest, FetchGivesAWholeBatchThatIsLargerThanEveryLimitFromTheFirstPartitionThatHasRecords) {
  store_.add_topic("t", 3);
  fill("t", 1, 1, 5000);
  fill("t", 2, 1);
  auto request = fetch_of("t", {{0, 0, 10}, {1, 0, 10}, {2, 0, 1000}});
  request.max_bytes = 100;
  const auto response = ask<FetchResponse>(request, 12);
  EXPECT_EQ(bytes_of(response.responses[0].partitions[1]), batch(1, 5000).size());
  EXPECT_EQ(bytes_of(response.responses[0].partitions[2]), 0u);
}

TEST_F(BrokerTest, FetchServesEveryVersion) {
  store_.add_topic("t", 1);
  fill("t", 0, 2);
  for (std::int16_t version = FetchRequest::api.min_version; version <= FetchRequest::api.max_version;
       ++version) {
    auto request = fetch_of(version < 13 ? "t" : "", {{0, 1}});
    if (version >= 13) request.topics[0].topic_id = store_.topic_views["t"].id;
    const auto response = ask<FetchResponse>(request, version);
    const auto& part = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(part.error_code, 0);
    EXPECT_EQ(part.high_watermark, 2);
    EXPECT_EQ(bytes_of(part), batch().size()) << version;
    EXPECT_FALSE(part.aborted_transactions);
  }
}

TEST_F(BrokerTest, FetchReportsErrorsPerPartition) {
  store_.add_topic("t", 1);
  store_.at("t", 0).epoch = 4;
  fill("t", 0, 2);
  struct Row {
    Want want;
    std::int16_t error;
  };
  const Row rows[] = {
      {{.partition = 9}, 3},
      {{.offset = 3}, 1},
      {{.offset = -1}, 1},
      {{.offset = 2}, 0},
      {{.offset = 0, .epoch = 3}, 74},
      {{.offset = 0, .epoch = 5}, 75},
      {{.offset = 0, .epoch = 4}, 0},
      {{.offset = 0, .last_epoch = 9}, 1},
  };
  for (const Row& row : rows) {
    const auto response = ask<FetchResponse>(fetch_of("t", {row.want}), 12);
    const auto& part = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(part.error_code, row.error) << row.want.offset << " " << row.want.epoch;
    EXPECT_EQ(part.high_watermark, row.error == 0 ? 2 : -1);
  }
  EXPECT_EQ(ask<FetchResponse>(fetch_of("nope", {{}}), 12).responses[0].partitions[0].error_code, 3);
  EXPECT_EQ(ask<FetchResponse>(fetch_of("nope", {{}}), 13).responses[0].partitions[0].error_code, 100);
}

TEST_F(BrokerTest, FetchTellsAReaderWhereItsLogParts) {
  store_.add_topic("t", 1);
  store_.at("t", 0).epoch = 4;
  fill("t", 0, 2);
  const auto response = ask<FetchResponse>(fetch_of("t", {{.offset = 2, .last_epoch = 3}}, 1000), 12);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).diverging_epoch.epoch, 3);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).diverging_epoch.end_offset, 0);
}

TEST_F(BrokerTest, FetchOfReadCommittedHasAListOfAbortedTransactions) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{}});
  request.isolation_level = 1;
  EXPECT_TRUE(ask<FetchResponse>(request, 12).responses[0].partitions[0].aborted_transactions);
}

TEST_F(BrokerTest, FetchWaitsForRecordsAndIsWokenByThem) {
  store_.add_topic("t", 2);
  give(fetch_of("t", {{0, 0}, {1, 0}}, 1000), 12);
  EXPECT_TRUE(sink_->answers.empty());
  EXPECT_EQ(broker_.stats().parked, 1u);
  EXPECT_EQ(store_.waiters(), 2u);
  give(produce_to("t", {{1, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.turn();
  const auto response = take<FetchResponse>(12);
  EXPECT_EQ(bytes_of(response.responses[0].partitions[1]), batch().size());
  EXPECT_EQ(store_.waiters(), 0u);
  EXPECT_EQ(broker_.stats().parked, 0u);
  EXPECT_EQ(loop_.timers_set(), 0u);
}

TEST_F(BrokerTest, FetchWaitsForItsLeastBytes) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{0, 0}}, 1000);
  request.min_bytes = static_cast<std::int32_t>(2 * batch().size());
  give(request, 12);
  give(produce_to("t", {{0, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.turn();
  EXPECT_TRUE(sink_->answers.empty());
  give(produce_to("t", {{0, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.turn();
  EXPECT_EQ(bytes_of(take<FetchResponse>(12).responses[0].partitions[0]), 2 * batch().size());
}

TEST_F(BrokerTest, FetchAnswersAtItsDeadlineWithWhatThereIs) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{0, 0}}, 500);
  request.min_bytes = 1 << 20;
  give(request, 12);
  give(produce_to("t", {{0, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.pass(499ms);
  EXPECT_TRUE(sink_->answers.empty());
  loop_.pass(1ms);
  EXPECT_EQ(bytes_of(take<FetchResponse>(12).responses[0].partitions[0]), batch().size());
}

TEST_F(BrokerTest, FetchWokenByTheEndOfItsTopicSaysSo) {
  store_.add_topic("t", 1);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  store_.delete_topics({store_.topic_views["t"].id}, [](auto) {});
  loop_.turn();
  EXPECT_EQ(take<FetchResponse>(12).responses[0].partitions[0].error_code, 3);
}

TEST_F(BrokerTest, FetchSeesWhatArrivesWhileAnotherPartitionIsRead) {
  store_.add_topic("t", 2);
  fill("t", 0, 1);
  auto request = fetch_of("t", {{1, 0}, {0, 0}}, 1000);
  request.min_bytes = static_cast<std::int32_t>(2 * batch().size());
  store_.hold_reads = true;
  give(request, 12);
  give(produce_to("t", {{1, batch()}}, 0), 9);
  sink_->answers.clear();
  store_.hold_reads = false;
  store_.answer_reads();
  loop_.turn();
  EXPECT_EQ(take<FetchResponse>(12).responses[0].partitions.size(), 2u);
}

TEST_F(BrokerTest, AParkedFetchIsForgottenWithItsConnection) {
  store_.add_topic("t", 1);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  broker_.disconnected(1);
  EXPECT_EQ(broker_.stats().parked, 0u);
  EXPECT_EQ(store_.waiters(), 0u);
  loop_.pass(2s);
  EXPECT_TRUE(sink_->answers.empty());
  EXPECT_TRUE(sink_->refusals.empty());
}

TEST_F(BrokerTest, AStopAnswersParkedFetchesAndParksNoMore) {
  store_.add_topic("t", 1);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  broker_.stop_waiting();
  EXPECT_EQ(take<FetchResponse>(12).responses[0].partitions[0].error_code, 0);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  EXPECT_EQ(sink_->answers.size(), 1u);
}

TEST_F(BrokerTest, FetchSendsLargeBatchesFromTheFileAndCopiesSmallOnes) {
  store_.add_topic("t", 2);
  fill("t", 0, 8, 10000);
  fill("t", 1, 8);
  const auto ranges = [](const Chain& chain) {
    return std::ranges::count_if(chain.pieces(),
                                 [](const auto& p) { return std::holds_alternative<FileRange>(p); });
  };
  ask<FetchResponse>(fetch_of("t", {{0, 0}}), 12);
  EXPECT_EQ(ranges(last_), 8);
  EXPECT_EQ(store_.fake_journal.warms, 1);
  EXPECT_EQ(broker_.stats().copied_bytes, 0u);
  ask<FetchResponse>(fetch_of("t", {{1, 0}}), 12);
  EXPECT_EQ(ranges(last_), 0);
  EXPECT_EQ(broker_.stats().copied_bytes, 8 * batch().size()) << "charged until they have left";
  last_ = {};
  EXPECT_EQ(broker_.stats().copied_bytes, 0u);
}

TEST_F(BrokerTest, FetchSendsFileRangesWhenPeersLeaveNoMemoryForCopies) {
  store_.add_topic("t", 1);
  fill("t", 0, 900, 1000);
  std::vector<Chain> not_taken;
  std::size_t ranges = 0;
  for (int i = 0; i < 100 && ranges == 0; ++i) {
    const auto response = ask<FetchResponse>(fetch_of("t", {{0, 0}}), 12);
    EXPECT_GT(bytes_of(response.responses[0].partitions[0]), 0u);
    for (const ChainPiece& piece : last_.pieces()) ranges += std::holds_alternative<FileRange>(piece) ? 1 : 0;
    not_taken.push_back(std::move(last_));
  }
  EXPECT_EQ(ranges, 64u);
  EXPECT_LE(broker_.stats().copied_bytes, budget_->bytes_max() / 4);
}

TEST_F(BrokerTest, FetchCopiesNoMoreThanItsBoundWhateverIsAskedFor) {
  store_.add_topic("t", 3);
  fill("t", 0, 600, 1000);
  fill("t", 1, 600, 1000);
  fill("t", 2, 1, 1000);
  const auto response =
      ask<FetchResponse>(fetch_of("t", {{0, 0, 1 << 24}, {1, 0, 1 << 24}, {2, 0, 1 << 24}}), 12);
  const auto& parts = response.responses[0].partitions;
  std::size_t sum = 0;
  for (const auto& part : parts) sum += bytes_of(part);
  EXPECT_LE(sum, static_cast<std::size_t>(limits::fetch_copied_bytes_max));
  EXPECT_GT(sum, static_cast<std::size_t>(limits::fetch_copied_bytes_max) - 2000);
  EXPECT_EQ(bytes_of(parts[2]), 0u);
}

TEST_F(BrokerTest, FetchReadsOnWhereBatchesAreLarge) {
  store_.add_topic("t", 1);
  fill("t", 0, 30, 100000);
  const auto response = ask<FetchResponse>(fetch_of("t", {{0, 0, 1 << 24}}), 12);
  EXPECT_EQ(bytes_of(response.responses[0].partitions[0]), 30 * batch(1, 100000).size());
}

TEST_F(BrokerTest, FetchSessionSaysOnlyWhatChanged) {
  store_.add_topic("t", 3);
  fill("t", 0, 1);
  auto request = fetch_of("t", {{0, 1}, {1, 0}, {2, 0}});
  request.session_epoch = 0;
  const auto opened = ask<FetchResponse>(request, 12);
  ASSERT_NE(opened.session_id, 0);
  EXPECT_EQ(opened.responses[0].partitions.size(), 3u);

  FetchRequest next;
  next.max_bytes = 1 << 20;
  next.min_bytes = 1;
  next.session_id = opened.session_id;
  next.session_epoch = 1;
  EXPECT_TRUE(ask<FetchResponse>(next, 12).responses.empty());

  fill("t", 1, 1);
  next.session_epoch = 2;
  const auto changed = ask<FetchResponse>(next, 12);
  ASSERT_EQ(changed.responses.size(), 1u);
  ASSERT_EQ(changed.responses[0].partitions.size(), 1u);
  EXPECT_EQ(changed.responses[0].partitions[0].partition_index, 1);

  auto& forgotten = next.forgotten_topics_data.emplace_back();
  forgotten.topic = "t";
  forgotten.partitions = {0, 1};
  next.session_epoch = 3;
  ask<FetchResponse>(next, 12);
  EXPECT_EQ(broker_.stats().fetch_session_partitions, 1u);

  const auto wrong_epoch = ask<FetchResponse>(next, 12);
  EXPECT_EQ(wrong_epoch.error_code, 71);
  EXPECT_EQ(wrong_epoch.session_id, 0);
  EXPECT_TRUE(wrong_epoch.responses.empty());

  next.session_epoch = -1;
  ask<FetchResponse>(next, 12);
  EXPECT_EQ(broker_.stats().fetch_sessions, 0u);
  next.session_epoch = 4;
  EXPECT_EQ(ask<FetchResponse>(next, 12).error_code, 70);
}

TEST_F(BrokerTest, FetchOfAReplicaIsRefused) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{}});
  request.replica_id = 3;
  EXPECT_EQ(ask<FetchResponse>(request, 12).responses[0].partitions[0].error_code, 6);
}

}  // namespace
}  // namespace ledge::broker
