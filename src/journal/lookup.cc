// SPDX-License-Identifier: Apache-2.0
#include "journal/lookup.h"

#include <algorithm>

namespace ledge::journal {

bool Walk::step() {
  switch (phase_) {
    case Phase::Begin: return begin();
    case Phase::Search: return search();
    case Phase::Sealed: return sealed();
    case Phase::Open: return open();
    case Phase::Gather: return gather();
    case Phase::Give: return give();
  }
  return false;
}

bool Walk::begin() {
  // The tail is in memory: most reads end here.
  phase_ = Phase::Open;
  auto id = static_cast<std::uint64_t>(stream_);
  bool tail = true;
  for (const OpenSegment& s : core().open) tail = tail && !(s.flags & Segment::kReordered);
  for (const OpenSegment& s : core().open) {
    auto found = s.rows.find(id);
    if (!tail || found == s.rows.end() || found->second.empty()) continue;
    bool covers = false;
    found->second.from(0, [&](const IndexRow& first) {
      covers = first.first_offset <= offset_;
      return false;
    });
    if (covers) return true;
    break;
  }
  if (core().sealed.empty()) {
    if (!tail) begin_gathering();
    return true;
  }
  low_ = core().sealed.begin()->first;
  // Where streams were truncated, their ends do not grow from segment to segment.
  const auto truncated = [](const auto& s) { return s.second.flags & Segment::kTruncated; };
  if (core().reordered && (!tail || std::ranges::any_of(core().sealed, truncated))) {
    begin_gathering();
    return true;
  }
  high_ = core().sealed.rbegin()->first + 1;  // behind them: not in any
  const Stream* s = core().find(stream_);
  probe_ = s ? s->hint : 0;
  phase_ = Phase::Search;
  return true;
}

// The first segment at whose end the stream is beyond offset_.
bool Walk::search() {
  auto& sealed = core().sealed;
  auto from = sealed.lower_bound(low_);
  auto to = sealed.lower_bound(high_);
  if (from == to) {
    phase_ = to == sealed.end() ? Phase::Open : Phase::Sealed;
    if (to != sealed.end()) low_ = to->first;
    if (core().reordered) begin_gathering();
    return true;
  }
  if (probe_ < from->first || to == from || probe_ > std::prev(to)->first || !sealed.contains(probe_)) {
    auto middle = from->first + (std::prev(to)->first - from->first) / 2;
    probe_ = std::prev(sealed.upper_bound(middle))->first;
  }
  Reader::Look look;
  if (!look_into(probe_, offset_, &look)) return false;
  if (look.present && reached(look)) {
    high_ = probe_;
    probe_ = probe_ - 1;  // with a right hint this is the last question
  } else {
    low_ = probe_ + 1;
    probe_ = low_;
  }
  return true;
}

bool Walk::look_into(std::uint64_t sequence, std::int64_t offset, Reader::Look* out) {
  switch (reader_.look(sequence, stream_, offset, shared_from_this(), out)) {
    case Reader::Got::Ready: return true;
    case Reader::Got::Waiting:
      if (!enough()) return false;
      end();
      break;
    case Reader::Got::Refused:
      failed({ErrorCode::DiskFailed, segment_name(sequence) + " cannot be read now"});
      break;
  }
  done_ = true;
  return false;
}

bool Walk::sealed() {
  auto it = core().sealed.lower_bound(low_);
  if (it == core().sealed.end()) {
    phase_ = Phase::Open;
    return true;
  }
  low_ = it->first;
  Reader::Look look;
  if (!look_into(low_, offset_, &look)) return false;
  auto file = core().file_of(it->second);
  if (!file) {
    failed({ErrorCode::JournalDamaged, segment_name(low_) + " cannot be read"});
    done_ = true;
    return false;
  }
  if (!look.rows.empty()) {
    if (Stream* s = core().find(stream_)) s->hint = low_;
    bool on = rows(low_, *file, it->second.trusted, look.rows);
    if (done_) return false;
    if (!on) return false;  // waits for something of its own
    offset_ = std::max(offset_, look.rows.back().last_offset + 1);
    if (look.more) return true;
  }
  ++low_;
  return true;
}

bool Walk::open() {
  auto id = static_cast<std::uint64_t>(stream_);
  for (const OpenSegment& s : core().open) {
    auto found = s.rows.find(id);
    if (found == s.rows.end() || !s.state) continue;
    for (;;) {
      std::vector<IndexRow> some;
      found->second.from(offset_, [&](const IndexRow& row) {
        some.push_back(row);
        return some.size() < 256;
      });
      if (some.empty()) break;
      rows(s.sequence, s.state->file, true, some);
      if (done_) return false;
      offset_ = std::max(offset_, some.back().last_offset + 1);
    }
  }
  end();
  done_ = true;
  return false;
}

// --- with relocated and truncate entries

void Walk::begin_gathering() {
  phase_ = Phase::Gather;
  gather_from_ = std::max(gather_from_, offset_);
  gathered_to_ = kNotTruncated;
  gather_next_ = low_;
  primary_seen_ = false;
  places_.clear();
  gathered_.clear();
}

bool Walk::gather() {
  auto it = core().sealed.lower_bound(gather_next_);
  if (it == core().sealed.end()) {
    gather_open();
    phase_ = Phase::Give;
    return true;
  }
  Segment& segment = it->second;
  gather_next_ = it->first;
  // Rows of segments without moved ones go on where those of the segments before them end.
  const bool skip = primary_seen_ && !(segment.flags & Segment::kReordered);
  if (!skip) {
    Reader::Look look;
    if (!look_into(it->first, gather_from_, &look)) return false;
    auto file = core().file_of(segment);
    if (!file) {
      failed({ErrorCode::JournalDamaged, segment_name(it->first) + " cannot be read"});
      done_ = true;
      return false;
    }
    const bool appended = look.present && look.next_offset > gather_from_ && !look.rows.empty();
    const std::int64_t end = look.next_offset;
    merge({it->first, *file, segment.trusted}, std::move(look.rows), look.more, look.truncated_to);
    const bool truncations = std::ranges::any_of(
        core().sealed, [](const auto& s) { return s.second.flags & Segment::kTruncated; });
    const bool open_truncations =
        std::ranges::any_of(core().open, [](const OpenSegment& s) { return s.flags & Segment::kTruncated; });
    if (appended && !truncations && !open_truncations && !primary_seen_) {
      primary_seen_ = true;
      gathered_to_ = std::min(gathered_to_, end);
    }
  }
  ++gather_next_;
  return true;
}

void Walk::gather_open() {
  constexpr std::size_t kRows = 512;
  for (const OpenSegment& s : core().open) {
    auto found = s.rows.find(static_cast<std::uint64_t>(stream_));
    if (found == s.rows.end() || !s.state) continue;
    std::vector<IndexRow> rows;
    bool more = false;
    found->second.from(gather_from_, [&](const IndexRow& row) {
      more = rows.size() == kRows;
      if (!more) rows.push_back(row);
      return !more;
    });
    merge({s.sequence, s.state->file, true}, std::move(rows), more, found->second.truncated_to());
  }
}

// Rows of a newer segment over those gathered so far.
void Walk::merge(Place place, std::vector<IndexRow> rows, bool more, std::int64_t truncated_to) {
  constexpr std::size_t kRowsGathered = 512;
  std::erase_if(gathered_, [&](const Gathered& g) { return g.row.last_offset >= truncated_to; });
  if (more) gathered_to_ = std::min(gathered_to_, rows.back().last_offset + 1);
  if (!rows.empty()) {
    std::vector<Gathered> merged;
    merged.reserve(gathered_.size() + rows.size());
    auto newer = rows.begin();
    for (Gathered& old : gathered_) {
      for (; newer != rows.end() && newer->first_offset < old.row.first_offset; ++newer)
        merged.push_back({*newer, places_.size()});
      const bool replaced = (newer != rows.end() && newer->first_offset <= old.row.last_offset) ||
                            (newer != rows.begin() && std::prev(newer)->last_offset >= old.row.first_offset);
      if (!replaced) merged.push_back(old);
    }
    for (; newer != rows.end(); ++newer) merged.push_back({*newer, places_.size()});
    gathered_ = std::move(merged);
    places_.push_back(std::move(place));
  }
  if (gathered_.size() > kRowsGathered)
    gathered_to_ = std::min(gathered_to_, gathered_[kRowsGathered].row.first_offset);
  std::erase_if(gathered_, [&](const Gathered& g) { return g.row.first_offset >= gathered_to_; });
}

bool Walk::give() {
  if (gathered_.empty()) {
    if (gathered_to_ == kNotTruncated) {
      end();
      done_ = true;
      return false;
    }
    gather_from_ = gathered_to_;
    begin_gathering();
    return true;
  }
  std::vector<IndexRow> run;
  const std::size_t at = gathered_.front().place;
  for (const Gathered& g : gathered_) {
    if (g.place != at) break;
    run.push_back(g.row);
  }
  gathered_.erase(gathered_.begin(), gathered_.begin() + static_cast<std::ptrdiff_t>(run.size()));
  const Place& place = places_[at];
  const bool on = rows(place.sequence, place.file, place.trusted, run);
  if (done_) return false;
  if (!on) return false;  // waits for something of its own
  offset_ = std::max(offset_, run.back().last_offset + 1);
  return true;
}

}  // namespace ledge::journal
