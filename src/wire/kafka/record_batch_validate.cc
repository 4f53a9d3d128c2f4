// SPDX-License-Identifier: Apache-2.0
// What a leader checks before it appends. The order of the checks and their codes are those of Apache Kafka
// (first the request's record set, then the log's look at the batch, then each record), because clients act
// on the code.
#include <algorithm>
#include <array>

#include "base/crc32c.h"
#include "base/limits.h"
#include "wire/kafka/codec.h"
#include "wire/kafka/record_batch.h"
#include "wire/kafka/record_bytes.h"

namespace ledge::kafka {
namespace {

constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kLegacyOverheadMin = 14;  // no batch of any magic has a smaller length field
constexpr std::size_t kBufferBytes = 16384;
constexpr std::size_t kRecordLengthBytesMax = 5;

std::unexpected<BatchFault> refuse(ErrorCode code, std::string detail) {
  return std::unexpected(BatchFault{{code, std::move(detail)}, {}});
}

/// The fields of a record that rules ask about.
struct RecordFields {
  std::uint64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  bool has_key = false;
};

/// A record that is at hand as a whole.
struct WholeBody {
  const std::uint8_t* p;
  const std::uint8_t* end;
  template <typename T> bool uvarint(T& value) { return read_uvarint(p, end, value); }
  bool skip(std::size_t n) {
    if (n > static_cast<std::size_t>(end - p)) return false;
    p += n;
    return true;
  }
  bool at_end() const { return p == end; }
};

/// A record larger than the buffer: passed over as it is unpacked.
struct StreamedBody {
  RecordBytes& bytes;
  std::size_t left;
  Error error = {};  // of unpacking
  template <typename T> bool uvarint(T& value) {
    constexpr std::size_t kBytesMax = 10;
    if (auto there = bytes.want(std::min(left, kBytesMax)); !there) return failed(std::move(there).error());
    const std::uint8_t* const before = bytes.at();
    const bool read = read_uvarint(bytes.at(), before + std::min(left, bytes.at_hand()), value);
    left -= static_cast<std::size_t>(bytes.at() - before);
    return read;
  }
  bool skip(std::size_t n) {
    if (n > left) return false;
    left -= n;
    auto skipped = bytes.skip(n);
    return skipped ? *skipped : failed(std::move(skipped).error());
  }
  bool at_end() const { return left == 0; }
  bool failed(Error why) {
    error = std::move(why);
    return false;
  }
};

/// Length and bytes; a length of -1 stands for null where that is allowed.
template <typename Body> bool skip_bytes(Body& body, bool nullable, bool& present) {
  std::uint32_t zigzag = 0;
  if (!body.uvarint(zigzag)) return false;
  const std::int32_t n = unzigzag(zigzag);
  present = n >= 0;
  return present ? body.skip(static_cast<std::size_t>(n)) : nullable && n == -1;
}

/// False when the body is not one record that fills it exactly.
template <typename Body> bool read_fields(Body& body, RecordFields& fields) {
  std::uint64_t timestamp = 0;
  std::uint32_t offset = 0;
  std::uint32_t headers_zigzag = 0;
  bool present = false;
  // Attributes come first; no bit of them has a meaning.
  if (!body.skip(1) || !body.uvarint(timestamp) || !body.uvarint(offset)) return false;
  fields.timestamp_delta = static_cast<std::uint64_t>(unzigzag(timestamp));
  fields.offset_delta = unzigzag(offset);
  if (!skip_bytes(body, true, fields.has_key) || !skip_bytes(body, true, present)) return false;
  if (!body.uvarint(headers_zigzag)) return false;
  const std::int32_t headers = unzigzag(headers_zigzag);
  if (headers < 0) return false;
  for (std::int32_t i = 0; i < headers; ++i)
    if (!skip_bytes(body, false, present) || !skip_bytes(body, true, present)) return false;
  return body.at_end();
}

class RecordChecker {
 public:
  RecordChecker(const BatchHeader& header, const BatchRules& rules) : header_(header), rules_(rules) {
    // The largest value means "any time".
    if (rules.timestamp_before_max_ms == INT64_MAX ||
        __builtin_sub_overflow(rules.now, rules.timestamp_before_max_ms, &oldest_))
      oldest_ = INT64_MIN;
    if (rules.timestamp_after_max_ms == INT64_MAX ||
        __builtin_add_overflow(rules.now, rules.timestamp_after_max_ms, &newest_))
      newest_ = INT64_MAX;
  }

