// SPDX-License-Identifier: Apache-2.0
// The records of a batch as bytes that are at hand a window at a time: all of them when the batch is not
// compressed, a buffer of them when it is. Private to the record batch files.
#pragma once

#include <algorithm>

#include "wire/kafka/codec.h"

namespace ledge::kafka {

/// Base-128 varint of at most `bytes_max` bytes (5 for 32 bits, 10 for 64) at *p, which moves on; false when
/// it does not end before `end` or does not fit. Written out here because validation is mostly this.
template <std::unsigned_integral T>
inline bool read_uvarint(const std::uint8_t*& p, const std::uint8_t* end, T& value) {
  if (p < end && *p < 0x80) [[likely]] {
    value = *p++;
    return true;
  }
  constexpr int kBits = sizeof(T) * 8;
  T sum = 0;
  for (int shift = 0; shift < kBits && p < end; shift += 7) {
    const std::uint8_t b = *p++;
    if (shift + 7 > kBits && b >> (kBits - shift) != 0) return false;
    sum |= static_cast<T>(b & 0x7f) << shift;
    if (b < 0x80) {
      value = sum;
      return true;
    }
  }
  return false;
}
inline std::int32_t unzigzag(std::uint32_t u) {
  return static_cast<std::int32_t>(u >> 1) ^ -static_cast<std::int32_t>(u & 1);
}
inline std::int64_t unzigzag(std::uint64_t u) {
  return static_cast<std::int64_t>(u >> 1) ^ -static_cast<std::int64_t>(u & 1);
}

class RecordBytes {
 public:
  explicit RecordBytes(ByteView all) : at_(all.data()), end_(all.data() + all.size()) {}
  /// `buffer` outlives this and grows only by grow_to().
  RecordBytes(Inflater& more, Bytes& buffer)
      : at_(buffer.data()), end_(buffer.data()), more_(&more), buffer_(&buffer) {}

  const std::uint8_t*& at() { return at_; }
  const std::uint8_t* end() const { return end_; }
  std::size_t at_hand() const { return static_cast<std::size_t>(end_ - at_); }
  bool streamed() const { return more_ != nullptr; }

  /// Brings at least `n` bytes to hand; fewer are at hand afterwards only when the records end before, or
  /// when `n` is larger than the buffer.
  Result<void> want(std::size_t n) {
    if (at_hand() >= n || more_ == nullptr) return {};
    std::size_t have = at_hand();
    std::copy(at_, end_, buffer_->data());
    at_ = buffer_->data();
    end_ = at_ + have;
    while (have < n && have < buffer_->size()) {
      TRY(const std::size_t got, more_->read(MutableBytes{*buffer_}.subspan(have)));
      if (got == 0) break;
      have += got;
      end_ += got;
    }
    return {};
  }

  /// As want(), with a buffer that grows as the bytes arrive, not by what `n` claims.
  Result<void> grow_to(std::size_t n) {
    for (;;) {
      TRY_VOID(want(n));
      if (at_hand() >= n || more_ == nullptr || at_hand() < buffer_->size()) return {};
      const std::size_t have = at_hand();  // want() has moved them to the front
      buffer_->resize(std::min(n, have * 2));
      at_ = buffer_->data();
      end_ = at_ + have;
    }
  }

  /// Passes over `n` bytes without holding them; false when there are fewer.
  Result<bool> skip(std::size_t n) {
    while (n > at_hand()) {
      n -= at_hand();
      at_ = end_;
      TRY_VOID(want(1));
      if (at_hand() == 0) return false;
    }
    at_ += n;
    return true;
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
  Inflater* more_ = nullptr;
  Bytes* buffer_ = nullptr;
};

}  // namespace ledge::kafka
