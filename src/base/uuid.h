// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ledge {

/// Kafka's 128-bit id. All zero means "none".
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_zero() const { return *this == Uuid{}; }
  /// URL-safe base64 without padding, 22 characters: the spelling of Kafka's tools.
  std::string text() const;
  /// RFC 9562's spelling, 36 characters, as in the member ids that Kafka makes up.
  std::string hyphenated() const;
  static std::optional<Uuid> parse(std::string_view text);
  /// An id from 16 random bytes (version 4, variant 1). nullopt when the bytes make a reserved id (zero, one)
  /// or one whose text begins with '-', which command lines take for an option: draw again.
  static std::optional<Uuid> from_random(const std::array<std::uint8_t, 16>& random);
};

}  // namespace ledge

template <> struct std::hash<ledge::Uuid> {
  std::size_t operator()(const ledge::Uuid& id) const noexcept {
    std::size_t h = 0;  // the bytes are random already
    for (int i = 0; i < 8; ++i) h = h << 8 | (id.bytes[i] ^ id.bytes[i + 8]);
    return h;
  }
};
