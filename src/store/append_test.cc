// SPDX-License-Identifier: Apache-2.0
// Appending: offsets, epochs, timestamps, what is refused, when it is answered.
#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

TEST(Append, AssignsOffsetsAndAnswersWhenTheBatchIsDurable) {
  Box box;
  box.create("t");
  const PartitionPtr t = box.partition();
  const Answer first = send(box, t, batch_of(3));
  const Answer second = send(box, t, batch_of(2));
  EXPECT_FALSE(first->has_value());
  EXPECT_EQ(t->log_end(), 5);
  EXPECT_EQ(t->high_watermark(), 0);
  EXPECT_TRUE(read(box, t, 0).slices.empty());
  box.sync();
  ASSERT_TRUE(first->has_value() && second->has_value());
  EXPECT_EQ((*first)->base_offset, 0);
  EXPECT_EQ((*second)->base_offset, 3);
  EXPECT_EQ((*second)->log_append_time, -1);
  EXPECT_EQ((*second)->log_start, 0);
  EXPECT_EQ(t->high_watermark(), 5);
}

TEST(Append, StoresOffsetAndLeaderEpochInTheBatch) {
  Box box;
  box.create("t");
  box.cut_and_start();  // leader epoch 1
  append(box, box.partition(), batch_of(2));
  append(box, box.partition(), batch_of(1));
  const Read got = read(box, box.partition(), 2);
  ASSERT_EQ(got.slices.size(), 1u);
  const auto& file = static_cast<const MemoryFile&>(*got.slices[0].bytes.file);
  const auto header = kafka::read_batch_header(file.bytes());
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->base_offset, 2);
  EXPECT_EQ(header->leader_epoch, 1);
  EXPECT_TRUE(kafka::batch_checksum_ok(file.bytes()));
}

TEST(Append, ATopicOfAppendTimeGetsTheServersTime) {
  Box box;
  box.create("t", {{"message.timestamp.type", "LogAppendTime"}});
  box.loop.wall = kNow + 77;
  const Appended answer = append(box, box.partition(), batch({5, 6}));
  EXPECT_EQ(answer.log_append_time, kNow + 77);
  const Read got = read(box, box.partition(), 0);
  ASSERT_EQ(got.slices.size(), 1u);
  EXPECT_EQ(got.slices[0].max_timestamp, kNow + 77);
  const auto& file = static_cast<const MemoryFile&>(*got.slices[0].bytes.file);
  const auto header = kafka::read_batch_header(file.bytes());
  EXPECT_TRUE(header->log_append_time());
  EXPECT_EQ(header->max_timestamp, kNow + 77);
  EXPECT_TRUE(kafka::batch_checksum_ok(file.bytes()));
  const FoundOffset found = find(box, box.partition(), kNow + 1);
  EXPECT_EQ(found.offset, 0);
  EXPECT_EQ(found.timestamp, kNow + 77);
}

TEST(Append, ACompactedTopicRefusesRecordsWithoutKeyAndNamesThem) {
  Box box;
  box.create("t", {{"cleanup.policy", "compact"}});
  const Appended refused = append(box, box.partition(), batch({kNow, kNow}, {}, false));
  EXPECT_EQ(code(refused), "INVALID_RECORD");
  ASSERT_EQ(refused.record_errors.size(), 2u);
  EXPECT_EQ(refused.record_errors[1].batch_index, 1);
  EXPECT_EQ(append(box, box.partition(), batch_of(1)).base_offset, 0);
}

TEST(Append, TimestampsOutsideOfTheTopicsBoundsAreRefused) {
  Box box;
  box.create("t", {{"message.timestamp.before.max.ms", "1000"}, {"message.timestamp.after.max.ms", "10"}});
  EXPECT_EQ(code(append(box, box.partition(), batch({kNow - 1001}))), "INVALID_TIMESTAMP");
  EXPECT_EQ(code(append(box, box.partition(), batch({kNow + 11}))), "INVALID_TIMESTAMP");
  EXPECT_EQ(code(append(box, box.partition(), batch({kNow - 1000, kNow + 10}))), "NONE");
  EXPECT_EQ(box.partition()->log_end(), 2);
}

