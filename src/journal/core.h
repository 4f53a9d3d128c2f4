// SPDX-License-Identifier: Apache-2.0
// What the parts of an open journal share; all of it belongs to the loop thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/uuid.h"
#include "journal/format.h"
#include "journal/index.h"
#include "journal/journal.h"
#include "os/disk.h"
#include "os/system.h"

namespace ledge::journal {

/// A segment's file as slices see it: sharing it keeps the segment from being recycled, and whoever reads a
/// body through it can check the entry header that stands before it.
class SegmentFile final : public os::File {
 public:
  SegmentFile(std::shared_ptr<os::File> file, std::uint64_t base_position, std::uint64_t its_salt)
      : base(base_position), salt(its_salt), file_(std::move(file)) {}
  Result<std::size_t> read_at(std::uint64_t at, MutableBytes into) const override {
    return file_->read_at(at, into);
  }
  Result<std::size_t> read_cached(std::uint64_t at, MutableBytes into) const override {
    return file_->read_cached(at, into);
  }
  bool is_cached(std::uint64_t at, std::uint64_t n) const override { return file_->is_cached(at, n); }
  Result<void> write_at(std::uint64_t at, std::span<const ByteView> pieces) override {
    return file_->write_at(at, pieces);
  }
  Result<void> sync() override { return file_->sync(); }
  Result<void> allocate(std::uint64_t size) override { return file_->allocate(size); }
  Result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }
  Result<std::uint64_t> size() const override { return file_->size(); }
  int descriptor() const override { return file_->descriptor(); }

  const std::uint64_t base;
  const std::uint64_t salt;

 private:
  std::shared_ptr<os::File> file_;
};

using RowsOfStreams = std::unordered_map<std::uint64_t, StreamRows>;

struct Stream {
  std::int64_t log_start = 0;
  std::int64_t next_offset = 0;
  std::int64_t durable_offset = 0;
  std::int64_t durable_log_start = 0;  // what recycling may rely on
  std::int64_t max_timestamp = -1;     // of everything ever appended
  std::uint64_t hint = 0;              // sequence of the segment that answered the last read
};

/// A sealed segment: some 120 bytes a segment file, whatever it holds.
struct Segment {
  static constexpr std::uint8_t kQuarantined = 1;  // damage was found: never reused, kept for the operator
  static constexpr std::uint8_t kRelocated = 2;    // holds relocated entries
  static constexpr std::uint8_t kTruncated = 4;    // holds truncate entries
  static constexpr std::uint8_t kReordered = kRelocated | kTruncated;
  enum class Witness : std::uint8_t { Unknown, Live, None };

  std::uint64_t sequence = 0;
  std::uint64_t base = 0;
  std::uint64_t size = 0;
  std::uint64_t salt = 0;
  std::uint64_t data_end = 0;            // position behind the frames of records
  std::uint64_t directory_position = 0;  // of the index directory's body
  std::uint32_t directory_bytes = 0;
  std::uint8_t flags = 0;
  /// Every body was written or checked by this process.
  bool trusted = false;
  /// One stream that keeps the segment alive, up to witness_offset; looked for anew when it does not any
  /// more.
  Witness witness_state = Witness::Unknown;
  StreamId witness{};
  std::int64_t witness_offset = -1;
  std::shared_ptr<SegmentFile> file;       // opened when first read
  std::shared_ptr<RowsOfStreams> rebuilt;  // in place of an index block that is damaged
};

/// One frame on its way to the disk.
struct FramePlan {
  struct Piece {
    std::size_t meta_from = 0, meta_bytes = 0;  // a range of `meta`, or ...
    SharedBytes body;                           // ... a body that is not copied
  };
  struct EntryAt {
    std::size_t meta_at = 0;       // of its header
    std::uint32_t in_frame = 0;    // the header's distance from the frame's first byte
    std::uint32_t body_bytes = 0;  // behind the header in `meta` ...
    std::size_t piece = kInMeta;   // ... or this piece
    std::optional<std::uint32_t> body_crc = {};
  };
  struct End {
    StreamId stream;
    EntryKind kind;
    std::int64_t offset;  // Append: the next offset. LogStart: the new log start
  };
  static constexpr std::size_t kInMeta = static_cast<std::size_t>(-1);

  explicit FramePlan(std::uint64_t at) : position(at) { meta.zeros(kFrameHeaderBytes); }
  /// Returns where the body will stand, as a distance from the frame's first byte.
  std::uint32_t add(Entry entry, std::uint32_t run);

  std::uint64_t position = 0;
  std::uint64_t length = kFrameHeaderBytes;
  ByteWriter meta;
  std::vector<Piece> pieces;
  std::size_t meta_taken = 0;  // of `meta`, by pieces
  std::vector<EntryAt> entries;
  std::vector<End> ends;
  std::vector<Durable> durable;
  std::uint64_t payload_bytes = 0;
};

