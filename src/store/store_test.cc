// SPDX-License-Identifier: Apache-2.0
// The store over a journal in memory, where the test says when a sync is done and when the power is cut.
#include "store/store.h"

#include <gtest/gtest.h>

#include <random>

#include "store/box_store.h"
#include "store/fake_world.h"

namespace ledge::store {
namespace {

constexpr WallMs kNow = 1'700'000'000'000;

/// A box that can be switched off and on.
class Box {
 public:
  Box() {
    disk.id.bytes[0] = 9;
    start();
  }
  ~Box() { store.reset(); }

  Result<void> try_start() {
    store.reset();
    journal = nullptr;
    auto opened = BoxStore::open(env(), options,
                                 [this](auto participants) -> Result<std::unique_ptr<journal::Journal>> {
                                   auto made = std::make_unique<FakeJournal>(disk, loop);
                                   TRY_VOID(made->recover(participants));
                                   journal = made.get();
                                   return made;
                                 });
    if (!opened) return std::unexpected(opened.error());
    store = *std::move(opened);
    return {};
  }
  void start() {
    const auto started = try_start();
    ASSERT_TRUE(started.has_value()) << started.error().text();
    sync();
  }
  /// What is not synced is gone.
  void cut_and_start() {
    store.reset();
    loop.posted.clear();
    start();
  }
  void sync() {
    journal->sync();
    loop.run();
  }
  os::Env env() { return {loop, net, random, worker, worker}; }

  /// Creates and syncs.
  Uuid create(std::string name, std::vector<std::pair<std::string, std::optional<std::string>>> configs = {},
              std::int32_t partitions = 1) {
    state::NewTopic request;
    request.name = std::move(name);
    request.partitions = partitions;
    request.configs = std::move(configs);
    Store::TopicCreated out;
    store->create_topics({request}, false, [&](auto answers) { out = answers.at(0); });
    sync();
    EXPECT_EQ(out.error.text(), Error{}.text());
    return out.topic.id;
  }
  PartitionPtr partition(std::string_view topic = "t", std::int32_t index = 0) {
    return store->partition(topic, index);
  }

  FakeDisk disk;
  FakeLoop loop;
  FakeRandom random;
  FakeWorker worker{loop};
  NoNet net;
  Options options;
  FakeJournal* journal = nullptr;
  std::unique_ptr<BoxStore> store;
};

struct Producer {
  std::int64_t id = -1;
  std::int16_t epoch = 0;
  std::int32_t sequence = 0;
};

Bytes batch(std::vector<std::int64_t> timestamps, kafka::BatchFields fields = {}, bool keys = true) {
  std::vector<kafka::NewRecord> records;
  for (const std::int64_t t : timestamps) {
    kafka::NewRecord record;
    if (keys) record.key = Bytes{'k'};
    record.value = Bytes(20, 'v');
    record.timestamp = t;
    records.push_back(std::move(record));
  }
  return kafka::build_batch(records, fields);
}
Bytes batch_of(std::size_t records) { return batch(std::vector<std::int64_t>(records, kNow)); }
Bytes batch_from(std::int64_t id, std::int16_t epoch, std::int32_t sequence, std::size_t records = 1) {
  kafka::BatchFields fields;
  fields.producer_id = id;
  fields.producer_epoch = epoch;
  fields.base_sequence = sequence;
  return batch(std::vector<std::int64_t>(records, kNow), fields);
}

/// An answer that may not have come yet.
using Answer = std::shared_ptr<std::optional<Appended>>;
Answer send(Box& box, const PartitionPtr& to, Bytes bytes, AppendOptions options = {}) {
  auto answer = std::make_shared<std::optional<Appended>>();
  box.store->append(to, SharedBytes::take(std::move(bytes)), options, [answer](Appended appended) {
    EXPECT_FALSE(answer->has_value()) << "answered twice";
    *answer = std::move(appended);
  });
  return answer;
}
Appended append(Box& box, const PartitionPtr& to, Bytes bytes, AppendOptions options = {}) {
  const Answer answer = send(box, to, std::move(bytes), options);
  box.sync();
  EXPECT_TRUE(answer->has_value());
  return answer->value_or(Appended{});
}
std::string_view code(const Appended& answer) { return error_name(answer.error.code); }

Read read(Box& box, const PartitionPtr& from, std::int64_t offset, std::uint64_t bytes_max = 1 << 20,
          bool first_whole = true) {
  std::optional<Read> out;
  box.store->read(from, offset, bytes_max, first_whole, Isolation::ReadUncommitted,
                  [&](Read r) { out = std::move(r); });
  box.loop.run();
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}
FoundOffset find(Box& box, const PartitionPtr& in, std::int64_t timestamp) {
  std::optional<FoundOffset> out;
  box.store->find_offset(in, timestamp, Isolation::ReadUncommitted,
                         [&](FoundOffset f) { out = std::move(f); });
  box.loop.run();
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}
ProducerId new_id(Box& box) {
  std::optional<ProducerId> out;
  box.store->new_producer_id([&](ProducerId id) { out = std::move(id); });
  box.sync();
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}

// --- appending

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

// --- idempotent producers

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

// --- topics

TEST(Topics, AreVisibleWhenTheyAreDurable) {
  Box box;
  state::NewTopic request;
  request.name = "t";
  bool answered = false;
  box.store->create_topics({request}, false, [&](auto) { answered = true; });
  EXPECT_FALSE(answered);
  EXPECT_EQ(box.store->topics().find("t"), nullptr);
  EXPECT_EQ(box.partition(), nullptr);
  box.sync();
  EXPECT_TRUE(answered);
  EXPECT_NE(box.partition(), nullptr);
}

TEST(Topics, ATopicWhoseRecordTheCutTookIsNotThere) {
  Box box;
  state::NewTopic request;
  request.name = "t";
  box.store->create_topics({request}, false, [](auto) { FAIL(); });
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("t"), nullptr);
  EXPECT_FALSE(box.create("t").is_zero());
}

TEST(Topics, EveryRequestIsAnsweredInItsPlace) {
  Box box;
  box.create("b");
  std::vector<state::NewTopic> requests(4);
  requests[0].name = "a";
  requests[1].name = "b";
  requests[2].name = "c";
  requests[2].partitions = 0;
  requests[3].name = "d";
  std::vector<Store::TopicCreated> answers;
  box.store->create_topics(requests, false, [&](auto a) { answers = std::move(a); });
  box.sync();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0].topic.name, "a");
  EXPECT_EQ(answers[1].error.code, ErrorCode::TopicAlreadyExists);
  EXPECT_EQ(answers[2].error.code, ErrorCode::InvalidPartitions);
  EXPECT_EQ(answers[3].topic.partitions, 1);
}

