// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/time.h"

namespace ledge::client {

/// The pause after the n-th failure in a row: doubles up to `longest`, then up to a fifth more or less, so
/// that a fleet that lost its server together does not come back together (KIP-144, KIP-580).
inline Duration backoff(int failures, Duration first, Duration longest, std::uint64_t random) {
  const int doublings = std::clamp(failures - 1, 0, 30);
  const Duration pause = std::min(longest, first * (std::int64_t{1} << doublings));
  constexpr std::int64_t kSteps = 1024;
  const auto step = static_cast<std::int64_t>(random % (kSteps + 1));
  return pause * 4 / 5 + pause * 2 / 5 * step / kSteps;
}

}  // namespace ledge::client
