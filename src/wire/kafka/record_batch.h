// SPDX-License-Identifier: Apache-2.0
// Kafka's record batch, magic 2: the unit that is produced, stored and fetched, byte for byte the same in all
// three. Layout: KIP-98 and Kafka's documentation, "Record Batch". Nothing here trusts a byte: every length
// is checked against what is left, and decompression is streamed and bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace ledge::kafka {

enum class Codec : std::uint8_t { None = 0, Gzip = 1, Snappy = 2, Lz4 = 3, Zstd = 4 };

inline constexpr std::size_t kBatchHeaderBytes = 61;

struct BatchHeader {
  std::int64_t base_offset = 0;
  std::int32_t batch_length = 0;  // of what follows this field: total size - 12
  std::int32_t leader_epoch = -1;
  std::int8_t magic = 2;
  std::uint32_t crc = 0;
  std::int16_t attributes = 0;
  std::int32_t last_offset_delta = 0;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  std::int32_t records = 0;

  Codec codec() const { return static_cast<Codec>(attributes & 7); }
  bool log_append_time() const { return attributes & 8; }
  bool transactional() const { return attributes & 16; }
  bool control() const { return attributes & 32; }
  std::int64_t last_offset() const { return base_offset + last_offset_delta; }
  std::size_t total_bytes() const { return static_cast<std::size_t>(batch_length) + 12; }
};

/// Reads the header; Truncated when fewer than kBatchHeaderBytes are there, CorruptMessage when the length is
/// impossible or the magic is not 2. Does not check the checksum, nor that the whole batch is there.
Result<BatchHeader> read_batch_header(ByteView bytes);
/// CRC-32C over attributes .. end against the header's; false when the batch is not all there.
bool batch_checksum_ok(ByteView batch);
/// CRC-32C of the whole batch, header included, from the header's own, which must be right.
std::uint32_t checksum_of_whole_batch(ByteView batch);

/// In place; neither field is covered by the batch's checksum.
void set_base_offset(MutableBytes batch, std::int64_t base_offset);
void set_leader_epoch(MutableBytes batch, std::int32_t leader_epoch);
/// In place: LogAppendTime with this time, checksum recomputed.
void set_log_append_time(MutableBytes batch, WallMs time);
/// In place: the largest timestamp of the records, checksum recomputed.
void set_max_timestamp(MutableBytes batch, WallMs time);

struct RecordView {
  std::int64_t offset = 0;
  std::int64_t timestamp = 0;
  std::optional<ByteView> key;
  std::optional<ByteView> value;
  std::vector<std::pair<ByteView, std::optional<ByteView>>> headers;
};

/// Calls `seen` for each record in order until it returns false; views are valid during the call.
/// Decompresses as a stream within `decompressed_bytes_max`, holding one record at a time. Does not check the
/// checksum (stored batches lie under the journal's; who gets them from elsewhere calls batch_checksum_ok
/// first). Errors: Truncated, CorruptMessage, InvalidRecord, UnsupportedCompressionType, LimitExceeded.
Result<void> for_each_record(ByteView batch, std::size_t decompressed_bytes_max,
                             const std::function<bool(const RecordView&)>& seen);

/// What a topic and a request demand of a batch that a client sends.
struct BatchRules {
  std::int64_t batch_bytes_max = 1048588;
  bool key_required = false;     // compacted topic
  bool log_append_time = false;  // then timestamps are not checked
  std::int64_t timestamp_before_max_ms = INT64_MAX;
  std::int64_t timestamp_after_max_ms = 3600000;
  WallMs now = 0;
  bool zstd_allowed = true;  // Produce v7+
  std::size_t decompressed_bytes_max = 67108864;
};

struct BatchFault {
  Error error;
  /// Records of the batch that are at fault, with a text each, as Produce v8+ reports them; the first
  /// limits::record_errors_max of them.
  std::vector<std::pair<std::int32_t, std::string>> records;
};

/// Everything Apache Kafka's leader checks before it appends (exactly one batch, magic, length, checksum,
/// counts, deltas, control flag, sequence, codec, timestamps, keys, each record's exact length), in its order
/// and with its error codes. Unlike Kafka it refuses what Kafka would repair by writing the batch anew:
/// offsets within the batch that are not 0..n-1, and the LogAppendTime flag. The header it returns carries
/// the records' true largest timestamp. Where that differs from the batch's own (and the topic keeps the
/// producer's time), the caller stores the batch with set_max_timestamp(), as Kafka does.
std::expected<BatchHeader, BatchFault> validate_produced_batch(ByteView batch, const BatchRules& rules);

struct NewRecord {
  std::optional<Bytes> key = {};
  std::optional<Bytes> value = {};
  std::vector<std::pair<std::string, std::optional<Bytes>>> headers = {};
  std::int64_t timestamp = -1;
};
struct BatchFields {
  Codec codec = Codec::None;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t base_sequence = -1;
  bool transactional = false;
  bool control = false;
};
/// A batch as a producer sends it: base offset 0, leader epoch -1.
Bytes build_batch(const std::vector<NewRecord>& records, const BatchFields& fields);

/// One codec over one block, as in a batch: bounded by `out_bytes_max` (LimitExceeded beyond). Snappy reads
/// both the xerial stream and a raw block, and writes the former.
Result<Bytes> decompress(Codec codec, ByteView in, std::size_t out_bytes_max);
Bytes compress(Codec codec, ByteView in);

}  // namespace ledge::kafka
