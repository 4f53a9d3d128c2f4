// SPDX-License-Identifier: Apache-2.0
// The same time limit for many: a list in order of the last activity and one timer, set for its head only.
// Activity costs no timer call, and with nobody in the list nothing is set.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <utility>

#include "os/loop.h"

namespace ledge::server {

template <class Member> class Deadlines {
 public:
  struct Entry {
    Instant since;
    Member* member;
  };
  /// A member's place; starts outside of the list.
  using Place = typename std::list<Entry>::iterator;

  /// `expired` must remove() or touch() the member.
  Deadlines(os::Loop& loop, Duration after, std::function<void(Member&)> expired)
      : loop_(loop), after_(after), expired_(std::move(expired)), timer_(loop.timer()) {}

  Place outside() { return entries_.end(); }

  void touch(Place& place, Member* member) {
    if (place == entries_.end()) place = entries_.insert(entries_.end(), {{}, member});
    place->since = loop_.now();
    entries_.splice(entries_.end(), entries_, place);
    if (!armed_) arm();
  }

  void remove(Place& place) {
    if (place != entries_.end()) entries_.erase(place);
    place = entries_.end();
    if (entries_.empty() && std::exchange(armed_, false)) timer_->cancel();
  }

  /// When the member was touched last; only for one that is in the list.
  Instant since(const Place& place) const { return place->since; }

 private:
  void arm() {
    armed_ = true;
    timer_->set(entries_.front().since + after_, [this] { fire(); });
  }

  void fire() {
    const Instant now = loop_.now();
    while (!entries_.empty() && entries_.front().since + after_ <= now) {
      Member& member = *entries_.front().member;
      expired_(member);
    }
    armed_ = false;
    if (!entries_.empty()) arm();
  }

  os::Loop& loop_;
  const Duration after_;
  std::function<void(Member&)> expired_;
  std::unique_ptr<os::Timer> timer_;
  std::list<Entry> entries_;
  bool armed_ = false;
};

}  // namespace ledge::server
