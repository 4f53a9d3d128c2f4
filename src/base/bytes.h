// SPDX-License-Identifier: Apache-2.0
// Bytes: views, integers in them, buffers that several owners share, and the one checked cursor that every
// parser uses.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/result.h"

namespace ledge {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Network order (Kafka, MQTT) and disk order (our formats). The caller guarantees sizeof(T) bytes at `from`.
template <std::integral T> T load_be(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return std::endian::native == std::endian::big ? value : std::byteswap(value);
}
template <std::integral T> T load_le(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return std::endian::native == std::endian::little ? value : std::byteswap(value);
}
template <std::integral T> void store_be(std::uint8_t* to, T value) {
  if (std::endian::native != std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}
template <std::integral T> void store_le(std::uint8_t* to, T value) {
  if (std::endian::native != std::endian::little) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof value);
}

/// A piece of a buffer together with a share in the buffer's life. Copying shares, it does not copy the
/// bytes. A buffer that an I/O operation uses is kept alive by the operation's own copy of this, so it is
/// never reused under it.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(std::shared_ptr<const void> owner, MutableBytes bytes)
      : owner_(std::move(owner)), bytes_(bytes) {}
  static SharedBytes take(Bytes bytes) {
    auto owner = std::make_shared<Bytes>(std::move(bytes));
    return {owner, {owner->data(), owner->size()}};
  }
  static SharedBytes copy(ByteView bytes) { return take({bytes.begin(), bytes.end()}); }

  ByteView view() const { return bytes_; }
  /// Only the sole user of a piece may write to it (the broker sets base offset and leader epoch in a batch
  /// in place).
  MutableBytes mutable_view() const { return bytes_; }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }
  SharedBytes sub(std::size_t from, std::size_t length) const {
    return {owner_, bytes_.subspan(from, length)};
  }

 private:
  std::shared_ptr<const void> owner_;
  MutableBytes bytes_;
};

/// Reads forward over bytes that nobody trusts. After the first short or bad read `ok()` is false for good,
/// every later read returns zero or empty, and nothing is ever read past the end; parsers check once at the
/// end of a unit.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  std::size_t remaining() const { return ok_ ? bytes_.size() - at_ : 0; }
  std::size_t position() const { return at_; }
  void invalidate() { ok_ = false; }

  template <std::integral T> T be() {
    auto p = take(sizeof(T));
    return p.empty() ? T{} : load_be<T>(p.data());
  }
  template <std::integral T> T le() {
    auto p = take(sizeof(T));
    return p.empty() ? T{} : load_le<T>(p.data());
  }

  /// Exactly n bytes, or empty and not ok.
  ByteView take(std::size_t n) {
    if (!ok_ || n > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    ByteView out = bytes_.subspan(at_, n);
    at_ += n;
    return out;
  }
  /// Base-128 varint, least significant group first, at most 5 (32 bit) or 10 (64 bit) bytes.
  std::uint32_t uvarint();
  std::uint64_t uvarlong();
  /// Zigzag varints, as in Kafka records.
  std::int32_t varint() {
    auto u = uvarint();
    return static_cast<std::int32_t>(u >> 1) ^ -static_cast<std::int32_t>(u & 1);
  }
  std::int64_t varlong() {
    auto u = uvarlong();
    return static_cast<std::int64_t>(u >> 1) ^ -static_cast<std::int64_t>(u & 1);
  }

 private:
  ByteView bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

/// Appends to a growing buffer.
class ByteWriter {
 public:
  ByteWriter() = default;
  explicit ByteWriter(Bytes reuse) : out_(std::move(reuse)) { out_.clear(); }

  template <std::integral T> void be(T value) {
    auto at = grow(sizeof value);
    store_be(out_.data() + at, value);
  }
  template <std::integral T> void le(T value) {
    auto at = grow(sizeof value);
    store_le(out_.data() + at, value);
  }
  void bytes(ByteView view) { out_.insert(out_.end(), view.begin(), view.end()); }
  void text(std::string_view view) { bytes(as_bytes(view)); }
  void zeros(std::size_t n) { out_.resize(out_.size() + n); }
  void uvarint(std::uint32_t value) { uvarlong(value); }
  void uvarlong(std::uint64_t value);
  void varint(std::int32_t v) {
    uvarlong(static_cast<std::uint32_t>(v) << 1 ^ static_cast<std::uint32_t>(v >> 31));
  }
  void varlong(std::int64_t v) {
    uvarlong(static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63));
  }

  std::size_t size() const { return out_.size(); }
  std::uint8_t* at(std::size_t position) { return out_.data() + position; }
  ByteView view() const { return out_; }
  Bytes take() { return std::move(out_); }

 private:
  std::size_t grow(std::size_t n) {
    auto at = out_.size();
    out_.resize(at + n);
    return at;
  }
  Bytes out_;
};

/// Bytes that the encodings above need for a value.
int uvarint_size(std::uint64_t value);
int varint_size(std::int64_t value);

}  // namespace ledge
