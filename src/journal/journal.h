// SPDX-License-Identifier: Apache-2.0
// The journal: every durable byte of the box, in one sequential log of frames (docs/formats/journal.md).
//
// All calls and callbacks are on the loop thread. Writes and syncs run on Env::journal_worker; reads that the
// page cache cannot serve run on Env::read_worker.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/chain.h"
#include "base/limits.h"
#include "base/result.h"
#include "base/uuid.h"
#include "os/system.h"

namespace ledge::journal {

/// A sequence inside the journal: a partition's log or an internal one. Ids are never used again.
enum class StreamId : std::uint64_t {};

/// Streams below this are the program's own (store/ lists them); partitions get ids from here on. What they
/// hold is state: it is restored by snapshot and replay, so their entries are kept only as long as recovery
/// may need them (the two newest snapshots), not until a log start passes them.
inline constexpr StreamId kFirstPartitionStream{1024};

/// What an entry says about its stream. Values are on disk.
enum class EntryKind : std::uint8_t {
  Append = 1,         // the next offsets of the stream; body = a Kafka batch or state records
  Relocated = 2,      // same offsets as older entries, which it replaces; nothing writes it yet
  LogStart = 3,       // no body; offsets below first_offset are gone; beyond the end it moves the end too
  Truncate = 4,       // no body; offsets from first_offset, a batch's first, are gone; nothing writes it yet
  Drop = 5,           // no body; the stream is gone for good
  SnapshotPiece = 6,  // body = a part of a snapshot; written by the journal itself at the head of a segment
  IndexPiece = 7,     // body = a part of a sealed segment's index; written by the journal itself at its end
};

/// What the journal keeps about an entry beside its body; enough for recovery and index without parsing
/// bodies.
struct EntryHeader {
  StreamId stream{};
  EntryKind kind = EntryKind::Append;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;     // >= first_offset for Append and Relocated
  std::int64_t max_timestamp = -1;  // largest record timestamp, wall ms; -1 none
  std::int32_t leader_epoch = -1;
};

struct Entry {
  EntryHeader header;
  SharedBytes body;
  /// crc32c of the body, when the appender knows it; otherwise the journal reads the body once more.
  std::optional<std::uint32_t> body_crc = {};
};

/// Told once when the frame that holds the entries is durable, or that it never will be (JournalPoisoned).
using Durable = std::move_only_function<void(Result<void>)>;

/// One stored batch: where it is, and which offsets it covers. `bytes` keeps its segment from being recycled.
struct Slice {
  FileRange bytes;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t max_timestamp = -1;
};

struct StreamState {
  std::int64_t log_start = 0;       // first offset that is still there
  std::int64_t next_offset = 0;     // of everything appended, durable or not
  std::int64_t durable_offset = 0;  // everything below is durable
};

/// A part of the program that derives state from entries. Registered before open(); restored by it.
class Participant {
 public:
  virtual ~Participant() = default;
  /// Names the participant's part of a snapshot; never changes.
  virtual std::uint32_t snapshot_tag() const = 0;
  /// The state as of everything appended so far, in the participant's own versioned format. May be called
  /// from inside Journal::append(), before the entries of that call are part of the state: apply an entry
  /// after append() took it, never before.
  virtual Bytes take_snapshot() const = 0;
  /// Recovery: first the newest valid snapshot's part (not called when there is none) ...
  virtual Result<void> load_snapshot(ByteView part) = 0;
  /// ... then every entry after it, in journal order, for every stream. Bodies have passed their checksum.
  virtual Result<void> replay(const EntryHeader& header, ByteView body) = 0;
};

#ifdef LEDGE_SABOTAGE
/// Deliberate bugs: the rigs switch one on to prove that they would find it.
enum class Sabotage : std::uint8_t {
  None,
  NoSync,             // acked without fdatasync
  AckBeforeSync,      // acked when written, synced afterwards
  IgnoreDurableMark,  // recovery takes damage before the mark for a torn tail, and cuts there
  TrustSnapshot,      // recovery does not look at a snapshot's checksums
  RecycleTooEarly,    // a segment is reused while it holds live records
};
/// As the rigs' command lines and environment say it; the place in the list is the value.
inline constexpr std::string_view kSabotageNames[] = {
    "none", "no-sync", "ack-before-sync", "ignore-durable-mark", "trust-snapshot", "recycle-too-early"};
#endif

struct Options {
  std::uint64_t segment_bytes = limits::journal_segment_bytes;
  /// Segments kept pre-written for reuse instead of being deleted.
  int spare_segments = 1;
  /// How long a commit waits for more to gather before it is written, at most; 0: not at all. What is
  /// appended is told durable that much later, and the device gets fewer pages and syncs.
  Duration commit_window{};
#ifdef LEDGE_SABOTAGE
  Sabotage sabotage = Sabotage::None;
#endif
};

/// Offsets that are gone although they had been durable: a finding for the operator, never hidden.
/// first_offset -1: nobody can tell which offsets (the entry's own header is destroyed, and no later entry of
/// its stream is there to tell), or none were lost (a damaged index or snapshot); `what` says which.
struct Damage {
  StreamId stream{};
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::string file;
  std::uint64_t position = 0;
  std::string what;
};

struct RecoveryReport {
  std::uint64_t segments = 0;
  std::uint64_t bytes_scanned = 0;
  std::uint64_t entries_replayed = 0;
  std::uint64_t torn_tail_bytes = 0;  // cut: written, never acked
  std::uint64_t bits_repaired = 0;    // single flipped bits in headers, put right from their checksum
  std::vector<Damage> damage;
  Duration took{};  // set by the caller of open(), who has a clock that moves before the loop runs
};

struct Stats {
  std::uint64_t frames = 0, entries = 0, bytes_appended = 0, bytes_written = 0, syncs = 0;
  std::uint64_t sync_ns_total = 0, sync_ns_max = 0;
  std::uint64_t segments_live = 0, segments_spare = 0, segments_quarantined = 0, segments_recycled = 0;
  std::uint64_t pending_bytes = 0;
  bool poisoned = false;
};

class Journal {
 public:
  virtual ~Journal() = default;

