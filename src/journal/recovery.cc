// SPDX-License-Identifier: Apache-2.0
#include "journal/recovery.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "journal/snapshot.h"

namespace ledge::journal {

namespace {

struct Found {
  std::uint64_t sequence = 0;
  std::shared_ptr<os::File> file;
  SegmentHeader header;
};

// Loads the pieces of a snapshot; ends the scan at the first entry that is none.
class SnapshotVisitor final : public ScanVisitor {
 public:
  explicit SnapshotVisitor(bool trust) : reader(trust) {}
  Result<void> entry(const StoredEntry& e, std::uint64_t, ByteView body) override {
    if (!reader.feed(e.header, body)) return fail(ErrorCode::None, "end of the snapshot");
    return {};
  }
  void lost_body(const StoredEntry&, std::uint64_t) override {}
  void lost_bytes(std::uint64_t, std::uint64_t) override {}
  SnapshotReader reader;
};

// Replays entries into the table of streams, the rows of the segment and the participants.
class ReplayVisitor final : public ScanVisitor {
 public:
  ReplayVisitor(Core* core, RecoveryReport* report) : core_(core), report_(report) {}

  void begin(const Found& found, OpenSegment* segment) {
    file_ = segment_name(found.sequence);
    segment_ = segment;
  }

  Result<void> entry(const StoredEntry& e, std::uint64_t body_position, ByteView body) override {
    if (e.header.kind == EntryKind::SnapshotPiece || e.header.kind == EntryKind::IndexPiece) return {};
    auto applied = apply_entry(core_->streams, segment_, e.header, body_position, e.body_bytes);
    if (segment_) segment_->has_records = true;
    if (applied.lost_to >= applied.lost_from)
      lose(e.header.stream, applied.lost_from, applied.lost_to, body_position,
           "entries before this one are missing");
    if (applied.out_of_order) {
      lose(e.header.stream, e.header.first_offset, e.header.last_offset, body_position,
           "offsets were given twice; the later batch is not served");
      return {};
    }
    ++report_->entries_replayed;
    for (Participant* p : core_->participants) TRY_VOID(p->replay(e.header, body));
    return {};
  }

  void lost_body(const StoredEntry& e, std::uint64_t position) override {
    if (e.header.kind == EntryKind::SnapshotPiece || e.header.kind == EntryKind::IndexPiece) return;
    // What the header says still holds: a log start moved, a stream ended, offsets were used.
    auto applied = apply_entry(core_->streams, segment_, e.header, 0, e.body_bytes);
    if (applied.lost_to >= applied.lost_from)
      lose(e.header.stream, applied.lost_from, applied.lost_to, position,
           "entries before this one are missing");
    bool batch = e.header.kind == EntryKind::Append || e.header.kind == EntryKind::Relocated;
    if (batch)
      lose(e.header.stream, e.header.first_offset, e.header.last_offset, position,
           "the body's checksum is wrong");
  }

  void lost_bytes(std::uint64_t from, std::uint64_t to) override {
    report_->damage.push_back(
        {.stream = {},
         .first_offset = -1,
         .last_offset = -1,
         .file = file_,
         .position = from,
         .what =
             fmt::format("{} bytes are unreadable; what they held is named where it is missed", to - from)});
  }

 private:
  void lose(StreamId stream, std::int64_t first, std::int64_t last, std::uint64_t position,
            std::string what) {
    auto* s = core_->find(stream);
    if (s && last < s->log_start) return;  // nobody can ask for it
    report_->damage.push_back({stream, first, last, file_, position, std::move(what)});
  }

  Core* core_;
  RecoveryReport* report_;
  std::string file_;
  OpenSegment* segment_ = nullptr;
};

class Recovery {
 public:
  Recovery(Core* core, RecoveryReport* report) : core_(*core), report_(*report) {}

  Result<void> run() {
    TRY_VOID(list());
    if (found_.empty()) return create();
    TRY_VOID(check_same_journal());
    TRY(std::size_t from, load_newest_snapshot());
    return replay(from);
  }

 private:
  Result<void> list() {
    TRY(auto names, core_.directory.list());
    for (const std::string& name : names) {
      auto parsed = parse_name(name);
      if (!parsed) continue;
      switch (parsed->kind) {
        case NameKind::Preparing: TRY_VOID(core_.directory.remove(name)); break;
        case NameKind::Spare: TRY_VOID(add_spare(name, parsed->sequence)); break;
        case NameKind::Quarantine: ++core_.stats.segments_quarantined; break;
        case NameKind::Segment: sequences_.push_back(parsed->sequence); break;
      }
    }
    std::ranges::sort(sequences_);
    if (sequences_.empty() && (!core_.spares.empty() || core_.stats.segments_quarantined > 0))
      return fail(ErrorCode::JournalDamaged,
                  "the folder holds spare files of a journal but no segment of it");
    // Only the end matters for starting: the segments before it are described by the snapshot.
    for (auto s = sequences_.rbegin(); s != sequences_.rend() && found_.size() < 2; ++s)
      TRY_VOID(open_before(*s));
    return {};
  }