/// The file that is being written, as the worker sees it: touched by the loop only when no job is in flight.
struct WriteState {
  std::shared_ptr<SegmentFile> file;
  std::uint64_t size = 0;
  Bytes tail;                     // the bytes of the last page that are written already
  std::uint32_t chain = 0;        // checksum of the last header
  std::uint64_t written_end = 0;  // file offset up to which blocks are known to have been written before
};

/// Adds `n` zeros to a gathered write.
void add_zeros(std::vector<ByteView>* pieces, std::uint64_t n);

/// Small commits into blocks that were never written make the file system convert them at every sync (12 KiB
/// more on the device, 1.3 to 2 times slower; docs/decisions/0003-journal-format.md). Adds the zeros that a
/// write which ends at `at` takes along, once for many such commits; returns how many.
std::uint64_t add_zeros_ahead(std::vector<ByteView>* pieces, std::uint64_t at, std::uint64_t segment_bytes);

/// A segment that is planned or being written; its index is in memory until it is sealed on the disk.
struct OpenSegment {
  std::uint64_t sequence = 0, base = 0, size = 0;
  std::uint64_t next_position = 0;  // of the next frame
  std::uint64_t data_end = 0;
  std::deque<FramePlan> frames;  // not yet handed to the worker
  RowsOfStreams rows;
  std::size_t rows_bytes = 0;
  std::size_t rows_count = 0;
  std::uint8_t flags = 0;
  bool sealing = false;   // its last frames are planned; nothing is added any more
  bool snapshot = false;  // begins with a snapshot (or is the first)
  bool has_records = false;
  bool gaps = true;  // frames may begin at the next page; not where an earlier version began the segment
  Bytes footer;
  std::uint64_t directory_position = 0;
  std::uint32_t directory_bytes = 0;
  std::shared_ptr<WriteState> state;  // null: not prepared

  /// What is kept of it once nothing is written to it any more. Without an index on the disk, or with damage
  /// that the one there does not know of, the rows that are in memory serve. Takes them; `state` must be
  /// there.
  Segment as_sealed();
};

struct Spare {
  std::uint64_t sequence = 0;
  std::uint64_t size = 0;
  bool fresh = false;  // prepared once and never written to behind its header
};

struct Core {
  Core(os::Env e, os::Directory& d, const Options& o) : env(e), directory(d), options(o) {}
  os::Env env;
  os::Directory& directory;
  Options options;
  std::vector<Participant*> participants;
  Uuid id;
  std::uint32_t run = 0;

  std::unordered_map<std::uint64_t, Stream> streams;
  std::unordered_set<std::uint64_t> dropping;  // dropped, not durable yet
  std::map<std::uint64_t, Segment> sealed;     // by sequence
  std::deque<OpenSegment> open;                // front: being written; back: takes appends
  std::vector<Spare> spares;
  /// The two newest durable snapshots, by segment: recovery may need everything from the older one on.
  std::uint64_t snapshot_sequence = 0, snapshot_sequence_before = 0;
  /// Some segment holds relocated or truncate entries: rows of a stream may lie in later segments than those
  /// of higher offsets, and older segments may hold rows that do not count any more. Lookups then merge.
  bool reordered = false;

  Error poison;  // code None: sound
  Stats stats;
  std::vector<std::function<void(const Error&)>> on_poisoned;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // completions look whether we still are

  Stream* find(StreamId s) {
    auto it = streams.find(static_cast<std::uint64_t>(s));
    return it == streams.end() ? nullptr : &it->second;
  }
  bool sabotage([[maybe_unused]] int which) const {
#ifdef LEDGE_SABOTAGE
    return static_cast<int>(options.sabotage) == which;
#else
    return false;
#endif
  }
  /// The segment's file, opened when it is not yet. Blocks for an open(2).
  Result<std::shared_ptr<SegmentFile>> file_of(Segment& segment);
  /// Whether recycling must still respect a batch of `stream` that ends at `last_offset`.
  bool live(StreamId stream, std::int64_t last_offset) const;
  void note_damage(Segment& segment, const Damage& damage);
};

// For Core::sabotage: the enumerators exist in builds with LEDGE_SABOTAGE only.
inline constexpr int kNoSync = 1, kAckBeforeSync = 2, kIgnoreDurableMark = 3, kTrustSnapshot = 4,
                     kRecycleTooEarly = 5;

/// Applies what an entry says to the table of streams and, if given, to the rows of its segment.
/// `body_position` 0: no row (the body is lost).
struct Applied {
  std::int64_t lost_from = 0, lost_to = -1;  // offsets that should have come before the entry
  bool out_of_order = false;                 // contradicts what was before; not applied
};
Applied apply_entry(std::unordered_map<std::uint64_t, Stream>& streams, OpenSegment* segment,
                    const EntryHeader& header, std::uint64_t body_position, std::uint32_t body_bytes);

}  // namespace ledge::journal