  /// Recovers (the only way to start) and is ready to append. Blocks; called before the loop runs. On an
  /// empty folder it makes a new journal with a random id. `participants` must outlive the journal.
  static Result<std::unique_ptr<Journal>> open(os::Env env, os::Directory& directory, const Options& options,
                                               std::span<Participant* const> participants,
                                               RecoveryReport* report);

  /// Random, made with the journal: tells this data folder from every other, also from a restored copy's
  /// siblings.
  virtual Uuid id() const = 0;

  /// Appends all of `entries` or, after a power cut, none: they share one frame. An Append continues its
  /// stream: first_offset == next_offset, else a CHECK fails (the store assigns offsets). Bodies must stay
  /// unchanged until `durable` is called. LimitExceeded when the group is larger than a frame may be; nothing
  /// is appended then.
  virtual Result<void> append(std::vector<Entry> entries, Durable durable) = 0;

  /// Bytes appended and not yet durable. What clients append is bounded by the memory of requests: a batch
  /// holds its request's until it is durable, and nobody is read while that is used up.
  virtual std::uint64_t pending_bytes() const = 0;

  virtual StreamState stream(StreamId id) const = 0;

  using SlicesRead = std::move_only_function<void(Result<std::vector<Slice>>)>;
  /// The stored batches from the one that holds `offset` on, durable ones only, while their sizes stay within
  /// `bytes_max`; the first one always. Answers before returning when the index is in memory, else later on
  /// the loop. Error JournalDamaged: the batch at `offset` is known to be lost; detail names the next
  /// readable offset.
  virtual void read(StreamId id, std::int64_t offset, std::uint64_t bytes_max, SlicesRead done) = 0;

  using SliceFound = std::move_only_function<void(Result<std::optional<Slice>>)>;
  /// The first batch, in offset order and at or above `from`, whose max_timestamp is >= `timestamp`. nullopt:
  /// none.
  virtual void find_by_timestamp(StreamId id, std::int64_t from, std::int64_t timestamp, SliceFound done) = 0;
  /// The first batch that holds the largest timestamp of the stream. nullopt: the stream is empty.
  virtual void find_max_timestamp(StreamId id, SliceFound done) = 0;

  using BytesRead = std::move_only_function<void(Result<SharedBytes>)>;
  /// The bytes of slices, one behind the other: from the page cache at once, or by the read worker.
  virtual void load(std::vector<Slice> slices, BytesRead done) = 0;
  /// Brings the slices' pages into the page cache, then calls `done`: before a sendfile, which would block
  /// otherwise. Calls `done` before returning when they are there already.
  virtual void warm(const std::vector<Slice>& slices, os::Callback done) = 0;

  /// Told once, on the loop, when a write or sync fails. From then on every append fails with
  /// JournalPoisoned. Who asks for it says so in the log: the journal itself does not.
  virtual void on_poisoned(std::function<void(const Error&)> call) = 0;

  /// Makes what is pending durable, then calls `done`; used by a clean stop. Nothing may be appended
  /// afterwards.
  virtual void drain(os::Callback done) = 0;

  virtual Stats stats() const = 0;
};

/// For `ledge journal info|dump|verify`: reads a journal folder without opening it for writing. Blocks.
struct Inspection {
  struct Segment {
    std::string file;
    std::uint64_t sequence = 0, base_position = 0, used_bytes = 0, frames = 0, entries = 0;
    bool sealed = false, spare = false, quarantined = false;
    std::string problem;  // empty when sound
    enum class Snapshot : std::uint8_t { None, Partial, Whole } snapshot = Snapshot::None;
    struct SnapshotPart {
      std::uint32_t tag = 0, crc = 0;
      std::uint64_t bytes = 0;
    };
    std::vector<SnapshotPart> snapshot_parts;  // of its manifest
    std::uint64_t index_pieces = 0, index_rows = 0;
  };
  Uuid id;
  std::vector<Segment> segments;
  std::vector<Damage> damage;
  std::uint64_t torn_tail_bytes = 0;
};
using EntrySeen =
    std::function<void(const std::string& file, std::uint64_t position, const EntryHeader&, ByteView body)>;
/// What an index piece says of a stream: a section of it (docs/formats/journal.md, "Sealed segments").
struct IndexedStream {
  struct Row {
    std::int64_t first_offset = 0, last_offset = 0, max_timestamp = -1;
    std::uint64_t position = 0;
    std::uint32_t length = 0;
    std::uint8_t flags = 0;
  };
  std::string file;
  std::uint64_t piece = 0;
  StreamId stream{};
  std::uint8_t flags = 0;
  std::int64_t next_offset = 0, max_timestamp = -1;
  std::int64_t truncated_to = -1;  // -1: it was not
  std::vector<Row> rows;
};
using IndexSeen = std::function<void(const IndexedStream&)>;
/// `seen` and `index` may be empty. Checks every checksum of every segment.
Result<Inspection> inspect(os::Directory& directory, const EntrySeen& seen, const IndexSeen& index = {});

}  // namespace ledge::journal