TEST(Topics, ValidatingCreatesNothing) {
  Box box;
  state::NewTopic request;
  request.name = "t";
  bool answered = false;
  box.store->create_topics({request}, true, [&](auto answers) {
    answered = true;
    EXPECT_EQ(answers[0].error.code, ErrorCode::None);
    EXPECT_EQ(answers[0].topic.partitions, 1);
  });
  EXPECT_TRUE(answered);
  box.sync();
  EXPECT_EQ(box.store->topics().find("t"), nullptr);
}

TEST(Topics, OneThatIsCreatedAnewHasAnotherIdAndAnEmptyLog) {
  Box box;
  const Uuid first = box.create("t");
  const PartitionPtr old = box.partition();
  append(box, old, batch_from(7, 0, 0));
  std::vector<Error> answers;
  int woken = 0;
  const auto waiter = box.store->wait(old, [&] { ++woken; });
  box.store->delete_topics({first, first, Uuid{}}, [&](auto a) { answers = std::move(a); });
  EXPECT_TRUE(old->deleted());
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(box.partition(), nullptr);
  EXPECT_TRUE(answers.empty());
  box.sync();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].code, ErrorCode::None);
  EXPECT_EQ(answers[1].code, ErrorCode::UnknownTopicId);
  EXPECT_EQ(answers[2].code, ErrorCode::UnknownTopicId);
  EXPECT_EQ(read(box, old, 0).error.code, ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(code(append(box, old, batch_of(1))), "UNKNOWN_TOPIC_OR_PARTITION");
  for (const bool restarted : {false, true}) {
    if (restarted) box.cut_and_start();
    const Uuid again = restarted ? box.partition()->topic_id() : box.create("t");
    EXPECT_NE(again, first);
    EXPECT_NE(box.partition()->incarnation(), old->incarnation());
    EXPECT_EQ(box.partition()->log_end(), 0);
    if (restarted) {
      EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 5)).base_offset, 0);
    }
  }
}

TEST(Topics, ADeletionThatTheCutTookDidNotHappen) {
  Box box;
  const Uuid id = box.create("t");
  append(box, box.partition(), batch_of(3));
  box.store->delete_topics({id}, [](auto) { FAIL(); });
  EXPECT_EQ(box.partition(), nullptr);
  box.cut_and_start();
  ASSERT_NE(box.partition(), nullptr);
  EXPECT_EQ(box.partition()->topic_id(), id);
  EXPECT_EQ(box.partition()->high_watermark(), 3);
}

