// SPDX-License-Identifier: Apache-2.0
#include "journal/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <span>

#include "base/limits.h"
#include "journal/reader.h"
#include "journal/scan.h"
#include "journal/snapshot.h"

namespace ledge::journal {

namespace {
constexpr std::uint64_t kFrameSoftBytes = 1048576;  // a frame takes no further group beyond this
constexpr std::uint64_t kJobBytesMax = 8388608;     // frames of one write
constexpr std::size_t kJobPiecesMax = 240;          // of one gathered write (os/ takes 256 at a time)
constexpr std::size_t kRowBytesMax = 48;
/// Of the last segment, while no further one can be made (the disk is full): kept for the program's own
/// records, so that a start can be recorded and topics deleted.
constexpr std::uint64_t kReserveBytes = 65536;
}  // namespace

// --- appending

Result<void> Writer::append(std::vector<Entry> entries, Durable durable) {
  if (core_.poison.code != ErrorCode::None) return std::unexpected(core_.poison);
  CHECK(!draining_);
  std::uint64_t group = 0;
  for (const Entry& e : entries) group += kEntryHeaderBytes + align_up(e.body.size(), kAlignment);
  if (group + kFrameHeaderBytes > static_cast<std::uint64_t>(limits::journal_frame_bytes_max))
    return fail(ErrorCode::LimitExceeded, fmt::format("{} bytes are to be atomic, a frame holds {}", group,
                                                      limits::journal_frame_bytes_max));
  TRY_VOID(make_room(group, entries));

  OpenSegment& segment = core_.open.back();
  if (segment.frames.empty()) window_end_ = core_.env.loop.now() + core_.options.commit_window;
  FramePlan& frame = frame_for(segment, group);
  for (Entry& e : entries) {
    const EntryHeader h = e.header;
    if (h.kind == EntryKind::Append) {
      const Stream* s = core_.find(h.stream);
      CHECK(h.first_offset == (s ? s->next_offset : 0));
      CHECK(h.last_offset >= h.first_offset);
    }
    CHECK(h.kind != EntryKind::SnapshotPiece && h.kind != EntryKind::IndexPiece);
    auto bytes = static_cast<std::uint32_t>(e.body.size());
    std::uint64_t body_position = frame.position + frame.add(std::move(e), core_.run);
    auto id = static_cast<std::uint64_t>(h.stream);
    if (h.kind == EntryKind::Drop && core_.streams.contains(id)) core_.dropping.insert(id);
    if (h.kind == EntryKind::Truncate) forget_ends_beyond(h.stream, h.first_offset);
    apply_entry(core_.streams, &segment, h, body_position, bytes);
    core_.reordered = core_.reordered || (segment.flags & Segment::kReordered);
    std::int64_t end = h.kind == EntryKind::Append ? h.last_offset + 1 : h.first_offset;
    frame.ends.push_back({h.stream, h.kind, end});
  }
  frame.payload_bytes += group;
  frame.durable.push_back(std::move(durable));
  segment.has_records = true;
  segment.next_position = frame.position + frame.length;
  segment.data_end = segment.next_position;
  pending_bytes_ += group;
  core_.stats.entries += entries.size();
  core_.stats.bytes_appended += group;
  schedule();
  return {};
}

// What is on its way to the disk will not make durable what was truncated meanwhile.
void Writer::forget_ends_beyond(StreamId stream, std::int64_t offset) {
  auto clamp = [&](FramePlan& frame) {
    for (FramePlan::End& end : frame.ends)
      if (end.stream == stream && end.kind == EntryKind::Append) end.offset = std::min(end.offset, offset);
  };
  for (OpenSegment& segment : core_.open) std::ranges::for_each(segment.frames, clamp);
  if (job_) std::ranges::for_each(job_->frames, clamp);
}

FramePlan& Writer::frame_for(OpenSegment& segment, std::uint64_t bytes) {
  if (!segment.frames.empty()) {
    FramePlan& last = segment.frames.back();
    if (last.length + bytes <= kFrameSoftBytes && last.pieces.size() < kJobPiecesMax / 2) return last;
  }
  return segment.frames.emplace_back(position_for(segment, bytes));
}

/// Where a new frame begins that takes entries of `bytes` and will probably be written alone. A small commit
/// goes to the next page when it would reach into it: that page is then all that is written. It is taken to
/// grow as large as the one before. The first commit of a run does not: it overwrites what a cut may have
/// left in the last page, and a reader takes only zeros for a gap.
std::uint64_t Writer::position_for(const OpenSegment& segment, std::uint64_t bytes) const {
  const std::uint64_t position = align_up(segment.next_position, kAlignment);
  const std::uint64_t left = align_up(position, kPageBytes) - position;
  const std::uint64_t expected = std::max(kFrameHeaderBytes + bytes, last_job_bytes_);
  const bool gap = segment.gaps && last_job_bytes_ != 0 && segment.frames.empty() && left < expected &&
                   expected <= kPageBytes;
  return gap ? position + left : position;
}

// Returns the position of the body.
std::uint64_t Writer::add_own_entry(OpenSegment& segment, const EntryHeader& header, SharedBytes body) {
  FramePlan& frame = frame_for(segment, kEntryHeaderBytes + align_up(body.size(), kAlignment));
  std::uint64_t body_position = frame.position + frame.add({header, std::move(body)}, core_.run);
  segment.next_position = frame.position + frame.length;
  return body_position;
}

// --- rolling

// What the index of the segment may take if it were sealed with `more_rows` further rows.
std::uint64_t Writer::index_reserve(const OpenSegment& segment, std::size_t more_rows) const {
  std::uint64_t content = segment.rows_bytes + more_rows * kRowBytesMax +
                          (core_.streams.size() + segment.rows.size() + more_rows) * kSectionBytesMax;
  std::uint64_t pieces = content / kIndexPieceBytes + 2;
  return content + pieces * (kEntryHeaderBytes + kSectionBytesMax + kDirectoryRowBytes + kAlignment) +
         (content / kFrameSoftBytes + 3) * kFrameHeaderBytes + kEntryHeaderBytes + 64;
}

Result<void> Writer::make_room(std::uint64_t group, std::span<const Entry> entries) {
  OpenSegment& s = core_.open.back();
  if (!s.sealing) {
    std::uint64_t need = kFrameHeaderBytes + group + index_reserve(s, entries.size()) + kPageBytes;
    const bool own =
        std::ranges::any_of(entries, [](const Entry& e) { return e.header.stream < kFirstPartitionStream; });
    if (!no_further_segment()) {
      refusing_ = false;
    } else if (!own) {
      // What comes after a refused group may be small enough, but a client that has more than one request
      // under way would find its records in another order.
      if (refusing_) return std::unexpected(prepare_error_);
      need += kReserveBytes;
    }
    if (position_for(s, group) + need <= s.base + s.size) return {};
  }
  return roll(group);
}

Result<void> Writer::roll(std::uint64_t group) {
  if (no_further_segment()) {
    refusing_ = true;
    maintain();
    return std::unexpected(prepare_error_);
  }
  OpenSegment& last = core_.open.back();
  if (!last.sealing) seal(last);
  SnapshotParts parts;
  parts[kJournalPartTag] = encode_journal_part(core_);
  for (Participant* p : core_.participants) parts[p->snapshot_tag()] = p->take_snapshot();
  auto snapshot = snapshot_entries(parts);
  std::uint64_t bytes = 0;
  for (const Entry& e : snapshot)
    bytes += kFrameHeaderBytes + kEntryHeaderBytes + align_up(e.body.size(), kAlignment);

  // A segment has room for its snapshot and as much again, for the group, and for its index.
  OpenSegment empty;
  std::uint64_t need = kFirstFrameAt + 2 * bytes + group + 2 * index_reserve(empty, 1024) + kPageBytes;
  std::uint64_t size = std::max(align_up(need, kPageBytes), core_.options.segment_bytes);
  if (next_ && next_sequence_ == last.sequence + 1 && next_->size >= need)
    size = next_->size;
  else if (preparing_sequence_ == last.sequence + 1 && preparing_size_ >= need)
    size = preparing_size_;
  begin_segment(size, snapshot);
  return {};
}

void Writer::seal(OpenSegment& s) {
  s.sealing = true;
  std::vector<StreamEnd> ends;
  ends.reserve(core_.streams.size());
  for (const auto& [id, stream] : core_.streams)
    ends.push_back({StreamId{id}, stream.next_offset, stream.max_timestamp});
  std::ranges::sort(ends, {}, &StreamEnd::stream);
  BuiltIndex index = build_index(ends, s.rows, s.base);
  // Index frames are frames of their own, so that data_end is the end of a frame.
  s.next_position = align_up(s.next_position, kAlignment);
  s.data_end = s.next_position;
  s.frames.emplace_back(s.next_position);
  auto last = static_cast<std::int64_t>(index.pieces.size()) - 1;
  for (std::size_t i = 0; i < index.pieces.size(); ++i) {
    EntryHeader header{.stream = StreamId{0},
                       .kind = EntryKind::IndexPiece,
                       .first_offset = static_cast<std::int64_t>(i),
                       .last_offset = last};
    index.directory[i].position = add_own_entry(s, header, SharedBytes::take(std::move(index.pieces[i])));
  }
  Bytes directory = encode_directory(index.directory);
  s.directory_bytes = static_cast<std::uint32_t>(directory.size());
  s.directory_position = add_own_entry(s, {.stream = kDirectoryStream, .kind = EntryKind::IndexPiece},
                                       SharedBytes::take(std::move(directory)));
  CHECK(s.next_position + kPageBytes <= s.base + s.size);
  s.footer.resize(1);  // built when the salt is known
}

void Writer::begin_segment(std::uint64_t size, const std::vector<Entry>& snapshot) {
  const OpenSegment& last = core_.open.back();
  std::uint64_t sequence = last.sequence + 1;
  std::uint64_t base = last.base + last.size;
  OpenSegment& s = core_.open.emplace_back();
  s.sequence = sequence;
  s.base = base;
  s.size = size;
  s.next_position = s.data_end = base + kFirstFrameAt;
  s.snapshot = true;
  for (const Entry& e : snapshot) add_own_entry(s, e.header, e.body);
  s.data_end = s.next_position;
}

// --- jobs

/// Whether the open commit still waits for its window's end. The first of a run does not, so that a start is
/// not held up; nor does one that has grown large, or one that a segment's end cuts.
bool Writer::gathers() const {
  if (core_.options.commit_window <= Duration{} || draining_ || core_.stats.syncs == 0) return false;
  const OpenSegment& s = core_.open.front();
  return core_.open.size() == 1 && !s.sealing && !s.frames.empty() &&
         std::cmp_less(pending_bytes_, limits::commit_window_bytes_max) && core_.env.loop.now() < window_end_;
}

void Writer::schedule() {
  if (scheduled_ || in_flight_) return;
  if (gathers()) {
    if (window_timer_) return;
    window_timer_ = core_.env.loop.timer();
    window_timer_->set(window_end_, [this] {
      window_timer_ = nullptr;
      flush();
    });
    return;
  }
  scheduled_ = true;
  core_.env.loop.post([this, alive = std::weak_ptr<bool>(core_.alive)] {
    if (alive.expired()) return;
    scheduled_ = false;
    flush();
  });
}

void Writer::flush() {
  if (in_flight_ || core_.poison.code != ErrorCode::None) return;
  // A segment that was sealed before this run, or is kept as it is because of damage, has nothing to write.
  while (core_.open.size() > 1 && core_.open.front().frames.empty() && core_.open.front().footer.empty())
    segment_sealed();
  OpenSegment& s = core_.open.front();
  bool work = !s.frames.empty() || (s.sealing && !s.footer.empty());
  if (maintain()) return;
  if (gathers()) return schedule();
  window_timer_ = nullptr;
  if (work) {
    if (s.state) {
      write(s);
    } else if (next_ && next_sequence_ == s.sequence && next_->size == s.size) {
      s.state = std::move(next_);
      next_ = nullptr;
      write(s);
    } else if (!retry_) {
      next_ = nullptr;
      prepare(s.sequence, s.base, s.size);
    }
    return;
  }
  if (drained_.empty()) return;
  if (mark_wanted_) {  // a last frame without entries says that everything before it is durable
    s.next_position = align_up(s.next_position, kAlignment);
    std::uint64_t end = s.next_position + kFrameHeaderBytes;
    if (s.state && end + index_reserve(s, 0) + kPageBytes <= s.base + s.size) {
      s.frames.emplace_back(s.next_position);
      s.next_position = s.data_end = end;
      mark_wanted_ = false;
      write(s);
      return;
    }
  }
  for (auto done = std::exchange(drained_, {}); auto& call : done) core_.env.loop.post(std::move(call));
}

void Writer::write(OpenSegment& s) {
  job_ = std::make_shared<Job>();
  job_->state = s.state;
  job_->run = core_.run;
  job_->sync = !core_.sabotage(kNoSync) && !core_.sabotage(kAckBeforeSync);
  std::uint64_t bytes = 0;
  std::size_t pieces = 0;
  while (!s.frames.empty()) {
    const FramePlan& f = s.frames.front();
    if (!job_->frames.empty() &&
        (bytes + f.length > kJobBytesMax || pieces + f.pieces.size() + 1 > kJobPiecesMax))
      break;
    bytes += f.length;
    pieces += f.pieces.size() + 1;
    if (!f.durable.empty()) mark_wanted_ = true;
    job_->frames.push_back(std::move(s.frames.front()));
    s.frames.pop_front();
  }
  if (bytes != 0) last_job_bytes_ = bytes;
  if (s.sealing && s.frames.empty() && !s.footer.empty()) {
    Footer footer{.salt = s.state->file->salt,
                  .data_end = s.data_end,
                  .end = s.next_position,
                  .directory_position = s.directory_position,
                  .directory_bytes = s.directory_bytes};
    job_->footer = footer.encode();
    s.footer.clear();
  }
  in_flight_ = true;
  core_.env.journal_worker.submit([job = job_] { job->result = run_job(*job); },
                                  [this, job = job_, alive = std::weak_ptr<bool>(core_.alive)] {
                                    if (!alive.expired()) written(job->result);
                                  });
}

void Writer::written(const Result<void>& result) {
  in_flight_ = false;
  auto job = std::exchange(job_, nullptr);
  Stats& stats = core_.stats;
  stats.bytes_written += job->bytes_written;
  if (!result) {
    for (FramePlan& f : job->frames | std::views::reverse) core_.open.front().frames.push_front(std::move(f));
    poison(result.error());
    return;
  }
  ++stats.syncs;
  const auto took = static_cast<std::uint64_t>(job->took.count());
  stats.sync_ns_total += took;
  stats.sync_ns_max = std::max(stats.sync_ns_max, took);
  stats.frames += job->frames.size();
  if (core_.sabotage(kAckBeforeSync)) {
    auto later = [state = job->state] { (void)state->file->sync(); };
    core_.env.journal_worker.submit(later, [] {});
  }
  OpenSegment& s = core_.open.front();
  bool first = !job->frames.empty() && job->frames.front().position == s.base + kFirstFrameAt;
  bool whole_snapshot = s.snapshot && s.has_records;
  if ((first || whole_snapshot) && core_.snapshot_sequence < s.sequence) {
    // The snapshot's frames come first, and it counts once a frame of records behind it is durable.
    bool records = std::ranges::any_of(job->frames, [](const FramePlan& f) { return !f.durable.empty(); });
    if (records) {
      core_.snapshot_sequence_before = core_.snapshot_sequence;
      core_.snapshot_sequence = s.sequence;
    }
  }
  bool sealed = s.sealing && s.frames.empty() && s.footer.empty() && core_.open.size() > 1;
  if (sealed) segment_sealed();
  // Go on writing before telling anyone: their answers are sent while the disk works.
  std::weak_ptr<bool> alive = core_.alive;
  flush();
  complete(std::move(job->frames));
  if (!alive.expired()) schedule();
}

void Writer::complete(std::vector<FramePlan> frames) {
  bool freed = false;
  for (FramePlan& f : frames) {
    for (const FramePlan::End& end : f.ends) {
      auto id = static_cast<std::uint64_t>(end.stream);
      Stream* s = core_.find(end.stream);
      if (end.kind == EntryKind::Append && s) s->durable_offset = std::max(s->durable_offset, end.offset);
      if (end.kind == EntryKind::LogStart && s) {
        s->durable_log_start = std::max(s->durable_log_start, end.offset);
        s->durable_offset = std::max(s->durable_offset, end.offset);
        freed = true;
      }
      if (end.kind == EntryKind::Drop) {
        core_.dropping.erase(id);
        freed = true;
      }
    }
    pending_bytes_ -= f.payload_bytes;
  }
  std::weak_ptr<bool> alive = core_.alive;
  if (freed) reclaim();
  for (FramePlan& f : frames)
    for (Durable& durable : f.durable) {
      if (durable) durable({});
      if (alive.expired()) return;
    }
}

void Writer::segment_sealed() {
  OpenSegment& s = core_.open.front();
  auto witness = std::ranges::find_if(s.rows, [&](const auto& each) {
    return !each.second.empty() && core_.live(StreamId{each.first}, each.second.last_offset());
  });
  const bool live = witness != s.rows.end();
  const StreamId stream{live ? witness->first : 0};
  const std::int64_t last_offset = live ? witness->second.last_offset() : -1;
  Segment& out = core_.sealed[s.sequence] = s.as_sealed();
  out.witness_state = live ? Segment::Witness::Live : Segment::Witness::None;
  out.witness = stream;
  out.witness_offset = last_offset;
  core_.open.pop_front();
  reclaim();
}

void Writer::poison(const Error& error) {
  core_.poison = {ErrorCode::JournalPoisoned, error.text()};
  core_.stats.poisoned = true;
  std::weak_ptr<bool> alive = core_.alive;
  std::vector<Durable> failed;
  for (OpenSegment& s : core_.open)
    for (FramePlan& f : s.frames)
      for (Durable& d : f.durable) failed.push_back(std::move(d));
  for (OpenSegment& s : core_.open) s.frames.clear();
  auto calls = core_.on_poisoned;
  for (auto& call : calls) {
    call(core_.poison);
    if (alive.expired()) return;
  }
  for (Durable& d : failed) {
    if (d) d(std::unexpected(core_.poison));
    if (alive.expired()) return;
  }
  for (auto done = std::exchange(drained_, {}); auto& call : done) core_.env.loop.post(std::move(call));
}

void Writer::drain(os::Callback done) {
  draining_ = true;
  if (core_.poison.code != ErrorCode::None) {
    core_.env.loop.post(std::move(done));
    return;
  }
  drained_.push_back(std::move(done));
  schedule();
}

}  // namespace ledge::journal
