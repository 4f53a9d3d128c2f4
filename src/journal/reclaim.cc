// SPDX-License-Identifier: Apache-2.0
// The part of the writer that makes segments: prepared ahead of use, reused when nothing in them lives.
#include <algorithm>

#include "base/log.h"
#include "journal/reader.h"
#include "journal/writer.h"

namespace ledge::journal {

namespace {
constexpr auto kPrepareRetry = 1s;
}

/// Starts a job beside writing, if one is due. True: the worker is busy now.
bool Writer::maintain() {
  if (in_flight_ || core_.poison.code != ErrorCode::None) return in_flight_;
  recycle();
  if (in_flight_) return true;
  OpenSegment& s = core_.open.back();
  bool half_full = s.next_position - s.base > s.size / 2;
  bool have = next_ && next_sequence_ == s.sequence + 1;
  if (core_.open.size() == 1 && s.state && half_full && !have && !retry_ && !draining_) {
    prepare(s.sequence + 1, s.base + s.size, core_.options.segment_bytes);
    return true;
  }
  return false;
}

void Writer::prepare(std::uint64_t sequence, std::uint64_t base, std::uint64_t size) {
  struct Work {
    Preparation what;
    bool replace = false;
    Result<std::shared_ptr<WriteState>> result;
  };
  auto work = std::make_shared<Work>();
  work->what = {.journal_id = core_.id,
                .sequence = sequence,
                .base = base,
                .size = size,
                .salt = core_.env.random.u64()};
  work->replace = next_sequence_ == sequence;  // prepared once, but too small for what it must hold
  auto fits = std::ranges::find(core_.spares, size, &Spare::size);
  if (fits != core_.spares.end()) {
    work->what.spare = *fits;
    core_.spares.erase(fits);
  }
  preparing_sequence_ = sequence;
  preparing_size_ = size;
  in_flight_ = true;
  core_.env.journal_worker.submit(
      [work, directory = &core_.directory] {
        if (work->replace) (void)directory->remove(segment_name(work->what.sequence));
        work->result = prepare_segment(*directory, work->what);
      },
      [this, work, alive = std::weak_ptr<bool>(core_.alive)] {
        if (!alive.expired()) prepared(work->what.sequence, std::move(work->result));
      });
}

void Writer::prepared(std::uint64_t sequence, Result<std::shared_ptr<WriteState>> result) {
  in_flight_ = false;
  preparing_sequence_ = 0;
  if (result) {
    prepare_error_ = {};
    next_ = std::move(*result);
    next_sequence_ = sequence;
    flush();
    return;
  }
  // Nothing is lost: what is appended waits in memory, further appends are refused when they need the
  // segment.
  prepare_error_ = result.error();
  LOG_ERROR("no further journal segment can be made", {{"error", prepare_error_.text()}});
  retry_ = core_.env.loop.timer();
  retry_->set(core_.env.loop.now() + kPrepareRetry, [this] {
    retry_ = nullptr;
    flush();
  });
  flush();
}

// Oldest first: a segment is dead when no stream keeps it alive. Its index is asked only when the one stream
// that was known to keep it alive does not any more.
void Writer::reclaim() {
  for (auto& [sequence, s] : core_.sealed) {
    if (sequence >= core_.snapshot_sequence_before && !core_.sabotage(kRecycleTooEarly)) break;
    if (std::ranges::find(dead_, sequence) != dead_.end()) continue;
    if (s.witness_state == Segment::Witness::Live && core_.live(s.witness, s.witness_offset)) continue;
    if (s.witness_state == Segment::Witness::None) {
      dead_.push_back(sequence);
      continue;
    }
    reader_.find_witness(sequence, [this](std::uint64_t asked) {
      auto it = core_.sealed.find(asked);
      if (it != core_.sealed.end() && it->second.witness_state == Segment::Witness::None) {
        if (std::ranges::find(dead_, asked) == dead_.end()) dead_.push_back(asked);
        schedule();
      }
    });
  }
  if (!dead_.empty()) schedule();
}

void Writer::recycle() {
  for (std::uint64_t sequence : dead_) {
    auto it = core_.sealed.find(sequence);
    CHECK(it != core_.sealed.end());
    Segment& s = it->second;
    // What it truncated may still stand in older segments.
    if ((s.flags & Segment::kTruncated) && it != core_.sealed.begin()) continue;
    // Once nobody else holds the file, nobody can get it any more: reads find no live offset in it.
    bool used = s.file && s.file.use_count() > 1;
    if (used && !core_.sabotage(kRecycleTooEarly)) continue;
    bool quarantined = s.flags & Segment::kQuarantined;
    bool keep = !quarantined && s.size == core_.options.segment_bytes &&
                core_.spares.size() < static_cast<std::size_t>(std::max(core_.options.spare_segments, 0));
    struct Work {
      std::string from, to;
      Result<void> result;
    };
    auto work = std::make_shared<Work>();
    work->from = segment_name(sequence);
    if (quarantined)
      work->to = quarantine_name(sequence);
    else if (keep)
      work->to = spare_name(sequence);
    Spare spare{.sequence = sequence, .size = s.size};
    reader_.forget(sequence);
    core_.sealed.erase(it);
    std::erase(dead_, sequence);
    ++core_.stats.segments_recycled;
    in_flight_ = true;
    core_.env.journal_worker.submit(
        [work, directory = &core_.directory] {
          work->result =
              work->to.empty() ? directory->remove(work->from) : directory->rename(work->from, work->to);
          if (work->result) work->result = directory->sync_names();
        },
        [this, work, keep, spare, alive = std::weak_ptr<bool>(core_.alive)] {
          if (alive.expired()) return;
          in_flight_ = false;
          if (!work->result)
            LOG_ERROR("a segment could not be reused",
                      {{"file", work->from}, {"error", work->result.error().text()}});
          else if (keep)
            core_.spares.push_back(spare);
          flush();
        });
    return;
  }
}

}  // namespace ledge::journal
