// SPDX-License-Identifier: Apache-2.0
#include "state/producers.h"

#include <gtest/gtest.h>

namespace ledge::state {
namespace {

using Kind = ProducerDecision::Kind;

/// A log whose batches get the next offsets, as a partition gives them.
struct Log {
  kafka::BatchHeader batch(std::int64_t id, std::int16_t epoch, std::int32_t sequence,
                           std::int32_t records = 1) const {
    kafka::BatchHeader h;
    h.base_offset = next;
    h.producer_id = id;
    h.producer_epoch = epoch;
    h.base_sequence = sequence;
    h.records = records;
    h.last_offset_delta = records - 1;
    h.max_timestamp = 1000 + next;
    return h;
  }
  /// What happens to the batch: "accept", "duplicate of 3..5 at 1003", or the error's name.
  std::string send(std::int64_t id, std::int16_t epoch, std::int32_t sequence, std::int32_t records = 1) {
    const kafka::BatchHeader h = batch(id, epoch, sequence, records);
    const ProducerDecision decision = producers.decide(h, now, options);
    if (decision.kind == Kind::Refuse) return std::string{error_name(decision.error.code)};
    if (decision.kind == Kind::Duplicate)
      return "duplicate of " + std::to_string(decision.base_offset) + ".." +
             std::to_string(decision.last_offset) + " at " + std::to_string(decision.max_timestamp);
    producers.apply(h, now, options);
    next += records;
    return "accept";
  }