TEST(Append, ABatchThatIsTooLargeChangesNothing) {
  Box box;
  box.create("t", {{"max.message.bytes", "2000"}});
  Bytes large = batch_from(1, 0, 0, 200);
  EXPECT_EQ(code(append(box, box.partition(), large)), "MESSAGE_TOO_LARGE");
  EXPECT_EQ(append(box, box.partition(), batch_from(1, 0, 0)).base_offset, 0);  // as the producer splits it
}

TEST(Append, NoBatchIsLargerThanASegment) {
  Box box;
  box.create("t", {{"max.message.bytes", "20000000"}, {"segment.bytes", "1048576"}});
  EXPECT_EQ(code(append(box, box.partition(), batch_from(1, 0, 0, 60000))), "RECORD_LIST_TOO_LARGE");
  EXPECT_EQ(append(box, box.partition(), batch_from(1, 0, 0)).base_offset, 0);
}

TEST(Append, ABatchMayHaveWhatTheLargestMessageMaxBytesAllows) {
  Box box;
  box.create("t", {{"max.message.bytes", "20000000"}});
  const auto of = [](std::size_t bytes) {
    return kafka::build_batch({{.value = Bytes(bytes), .timestamp = kNow}}, {});
  };
  EXPECT_EQ(code(append(box, box.partition(), of(7340032 - 100))), "NONE");
  EXPECT_EQ(code(append(box, box.partition(), of(7340032))), "RECORD_LIST_TOO_LARGE");
}

TEST(Append, InternalTopicsAreNotForClients) {
  Box box;
  box.create("__consumer_offsets");
  const PartitionPtr p = box.partition("__consumer_offsets");
  EXPECT_EQ(code(append(box, p, batch_of(1))), "INVALID_TOPIC_EXCEPTION");
  EXPECT_EQ(code(append(box, p, batch_of(1), {.from_client = false})), "NONE");
}

TEST(Append, WhatAPoisonedJournalHoldsIsAnsweredWithStorageErrorAndHealthSaysWhy) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(1));
  const Answer waiting = send(box, box.partition(), batch_from(1, 0, 0));
  const Answer retry = send(box, box.partition(), batch_from(1, 0, 0));
  EXPECT_EQ(box.store->health().code, ErrorCode::None);
  box.journal->poison();
  ASSERT_TRUE(waiting->has_value() && retry->has_value());
  EXPECT_EQ(code(**waiting), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(code(**retry), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(box.store->health().code, ErrorCode::JournalPoisoned);
  EXPECT_EQ(code(append(box, box.partition(), batch_of(1))), "KAFKA_STORAGE_ERROR");
  EXPECT_EQ(box.partition()->high_watermark(), 1);  // and what was durable is still served
  EXPECT_EQ(read(box, box.partition(), 0).slices.size(), 1u);
  EXPECT_EQ(error_name(new_id(box).error.code), "KAFKA_STORAGE_ERROR");
}

TEST(Append, AfterADrainNothingIsAccepted) {
  Box box;
  box.create("t");
  const Answer waiting = send(box, box.partition(), batch_of(1));
  bool drained = false;
  box.store->drain([&] { drained = true; });
  EXPECT_TRUE(drained && waiting->has_value());
  EXPECT_EQ(error_name(append(box, box.partition(), batch_of(1)).error.code), "SHUTTING_DOWN");
}

TEST(Append, WhoDoesNotWaitIsAnsweredAtOnceAndTheBatchIsDurableLater) {
  Box box;
  box.create("t");
  const Answer answer = send(box, box.partition(), batch_of(1), {.completes_at_append = true});
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ(box.partition()->high_watermark(), 0);
  box.sync();
  EXPECT_EQ(box.partition()->high_watermark(), 1);
}

}  // namespace
}  // namespace ledge::store
