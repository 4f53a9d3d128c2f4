// SPDX-License-Identifier: Apache-2.0
// A store in memory for the handlers' tests: batches become durable and reads are answered when the test says
// so.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace ledge::broker::testing {

class MemoryFile final : public os::File {
 public:
  Bytes bytes;
  Result<std::size_t> read_at(std::uint64_t position, MutableBytes into) const override {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(position), into.size(), into.begin());
    return into.size();
  }
  Result<std::size_t> read_cached(std::uint64_t position, MutableBytes into) const override {
    return read_at(position, into);
  }
  bool is_cached(std::uint64_t, std::uint64_t) const override { return true; }
  Result<void> write_at(std::uint64_t, std::span<const ByteView>) override { return {}; }
  Result<void> sync() override { return {}; }
  Result<void> allocate(std::uint64_t) override { return {}; }
  Result<void> truncate(std::uint64_t) override { return {}; }
  Result<std::uint64_t> size() const override { return bytes.size(); }
  int descriptor() const override { return -1; }
};

class FakeJournal final : public journal::Journal {
 public:
  std::shared_ptr<MemoryFile> file = std::make_shared<MemoryFile>();
  int loads = 0, warms = 0;

  Uuid id() const override { return {}; }
  Result<void> append(std::vector<journal::Entry>, journal::Durable) override { return {}; }
  std::uint64_t pending_bytes() const override { return 0; }
  journal::StreamState stream(journal::StreamId) const override { return {}; }
  void read(journal::StreamId, std::int64_t, std::uint64_t, SlicesRead) override {}
  void find_by_timestamp(journal::StreamId, std::int64_t, std::int64_t, SliceFound) override {}
  void find_max_timestamp(journal::StreamId, SliceFound) override {}
  void load(std::vector<journal::Slice> slices, BytesRead done) override {
    ++loads;
    Bytes out;
    for (const journal::Slice& slice : slices) {
      const auto from = file->bytes.begin() + static_cast<std::ptrdiff_t>(slice.bytes.position);
      out.insert(out.end(), from, from + slice.bytes.length);
    }
    done(SharedBytes::take(std::move(out)));
  }
  void warm(const std::vector<journal::Slice>&, os::Callback done) override {
    ++warms;
    done();
  }
  void on_poisoned(std::function<void(const Error&)>) override {}
  void drain(os::Callback done) override { done(); }
  journal::Stats stats() const override { return {}; }
};

class FakePartition final : public store::Partition {
 public:
  std::int32_t number = 0;
  Uuid topic;
  std::int64_t start = 0, end = 0, durable = 0;
  std::int32_t epoch = 0;
  std::vector<journal::Slice> slices;
  bool gone = false;

  std::int32_t index() const override { return number; }
  const Uuid& topic_id() const override { return topic; }
  const Uuid& incarnation() const override { return topic; }
  bool deleted() const override { return gone; }
  std::int64_t log_start() const override { return start; }
  std::int64_t high_watermark() const override { return durable; }
  std::int64_t last_stable_offset() const override { return durable; }
  std::int64_t log_end() const override { return end; }
  std::uint64_t log_bytes() const override {
    std::uint64_t bytes = 0;
    for (const journal::Slice& slice : slices) bytes += slice.bytes.length;
    return bytes;
  }
  std::int32_t leader_epoch() const override { return epoch; }
  EpochEnd epoch_end(std::int32_t asked) const override {
    return asked < epoch ? EpochEnd{asked, start} : EpochEnd{};
  }
  std::int32_t epoch_of(std::int64_t offset) const override { return offset < end ? epoch : -1; }
};

class FakeStore final : public store::Store {
 public:
  FakeStore() { identity_.cluster_id.bytes[0] = 7; }

  Error unsettled;  // what becomes of decisions that are not durable
  std::map<std::string, state::TopicView> topic_views;
  std::map<Uuid, std::vector<std::shared_ptr<FakePartition>>> partitions;
  FakeJournal fake_journal;
  bool hold_appends = false;  // until sync()
  bool hold_reads = false;    // until answer_reads()
  std::vector<store::AppendOptions> append_options;
  Error append_error;                                     // what the next append fails with
  std::vector<state::MorePartitions> partition_requests;  // the last ones
  std::vector<state::ConfigChange> config_requests;
  std::vector<state::ActiveProducer> active_producers;
  std::int64_t next_producer_id = 1000;

