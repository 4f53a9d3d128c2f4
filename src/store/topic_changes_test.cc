// SPDX-License-Identifier: Apache-2.0
// Topics that grow and change, and logs whose beginning is deleted.
#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

/// The answers to one call; empty until they came.
using Errors = std::shared_ptr<std::vector<Error>>;

Errors grow(Box& box, std::int32_t count, bool validate_only = false) {
  auto out = std::make_shared<std::vector<Error>>();
  box.store->add_partitions({{"t", count, std::nullopt}}, validate_only,
                            [out](std::vector<Error> errors) { *out = std::move(errors); });
  return out;
}
Errors configure(Box& box, std::string key, std::string value, bool validate_only = false) {
  auto out = std::make_shared<std::vector<Error>>();
  box.store->change_configs({{"t", false, {{std::move(key), {}, std::move(value)}}}}, validate_only,
                            [out](std::vector<Error> errors) { *out = std::move(errors); });
  return out;
}
struct Deleted {
  Error error;
  std::int64_t log_start = -2;
};
std::shared_ptr<std::optional<Deleted>> delete_below(Box& box, std::int64_t offset) {
  auto out = std::make_shared<std::optional<Deleted>>();
  box.store->delete_records(box.partition(), offset, [out](Error error, std::int64_t log_start) {
    *out = Deleted{std::move(error), log_start};
  });
  return out;
}

TEST(MorePartitions, AreThereWhenTheyAreDurableAndAfterACut) {
  Box box;
  box.create("t", {}, 1);
  append(box, box.partition(), batch_of(3));
  const Errors answer = grow(box, 3);
  EXPECT_TRUE(answer->empty());
  EXPECT_EQ(box.store->topics().find("t")->partitions, 1);
  EXPECT_EQ(box.partition("t", 1), nullptr);
  box.sync();
  ASSERT_EQ(answer->size(), 1u);
  EXPECT_EQ(answer->at(0).text(), Error{}.text());
  EXPECT_EQ(box.store->topics().find("t")->partitions, 3);
  ASSERT_NE(box.partition("t", 2), nullptr);
  append(box, box.partition("t", 2), batch_of(2));
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("t")->partitions, 3);
  EXPECT_EQ(box.partition("t", 0)->high_watermark(), 3);
  EXPECT_EQ(box.partition("t", 1)->high_watermark(), 0);
  EXPECT_EQ(box.partition("t", 2)->high_watermark(), 2);
}

TEST(MorePartitions, ThatTheCutTookAreNotThereAndMayBeAskedForAgain) {
  Box box;
  box.create("t", {}, 1);
  grow(box, 3);
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("t")->partitions, 1);
  const Errors answer = grow(box, 2);
  box.sync();
  EXPECT_EQ(answer->at(0).code, ErrorCode::None);
  append(box, box.partition("t", 1), batch_of(1));
}

TEST(MorePartitions, ValidatingAddsNone) {
  Box box;
  box.create("t", {}, 2);
  EXPECT_EQ(grow(box, 3, true)->at(0).code, ErrorCode::None);
  EXPECT_EQ(grow(box, 2, true)->at(0).code, ErrorCode::InvalidPartitions);
  box.sync();
  EXPECT_EQ(box.store->topics().find("t")->partitions, 2);
}

TEST(TopicConfigs, TakeEffectOnBatchesThatFollow) {
  Box box;
  box.create("t");
  EXPECT_EQ(code(append(box, box.partition(), batch_of(3))), "NONE");
  const Errors answer = configure(box, "max.message.bytes", "70");
  EXPECT_TRUE(answer->empty());
  EXPECT_TRUE(box.store->topics().find("t")->overrides.empty());  // not durable yet
  box.sync();
  EXPECT_EQ(answer->at(0).code, ErrorCode::None);
  EXPECT_EQ(code(append(box, box.partition(), batch_of(3))), "MESSAGE_TOO_LARGE");
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("t")->overrides.at("max.message.bytes"), "70");
  EXPECT_EQ(code(append(box, box.partition(), batch_of(3))), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(configure(box, "max.message.bytes", "100", true)->at(0).code, ErrorCode::None);
  box.sync();
  EXPECT_EQ(box.store->topics().find("t")->overrides.at("max.message.bytes"), "70");
}

