// SPDX-License-Identifier: Apache-2.0
// An offset by time: the journal's index finds the batch, its records tell the rest. A batch that has to be
// unpacked, or is large, is looked through by the read worker.
#pragma once

#include <memory>

#include "journal/journal.h"
#include "os/worker.h"
#include "store/log.h"

namespace ledge::store {

class OffsetLookup : public std::enable_shared_from_this<OffsetLookup> {
 public:
  static constexpr std::int64_t kMaxTimestamp = -3;

  /// `alive` expires when the journal goes; answers then do not come any more.
  static void start(journal::Journal& journal, os::Worker& worker, std::weak_ptr<bool> alive,
                    std::shared_ptr<Log> log, std::int64_t timestamp, OffsetFound done);

 private:
  OffsetLookup(journal::Journal& journal, os::Worker& worker, std::weak_ptr<bool> alive,
               std::shared_ptr<Log> log, std::int64_t timestamp, OffsetFound done);

  void next_batch(std::int64_t from);
  void batch_found(Result<std::optional<journal::Slice>> slice);
  void batch_loaded(const journal::Slice& slice, Result<SharedBytes> bytes);
  struct Scan {
    Result<void> read;
    std::int64_t offset = -1;
    std::int64_t timestamp = -1;
  };
  static Scan scan(ByteView batch, std::int64_t timestamp_min, std::int64_t offset_min);
  void scanned(const journal::Slice& slice, Scan found);
  void answer(FoundOffset found) { done_(std::move(found)); }

  journal::Journal& journal_;
  os::Worker& worker_;
  std::weak_ptr<bool> alive_;
  std::shared_ptr<Log> log_;
  std::int64_t timestamp_;
  OffsetFound done_;
};

}  // namespace ledge::store
