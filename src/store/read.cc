// SPDX-License-Identifier: Apache-2.0
// The way out: ranges of batches, and offsets by time.
#include "base/limits.h"
#include "store/box_store.h"
#include "store/lookup.h"

namespace ledge::store {
namespace {

/// What the reader of a damaged or failing range is told.
Error read_error(const Error& why) {
  const bool lost = why.code == ErrorCode::JournalDamaged || why.code == ErrorCode::CorruptMessage;
  return {lost ? ErrorCode::CorruptMessage : ErrorCode::KafkaStorageError, why.text()};
}

}  // namespace

void BoxStore::read(const PartitionPtr& partition, std::int64_t offset, std::uint64_t bytes_max,
                    bool first_whole, Isolation, ReadDone done) {
  auto log = std::static_pointer_cast<Log>(partition);
  const auto answer = [log] {
    Read out;
    out.high_watermark = log->high_watermark();
    out.last_stable_offset = log->last_stable_offset();
    out.log_start = log->log_start();
    return out;
  };
  Read now = answer();
  if (log->deleted()) {
    now.error = {ErrorCode::UnknownTopicOrPartition, "the topic was deleted"};
  } else if (offset < log->log_start() || offset > log->log_end()) {
    now.error = {ErrorCode::OffsetOutOfRange, "offset " + std::to_string(offset) + " is not within " +
                                                  std::to_string(log->log_start()) + " to " +
                                                  std::to_string(log->log_end())};
  }
  if (now.error.code != ErrorCode::None || offset >= log->high_watermark()) return done(std::move(now));
  journal_->read(log->stream(), offset, bytes_max,
                 [this, log, answer, bytes_max, first_whole,
                  done = std::move(done)](Result<std::vector<journal::Slice>> slices) mutable {
                   Read out = answer();
                   if (log->deleted()) {
                     out.error = {ErrorCode::UnknownTopicOrPartition, "the topic was deleted"};
                   } else if (!slices) {
                     out.error = read_error(slices.error());
                   } else {
                     out.slices = *std::move(slices);
                   }
                   while (!out.slices.empty() && out.slices.back().last_offset >= out.high_watermark)
                     out.slices.pop_back();
                   if (!first_whole && !out.slices.empty() && out.slices.front().bytes.length > bytes_max)
                     out.slices.clear();
                   stats_.records_out_batches += out.slices.size();
                   for (const journal::Slice& slice : out.slices) stats_.bytes_out += slice.bytes.length;
                   done(std::move(out));
                 });
}

void BoxStore::find_offset(const PartitionPtr& partition, std::int64_t timestamp, Isolation,
                           OffsetFound done) {
  auto log = std::static_pointer_cast<Log>(partition);
  if (log->deleted()) return done({.error = {ErrorCode::UnknownTopicOrPartition, "the topic was deleted"}});
  OffsetLookup::start(*journal_, env_.read_worker, alive_, std::move(log), timestamp,
                      [done = std::move(done)](FoundOffset found) mutable {
                        if (found.error.code != ErrorCode::None) found.error = read_error(found.error);
                        done(std::move(found));
                      });
}

}  // namespace ledge::store
