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
  }
  return false;
}

bool Walk::begin() {
  // The tail is in memory: most reads end here.
  phase_ = Phase::Open;
  auto id = static_cast<std::uint64_t>(stream_);
  for (const OpenSegment& s : core().open) {
    auto found = s.rows.find(id);
    if (found == s.rows.end() || found->second.empty()) continue;
    bool covers = false;
    found->second.from(0, [&](const IndexRow& first) {
      covers = first.first_offset <= offset_;
      return false;
    });
    if (covers) return true;
    break;
  }
  if (core().sealed.empty()) return true;
  low_ = core().sealed.begin()->first;
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
    return true;
  }
  if (probe_ < from->first || to == from || probe_ > std::prev(to)->first || !sealed.contains(probe_)) {
    auto middle = from->first + (std::prev(to)->first - from->first) / 2;
    probe_ = std::prev(sealed.upper_bound(middle))->first;
  }
  Reader::Look look;
  switch (reader_.look(probe_, stream_, offset_, shared_from_this(), &look)) {
    case Reader::Got::Waiting:
      if (!enough()) return false;
      end();
      done_ = true;
      return false;
    case Reader::Got::Damaged:
      failed({ErrorCode::JournalDamaged, "the index of " + segment_name(probe_) + " cannot be read"});
      done_ = true;
      return false;
    case Reader::Got::Ready: break;
  }
  if (look.present && reached(look)) {
    high_ = probe_;
    probe_ = probe_ - 1;  // with a right hint this is the last question
  } else {
    low_ = probe_ + 1;
    probe_ = low_;
  }
  return true;
}

bool Walk::sealed() {
  auto it = core().sealed.lower_bound(low_);
  if (it == core().sealed.end()) {
    phase_ = Phase::Open;
    return true;
  }
  low_ = it->first;
  Reader::Look look;
  auto got = reader_.look(low_, stream_, offset_, shared_from_this(), &look);
  if (got == Reader::Got::Waiting) {
    if (!enough()) return false;
    end();
    done_ = true;
    return false;
  }
  auto file = core().file_of(it->second);
  if (got == Reader::Got::Damaged || !file) {
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

}  // namespace ledge::journal
