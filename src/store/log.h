// SPDX-License-Identifier: Apache-2.0
// A partition as the store keeps it. Small: a box has thousands, most of them idle, so producers get a table
// with their first batch and waiters are a list that runs through the waiters themselves.
#pragma once

#include <functional>
#include <memory>

#include "journal/journal.h"
#include "state/producers.h"
#include "store/epochs.h"
#include "store/store.h"

namespace ledge::store {

/// A link in a ring; alone it points to itself.
struct Ring {
  Ring* before = this;
  Ring* after = this;

  Ring() = default;
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() { unlink(); }
  bool alone() const { return after == this; }
  void unlink();
  /// Takes this link to the end of the ring that begins at `head`.
  void join(Ring& head);
};

class Log final : public Partition, public std::enable_shared_from_this<Log> {
 public:
  Log(std::shared_ptr<const state::TopicView> topic, std::int32_t index);

  std::int32_t index() const override { return index_; }
  const Uuid& topic_id() const override { return topic_->id; }
  const Uuid& incarnation() const override { return topic_->incarnations[static_cast<std::size_t>(index_)]; }
  bool deleted() const override { return deleted_; }
  std::int64_t log_start() const override { return log_start_; }
  std::int64_t high_watermark() const override { return high_watermark_; }
  std::int64_t last_stable_offset() const override { return high_watermark_; }
  std::int64_t log_end() const override { return next_offset_; }
  std::uint64_t log_bytes() const override { return bytes_; }
  std::int32_t leader_epoch() const override { return leader_epoch_; }
  EpochEnd epoch_end(std::int32_t epoch) const override {
    return epochs_.end_of(epoch, leader_epoch_, high_watermark_);
  }
  std::int32_t epoch_of(std::int64_t offset) const override {
    return offset < log_start_ || offset >= next_offset_ ? -1 : epochs_.epoch_of(offset);
  }

  const state::TopicView& topic() const { return *topic_; }
  journal::StreamId stream() const {
    return journal::StreamId{topic_->streams[static_cast<std::size_t>(index_)]};
  }
  const Epochs& epochs() const { return epochs_; }
  const state::Producers* producers() const { return producers_.get(); }

  // --- changes, each also made by recovery

  /// The topic changed; it never loses partitions.
  void set_topic(std::shared_ptr<const state::TopicView> topic) { topic_ = std::move(topic); }
  /// A batch that is in the journal: moves the end, and what is derived from batches with it.
  void apply(const journal::EntryHeader& entry, const kafka::BatchHeader& batch, Instant now,
             const state::ProducerOptions& options);
  /// The start of the log moved; behind its end it moves that too.
  void apply_log_start(std::int64_t offset);
  void start_leading(std::int32_t leader_epoch) { leader_epoch_ = leader_epoch; }
  /// What the journal says after recovery; everything found there is durable.
  void recovered(const journal::StreamState& state);

  /// Everything below is durable. True when that is news.
  bool raise_high_watermark(std::int64_t offset);
  void mark_deleted() { deleted_ = true; }

  void add_waiter(Ring& waiter) { waiter.join(waiters_); }
  /// Calls every waiter that is there now; they may come and go, and wait for other things, meanwhile.
  void wake();

  void save(state::RecordWriter& out, Instant now) const;
  Result<void> load(state::RecordReader& in, Instant now);

 private:
  std::shared_ptr<const state::TopicView> topic_;
  std::int32_t index_;
  std::int32_t leader_epoch_ = 0;
  std::int64_t log_start_ = 0;
  std::int64_t high_watermark_ = 0;
  std::int64_t next_offset_ = 0;
  std::uint64_t bytes_ = 0;
  Epochs epochs_;
  std::unique_ptr<state::Producers> producers_;
  Ring waiters_;
  bool deleted_ = false;
};

class LogWaiter final : public Waiter, public Ring {
 public:
  LogWaiter(Log& log, std::function<void()> changed) : call(std::move(changed)) { log.add_waiter(*this); }
  std::function<void()> call;
};

}  // namespace ledge::store
