// SPDX-License-Identifier: Apache-2.0
#include "state/producers.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"

namespace ledge::state {
namespace {

constexpr std::uint8_t kSnapshotVersion = 0;
constexpr std::int64_t kSequences = std::int64_t{INT32_MAX} + 1;  // behind the largest comes 0

std::int32_t sequence_after(std::int32_t sequence, std::int64_t steps) {
  return static_cast<std::int32_t>((sequence + steps) % kSequences);
}

}  // namespace

std::int32_t Producers::Batch::delta() const {
  const std::int64_t distance = std::int64_t{last_sequence} - first_sequence;
  return static_cast<std::int32_t>(distance >= 0 ? distance : distance + kSequences);
}

const Producers::Producer* Producers::find(std::int64_t id) const {
  const auto at = std::ranges::lower_bound(producers_, id, {}, &Producer::id);
  return at != producers_.end() && at->id == id ? &*at : nullptr;
}

ProducerDecision Producers::decide(const kafka::BatchHeader& batch, Instant now,
                                   const ProducerOptions& options) const {
  CHECK(batch.producer_id >= 0 && batch.base_sequence >= 0 && batch.last_offset_delta >= 0);
  using Kind = ProducerDecision::Kind;
  const Producer* known = find(batch.producer_id);
  // An unknown producer may begin anywhere: its earlier batches may have been deleted, or it expired.
  if (known == nullptr || now - known->last_seen > options.expiration) return {};

  const std::int32_t first = batch.base_sequence;
  const std::int32_t last = sequence_after(first, batch.last_offset_delta);
  if (batch.producer_epoch == known->epoch) {
    for (std::size_t i = 0; i < known->batch_count; ++i) {
      const Batch& b = known->batches[i];
      if (b.first_sequence == first && b.last_sequence == last)
        return {Kind::Duplicate, {}, b.last_offset - b.delta(), b.last_offset, b.max_timestamp};
    }
  }
  if (batch.producer_epoch < known->epoch)
    return {.kind = Kind::Refuse,
            .error = {ErrorCode::InvalidProducerEpoch,
                      fmt::format("Epoch of producer {} is {}, which is smaller than the last seen epoch {}",
                                  batch.producer_id, batch.producer_epoch, known->epoch)}};
  if (batch.producer_epoch > known->epoch) {
    if (first == 0) return {};
    return {.kind = Kind::Refuse,
            .error = {ErrorCode::OutOfOrderSequenceNumber,
                      fmt::format("Invalid sequence number for new epoch of producer {}: {} (request epoch), "
                                  "{} (seq. number), {} (current producer epoch)",
                                  batch.producer_id, batch.producer_epoch, first, known->epoch)}};
  }
  if (known->batch_count == 0 || first == sequence_after(known->last().last_sequence, 1)) return {};
  return {.kind = Kind::Refuse,
          .error = {ErrorCode::OutOfOrderSequenceNumber,
                    fmt::format("Out of order sequence number for producer {}: {} (incoming seq. number), {} "
                                "(current end sequence number)",
                                batch.producer_id, first, known->last().last_sequence)}};
}

void Producers::apply(const kafka::BatchHeader& batch, Instant now, const ProducerOptions& options) {
  if (find(batch.producer_id) == nullptr) {
    if (producers_.size() >= std::min(sweep_at_, options.producers_max)) make_room(now, options);
    if (producers_.empty()) producers_.reserve(1);  // most partitions have one producer
  }
  auto at = std::ranges::lower_bound(producers_, batch.producer_id, {}, &Producer::id);
  if (at == producers_.end() || at->id != batch.producer_id) {
    at = producers_.insert(at, Producer{});
    at->id = batch.producer_id;
  }
  Producer& producer = *at;
  const bool expired = now - producer.last_seen > options.expiration;
  if (producer.epoch != batch.producer_epoch || expired) producer.batch_count = 0;
  producer.epoch = batch.producer_epoch;
  producer.last_seen = now;
  if (producer.batch_count == producer.batches.size()) {
    std::ranges::rotate(producer.batches, producer.batches.begin() + 1);
    --producer.batch_count;
  }
  producer.batches[producer.batch_count++] = {
      .last_offset = batch.last_offset(),
      .max_timestamp = batch.max_timestamp,
      .first_sequence = batch.base_sequence,
      .last_sequence = sequence_after(batch.base_sequence, batch.last_offset_delta)};
}

void Producers::make_room(Instant now, const ProducerOptions& options) {
  CHECK(options.producers_max > 0);
  std::erase_if(producers_, [&](const Producer& p) { return now - p.last_seen > options.expiration; });
  if (producers_.size() >= options.producers_max) {
    // A tenth at a time, so that a flood of new ids does not pay for a search each.
    const std::size_t leave = options.producers_max - std::max<std::size_t>(1, options.producers_max / 10);
    std::vector<Instant> seen;
    seen.reserve(producers_.size());
    for (const Producer& p : producers_) seen.push_back(p.last_seen);
    const auto oldest_kept = seen.begin() + static_cast<std::ptrdiff_t>(producers_.size() - leave);
    std::ranges::nth_element(seen, oldest_kept);
    const Instant bound = *oldest_kept;
    std::size_t excess = producers_.size() - leave;
    // Older ones first, then of those that are as old as the bound as many as have to go.
    excess -= std::erase_if(producers_, [&](const Producer& p) { return p.last_seen < bound; });
    std::erase_if(producers_,
                  [&](const Producer& p) { return p.last_seen == bound && excess > 0 && excess--; });
  }
  sweep_at_ = std::max<std::size_t>(64, producers_.size() * 2);
}

std::vector<ActiveProducer> Producers::active(Instant now, const ProducerOptions& options) const {
  std::vector<ActiveProducer> out;
  for (const Producer& producer : producers_) {
    if (now - producer.last_seen > options.expiration) continue;
    out.push_back(
        {producer.id, producer.epoch, producer.last().last_sequence, producer.last().max_timestamp});
  }
  return out;
}

void Producers::save(RecordWriter& out, Instant now) const {
  out.le(kSnapshotVersion);
  out.uvarlong(producers_.size());
  for (const Producer& p : producers_) {
    out.le(p.id);
    out.le(p.epoch);
    out.uvarlong(static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now - p.last_seen) / 1ms)));
    out.le(p.batch_count);
    for (std::size_t i = 0; i < p.batch_count; ++i) {
      const Batch& b = p.batches[i];
      out.le(b.last_offset);
      out.le(b.max_timestamp);
      out.le(b.first_sequence);
      out.le(b.last_sequence);
    }
  }
}