TEST(TopicConfigs, WhatAPoisonedJournalRefusesIsAnsweredSo) {
  Box box;
  box.create("t");
  const Errors waiting = configure(box, "retention.ms", "5");
  box.journal->poison();
  ASSERT_EQ(waiting->size(), 1u);
  EXPECT_EQ(waiting->at(0).code, ErrorCode::KafkaStorageError);
  EXPECT_EQ(grow(box, 5)->at(0).code, ErrorCode::KafkaStorageError);
}

TEST(DeleteRecords, MovesTheStartOfTheLogAndStaysMoved) {
  Box box;
  box.create("t");
  for (int i = 0; i < 5; ++i) append(box, box.partition(), batch_of(2));
  const auto bytes = box.partition()->log_bytes();
  EXPECT_GT(bytes, 5 * 61u);
  const auto answer = delete_below(box, 5);
  EXPECT_FALSE(answer->has_value());
  box.sync();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->log_start, 5);
  EXPECT_EQ(read(box, box.partition(), 4).error.code, ErrorCode::OffsetOutOfRange);
  const Read got = read(box, box.partition(), 5);
  ASSERT_FALSE(got.slices.empty());
  EXPECT_EQ(got.slices.front().first_offset, 4);  // the whole batch that holds the start
  EXPECT_EQ(got.log_start, 5);
  EXPECT_EQ(box.partition()->log_bytes(), bytes / 2);
  box.cut_and_start();
  EXPECT_EQ(box.partition()->log_start(), 5);
  EXPECT_EQ(box.partition()->high_watermark(), 10);
  EXPECT_EQ(box.partition()->log_bytes(), bytes / 2);
  delete_below(box, 10);
  box.sync();
  EXPECT_EQ(box.partition()->log_bytes(), 0u);
  EXPECT_EQ(append(box, box.partition(), batch_of(1)).base_offset, 10);
}

TEST(DeleteRecords, NeverMovesItDownOrBehindWhatIsDurable) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(4));
  send(box, box.partition(), batch_of(4));
  EXPECT_EQ((*delete_below(box, 5))->error.code, ErrorCode::OffsetOutOfRange);
  EXPECT_EQ((*delete_below(box, -2))->error.code, ErrorCode::OffsetOutOfRange);
  delete_below(box, 3);
  const auto lower = delete_below(box, 2);
  EXPECT_FALSE(lower->has_value());  // the higher one need not be durable yet
  box.sync();
  ASSERT_TRUE(lower->has_value());
  EXPECT_EQ((*lower)->log_start, 3);
}

TEST(DeleteRecords, WakesReadersAndIsNotForTopicsThatAreOnlyCompacted) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(4));
  int woken = 0;
  const auto waiter = box.store->wait(box.partition(), [&] { ++woken; });
  delete_below(box, 2);
  EXPECT_EQ(woken, 1);
  configure(box, "cleanup.policy", "compact");
  box.sync();
  EXPECT_EQ((*delete_below(box, 3))->error.code, ErrorCode::PolicyViolation);
  configure(box, "cleanup.policy", "compact,delete");
  box.sync();
  delete_below(box, 3);
  box.sync();
  EXPECT_EQ(box.partition()->log_start(), 3);
}

TEST(Producers, AreToldWithTheirNewestBatch) {
  Box box;
  box.create("t");
  EXPECT_TRUE(box.store->producers(box.partition()).empty());
  append(box, box.partition(), batch_from(9, 2, 0, 3));
  append(box, box.partition(), batch_from(7, 0, 0, 1));
  const auto all = box.store->producers(box.partition());
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].id, 7);
  EXPECT_EQ(all[1].id, 9);
  EXPECT_EQ(all[1].epoch, 2);
  EXPECT_EQ(all[1].last_sequence, 2);
  EXPECT_EQ(all[1].last_timestamp, kNow);
  box.loop.instant = box.loop.instant + 25h;
  EXPECT_TRUE(box.store->producers(box.partition()).empty());
}

}  // namespace
}  // namespace ledge::store
