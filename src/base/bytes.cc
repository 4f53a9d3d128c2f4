// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

namespace ledge {

std::uint64_t ByteReader::uvarlong() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const ByteView b = take(1);
    if (b.empty()) return 0;
    if (shift == 63 && b[0] > 1) break;  // would not fit 64 bits
    value |= static_cast<std::uint64_t>(b[0] & 0x7f) << shift;
    if (!(b[0] & 0x80)) return value;
  }
  invalidate();
  return 0;
}

std::uint32_t ByteReader::uvarint() {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const ByteView b = take(1);
    if (b.empty()) return 0;
    if (shift == 28 && b[0] > 15) break;  // would not fit 32 bits
    value |= static_cast<std::uint32_t>(b[0] & 0x7f) << shift;
    if (!(b[0] & 0x80)) return value;
  }
  invalidate();
  return 0;
}

void ByteWriter::uvarlong(std::uint64_t value) {
  while (value >= 0x80) {
    out_.push_back(static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  out_.push_back(static_cast<std::uint8_t>(value));
}

int uvarint_size(std::uint64_t value) { return (std::bit_width(value | 1) + 6) / 7; }
int varint_size(std::int64_t v) {
  return uvarint_size(static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63));
}

}  // namespace ledge