  Result<void> add_spare(const std::string& name, std::uint64_t sequence) {
    TRY(auto file, core_.directory.open(name));
    TRY(auto size, file->size());
    core_.spares.push_back({.sequence = sequence, .size = size});
    return {};
  }

  Result<void> open_before(std::uint64_t sequence) {
    TRY(auto file, core_.directory.open(segment_name(sequence)));
    auto header = read_segment_header(*file, &report_.bits_repaired);
    if (!header && header.error().code != ErrorCode::Malformed) return std::unexpected(header.error());
    if (!header || header->sequence != sequence) {
      // It had a durable header before it got its name.
      report_.damage.push_back(
          {.stream = {},
           .first_offset = -1,
           .last_offset = -1,
           .file = segment_name(sequence),
           .position = 0,
           .what = "the segment's header and its copy are damaged; nothing of it is served"});
      unreadable_.push_back(sequence);
      return {};
    }
    found_.insert(found_.begin(), Found{sequence, std::move(file), *header});
    return {};
  }

  Result<void> check_same_journal() {
    core_.id = found_.back().header.journal_id;
    for (const Found& f : found_)
      if (f.header.journal_id != core_.id)
        return fail(ErrorCode::JournalDamaged,
                    fmt::format("{} belongs to another journal", segment_name(f.sequence)));
    return {};
  }

  Result<void> create() {
    if (!unreadable_.empty()) return fail(ErrorCode::JournalDamaged, "no segment has a readable header");
    core_.id = core_.env.random.uuid();
    Preparation what{.journal_id = core_.id,
                     .sequence = 1,
                     .base = 0,
                     .size = core_.options.segment_bytes,
                     .salt = core_.env.random.u64(),
                     .zeros_ahead = true};
    TRY(auto state, prepare_segment(core_.directory, what));
    OpenSegment& open = core_.open.emplace_back();
    open.sequence = 1;
    open.size = what.size;
    open.next_position = open.data_end = kFirstFrameAt;
    open.snapshot = true;
    open.state = std::move(state);
    core_.snapshot_sequence = core_.snapshot_sequence_before = 1;
    return {};
  }

  // The index in found_ of the newest segment with a valid snapshot (or the very first segment, which begins
  // with the empty state). Participants are loaded once its last piece is checked.
  Result<std::size_t> load_newest_snapshot() {
    for (std::size_t i = found_.size();; --i) {
      if (i == 0) {
        auto before = std::ranges::lower_bound(sequences_, found_.front().sequence);
        if (before == sequences_.begin()) break;
        auto had = found_.size();
        TRY_VOID(open_before(*std::prev(before)));
        if (found_.size() == had) break;
        ++i;
      }
      const Found& f = found_[i - 1];
      if (i < found_.size() && f.sequence + 1 != found_[i].sequence) break;  // a hole: nothing older helps
      if (f.sequence == 1) return i - 1;
      TRY(bool loaded, load_snapshot(f));
      if (loaded) return i - 1;
    }
    return fail(ErrorCode::JournalDamaged,
                fmt::format("no valid snapshot in segments {} to {}; nothing was changed",
                            found_.front().sequence, found_.back().sequence));
  }

  Result<bool> load_snapshot(const Found& f) {
    bool trust = core_.sabotage(kTrustSnapshot);
    SnapshotVisitor visitor{trust};
    auto end = scan_segment(*f.file, f.header,
                            {.durable_before = 0, .ignore_marks = true, .trust_bodies = trust}, visitor);
    if (!end && end.error().code != ErrorCode::None) return std::unexpected(end.error());
    if (!visitor.reader.complete()) {
      if (visitor.reader.begun() || &f != &found_.back())
        LOG_WARN("snapshot is damaged or was cut short, using the one before",
                 {{"file", segment_name(f.sequence)}});
      return false;
    }
    auto parts = visitor.reader.take();
    Core loaded{core_.env, core_.directory, core_.options};
    TRY_VOID(decode_journal_part(parts[kJournalPartTag], &loaded));
    core_.streams = std::move(loaded.streams);
    core_.sealed = std::move(loaded.sealed);
    for (Participant* p : core_.participants)
      if (auto part = parts.find(p->snapshot_tag()); part != parts.end())
        TRY_VOID(p->load_snapshot(part->second));
    return true;
  }

