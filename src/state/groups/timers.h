// SPDX-License-Identifier: Apache-2.0
// Moments by name, the earliest first: a step costs O(log n) however many there are.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace ledge::state {

class Timers {
 public:
  /// nullopt: no timer of this name.
  void set(std::string_view name, std::optional<Instant> at) {
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) {
      if (at == found->second) return;
      by_time_.erase({found->second, found->first});
      if (!at) {
        by_name_.erase(found);
        return;
      }
      found->second = *at;
      by_time_.emplace(*at, found->first);
    } else if (at) {
      const auto added = by_name_.emplace(name, *at).first;
      by_time_.emplace(*at, added->first);
    }
  }
  bool contains(std::string_view name) const { return by_name_.contains(name); }
  std::size_t size() const { return by_name_.size(); }
  void clear() { by_time_.clear(), by_name_.clear(); }

  std::optional<Instant> next() const {
    return by_time_.empty() ? std::nullopt : std::optional{by_time_.begin()->first};
  }
  /// Takes out one whose moment has come; nullopt: none has.
  std::optional<std::string> take_due(Instant now) {
    if (by_time_.empty() || by_time_.begin()->first > now) return std::nullopt;
    std::string name{by_time_.begin()->second};
    by_time_.erase(by_time_.begin());
    by_name_.erase(name);
    return name;
  }

 private:
  std::map<std::string, Instant, std::less<>> by_name_;
  std::set<std::pair<Instant, std::string_view>> by_time_;  // views of the names above
};

}  // namespace ledge::state
