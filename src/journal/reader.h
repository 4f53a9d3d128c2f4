// SPDX-License-Identifier: Apache-2.0
// Finds batches and brings their bytes: through the indexes in memory, a bounded cache of index pieces, and
// the read worker for what the page cache does not hold. Loop thread.
#pragma once

#include <list>
#include <set>

#include "journal/core.h"

namespace ledge::journal {

class Lookup;

class Reader {
 public:
  explicit Reader(Core& core) : core_(core) {}
  void read(StreamId id, std::int64_t offset, std::uint64_t bytes_max, Journal::SlicesRead done);
  void find_by_timestamp(StreamId id, std::int64_t from, std::int64_t timestamp, Journal::SliceFound done);
  void find_max_timestamp(StreamId id, Journal::SliceFound done);
  void load(std::vector<Slice> slices, Journal::BytesRead done);
  void warm(const std::vector<Slice>& slices, os::Callback done);
  /// Sets the segment's witness, then calls `done` (now or later).
  void find_witness(std::uint64_t sequence, std::function<void(std::uint64_t)> done);
  /// The segment is gone.
  void forget(std::uint64_t sequence);

  enum class Got : std::uint8_t { Ready, Waiting, Refused };
  static constexpr std::uint32_t kDirectory = ~std::uint32_t{0};

  /// What one look into a segment's index gives: rows from an offset on, some of them at a time.
  struct Look {
    bool present = false;  // the index knows the stream
    std::int64_t next_offset = 0;
    std::int64_t max_timestamp = -1;
    std::int64_t truncated_to = kNotTruncated;  // rows of older segments from here on do not count
    std::vector<IndexRow> rows;
    bool more = false;  // there are rows behind these
  };
  /// A part of a sealed segment's index, as it was read; empty bytes: damaged.
  struct Cached {
    std::uint64_t sequence;
    std::uint32_t number;
    SharedBytes bytes;
  };
  Core& core() { return core_; }
  /// Looks at a sealed segment's index for rows of `stream` from `offset` on. Waiting: `who` is run again.
  /// Refused: the disk does not give what the answer stands in, but may later.
  Got look(std::uint64_t sequence, StreamId stream, std::int64_t offset, const std::shared_ptr<Lookup>& who,
           Look* out);

 private:
  enum class Piece : std::uint8_t { Ready, Waiting, Damaged };
  Piece piece(Segment& segment, std::uint32_t number, std::uint64_t position, std::uint32_t length,
              const std::shared_ptr<Lookup>& who, SharedBytes* out);
  /// Waiting, or Refused when it has failed for `who`.
  Got rebuild(Segment& segment, const std::shared_ptr<Lookup>& who);
  void look_at_rows(const RowsOfStreams& rows, StreamId stream, std::int64_t offset, Look* out) const;
  Slice slice_of(std::shared_ptr<SegmentFile> file, const IndexRow& row) const;
  bool witness_step(std::uint64_t sequence, const std::shared_ptr<Lookup>& who);

  void keep(Cached cached);
  const SharedBytes* cached(std::uint64_t sequence, std::uint32_t number);

  Core& core_;
  std::list<Cached> cache_;  // newest use first
  std::size_t cache_bytes_ = 0;
  std::set<std::uint64_t> asked_;  // segments whose witness is being looked for
};

/// Checks a stored entry that was read with its header: [header][body].
bool entry_is_sound(ByteView stored, const SegmentFile& file, std::uint64_t header_at,
                    std::uint32_t body_bytes);

}  // namespace ledge::journal
