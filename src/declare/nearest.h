// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace ledge::declare {

/// The candidate that `word` was most likely meant to be: smallest edit distance (a swap of neighbours counts
/// as one edit), at most a third of the word's length. Empty when none is near. Long words are not compared.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

/// "; did you mean X?" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace ledge::declare