Result<void> Producers::load(RecordReader& in, Instant now) {
  const auto malformed = [] { return fail(ErrorCode::Malformed, "snapshot of a partition's producers"); };
  TRY_VOID(expect_version(in.le<std::uint8_t>(), kSnapshotVersion, "snapshot of a partition's producers"));
  constexpr std::size_t kProducerBytesMin = 8 + 2 + 1 + 1;
  const std::size_t n = in.count(kProducerBytesMin);
  producers_.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    Producer p;
    p.id = in.le<std::int64_t>();
    p.epoch = in.le<std::int16_t>();
    const std::uint64_t silent_ms = in.uvarlong();
    if (silent_ms > static_cast<std::uint64_t>(INT64_MAX / 4000000)) return malformed();
    p.last_seen = now - std::chrono::milliseconds{silent_ms};
    p.batch_count = in.le<std::uint8_t>();
    if (p.batch_count == 0 || p.batch_count > p.batches.size()) return malformed();
    for (std::size_t b = 0; b < p.batch_count; ++b) {
      p.batches[b] = {.last_offset = in.le<std::int64_t>(),
                      .max_timestamp = in.le<std::int64_t>(),
                      .first_sequence = in.le<std::int32_t>(),
                      .last_sequence = in.le<std::int32_t>()};
      if (p.batches[b].first_sequence < 0 || p.batches[b].last_sequence < 0) return malformed();
    }
    if (!producers_.empty() && producers_.back().id >= p.id) return malformed();
    producers_.push_back(p);
  }
  return in.ok() ? Result<void>{} : malformed();
}

}  // namespace ledge::state