  std::expected<void, BatchFault> run(RecordBytes& bytes) {
    std::int32_t first = 0;
    if (!bytes.streamed()) first = pass_plain_records(bytes.at(), bytes.end());
    for (std::int32_t i = first; i < header_.records; ++i) {
      if (!next(bytes)) {
        if (unpacking_error_.code != ErrorCode::None) return unpacking_failed(unpacking_error_);
        return malformed(i);
      }
      if (fields_.offset_delta != i)
        return refuse(ErrorCode::InvalidRecord, "record " + std::to_string(i) + " has offset delta " +
                                                    std::to_string(fields_.offset_delta));
      check_rules(i);
    }
    if (const auto more = bytes.want(1); !more) return unpacking_failed(more.error());
    if (bytes.at_hand() > 0)
      return refuse(ErrorCode::InvalidRecord, "more bytes than the declared count of records fills");
    return verdict();
  }

  std::int64_t max_timestamp() const { return max_timestamp_; }

 private:
  /// The quick way over records as nearly all are: whole, without headers, of short numbers, within the
  /// rules. Stops before the first that is not plainly so, which the thorough way then judges. Returns how
  /// many were passed; `at` stands behind them.
  std::int32_t pass_plain_records(const std::uint8_t*& at, const std::uint8_t* const end) {
    std::int32_t passed = 0;
    std::int64_t newest_seen = max_timestamp_;
    for (; passed < header_.records; ++passed) {
      const std::uint8_t* p = at;
      // Room for the numbers up to the key: what is read beyond a record that lies about its length is still
      // within the batch, and is refused below.
      if (end - p < 16) break;
      std::uint32_t length = 0;
      std::uint32_t timestamp = 0;
      std::uint32_t offset = 0;
      std::uint32_t key = 0;
      std::uint32_t value = 0;
      if (!read_short_uvarint(p, length) || (length & 1) != 0) break;
      length >>= 1;
      if (length > static_cast<std::size_t>(end - p)) break;
      const std::uint8_t* const record_end = p + length;
      ++p;  // attributes
      if (!read_short_uvarint(p, timestamp) || !read_short_uvarint(p, offset) || !read_short_uvarint(p, key))
        break;
      if (offset != static_cast<std::uint32_t>(passed) * 2) break;
      if (!pass_bytes(p, record_end, key) || end - p < 4) break;
      if (key == 1 && rules_.key_required) break;
      if (!read_short_uvarint(p, value) || !pass_bytes(p, record_end, value)) break;
      if (record_end - p != 1 || *p != 0) break;  // the count of headers
      const auto time =
          static_cast<std::int64_t>(static_cast<std::uint64_t>(header_.base_timestamp) +
                                    static_cast<std::uint64_t>(std::int64_t{unzigzag(timestamp)}));
      if (!rules_.log_append_time && (time < oldest_ || time > newest_)) break;
      newest_seen = std::max(newest_seen, time);
      at = record_end;
    }
    max_timestamp_ = newest_seen;
    return passed;
  }

  /// At least three bytes are at `p`. False also when the number is longer than that.
  static bool read_short_uvarint(const std::uint8_t*& p, std::uint32_t& value) {
    value = p[0];
    if (value < 0x80) {
      p += 1;
      return true;
    }
    value = (value & 0x7f) | std::uint32_t{p[1]} << 7;
    if (p[1] < 0x80) {
      p += 2;
      return true;
    }
    value = (value & 0x3fff) | std::uint32_t{p[2]} << 14;
    p += 3;
    return p[-1] < 0x80;
  }

  /// Over bytes whose length, zigzag, was read; one of -1 stands for null.
  static bool pass_bytes(const std::uint8_t*& p, const std::uint8_t* end, std::uint32_t zigzag) {
    if (zigzag & 1) return zigzag == 1;
    if (end - p < std::ptrdiff_t{zigzag >> 1}) return false;
    p += zigzag >> 1;
    return true;
  }

