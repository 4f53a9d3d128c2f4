// SPDX-License-Identifier: Apache-2.0
#include "store/log.h"

#include <algorithm>

#include "base/check.h"

namespace ledge::store {
namespace {

constexpr std::uint8_t kSnapshotVersion = 1;  // 0 has no bytes

}  // namespace

void Ring::unlink() {
  before->after = after;
  after->before = before;
  before = after = this;
}

void Ring::join(Ring& head) {
  unlink();
  before = head.before;
  after = &head;
  before->after = this;
  head.before = this;
}

Log::Log(std::shared_ptr<const state::TopicView> topic, std::int32_t index)
    : topic_(std::move(topic)), index_(index) {
  CHECK(index_ >= 0 && index_ < topic_->partitions);
}

void Log::apply(const journal::EntryHeader& entry, const kafka::BatchHeader& batch, Instant now,
                const state::ProducerOptions& options) {
  CHECK(entry.first_offset >= next_offset_ && entry.last_offset >= entry.first_offset);
  epochs_.note(entry.leader_epoch, entry.first_offset);
  next_offset_ = entry.last_offset + 1;
  bytes_ += batch.total_bytes();
  if (batch.producer_id < 0 || batch.control()) return;
  if (!producers_) producers_ = std::make_unique<state::Producers>();
  producers_->apply(batch, now, options);
}

void Log::apply_log_start(std::int64_t offset) {
  if (offset <= log_start_) return;
  // What went is not looked at: its batches are taken to be as large as those that stay.
  const std::int64_t left = std::max<std::int64_t>(next_offset_ - offset, 0);
  if (next_offset_ > log_start_)
    bytes_ = static_cast<std::uint64_t>(static_cast<double>(bytes_) * static_cast<double>(left) /
                                        static_cast<double>(next_offset_ - log_start_));
  log_start_ = offset;
  next_offset_ = std::max(next_offset_, offset);
}

void Log::recovered(const journal::StreamState& state) {
  apply_log_start(state.log_start);
  next_offset_ = std::max(next_offset_, state.next_offset);
  high_watermark_ = next_offset_;
}

bool Log::raise_high_watermark(std::int64_t offset) {
  CHECK(offset <= next_offset_);
  if (offset <= high_watermark_) return false;
  high_watermark_ = offset;
  return true;
}

void Log::wake() {
  const std::shared_ptr<Log> keep = shared_from_this();
  Ring now;  // those who join while others are called are not called
  if (!waiters_.alone()) {
    now.join(waiters_);
    waiters_.unlink();
  }
  while (!now.alone()) {
    auto& waiter = static_cast<LogWaiter&>(*now.after);
    waiter.join(waiters_);
    const std::function<void()> call = waiter.call;  // outlives the waiter, if it ends itself
    call();
  }
}

void Log::save(state::RecordWriter& out, Instant now) const {
  out.le(kSnapshotVersion);
  out.le(log_start_);
  out.le(next_offset_);
  out.le(bytes_);
  out.uvarlong(epochs_.entries().size());
  for (const Epochs::Entry& entry : epochs_.entries()) {
    out.le(entry.epoch);
    out.le(entry.start_offset);
  }
  static const state::Producers kNone;
  (producers_ ? *producers_ : kNone).save(out, now);
}

Result<void> Log::load(state::RecordReader& in, Instant now) {
  const auto version = in.le<std::uint8_t>();
  if (version != 0) TRY_VOID(state::expect_version(version, kSnapshotVersion, "snapshot of a partition"));
  log_start_ = in.le<std::int64_t>();
  next_offset_ = in.le<std::int64_t>();
  if (version > 0) bytes_ = in.le<std::uint64_t>();
  std::int64_t start_before = -1;
  for (std::size_t n = in.count(sizeof(std::int32_t) + sizeof(std::int64_t)); n > 0; --n) {
    const auto epoch = in.le<std::int32_t>();
    const auto start = in.le<std::int64_t>();
    if (epoch <= epochs_.newest() || start <= start_before || start >= next_offset_)
      return fail(ErrorCode::Malformed, "snapshot of a partition: leader epochs");
    epochs_.note(epoch, start);
    start_before = start;
  }
  if (!in.ok() || log_start_ < 0 || next_offset_ < log_start_)
    return fail(ErrorCode::Malformed, "snapshot of a partition: offsets");
  auto producers = std::make_unique<state::Producers>();
  TRY_VOID(producers->load(in, now));
  if (producers->size() > 0) producers_ = std::move(producers);
  return {};
}

}  // namespace ledge::store
