// SPDX-License-Identifier: Apache-2.0
// Two clocks that must not be mixed. Instants order events inside one run of the program and drive every
// timer; wall time is data (record timestamps), may jump, and decides nothing about safety.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace ledge {

using Duration = std::chrono::nanoseconds;
using namespace std::chrono_literals;  // 5ms, 3s: in namespace ledge everywhere

/// A point on the monotonic clock of this boot, which goes on during suspend (CLOCK_BOOTTIME).
struct Instant {
  std::int64_t ns = 0;
  auto operator<=>(const Instant&) const = default;
  friend Instant operator+(Instant at, Duration d) { return {at.ns + d.count()}; }
  friend Instant operator-(Instant at, Duration d) { return {at.ns - d.count()}; }
  friend Duration operator-(Instant a, Instant b) { return Duration{a.ns - b.ns}; }
};

/// Milliseconds since 1970-01-01 UTC, as in Kafka's record timestamps. -1 means "none".
using WallMs = std::int64_t;

}  // namespace ledge
