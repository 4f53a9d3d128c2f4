// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace ledge::cli {

/// Where `ledge consume -o` begins.
struct StartOffset {
  enum class Kind : std::uint8_t { Beginning, End, Exact, BeforeEnd, AtTime } kind = Kind::Beginning;
  std::int64_t value = 0;  // offset, distance from the end, milliseconds
  bool operator==(const StartOffset&) const = default;
};

/// beginning (earliest), end (latest), N, -N (N before the end), @MS (the first record at or after that
/// time), @-30s (also m, h, d: so long ago). BadOption for anything else.
Result<StartOffset> parse_start_offset(std::string_view text, WallMs now);

}  // namespace ledge::cli
