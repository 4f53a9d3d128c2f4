// SPDX-License-Identifier: Apache-2.0
// The store over a journal in memory, where the test says when a sync is done and when the power is cut.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/box_store.h"
#include "store/fake_world.h"
#include "store/store.h"

namespace ledge::store::testing {

inline constexpr WallMs kNow = 1'700'000'000'000;

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

inline Bytes batch(std::vector<std::int64_t> timestamps, kafka::BatchFields fields = {}, bool keys = true) {
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
inline Bytes batch_of(std::size_t records) { return batch(std::vector<std::int64_t>(records, kNow)); }
inline Bytes batch_from(std::int64_t id, std::int16_t epoch, std::int32_t sequence, std::size_t records = 1) {
  kafka::BatchFields fields;
  fields.producer_id = id;
  fields.producer_epoch = epoch;
  fields.base_sequence = sequence;
  return batch(std::vector<std::int64_t>(records, kNow), fields);
}

/// An answer that may not have come yet.
using Answer = std::shared_ptr<std::optional<Appended>>;
inline Answer send(Box& box, const PartitionPtr& to, Bytes bytes, AppendOptions options = {}) {
  auto answer = std::make_shared<std::optional<Appended>>();
  box.store->append(to, SharedBytes::take(std::move(bytes)), options, [answer](Appended appended) {
    EXPECT_FALSE(answer->has_value()) << "answered twice";
    *answer = std::move(appended);
  });
  return answer;
}
inline Appended append(Box& box, const PartitionPtr& to, Bytes bytes, AppendOptions options = {}) {
  const Answer answer = send(box, to, std::move(bytes), options);
  box.sync();
  EXPECT_TRUE(answer->has_value());
  return answer->value_or(Appended{});
}
inline std::string_view code(const Appended& answer) { return error_name(answer.error.code); }

inline Read read(Box& box, const PartitionPtr& from, std::int64_t offset, std::uint64_t bytes_max = 1 << 20,
                 bool first_whole = true) {
  std::optional<Read> out;
  box.store->read(from, offset, bytes_max, first_whole, Isolation::ReadUncommitted,
                  [&](Read r) { out = std::move(r); });
  box.loop.run();
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}
inline FoundOffset find(Box& box, const PartitionPtr& in, std::int64_t timestamp) {
  std::optional<FoundOffset> out;
  box.store->find_offset(in, timestamp, Isolation::ReadUncommitted,
                         [&](FoundOffset f) { out = std::move(f); });
  box.loop.run();
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}
inline ProducerId new_id(Box& box) {
  std::optional<ProducerId> out;
  box.store->new_producer_id([&](ProducerId id) { out = std::move(id); });
  box.sync();
  EXPECT_TRUE(out.has_value());
  return std::move(*out);
}

}  // namespace ledge::store::testing
