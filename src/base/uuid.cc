// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

namespace ledge {
namespace {
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTextLength = 22;  // 128 bits, 6 a character
}  // namespace

std::string Uuid::text() const {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (std::uint8_t b : bytes) {
    bits = bits << 8 | b;
    have += 8;
    while (have >= 6) out += kAlphabet[bits >> (have -= 6) & 63];
  }
  out += kAlphabet[bits << (6 - have) & 63];
  return out;
}

std::string Uuid::hyphenated() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kDigits[bytes[i] >> 4];
    out += kDigits[bytes[i] & 15];
  }
  return out;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != kTextLength) return std::nullopt;
  Uuid id;
  unsigned bits = 0;
  int have = 0;
  std::size_t at = 0;
  for (char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(value);
    have += 6;
    if (have >= 8 && at < id.bytes.size()) id.bytes[at++] = static_cast<std::uint8_t>(bits >> (have -= 8));
  }
  return id;
}

std::optional<Uuid> Uuid::from_random(const std::array<std::uint8_t, 16>& random) {
  Uuid id{random};
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id.text().front() == '-' ? std::nullopt : std::optional{id};
}

}  // namespace ledge