  Result<void> replay(std::size_t from) {
    std::erase_if(core_.sealed, [&](const auto& s) {
      if (std::ranges::binary_search(sequences_, s.first)) return false;
      missing_.push_back(s.second);  // recycled since, or lost
      return true;
    });
    core_.snapshot_sequence = found_[from].sequence;
    core_.snapshot_sequence_before = sequence_to_fall_back_to(core_.snapshot_sequence);
    ReplayVisitor visitor{&core_, &report_};
    for (std::size_t i = from; i < found_.size(); ++i) {
      TRY(bool more, replay_segment(found_[i], i + 1 < found_.size() ? &found_[i + 1] : nullptr, visitor));
      if (!more) break;
    }
    for (auto& [id, s] : core_.streams) {
      s.durable_offset = s.next_offset;
      s.durable_log_start = s.log_start;
    }
    return finish();
  }

  // The segment whose snapshot serves should that of `newest` be damaged by the next start: the one before,
  // whether or not this start had to open it, or, when damage was found there, one before that. Between it
  // and `newest` nothing may be missing. `newest` itself when there is none.
  std::uint64_t sequence_to_fall_back_to(std::uint64_t newest) const {
    std::uint64_t found = newest;
    while (std::ranges::binary_search(sequences_, found - 1) &&
           std::ranges::find(unreadable_, found - 1) == unreadable_.end()) {
      --found;
      auto segment = core_.sealed.find(found);
      if (segment != core_.sealed.end() && !(segment->second.flags & Segment::kQuarantined)) break;
    }
    return found;
  }

  /// False: the segments behind this one hold nothing.
  Result<bool> replay_segment(const Found& f, const Found* next, ReplayVisitor& visitor) {
    OpenSegment segment;
    segment.sequence = f.sequence;
    segment.base = f.header.base_position;
    segment.size = f.header.size;
    segment.snapshot = true;
    segment.gaps = (f.header.features_required & kGaps) != 0;
    visitor.begin(f, &segment);
    auto damage_before = report_.damage.size();
    ScanOptions options{.durable_before = durable_end(f, next),
                        .ignore_marks = core_.sabotage(kIgnoreDurableMark)};
    TRY(ScanEnd end, scan_segment(*f.file, f.header, options, visitor));
    report_.bytes_scanned += end.bytes_read;
    report_.bits_repaired += end.bits_repaired;
    report_.torn_tail_bytes += end.torn_bytes;
    segment.data_end = end.data_end;
    segment.directory_position = end.directory_position;
    segment.directory_bytes = end.directory_bytes;
    if (end.damaged || report_.damage.size() > damage_before) segment.flags |= Segment::kQuarantined;
    // Behind the newest valid snapshot a segment without records was prepared ahead, or begun and torn. What
    // there is of its snapshot must not be written on to: it would count for one, and the one before be
    // recycled.
    if (!segment.has_records && !end.damaged && !core_.open.empty()) {
      report_.torn_tail_bytes += end.end - (segment.base + kFirstFrameAt);
      if ((f.header.flags & SegmentHeader::kFresh) && end.end == segment.base + kFirstFrameAt &&
          end.torn_bytes == 0)
        untouched_.push_back(f.sequence);
      return false;
    }
    // Beyond the last mark nothing says that the disk has it, and a page cache that a failed sync left behind
    // would lie about it: write the same bytes again, and sync that.
    TRY_VOID(rewrite(f, std::max(end.mark, segment.base + kFirstFrameAt), end.end));
    segment.next_position = end.end;
    segment.state = std::make_shared<WriteState>();
    segment.state->file = std::make_shared<SegmentFile>(f.file, segment.base, f.header.salt);
    segment.state->size = f.header.size;
    segment.state->chain = end.chain;
    segment.state->written_end =
        f.header.flags & SegmentHeader::kFresh ? align_up(end.end - segment.base, kPageBytes) : f.header.size;
    if (!core_.open.empty()) {
      OpenSegment& before = core_.open.front();
      core_.sealed[before.sequence] = before.as_sealed();
      core_.open.clear();
    }
    core_.open.push_back(std::move(segment));
    return true;
  }

  // A later segment with records is begun only when this one is sealed and durable to its end.
  // Without its footer only the marks tell.
  std::uint64_t durable_end(const Found& f, const Found* next) {
    if (!next) return 0;
    Bytes first(kPageBytes);
    auto got = next->file->read_at(kFirstFrameAt, first);
    if (!got || *got != first.size()) return 0;
    std::uint64_t bits = 0;
    auto frame = FrameHeader::decode(first, next->header.salt, next->header.base_position + kFirstFrameAt,
                                     next->header.size - kFirstFrameAt - kPageBytes, &bits);
    if (!frame) return 0;
    Bytes page(kPageBytes);
    got = f.file->read_at(f.header.size - kPageBytes, page);
    auto footer = got ? Footer::decode(page, f.header.salt, &bits) : std::nullopt;
    return footer ? footer->end : 0;
  }

