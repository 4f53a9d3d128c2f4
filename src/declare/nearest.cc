// SPDX-License-Identifier: Apache-2.0
#include "declare/nearest.h"

#include <algorithm>
#include <array>

namespace ledge::declare {
namespace {

constexpr std::size_t kWordMax = 80;  // longer words come from noise, not from fingers

/// Optimal string alignment distance, row by row; only the last three rows are needed.
std::size_t edits(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, kWordMax + 1>;
  Row rows[3];
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& now = rows[i % 3];
    const Row& above = rows[(i - 1) % 3];
    const Row& above2 = rows[(i + 1) % 3];  // i - 2
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({above[j] + 1, now[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        now[j] = std::min(now[j], above2[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() > kWordMax) return {};
  std::string_view best;
  std::size_t best_edits = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), word.size()),
                      shorter = std::min(candidate.size(), word.size());
    if (longer > kWordMax || longer - shorter >= best_edits) continue;
    if (const std::size_t e = edits(word, candidate); e < best_edits) {
      best = candidate;
      best_edits = e;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::string_view found = nearest(word, candidates);
  return found.empty() ? std::string{} : "; did you mean " + std::string{found} + "?";
}

}  // namespace ledge::declare