// --- identity and leader epochs

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

// --- reading

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

// --- waiting

TEST(Waiting, TellsEveryWaiterOfItsPartitionUntilItEnds) {
  Box box;
  box.create("t", {}, 2);
  int a = 0;
  int b = 0;
  int other = 0;
  auto first = box.store->wait(box.partition(), [&] { ++a; });
  const auto second = box.store->wait(box.partition(), [&] { ++b; });
  const auto third = box.store->wait(box.partition("t", 1), [&] { ++other; });
  send(box, box.partition(), batch_of(1));
  EXPECT_EQ(a, 0);
  box.sync();
  EXPECT_EQ(a, 1);
  first.reset();
  append(box, box.partition(), batch_of(1));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  EXPECT_EQ(other, 0);
}

TEST(Waiting, AWaiterMayEndItselfAndOthersAndBeginNewOnes) {
  Box box;
  box.create("t");
  int calls = 0;
  std::vector<std::unique_ptr<Waiter>> waiters(3);
  std::vector<std::unique_ptr<Waiter>> late;
  for (auto& waiter : waiters) {
    waiter = box.store->wait(box.partition(), [&] {
      ++calls;
      for (auto& any : waiters) any.reset();
      late.push_back(box.store->wait(box.partition(), [&] { ++calls; }));
    });
  }
  append(box, box.partition(), batch_of(1));
  EXPECT_EQ(calls, 1);
  append(box, box.partition(), batch_of(1));
  EXPECT_EQ(calls, 2);
}

TEST(Waiting, AWaiterMayOutliveItsTopic) {
  Box box;
  const Uuid id = box.create("t");
  auto a = box.store->wait(box.partition(), [] {});
  auto b = box.store->wait(box.partition(), [] {});
  box.store->delete_topics({id}, [](auto) {});
  box.sync();
  a.reset();
  b.reset();
}

// --- recovery

/// Everything that clients and the link can see, as text.
std::string describe(Box& box) {
  std::string out = box.store->identity().cluster_id.text() + "\n";
  for (const state::TopicView* topic : box.store->topics().all()) {
    out += topic->name + " " + topic->id.text() + "\n";
    for (std::int32_t i = 0; i < topic->partitions; ++i) {
      const PartitionPtr p = box.store->partition(topic->id, i);
      out += " " + p->incarnation().text() + " " + std::to_string(p->log_start()) + " " +
             std::to_string(p->high_watermark()) + " " + std::to_string(p->log_end());
      for (std::int32_t e = 0; e < p->leader_epoch(); ++e)
        out += " " + std::to_string(p->epoch_end(e).epoch) + ":" + std::to_string(p->epoch_end(e).end_offset);
      out += "\n";
    }
  }
  return out;
}

/// The snapshot that the box would write, which holds producers too; without the newest boot.
Bytes producers_of(Box& box) {
  state::RecordWriter out;
  for (const state::TopicView* topic : box.store->topics().all()) {
    for (std::int32_t i = 0; i < topic->partitions; ++i) {
      const Log& log = *box.store->state().log(topic->id, i);
      if (log.producers() != nullptr) log.producers()->save(out, box.loop.instant);
    }
  }
  return out.take();
}