  /// Reads one record into fields_; false when it is malformed or missing, or unpacking failed.
  bool next(RecordBytes& bytes) {
    if (!bring(bytes, kRecordLengthBytesMax)) return false;
    std::uint32_t zigzag = 0;
    if (!read_uvarint(bytes.at(), bytes.end(), zigzag)) return false;
    const std::int32_t length = unzigzag(zigzag);
    if (length < 0) return false;
    const auto n = static_cast<std::size_t>(length);
    if (n > kBufferBytes && n > bytes.at_hand() && bytes.streamed()) {
      StreamedBody body{bytes, n};
      const bool read = read_fields(body, fields_);
      unpacking_error_ = std::move(body.error);
      return read;
    }
    if (!bring(bytes, n) || n > bytes.at_hand()) return false;
    WholeBody body{bytes.at(), bytes.at() + n};
    bytes.at() += n;
    return read_fields(body, fields_);
  }

  bool bring(RecordBytes& bytes, std::size_t n) {
    if (n <= bytes.at_hand() || !bytes.streamed()) return true;
    auto there = bytes.want(n);
    if (!there) unpacking_error_ = std::move(there).error();
    return there.has_value();
  }

  void check_rules(std::int32_t index) {
    if (rules_.key_required && !fields_.has_key) {
      fault(index, "This topic is compacted: every record needs a key.");
      return;
    }
    const auto timestamp = static_cast<std::int64_t>(static_cast<std::uint64_t>(header_.base_timestamp) +
                                                     fields_.timestamp_delta);
    if (timestamp > max_timestamp_) max_timestamp_ = timestamp;
    if (rules_.log_append_time || timestamp == -1) return;
    if (timestamp < oldest_ || timestamp > newest_) {
      wrong_timestamp_ = true;
      fault(index, "Timestamp " + std::to_string(timestamp) + " is outside of what is accepted now, " +
                       std::to_string(oldest_) + " to " + std::to_string(newest_) + ".");
    }
  }

  void fault(std::int32_t index, std::string text) {
    ++faults_;
    if (records_.size() < static_cast<std::size_t>(limits::record_errors_max))
      records_.emplace_back(index, std::move(text));
  }

  std::expected<void, BatchFault> verdict() {
    if (faults_ == 0) return {};
    const std::string count = std::to_string(faults_) + " of " + std::to_string(header_.records) + " records";
    Error error = wrong_timestamp_
                      ? Error{ErrorCode::InvalidTimestamp, count + " have a timestamp that is not accepted"}
                      : Error{ErrorCode::InvalidRecord, count + " were refused. " + records_.front().second};
    return std::unexpected(BatchFault{std::move(error), std::move(records_)});
  }

  static std::unexpected<BatchFault> malformed(std::int32_t index) {
    return refuse(ErrorCode::InvalidRecord,
                  "record " + std::to_string(index) + " is malformed, or missing although it is counted");
  }

  /// Every way in which unpacking fails would fail the same on a retry, hence InvalidRecord throughout.
  static std::unexpected<BatchFault> unpacking_failed(const Error& error) {
    return refuse(ErrorCode::InvalidRecord, error.detail);
  }

