// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/record_batch.h"

#include <algorithm>

#include "base/crc32c.h"
#include "wire/kafka/codec.h"
#include "wire/kafka/record_bytes.h"

namespace ledge::kafka {
namespace {

// Positions in a batch.
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::int8_t kMagic = 2;
constexpr std::size_t kLengthCountsFrom = 12;
constexpr std::int16_t kLogAppendTimeBit = 8;
constexpr std::int16_t kTransactionalBit = 16;
constexpr std::int16_t kControlBit = 32;
constexpr std::size_t kBufferBytes = 16384;

void set_checksum(MutableBytes batch) {
  store_be(batch.data() + kCrcAt, crc32c(batch.subspan(kAttributesAt)));
}

/// The bytes of the batch that the caller vouches for, as the setters need it.
MutableBytes exactly(MutableBytes batch) {
  CHECK(batch.size() >= kBatchHeaderBytes);
  const std::size_t total = static_cast<std::size_t>(load_be<std::int32_t>(batch.data() + kLengthAt)) + 12;
  CHECK(total >= kBatchHeaderBytes && total <= batch.size());
  return batch.first(total);
}

/// The record's bytes behind its length. False when they are not a record that fills them exactly.
bool read_record(ByteView body, const BatchHeader& header, RecordView& record) {
  ByteReader r{body};
  const auto optional_bytes = [&r](std::optional<ByteView>& into) {
    const std::int32_t n = r.varint();
    into.reset();
    if (n >= 0) into = r.take(static_cast<std::size_t>(n));
    if (n < -1) r.invalidate();
  };
  r.take(1);  // attributes, of which no bit has a meaning
  const auto timestamp =
      static_cast<std::uint64_t>(header.base_timestamp) + static_cast<std::uint64_t>(r.varlong());
  record.timestamp = header.log_append_time() ? header.max_timestamp : static_cast<std::int64_t>(timestamp);
  const std::int64_t delta = r.varint();
  record.offset = static_cast<std::int64_t>(static_cast<std::uint64_t>(header.base_offset) +
                                            static_cast<std::uint64_t>(delta));
  optional_bytes(record.key);
  optional_bytes(record.value);
  record.headers.clear();
  const std::int32_t headers = r.varint();
  if (headers < 0) return false;
  for (std::int32_t i = 0; i < headers && r.ok(); ++i) {
    const std::int32_t key_bytes = r.varint();
    if (key_bytes < 0) return false;
    auto& [key, value] = record.headers.emplace_back();
    key = r.take(static_cast<std::size_t>(key_bytes));
    optional_bytes(value);
  }
  return r.ok() && r.remaining() == 0;
}

Result<void> visit(RecordBytes& bytes, const BatchHeader& header,
                   const std::function<bool(const RecordView&)>& seen) {
  RecordView record;
  for (std::int32_t i = 0; i < header.records; ++i) {
    TRY_VOID(bytes.want(5));
    std::uint32_t length_zigzag = 0;
    const bool read = read_uvarint(bytes.at(), bytes.end(), length_zigzag);
    const std::int32_t length = unzigzag(length_zigzag);
    if (!read || length < 0)
      return fail(ErrorCode::InvalidRecord,
                  "record " + std::to_string(i) + ": its length is wrong or missing");
    const auto n = static_cast<std::size_t>(length);
    TRY_VOID(bytes.grow_to(n));
    if (bytes.at_hand() < n || !read_record({bytes.at(), n}, header, record))
      return fail(ErrorCode::InvalidRecord, "record " + std::to_string(i) + " is malformed");
    bytes.at() += n;
    if (!seen(record)) return {};
  }
  TRY_VOID(bytes.want(1));
  if (bytes.at_hand() > 0) return fail(ErrorCode::InvalidRecord, "bytes behind the last record");
  return {};
}

}  // namespace

Result<BatchHeader> read_batch_header(ByteView bytes) {
  if (bytes.size() < kBatchHeaderBytes)
    return fail(ErrorCode::Truncated, "a record batch's header is cut short");
  ByteReader r{bytes.first(kBatchHeaderBytes)};
  BatchHeader h;
  h.base_offset = r.be<std::int64_t>();
  h.batch_length = r.be<std::int32_t>();
  h.leader_epoch = r.be<std::int32_t>();
  h.magic = r.be<std::int8_t>();
  h.crc = r.be<std::uint32_t>();
  h.attributes = r.be<std::int16_t>();
  h.last_offset_delta = r.be<std::int32_t>();
  h.base_timestamp = r.be<std::int64_t>();
  h.max_timestamp = r.be<std::int64_t>();
  h.producer_id = r.be<std::int64_t>();
  h.producer_epoch = r.be<std::int16_t>();
  h.base_sequence = r.be<std::int32_t>();
  h.records = r.be<std::int32_t>();
  CHECK(r.ok() && r.remaining() == 0);
  if (h.batch_length < static_cast<std::int32_t>(kBatchHeaderBytes - kLengthCountsFrom))
    return fail(ErrorCode::CorruptMessage, "a record batch of impossible length");
  if (h.magic != kMagic) return fail(ErrorCode::CorruptMessage, "a record batch whose magic is not 2");
  return h;
}

bool batch_checksum_ok(ByteView batch) {
  const auto header = read_batch_header(batch);
  return header && batch.size() >= header->total_bytes() &&
         crc32c(batch.first(header->total_bytes()).subspan(kAttributesAt)) == header->crc;
}

std::uint32_t checksum_of_whole_batch(ByteView batch) {
  CHECK(batch.size() >= kBatchHeaderBytes);
  return crc32c_joined(crc32c(batch.first(kAttributesAt)), load_be<std::uint32_t>(batch.data() + kCrcAt),
                       batch.size() - kAttributesAt);
}

void set_base_offset(MutableBytes batch, std::int64_t base_offset) {
  store_be(exactly(batch).data(), base_offset);
}

void set_leader_epoch(MutableBytes batch, std::int32_t leader_epoch) {
  store_be(exactly(batch).data() + kLeaderEpochAt, leader_epoch);
}

void set_log_append_time(MutableBytes batch, WallMs time) {
  batch = exactly(batch);
  const auto attributes = load_be<std::int16_t>(batch.data() + kAttributesAt);
  store_be(batch.data() + kAttributesAt, static_cast<std::int16_t>(attributes | kLogAppendTimeBit));
  store_be(batch.data() + kMaxTimestampAt, time);
  set_checksum(batch);
}

void set_max_timestamp(MutableBytes batch, WallMs time) {
  batch = exactly(batch);
  store_be(batch.data() + kMaxTimestampAt, time);
  set_checksum(batch);
}

Result<void> for_each_record(ByteView batch, std::size_t decompressed_bytes_max,
                             const std::function<bool(const RecordView&)>& seen) {
  TRY(const BatchHeader header, read_batch_header(batch));
  if (batch.size() < header.total_bytes()) return fail(ErrorCode::Truncated, "a record batch is cut short");
  if (!codec_known(header.codec())) return fail(ErrorCode::UnsupportedCompressionType);
  if (header.records < 0) return fail(ErrorCode::InvalidRecord, "a negative count of records");
  const ByteView records = batch.first(header.total_bytes()).subspan(kBatchHeaderBytes);
  if (header.codec() == Codec::None) {
    RecordBytes bytes{records};
    return visit(bytes, header, seen);
  }
  const auto inflater = make_inflater(header.codec(), records, decompressed_bytes_max);
  Bytes buffer(kBufferBytes);
  RecordBytes bytes{*inflater, buffer};
  return visit(bytes, header, seen);
}

namespace {

std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

void write_optional(ByteWriter& out, const std::optional<Bytes>& bytes) {
  out.varint(bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
  if (bytes) out.bytes(*bytes);
}

void write_record(ByteWriter& out, ByteWriter& scratch, const NewRecord& record, std::int64_t base_timestamp,
                  std::int32_t delta) {
  scratch = ByteWriter{scratch.take()};
  scratch.be<std::int8_t>(0);
  scratch.varlong(minus(record.timestamp, base_timestamp));
  scratch.varint(delta);
  write_optional(scratch, record.key);
  write_optional(scratch, record.value);
  scratch.varint(static_cast<std::int32_t>(record.headers.size()));
  for (const auto& [key, value] : record.headers) {
    scratch.varint(static_cast<std::int32_t>(key.size()));
    scratch.text(key);
    write_optional(scratch, value);
  }
  out.varint(static_cast<std::int32_t>(scratch.size()));
  out.bytes(scratch.view());
}

}  // namespace

Bytes build_batch(const std::vector<NewRecord>& records, const BatchFields& fields) {
  CHECK(!records.empty());
  const std::int64_t base_timestamp = records.front().timestamp;
  std::int64_t max_timestamp = base_timestamp;
  ByteWriter body;
  ByteWriter scratch;
  std::int32_t delta = 0;
  for (const NewRecord& record : records) {
    write_record(body, scratch, record, base_timestamp, delta++);
    max_timestamp = std::max(max_timestamp, record.timestamp);
  }
  const Bytes packed = fields.codec == Codec::None ? body.take() : compress(fields.codec, body.view());

  ByteWriter out;
  out.be<std::int64_t>(0);
  out.be(static_cast<std::int32_t>(kBatchHeaderBytes - kLengthCountsFrom + packed.size()));
  out.be<std::int32_t>(-1);
  out.be(kMagic);
  out.be<std::uint32_t>(0);
  out.be(static_cast<std::int16_t>(static_cast<int>(fields.codec) |
                                   (fields.transactional ? kTransactionalBit : 0) |
                                   (fields.control ? kControlBit : 0)));
  out.be(delta - 1);
  out.be(base_timestamp);
  out.be(max_timestamp);
  out.be(fields.producer_id);
  out.be(fields.producer_epoch);
  out.be(fields.base_sequence);
  out.be(delta);
  out.bytes(packed);
  Bytes batch = out.take();
  set_checksum(batch);
  return batch;
}

}  // namespace ledge::kafka
