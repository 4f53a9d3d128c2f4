// SPDX-License-Identifier: Apache-2.0
#include "cli/start_offset.h"

#include <charconv>
#include <optional>

namespace ledge::cli {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::int64_t unit_ms(char unit) {
  switch (unit) {
    case 's': return 1000;
    case 'm': return 60'000;
    case 'h': return 3'600'000;
    case 'd': return 86'400'000;
    default: return 0;
  }
}

/// What stands behind the @.
std::optional<std::int64_t> time_from(std::string_view text, WallMs now) {
  if (!text.starts_with('-')) {
    const auto at = number(text);
    return at && *at >= 0 ? at : std::nullopt;
  }
  if (text.size() < 3) return std::nullopt;
  const auto ago = number(text.substr(1, text.size() - 2));
  std::int64_t ms = unit_ms(text.back());
  if (!ago || *ago < 0 || ms == 0 || __builtin_mul_overflow(*ago, ms, &ms) || ms > now) return std::nullopt;
  return now - ms;
}

}  // namespace

Result<StartOffset> parse_start_offset(std::string_view text, WallMs now) {
  using Kind = StartOffset::Kind;
  if (text == "beginning" || text == "earliest") return StartOffset{Kind::Beginning, 0};
  if (text == "end" || text == "latest") return StartOffset{Kind::End, 0};
  if (text.starts_with('@')) {
    if (const auto at = time_from(text.substr(1), now)) return StartOffset{Kind::AtTime, *at};
  } else if (const auto value = number(text); value && *value != INT64_MIN) {
    return *value < 0 ? StartOffset{Kind::BeforeEnd, -*value} : StartOffset{Kind::Exact, *value};
  }
  return fail(ErrorCode::BadOption, "--offset takes beginning, end, N, -N, @MILLISECONDS or @-30s, not '" +
                                        std::string{text} + "'");
}

}  // namespace ledge::cli
