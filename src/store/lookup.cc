// SPDX-License-Identifier: Apache-2.0
#include "store/lookup.h"

#include "base/limits.h"

namespace ledge::store {
namespace {

constexpr std::size_t kScannedOnLoopBytesMax = 65536;

}  // namespace

OffsetLookup::OffsetLookup(journal::Journal& journal, os::Worker& worker, std::weak_ptr<bool> alive,
                           std::shared_ptr<Log> log, std::int64_t timestamp, OffsetFound done)
    : journal_(journal),
      worker_(worker),
      alive_(std::move(alive)),
      log_(std::move(log)),
      timestamp_(timestamp),
      done_(std::move(done)) {}

void OffsetLookup::start(journal::Journal& journal, os::Worker& worker, std::weak_ptr<bool> alive,
                         std::shared_ptr<Log> log, std::int64_t timestamp, OffsetFound done) {
  const std::shared_ptr<OffsetLookup> lookup{
      new OffsetLookup(journal, worker, std::move(alive), std::move(log), timestamp, std::move(done))};
  if (timestamp != kMaxTimestamp) return lookup->next_batch(lookup->log_->log_start());
  journal.find_max_timestamp(lookup->log_->stream(), [lookup](Result<std::optional<journal::Slice>> slice) {
    if (slice && *slice) lookup->timestamp_ = (*slice)->max_timestamp;
    // Records without a time have no largest one.
    if (slice && *slice && lookup->timestamp_ < 0) return lookup->answer({});
    lookup->batch_found(std::move(slice));
  });
}

void OffsetLookup::next_batch(std::int64_t from) {
  journal_.find_by_timestamp(log_->stream(), from, timestamp_,
                             [self = shared_from_this()](Result<std::optional<journal::Slice>> slice) {
                               self->batch_found(std::move(slice));
                             });
}

void OffsetLookup::batch_found(Result<std::optional<journal::Slice>> slice) {
  if (!slice) return answer({.error = std::move(slice).error()});
  if (!*slice || (*slice)->first_offset >= log_->high_watermark()) return answer({});
  journal_.load({**slice}, [self = shared_from_this(), found = **slice](Result<SharedBytes> bytes) {
    self->batch_loaded(found, std::move(bytes));
  });
}

void OffsetLookup::batch_loaded(const journal::Slice& slice, Result<SharedBytes> bytes) {
  if (!bytes) return answer({.error = std::move(bytes).error()});
  const auto header = kafka::read_batch_header(bytes->view());
  if (!header) return answer({.error = header.error()});
  if (header->codec() == kafka::Codec::None && bytes->size() <= kScannedOnLoopBytesMax)
    return scanned(slice, scan(bytes->view(), timestamp_, log_->log_start()));
  auto found = std::make_shared<Scan>();
  worker_.submit([batch = *bytes, found, timestamp = timestamp_,
                  start = log_->log_start()] { *found = scan(batch.view(), timestamp, start); },
                 [self = shared_from_this(), slice, found] {
                   if (self->alive_.lock()) self->scanned(slice, std::move(*found));
                 });
}

OffsetLookup::Scan OffsetLookup::scan(ByteView batch, std::int64_t timestamp_min, std::int64_t offset_min) {
  Scan out;
  out.read = kafka::for_each_record(batch, limits::batch_decompressed_bytes_max,
                                    [&](const kafka::RecordView& record) {
                                      if (record.timestamp < timestamp_min || record.offset < offset_min)
                                        return true;
                                      out.offset = record.offset;
                                      out.timestamp = record.timestamp;
                                      return false;
                                    });
  return out;
}

void OffsetLookup::scanned(const journal::Slice& slice, Scan found) {
  if (!found.read) return answer({.error = std::move(found.read).error()});
  if (found.offset < 0) return next_batch(slice.last_offset + 1);
  if (found.offset >= log_->high_watermark()) return answer({});
  answer(
      {.offset = found.offset, .timestamp = found.timestamp, .leader_epoch = log_->epoch_of(found.offset)});
}

}  // namespace ledge::store
