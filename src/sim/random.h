// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "base/time.h"
#include "os/system.h"

namespace ledge::sim {

/// Chance from a seed: the same seed draws the same row for good (xoshiro256**, seeded by splitmix64;
/// Blackman and Vigna, "Scrambled linear pseudorandom number generators").
class Random final : public os::Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = mix(seed += 0x9e3779b97f4a7c15);
  }

  std::uint64_t next() {
    const std::uint64_t out = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = std::rotl(state_[3], 45);
    return out;
  }
  /// 0 <= value < n
  std::uint64_t below(std::uint64_t n) {
    CHECK(n > 0);
    return next() % n;
  }
  /// low <= value <= high
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool chance(double probability) { return static_cast<double>(next() >> 11) * 0x1p-53 < probability; }
  /// Mostly near `usual`, sometimes ten times, rarely a hundred times that.
  Duration delay(Duration usual) {
    const std::uint64_t kind = below(100);
    const std::int64_t scale = kind < 90 ? 1 : kind < 99 ? 10 : 100;
    return Duration{between(0, 2 * usual.count()) * scale};
  }
  void fill(MutableBytes into) override {
    while (!into.empty()) {
      const std::uint64_t word = next();
      const std::size_t n = std::min(into.size(), sizeof word);
      std::memcpy(into.data(), &word, n);
      into = into.subspan(n);
    }
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  std::uint64_t state_[4];
};

}  // namespace ledge::sim