TEST(Recovery, GivesTheStateOfTheRunWhateverWasDone) {
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    std::mt19937 random{seed};
    const auto pick = [&](std::uint32_t n) { return random() % n; };
    Box box;
    std::vector<Uuid> ids;
    std::map<std::pair<std::string, std::int64_t>, std::int32_t> sequences;
    for (int step = 0; step < 150; ++step) {
      const auto all = box.store->topics().all();
      const std::uint32_t what = pick(20);
      if (what == 0 || all.empty()) {
        box.create("t" + std::to_string(step), {}, static_cast<std::int32_t>(1 + pick(3)));
      } else if (what == 1) {
        box.store->delete_topics({all[pick(static_cast<std::uint32_t>(all.size()))]->id}, [](auto) {});
        box.sync();
      } else if (what == 2) {
        new_id(box);
      } else if (what == 3) {
        box.journal->take_snapshot();
      } else if (what == 4) {
        const std::string before = describe(box);
        const Bytes producers = producers_of(box);
        box.cut_and_start();
        EXPECT_TRUE(describe(box).starts_with(before.substr(0, 23)));
        EXPECT_EQ(producers_of(box), producers) << "seed " << seed << " step " << step;
      } else {
        const state::TopicView* topic = all[pick(static_cast<std::uint32_t>(all.size()))];
        const std::int64_t producer = pick(4);
        auto& sequence = sequences[{topic->name, producer}];
        const auto n = 1 + pick(5);
        if (pick(6) == 0) sequence += 1;  // a gap, which is refused
        const Appended answer =
            append(box, box.store->partition(topic->id, 0), batch_from(producer, 0, sequence, n));
        if (answer.error.code == ErrorCode::None)
          sequence += static_cast<std::int32_t>(n);
        else
          sequence -= 1;
      }
    }
    // Two starts that see the same disk see the same, but for the epoch of the start itself.
    const Bytes producers = producers_of(box);
    const auto tops = box.store->topics().all().size();
    std::vector<std::int64_t> ends;
    for (const auto* topic : box.store->topics().all())
      for (std::int32_t i = 0; i < topic->partitions; ++i)
        ends.push_back(box.store->partition(topic->id, i)->high_watermark());
    box.cut_and_start();
    EXPECT_EQ(producers_of(box), producers) << "seed " << seed;
    EXPECT_EQ(box.store->topics().all().size(), tops);
    std::size_t at = 0;
    for (const auto* topic : box.store->topics().all())
      for (std::int32_t i = 0; i < topic->partitions; ++i)
        EXPECT_EQ(box.store->partition(topic->id, i)->high_watermark(), ends.at(at++));
    // With a snapshot or from the first record on: the same.
    const std::string from_snapshot = describe(box);
    box.disk.snapshot.reset();
    box.store.reset();
    box.loop.posted.clear();
    ASSERT_TRUE(box.try_start().has_value());
    EXPECT_EQ(producers_of(box), producers) << "seed " << seed;
  }
}

TEST(Recovery, ADamagedSnapshotIsAnErrorAndNoCrash) {
  Box box;
  box.create("t", {}, 2);
  append(box, box.partition(), batch_from(7, 0, 0));
  box.journal->take_snapshot();
  const FakeDisk good = box.disk;
  for (std::size_t n = 0; n < good.snapshot->parts[0].second.size(); ++n) {
    box.disk.snapshot->parts[0].second.resize(n);
    EXPECT_FALSE(box.try_start().has_value()) << n;
    box.disk = good;
  }
  for (std::size_t bit = 0; bit < good.snapshot->parts[0].second.size() * 8; ++bit) {
    box.disk.snapshot->parts[0].second[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    (void)box.try_start();
    box.disk = good;
  }
  ASSERT_TRUE(box.try_start().has_value());
}

TEST(Recovery, ARecordOfAnUnknownKindIsRefusedNotPassedOver) {
  Box box;
  journal::EntryHeader header;
  header.stream = kStateStream;
  header.first_offset = header.last_offset = box.store->state().next_record;
  box.disk.frames.push_back({{header, SharedBytes::take({99, 0, 1})}});
  EXPECT_EQ(box.try_start().error().code, ErrorCode::WrongFormatVersion);
}

TEST(Recovery, WhereRecordsAreLostTheRestIsServedAndNothingIsUsedTwice) {
  Box box;
  box.create("lost");
  box.create("kept");
  const std::uint64_t lost_stream = box.store->topics().find("lost")->streams[0];
  append(box, box.partition("lost"), batch_of(1));
  append(box, box.partition("kept"), batch_of(1));
  const std::int64_t id = new_id(box).id;
  box.cut_and_start();
  append(box, box.partition("kept"), batch_of(1));  // leader epoch 1
  const std::int32_t epoch = box.partition("kept")->leader_epoch();
  // The records of topic "lost", of the producer ids and of the second start are in a damaged part.
  std::erase_if(box.disk.frames, [&](const std::vector<journal::Entry>& frame) {
    const auto body = frame[0].body.view();
    const auto type = static_cast<state::RecordType>(body[0]);
    return frame[0].header.stream == kStateStream &&
           (type == state::RecordType::ProducerIdBlock || (type == state::RecordType::Boot && body[2] == 1) ||
            (type == state::RecordType::TopicCreated && as_text(body.subspan(3)).starts_with("lost")));
  });
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("lost"), nullptr);
  EXPECT_EQ(box.store->state().orphans(), 1u);
  ASSERT_NE(box.partition("kept"), nullptr);
  EXPECT_EQ(box.partition("kept")->high_watermark(), 2);
  EXPECT_GT(box.partition("kept")->leader_epoch(), epoch);
  EXPECT_GT(new_id(box).id, id);
  box.create("new");
  EXPECT_GT(box.store->topics().find("new")->streams[0], lost_stream);
}

}  // namespace
}  // namespace ledge::store