  void add_topic(const std::string& name, std::int32_t count) {
    state::TopicView view;
    view.name = name;
    view.id.bytes = {0x40, static_cast<std::uint8_t>(++ids_)};
    view.partitions = count;
    for (std::int32_t i = 0; i < count; ++i) {
      auto partition = std::make_shared<FakePartition>();
      partition->number = i;
      partition->topic = view.id;
      partitions[view.id].push_back(std::move(partition));
    }
    topic_views[name] = view;
    topics_.changed(true);
  }
  FakePartition& at(const std::string& topic, std::int32_t index) {
    return *partitions.at(topic_views.at(topic).id).at(static_cast<std::size_t>(index));
  }
  void changed(const FakePartition& partition) {
    for (const auto& [key, call] : std::multimap(waiters_)) {
      if (key == &partition) call();
    }
  }
  std::size_t waiters() const { return waiters_.size(); }
  void sync() {
    for (auto& done : std::exchange(held_appends_, {})) done();
  }
  void answer_reads() {
    for (auto& done : std::exchange(held_reads_, {})) done();
  }

  // store::Store
  const store::Identity& identity() const override { return identity_; }
  journal::Journal& journal() override { return fake_journal; }
  const state::Topics& topics() const override { return topics_; }
  store::PartitionPtr partition(const Uuid& id, std::int32_t index) override {
    const auto found = partitions.find(id);
    if (found == partitions.end() || index < 0 || index >= static_cast<std::int32_t>(found->second.size()))
      return nullptr;
    return found->second[static_cast<std::size_t>(index)];
  }
  store::PartitionPtr partition(std::string_view topic, std::int32_t index) override {
    const auto found = topic_views.find(std::string{topic});
    return found == topic_views.end() ? nullptr : partition(found->second.id, index);
  }
  void create_topics(std::vector<state::NewTopic> requests, bool validate_only, TopicsCreated done) override {
    std::vector<TopicCreated> out;
    for (const state::NewTopic& request : requests) {
      if (topic_views.contains(request.name)) {
        out.push_back({{ErrorCode::TopicAlreadyExists, "Topic '" + request.name + "' already exists."}, {}});
        continue;
      }
      if (request.partitions == 0) {
        out.push_back({{ErrorCode::InvalidPartitions, "none"}, {}});
        continue;
      }
      add_topic(request.name, std::max(request.partitions, 1));
      state::TopicView view = topic_views[request.name];
      for (const auto& [key, value] : request.configs) view.overrides[key] = value.value_or("");
      topic_views[request.name] = view;
      topics_.changed(true);
      out.push_back({{}, view});
      if (validate_only) erase(view.id);
    }
    done(std::move(out));
  }
  void add_partitions(std::vector<state::MorePartitions> requests, bool, TopicsChanged done) override {
    done(std::vector<Error>(requests.size()));
    partition_requests = std::move(requests);
  }
  void change_configs(std::vector<state::ConfigChange> requests, bool, TopicsChanged done) override {
    done(std::vector<Error>(requests.size()));
    config_requests = std::move(requests);
  }
  void delete_records(const store::PartitionPtr& from, std::int64_t before, RecordsDeleted done) override {
    auto& partition = static_cast<FakePartition&>(*from);
    if (before > partition.durable) return done({ErrorCode::OffsetOutOfRange, ""}, -1);
    partition.start = std::max(partition.start, before);
    done({}, partition.start);
  }
  std::vector<state::ActiveProducer> producers(const store::PartitionPtr&) const override {
    return active_producers;
  }
  void delete_topics(std::vector<Uuid> ids, TopicsDeleted done) override {
    for (const Uuid& id : ids) erase(id);
    done(std::vector<Error>(ids.size()));
  }
  void when_settled(Settled done) override { done(unsettled); }
  void append(const store::PartitionPtr& to, SharedBytes batch, const store::AppendOptions& options,
              store::AppendDone done) override {
    append_options.push_back(options);
    auto& partition = static_cast<FakePartition&>(*to);
    if (append_error.code != ErrorCode::None) {
      return done(
          {.error = std::exchange(append_error, {}), .log_start = partition.start, .record_errors = {}});
    }
    const auto header = kafka::read_batch_header(batch.view());
    const std::int64_t base = partition.end;
    partition.end += header->last_offset_delta + 1;
    kafka::set_base_offset(batch.mutable_view(), base);
    Bytes& file = fake_journal.file->bytes;
    partition.slices.push_back({{fake_journal.file, file.size(), static_cast<std::uint32_t>(batch.size())},
                                base,
                                partition.end - 1});
    file.insert(file.end(), batch.view().begin(), batch.view().end());
    auto finish = [this, to, end = partition.end, base, done = std::move(done)]() mutable {
      auto& p = static_cast<FakePartition&>(*to);
      p.durable = end;
      done({.error = {}, .base_offset = base, .log_start = p.start, .record_errors = {}});
      changed(p);
    };
    hold_appends ? held_appends_.push_back(std::move(finish)) : finish();
  }
  void read(const store::PartitionPtr& from, std::int64_t offset, std::uint64_t bytes_max, bool first_whole,
            store::Isolation, store::ReadDone done) override {
    const auto& partition = static_cast<const FakePartition&>(*from);
    store::Read out{.error = {},
                    .slices = {},
                    .high_watermark = partition.durable,
                    .last_stable_offset = partition.durable,
                    .log_start = partition.start};
    std::uint64_t bytes = 0;
    for (const journal::Slice& slice : partition.slices) {
      if (slice.last_offset < offset || slice.last_offset >= partition.durable) continue;
      bytes += slice.bytes.length;
      if (bytes > bytes_max && !(first_whole && out.slices.empty())) break;
      out.slices.push_back(slice);
    }
    auto finish = [out = std::move(out), done = std::move(done)]() mutable { done(std::move(out)); };
    hold_reads ? held_reads_.push_back(std::move(finish)) : finish();
  }
  void find_offset(const store::PartitionPtr& from, std::int64_t timestamp, store::Isolation,
                   store::OffsetFound done) override {
    const auto& partition = static_cast<const FakePartition&>(*from);
    if (partition.end == 0) return done({});
    done({.error = {},
          .offset = timestamp == -3 ? partition.end - 1 : 0,
          .timestamp = 77,
          .leader_epoch = partition.epoch});
  }
  std::unique_ptr<store::Waiter> wait(const store::PartitionPtr& on, std::function<void()> changed) override {
    return std::make_unique<FakeWaiter>(*this, static_cast<FakePartition*>(on.get()), std::move(changed));
  }
  void new_producer_id(std::move_only_function<void(store::ProducerId)> done) override {
    done({.error = {}, .id = next_producer_id++, .epoch = 0});
  }
  state::GroupCoordinator& groups() override { return groups_; }
  void make_offsets_topic() override { offsets_topic_wanted = true; }
  bool offsets_topic_wanted = false;
  /// With `hold_group_records` they reach the disk, or do not, in write_group_records().
  bool hold_group_records = false;
  Error group_records_error;  // what every write of them fails with, at once
  void write_group_records(const Error& error) {
    for (auto& [records, done] : std::exchange(held_group_records_, {})) {
      if (error.code == ErrorCode::None) apply(records);
      done(error);
    }
  }
  void append_group_records(std::vector<state::GroupRecord> records, GroupRecordsWritten done) override {
    if (hold_group_records) return held_group_records_.push_back({std::move(records), std::move(done)});
    if (group_records_error.code == ErrorCode::None) apply(records);
    done(group_records_error);
  }
  void apply(const std::vector<state::GroupRecord>& records) {
    for (const state::GroupRecord& record : records)
      EXPECT_TRUE(groups_.apply(record.key,
                                record.value ? std::optional<ByteView>{*record.value} : std::nullopt, false,
                                Instant{}));
  }
  std::int64_t metadata_end() const override { return 42; }
  std::uint64_t pending_bytes() const override { return 0; }
  void when_ready(os::Callback done) override { done(); }
  Error health() const override { return {}; }
  void drain(os::Callback done) override { done(); }
  Stats stats() const override { return {}; }