  const BatchHeader& header_;
  const BatchRules& rules_;
  std::int64_t oldest_ = 0;
  std::int64_t newest_ = 0;
  std::int64_t max_timestamp_ = -1;
  RecordFields fields_;
  Error unpacking_error_;
  bool wrong_timestamp_ = false;
  std::int64_t faults_ = 0;
  std::vector<std::pair<std::int32_t, std::string>> records_;
};

/// The record set of the request: one batch, of magic 2, by a codec that the request's version may carry.
std::expected<std::size_t, BatchFault> check_record_set(ByteView set, const BatchRules& rules) {
  constexpr auto kOneBatch = "exactly one record batch is expected for each partition";
  if (set.size() <= kMagicAt) return refuse(ErrorCode::InvalidRecord, kOneBatch);
  const auto length = load_be<std::int32_t>(set.data() + 8);
  if (length < static_cast<std::int32_t>(kLegacyOverheadMin))
    return refuse(ErrorCode::CorruptMessage, "a record batch of impossible length");
  const auto magic = static_cast<std::int8_t>(set[kMagicAt]);
  if (magic < 0 || magic > 2) return refuse(ErrorCode::CorruptMessage, "a record batch of unknown magic");
  const std::size_t total = static_cast<std::size_t>(length) + 12;
  if (total > set.size())
    return refuse(ErrorCode::InvalidRecord, "the record batch is longer than the request carries");
  if (magic != 2) return refuse(ErrorCode::InvalidRecord, "record batches have to be of magic 2");
  if (!rules.zstd_allowed && total >= kBatchHeaderBytes && (set[kAttributesAt + 1] & 7) == 4)
    return refuse(ErrorCode::UnsupportedCompressionType, "zstd needs Produce version 7");
  if (total < set.size()) return refuse(ErrorCode::InvalidRecord, kOneBatch);
  return total;
}

std::expected<void, BatchFault> check_header(const BatchHeader& h) {
  if (h.last_offset_delta < 0) return refuse(ErrorCode::InvalidRecord, "the last offset delta is negative");
  if (h.records <= 0) return refuse(ErrorCode::InvalidRecord, "a batch of no records");
  if (static_cast<std::int64_t>(h.last_offset_delta) + 1 != h.records)
    return refuse(ErrorCode::InvalidRecord, "the count of records does not fit the last offset delta");
  if (h.control()) return refuse(ErrorCode::InvalidRecord, "clients may not write control records");
  if (h.producer_id >= 0 && h.base_sequence < 0)
    return refuse(ErrorCode::InvalidRecord, "a producer id without a sequence number");
  if (h.producer_id >= 0 && h.producer_epoch < 0)
    return refuse(ErrorCode::InvalidRecord, "a producer id without an epoch");
  if (h.transactional() && h.producer_id < 0)
    return refuse(ErrorCode::InvalidRecord, "a transactional batch without a producer id");
  if (h.log_append_time())
    return refuse(ErrorCode::InvalidTimestamp, "producers may not set the timestamp type to LogAppendTime");
  return {};
}

}  // namespace

std::expected<BatchHeader, BatchFault> validate_produced_batch(ByteView batch, const BatchRules& rules) {
  const auto total = check_record_set(batch, rules);
  if (!total) return std::unexpected(total.error());
  if (load_be<std::int64_t>(batch.data()) != 0)
    return refuse(ErrorCode::InvalidRecord, "the base offset of a produced batch has to be 0");
  if (static_cast<std::int64_t>(*total) > rules.batch_bytes_max)
    return refuse(ErrorCode::MessageTooLarge, "the batch has " + std::to_string(*total) +
                                                  " bytes, the topic takes " +
                                                  std::to_string(rules.batch_bytes_max));
  auto header = read_batch_header(batch);
  if (!header) return refuse(ErrorCode::CorruptMessage, "the record batch is shorter than its header");
  if (crc32c(batch.subspan(kAttributesAt)) != header->crc)
    return refuse(ErrorCode::CorruptMessage, "the checksum does not fit the batch");
  if (!codec_known(header->codec()))
    return refuse(ErrorCode::UnsupportedCompressionType,
                  "compression type " + std::to_string(header->attributes & 7) + " is not known");
  if (auto good = check_header(*header); !good) return std::unexpected(std::move(good).error());

  RecordChecker checker{*header, rules};
  const ByteView records = batch.subspan(kBatchHeaderBytes);
  std::expected<void, BatchFault> good;
  if (header->codec() == Codec::None) {
    RecordBytes bytes{records};
    good = checker.run(bytes);
  } else {
    const auto inflater = make_inflater(header->codec(), records, rules.decompressed_bytes_max);
    Bytes buffer(kBufferBytes);
    RecordBytes bytes{*inflater, buffer};
    good = checker.run(bytes);
  }
  if (!good) return std::unexpected(std::move(good).error());
  header->max_timestamp = checker.max_timestamp();
  return *header;
}

}  // namespace ledge::kafka