  Producers producers;
  ProducerOptions options;
  Instant now{1000};
  std::int64_t next = 0;
};

TEST(Producers, AcceptsSequencesInOrderAndRefusesGaps) {
  Log log;
  EXPECT_EQ(log.send(5, 0, 0, 3), "accept");
  EXPECT_EQ(log.send(5, 0, 3, 2), "accept");
  EXPECT_EQ(log.send(5, 0, 6), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  EXPECT_EQ(log.send(5, 0, 4), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  EXPECT_EQ(log.send(5, 0, 5), "accept");
}

TEST(Producers, AnswersARetryOfOneOfTheLastFiveBatchesWithItsOffset) {
  Log log;
  for (std::int32_t i = 0; i < 6; ++i) EXPECT_EQ(log.send(5, 0, 2 * i, 2), "accept");
  EXPECT_EQ(log.send(5, 0, 10, 2), "duplicate of 10..11 at 1010");
  EXPECT_EQ(log.send(5, 0, 2, 2), "duplicate of 2..3 at 1002");
  EXPECT_EQ(log.send(5, 0, 0, 2), "OUT_OF_ORDER_SEQUENCE_NUMBER");   // the sixth from the end
  EXPECT_EQ(log.send(5, 0, 10, 1), "OUT_OF_ORDER_SEQUENCE_NUMBER");  // not the same batch
}

TEST(Producers, FencesOlderEpochsAndStartsNewOnesAtZero) {
  Log log;
  EXPECT_EQ(log.send(5, 2, 0), "accept");
  EXPECT_EQ(log.send(5, 1, 1), "INVALID_PRODUCER_EPOCH");
  EXPECT_EQ(log.send(5, 3, 1), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  EXPECT_EQ(log.send(5, 3, 0), "accept");
  EXPECT_EQ(log.send(5, 2, 0), "INVALID_PRODUCER_EPOCH");  // also what was in the old epoch's window
  EXPECT_EQ(log.send(5, 3, 0), "duplicate of 1..1 at 1001");
}

TEST(Producers, AnUnknownProducerMayStartAnywhere) {
  Log log;
  EXPECT_EQ(log.send(5, 7, 1234), "accept");
  EXPECT_EQ(log.send(5, 7, 1235), "accept");
}

TEST(Producers, SequencesWrapBehindTheLargest) {
  Log log;
  EXPECT_EQ(log.send(5, 0, INT32_MAX - 1, 1), "accept");
  EXPECT_EQ(log.send(5, 0, INT32_MAX, 3), "accept");  // INT32_MAX, 0, 1
  EXPECT_EQ(log.send(5, 0, INT32_MAX, 3), "duplicate of 1..3 at 1001");
  EXPECT_EQ(log.send(5, 0, 2), "accept");
  Log exact;
  EXPECT_EQ(exact.send(5, 0, INT32_MAX), "accept");
  EXPECT_EQ(exact.send(5, 0, 0), "accept");
}

TEST(Producers, ProducersDoNotDisturbEachOther) {
  Log log;
  EXPECT_EQ(log.send(9, 0, 0), "accept");
  EXPECT_EQ(log.send(3, 0, 0), "accept");
  EXPECT_EQ(log.send(6, 0, 0), "accept");
  EXPECT_EQ(log.send(3, 0, 1), "accept");
  EXPECT_EQ(log.send(9, 0, 0), "duplicate of 0..0 at 1000");
  EXPECT_EQ(log.send(6, 0, 2), "OUT_OF_ORDER_SEQUENCE_NUMBER");
}

TEST(Producers, AProducerThatWasSilentForTooLongIsForgotten) {
  Log log;
  log.options.expiration = 10s;
  EXPECT_EQ(log.send(5, 0, 0), "accept");
  log.now = log.now + 10s;
  EXPECT_EQ(log.send(5, 0, 0), "duplicate of 0..0 at 1000");
  log.now = log.now + 1ms;
  EXPECT_EQ(log.send(5, 0, 77), "accept");
  EXPECT_EQ(log.send(5, 0, 0), "OUT_OF_ORDER_SEQUENCE_NUMBER");  // the old window is gone as well
}

TEST(Producers, WhenThereIsNoRoomTheLongestSilentIsForgotten) {
  Log log;
  log.options.producers_max = 100;
  for (std::int64_t id = 0; id < 100; ++id) {
    log.now = log.now + 1ms;
    EXPECT_EQ(log.send(id, 0, 0), "accept");
  }
  log.now = log.now + 1ms;
  EXPECT_EQ(log.send(0, 0, 1), "accept");  // now the youngest
  EXPECT_EQ(log.send(1000, 0, 0), "accept");
  EXPECT_LE(log.producers.size(), 100u);
  EXPECT_GE(log.producers.size(), 90u);
  EXPECT_EQ(log.send(0, 0, 5), "OUT_OF_ORDER_SEQUENCE_NUMBER");   // kept
  EXPECT_EQ(log.send(99, 0, 5), "OUT_OF_ORDER_SEQUENCE_NUMBER");  // kept
  EXPECT_EQ(log.send(1, 0, 5), "accept");                         // forgotten
}

TEST(Producers, AFloodOfNewProducersStaysWithinTheBound) {
  Log log;
  log.options.producers_max = 1000;
  for (std::int64_t id = 0; id < 20000; ++id) {
    ASSERT_EQ(log.send(id * 7919 % 20011, 0, 0), "accept");
    ASSERT_LE(log.producers.size(), 1000u);
  }
  EXPECT_LE(log.producers.memory_bytes(), 2000u * 200u);
}

TEST(Producers, ASnapshotKeepsWindowsAndSilence) {
  Log log;
  log.options.expiration = 10s;
  EXPECT_EQ(log.send(5, 0, 0, 3), "accept");
  log.now = log.now + 4s;
  EXPECT_EQ(log.send(8, 1, 0), "accept");
  RecordWriter out;
  log.producers.save(out, log.now);

  Log copy;
  copy.options = log.options;
  copy.now = Instant{77};  // another boot's clock
  copy.next = log.next;
  RecordReader in{out.view()};
  ASSERT_TRUE(copy.producers.load(in, copy.now).has_value());
  EXPECT_TRUE(in.finish("producers").has_value());
  EXPECT_EQ(copy.send(5, 0, 0, 3), "duplicate of 0..2 at 1000");
  EXPECT_EQ(copy.send(5, 0, 9), "OUT_OF_ORDER_SEQUENCE_NUMBER");
  copy.now = copy.now + 7s;
  EXPECT_EQ(copy.send(5, 0, 9), "accept");  // silent for 4 + 7 s
  EXPECT_EQ(copy.send(8, 1, 9), "OUT_OF_ORDER_SEQUENCE_NUMBER");
}

TEST(Producers, ADamagedSnapshotIsAnError) {
  Log log;
  EXPECT_EQ(log.send(5, 0, 0, 3), "accept");
  EXPECT_EQ(log.send(6, 0, 0, 3), "accept");
  RecordWriter out;
  log.producers.save(out, log.now);
  for (std::size_t n = 0; n < out.size(); ++n) {
    Producers copy;
    RecordReader in{out.view().first(n)};
    EXPECT_FALSE(copy.load(in, log.now).has_value()) << n;
  }
  Bytes bad{out.view().begin(), out.view().end()};
  bad[0] = 9;
  Producers copy;
  RecordReader in{bad};
  EXPECT_EQ(copy.load(in, log.now).error().code, ErrorCode::WrongFormatVersion);
}

}  // namespace
}  // namespace ledge::state