 private:
  class Topics final : public state::Topics {
   public:
    explicit Topics(FakeStore& store) : store_(store) {}
    const state::TopicView* find(std::string_view name) const override {
      const auto found = store_.topic_views.find(std::string{name});
      return found == store_.topic_views.end() ? nullptr : &found->second;
    }
    const state::TopicView* find(const Uuid& id) const override {
      for (const auto& [name, view] : store_.topic_views) {
        if (view.id == id) return &view;
      }
      return nullptr;
    }
    std::vector<const state::TopicView*> all() const override {
      std::vector<const state::TopicView*> out;
      for (const auto& [name, view] : store_.topic_views) out.push_back(&view);
      return out;
    }
    const state::TopicDefaults& defaults() const override { return defaults_; }
    using state::Topics::changed;

   private:
    FakeStore& store_;
    state::TopicDefaults defaults_;
  };
  class FakeWaiter final : public store::Waiter {
   public:
    FakeWaiter(FakeStore& store, FakePartition* on, std::function<void()> changed)
        : store_(store), place_(store.waiters_.emplace(on, std::move(changed))) {}
    ~FakeWaiter() override { store_.waiters_.erase(place_); }

   private:
    FakeStore& store_;
    std::multimap<const FakePartition*, std::function<void()>>::iterator place_;
  };
  void erase(const Uuid& id) {
    for (const auto& partition : partitions[id]) {
      partition->gone = true;
      changed(*partition);
    }
    partitions.erase(id);
    std::erase_if(topic_views, [&](const auto& entry) { return entry.second.id == id; });
    topics_.changed(false);
  }

  store::Identity identity_;
  Topics topics_{*this};
  int ids_ = 0;
  std::vector<std::pair<std::vector<state::GroupRecord>, GroupRecordsWritten>> held_group_records_;
  state::GroupCoordinator groups_{
      {.group = {.initial_rebalance_delay_ms = 0}}, topics_, [this] { return std::to_string(++ids_); }};
  std::multimap<const FakePartition*, std::function<void()>> waiters_;
  std::deque<std::move_only_function<void()>> held_appends_, held_reads_;
};

}  // namespace ledge::broker::testing
