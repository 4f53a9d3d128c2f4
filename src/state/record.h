// SPDX-License-Identifier: Apache-2.0
// How the records of the program's own streams are written: a type, a version, then the fields in order.
// Integers are little-endian, counts and lengths are varints (docs/formats/state.md). A reader refuses a
// version that it does not know, and bytes that are left over: the records are ours, checksummed by the
// journal, so anything else is a newer program's or damage.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"

namespace ledge::state {

/// The first byte of a record. Values are on disk and are never used for something else.
enum class RecordType : std::uint8_t {
  Identity = 1,
  Boot = 2,
  TopicCreated = 3,
  TopicDeleted = 4,
  ProducerIdBlock = 5,
  TopicPartitionsAdded = 6,
  TopicConfigsChanged = 7,
};

class RecordWriter : public ByteWriter {
 public:
  void begin(RecordType type, std::uint8_t version) {
    le(static_cast<std::uint8_t>(type));
    le(version);
  }
  void uuid(const Uuid& id) { bytes(id.bytes); }
  void string(std::string_view text_) {
    uvarlong(text_.size());
    text(text_);
  }
};

class RecordReader : public ByteReader {
 public:
  using ByteReader::ByteReader;

  Uuid uuid() {
    Uuid id;
    const ByteView raw = take(id.bytes.size());
    if (!raw.empty()) std::memcpy(id.bytes.data(), raw.data(), raw.size());
    return id;
  }
  std::string string() {
    const std::uint64_t n = uvarlong();
    return std::string{as_text(take(n <= remaining() ? static_cast<std::size_t>(n) : too_many()))};
  }
  /// A count of things of at least `bytes_each` bytes; 0 and not ok when so many cannot follow.
  std::size_t count(std::size_t bytes_each) {
    const std::uint64_t n = uvarlong();
    if (n <= remaining() / bytes_each) return static_cast<std::size_t>(n);
    invalidate();
    return 0;
  }
  /// Ends a record: everything was there and nothing is left.
  Result<void> finish(std::string_view what) const {
    if (ok() && remaining() == 0) return {};
    return fail(ErrorCode::Malformed,
                std::string{what} + (ok() ? ": bytes are left over" : ": ends too early"));
  }

 private:
  std::size_t too_many() {
    invalidate();
    return 0;
  }
};

/// The version that a record or a snapshot's part begins with; WrongFormatVersion unless it is `known`.
inline Result<void> expect_version(std::uint8_t version, std::uint8_t known, std::string_view what) {
  if (version == known) return {};
  return fail(ErrorCode::WrongFormatVersion, std::string{what} + " of version " + std::to_string(version) +
                                                 "; this program reads version " + std::to_string(known));
}

}  // namespace ledge::state