  Result<void> rewrite(const Found& f, std::uint64_t from, std::uint64_t to) {
    if (from >= to) return {};
    std::uint64_t base = f.header.base_position;
    std::uint64_t at = align_down(from - base, kPageBytes);
    Bytes buffer(kPieceBytes);
    while (at < to - base) {
      auto n = std::min<std::uint64_t>(kPieceBytes, align_up(to - base, kPageBytes) - at);
      MutableBytes part = MutableBytes{buffer}.first(n);
      TRY(auto got, f.file->read_at(at, part));
      if (got != n) return fail(ErrorCode::DiskFailed, "segment shorter than it was");
      ByteView piece = part;
      TRY_VOID(f.file->write_at(at, {&piece, 1}));
      at += n;
    }
    return f.file->sync();
  }

  Result<void> finish() {
    OpenSegment& open = core_.open.back();
    if (open.state->tail.empty()) {
      auto used = (open.next_position - open.base) % kPageBytes;
      open.state->tail.resize(used);
      TRY(auto got, open.state->file->read_at(open.next_position - open.base - used, open.state->tail));
      if (got != used) return fail(ErrorCode::DiskFailed, "segment shorter than it was");
    }
    core_.sealed.erase(core_.sealed.lower_bound(open.sequence), core_.sealed.end());
    core_.reordered = (open.flags & Segment::kReordered) != 0;
    for (auto& [sequence, s] : core_.sealed) {
      core_.reordered = core_.reordered || (s.flags & Segment::kReordered);
      if (s.flags & Segment::kQuarantined) ++core_.stats.segments_quarantined;
      if (s.salt != 0) continue;
      TRY(auto file, core_.directory.open(segment_name(sequence)));
      auto header = read_segment_header(*file, &report_.bits_repaired);
      if (header) {
        s.salt = header->salt;
        continue;
      }
      report_.damage.push_back(
          {.stream = {},
           .first_offset = -1,
           .last_offset = -1,
           .file = segment_name(sequence),
           .position = s.base,
           .what = "the segment's header and its copy are damaged; nothing of it is served"});
    }
    for (const Segment& s : missing_) {
      if (s.witness_state != Segment::Witness::Live || !core_.live(s.witness, s.witness_offset)) continue;
      report_.damage.push_back({s.witness, -1, s.witness_offset, segment_name(s.sequence), s.base,
                                "the file is missing; reads name what it held"});
    }
    // Sealed, with nothing behind it yet; or damaged: the next append begins a new segment.
    if (open.directory_position != 0 || (open.flags & Segment::kQuarantined)) open.sealing = true;
    if (open.flags & Segment::kQuarantined) ++core_.stats.segments_quarantined;
    keep_prepared(open);
    report_.segments = core_.sealed.size() + 1;
    return {};
  }

  // Segments behind the open one hold nothing that counts; they become spares again. Unreadable ones are put
  // aside.
  void keep_prepared(const OpenSegment& open) {
    for (std::uint64_t sequence : sequences_)
      if (sequence > open.sequence) leftovers_.push_back(sequence);
    for (std::uint64_t sequence : leftovers_) {
      if (std::ranges::find(unreadable_, sequence) != unreadable_.end()) {
        (void)core_.directory.rename(segment_name(sequence), quarantine_name(sequence));
        ++core_.stats.segments_quarantined;
        continue;
      }
      if (auto renamed = core_.directory.rename(segment_name(sequence), spare_name(sequence)); !renamed)
        continue;
      auto file = core_.directory.open(spare_name(sequence));
      auto size = file ? (*file)->size() : Result<std::uint64_t>{0};
      core_.spares.push_back({.sequence = sequence,
                              .size = size.value_or(0),
                              .fresh = std::ranges::find(untouched_, sequence) != untouched_.end()});
    }
    if (!leftovers_.empty()) (void)core_.directory.sync_names();
  }

  static constexpr std::uint64_t kPieceBytes = 1048576;
  Core& core_;
  RecoveryReport& report_;
  std::vector<std::uint64_t> sequences_;
  std::vector<Found> found_;
  std::vector<std::uint64_t> leftovers_;
  std::vector<std::uint64_t> unreadable_;
  std::vector<std::uint64_t> untouched_;  // leftovers that are as they were prepared
  std::vector<Segment> missing_;
};

}  // namespace

Result<void> recover(Core* core, RecoveryReport* report) { return Recovery{core, report}.run(); }

}  // namespace ledge::journal
