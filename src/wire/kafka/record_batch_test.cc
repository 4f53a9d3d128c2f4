// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/record_batch.h"

#include <gtest/gtest.h>

#include <random>

#include "base/crc32c.h"
#include "base/limits.h"

namespace ledge::kafka {
namespace {

constexpr WallMs kNow = 1'700'000'000'000;
constexpr std::size_t kPlenty = 64 << 20;
constexpr Codec kCodecs[] = {Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd};

// Positions in a batch.
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLeaderEpochAt = 12;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kAttributesAt = 21;
constexpr std::size_t kLastOffsetDeltaAt = 23;
constexpr std::size_t kMaxTimestampAt = 35;
constexpr std::size_t kProducerIdAt = 43;
constexpr std::size_t kProducerEpochAt = 51;
constexpr std::size_t kSequenceAt = 53;
constexpr std::size_t kCountAt = 57;

Bytes from_hex(std::string_view hex) {
  Bytes out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
  return out;
}

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }

void seal(Bytes& batch) { store_be(batch.data() + kCrcAt, crc32c(ByteView{batch}.subspan(kAttributesAt))); }

/// `batch` with one field replaced and the checksum made to fit.
template <typename T> Bytes with(Bytes batch, std::size_t at, T value) {
  store_be(batch.data() + at, value);
  seal(batch);
  return batch;
}

/// A batch around records that are given byte for byte.
Bytes around(ByteView records, std::int32_t count, Codec codec = Codec::None) {
  const Bytes packed = compress(codec, records);
  Bytes batch = build_batch({NewRecord{.timestamp = kNow}}, {});
  batch.resize(kBatchHeaderBytes);
  batch.insert(batch.end(), packed.begin(), packed.end());
  store_be(batch.data() + kLengthAt, static_cast<std::int32_t>(batch.size() - 12));
  store_be(batch.data() + kAttributesAt, static_cast<std::int16_t>(codec));
  store_be(batch.data() + kLastOffsetDeltaAt, count - 1);
  store_be(batch.data() + kCountAt, count);
  seal(batch);
  return batch;
}

/// The fields of a record, in order; each can be made wrong.
struct Raw {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::int32_t key_bytes = 1;
  std::string key = "k";
  std::int32_t value_bytes = 1;
  std::string value = "v";
  std::int32_t headers = 0;
  Bytes header_bytes = {};
  std::int32_t length_wrong_by = 0;
};
Bytes raw_record(const Raw& raw) {
  ByteWriter body;
  body.be<std::int8_t>(0);
  body.varlong(raw.timestamp_delta);
  body.varint(raw.offset_delta);
  body.varint(raw.key_bytes);
  body.text(raw.key);
  body.varint(raw.value_bytes);
  body.text(raw.value);
  body.varint(raw.headers);
  body.bytes(raw.header_bytes);
  ByteWriter out;
  out.varint(static_cast<std::int32_t>(body.size()) + raw.length_wrong_by);
  out.bytes(body.view());
  return out.take();
}

BatchRules rules() { return {.now = kNow}; }

std::expected<BatchHeader, BatchFault> checked(ByteView batch, const BatchRules& r = rules()) {
  return validate_produced_batch(batch, r);
}
ErrorCode verdict(ByteView batch, const BatchRules& r = rules()) {
  const auto result = checked(batch, r);
  return result ? ErrorCode::None : result.error().error.code;
}

std::vector<NewRecord> some_records(std::size_t count, std::size_t value_bytes) {
  std::mt19937 random{static_cast<std::uint32_t>(count * 31 + value_bytes)};
  std::vector<NewRecord> out;
  for (std::size_t i = 0; i < count; ++i) {
    NewRecord r;
    if (i % 3 != 0) r.key = bytes("key-" + std::to_string(i));
    if (i % 5 != 4) {
      r.value = Bytes(value_bytes);
      for (auto& b : *r.value) b = static_cast<std::uint8_t>('a' + random() % 16);
    }
    if (i % 4 == 0) r.headers = {{"trace", bytes("abc")}, {"none", std::nullopt}, {"", Bytes{}}};
    r.timestamp = kNow + static_cast<std::int64_t>(i % 7);
    out.push_back(std::move(r));
  }
  return out;
}
Bytes good(Codec codec = Codec::None) { return build_batch(some_records(5, 20), {.codec = codec}); }

void expect_same_records(ByteView batch, const std::vector<NewRecord>& expected) {
  std::size_t n = 0;
  const auto done = for_each_record(batch, kPlenty, [&](const RecordView& seen) {
    const NewRecord& want = expected.at(n);
    EXPECT_EQ(seen.offset, load_be<std::int64_t>(batch.data()) + static_cast<std::int64_t>(n));
    EXPECT_EQ(seen.timestamp, want.timestamp);
    EXPECT_EQ(seen.key ? std::optional{Bytes(seen.key->begin(), seen.key->end())} : std::nullopt, want.key);
    EXPECT_EQ(seen.value ? std::optional{Bytes(seen.value->begin(), seen.value->end())} : std::nullopt,
              want.value);
    EXPECT_EQ(seen.headers.size(), want.headers.size());
    for (std::size_t h = 0; h < std::min(seen.headers.size(), want.headers.size()); ++h) {
      EXPECT_EQ(as_text(seen.headers[h].first), want.headers[h].first);
      EXPECT_EQ(seen.headers[h].second.has_value(), want.headers[h].second.has_value());
    }
    ++n;
    return true;
  });
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(n, expected.size());
}

// Made by an independent script from the layout in Kafka's documentation: key/value with headers h=1 and
// n=null, then a record of nulls 5 ms later; producer 4711, epoch 3, sequence 42.
const Bytes kGolden = from_hex(
    "0000000000000000"
    "0000004e"
    "ffffffff"
    "02"
    "9dcb8ad2"
    "0000"
    "00000001"
    "0000018bcfe56800"
    "0000018bcfe56805"
    "0000000000001267"
    "0003"
    "0000002a"
    "00000002"
    "2a000000066b65790a76616c75650402680231026e01"
    "0c000a02010100");

TEST(RecordBatch, IsWrittenByteForByteAsKafkaDocumentsIt) {
  NewRecord first{.key = bytes("key"), .value = bytes("value"), .timestamp = kNow};
  first.headers = {{"h", bytes("1")}, {"n", std::nullopt}};
  const NewRecord second{.timestamp = kNow + 5};
  EXPECT_EQ(build_batch({first, second}, {.producer_id = 4711, .producer_epoch = 3, .base_sequence = 42}),
            kGolden);
}

TEST(RecordBatch, HeaderFieldsAreRead) {
  const auto header = checked(kGolden);
  ASSERT_TRUE(header) << header.error().error.text();
  EXPECT_EQ(header->base_offset, 0);
  EXPECT_EQ(header->total_bytes(), kGolden.size());
  EXPECT_EQ(header->leader_epoch, -1);
  EXPECT_EQ(header->magic, 2);
  EXPECT_EQ(header->codec(), Codec::None);
  EXPECT_EQ(header->last_offset(), 1);
  EXPECT_EQ(header->base_timestamp, kNow);
  EXPECT_EQ(header->max_timestamp, kNow + 5);
  EXPECT_EQ(header->producer_id, 4711);
  EXPECT_EQ(header->producer_epoch, 3);
  EXPECT_EQ(header->base_sequence, 42);
  EXPECT_EQ(header->records, 2);
  EXPECT_TRUE(batch_checksum_ok(kGolden));
}

TEST(RecordBatch, RecordsComeBackAsTheyWentInThroughEveryCodec) {
  for (const Codec codec : kCodecs)
    for (const auto& [count, value_bytes] :
         {std::pair{1, 0}, {1, 100'000}, {5, 20}, {300, 200}, {7, 16'384}, {2'000, 3}}) {
      const auto records =
          some_records(static_cast<std::size_t>(count), static_cast<std::size_t>(value_bytes));
      Bytes batch = build_batch(records, {.codec = codec});
      const auto header = checked(batch);
      ASSERT_TRUE(header) << static_cast<int>(codec) << " " << count << " " << header.error().error.text();
      EXPECT_EQ(header->records, count);
      EXPECT_EQ(header->max_timestamp, kNow + std::min(count - 1, 6));
      set_base_offset(batch, 1'000'000'007);
      expect_same_records(batch, records);
    }
}

TEST(RecordBatch, IterationEndsWhenTheVisitorHasSeenEnough) {
  int seen = 0;
  EXPECT_TRUE(for_each_record(good(), kPlenty, [&](const RecordView&) { return ++seen < 2; }));
  EXPECT_EQ(seen, 2);
}

TEST(RecordBatch, BaseOffsetAndLeaderEpochAreSetWithoutTouchingTheChecksum) {
  Bytes batch = good();
  const Bytes before = batch;
  set_base_offset(batch, 0x0102030405060708);
  set_leader_epoch(batch, 9);
  EXPECT_TRUE(batch_checksum_ok(batch));
  const auto header = read_batch_header(batch);
  EXPECT_EQ(header->base_offset, 0x0102030405060708);
  EXPECT_EQ(header->last_offset(), 0x0102030405060708 + 4);
  EXPECT_EQ(header->leader_epoch, 9);
  EXPECT_TRUE(std::equal(before.begin() + kMagicAt, before.end(), batch.begin() + kMagicAt));
}

TEST(RecordBatch, LogAppendTimeReplacesTheTimeOfEveryRecord) {
  Bytes batch = good(Codec::Zstd);
  set_log_append_time(batch, kNow + 777);
  EXPECT_TRUE(batch_checksum_ok(batch));
  EXPECT_TRUE(read_batch_header(batch)->log_append_time());
  EXPECT_EQ(read_batch_header(batch)->codec(), Codec::Zstd);
  EXPECT_TRUE(for_each_record(batch, kPlenty, [](const RecordView& r) {
    EXPECT_EQ(r.timestamp, kNow + 777);
    return true;
  }));
}

TEST(RecordBatch, AWrongLargestTimestampIsFoundAndCanBeMended) {
  Bytes batch = with<std::int64_t>(good(), kMaxTimestampAt, kNow + 999);
  const auto header = checked(batch);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->max_timestamp, kNow + 4);
  set_max_timestamp(batch, header->max_timestamp);
  EXPECT_EQ(batch, good());
}

TEST(RecordBatch, EveryTruncationIsRefused) {
  for (const Codec codec : kCodecs) {
    const Bytes batch = good(codec);
    for (std::size_t n = 0; n < batch.size(); ++n) {
      const ByteView cut = ByteView{batch}.first(n);
      EXPECT_EQ(verdict(cut), ErrorCode::InvalidRecord) << n;
      EXPECT_FALSE(batch_checksum_ok(cut));
      EXPECT_EQ(for_each_record(cut, kPlenty, [](auto&) { return true; }).error().code, ErrorCode::Truncated)
          << n;
    }
  }
}

TEST(RecordBatch, EverySingleByteCorruptionIsRefusedUnlessItIsTheLeaderEpoch) {
  for (const Codec codec : kCodecs) {
    const Bytes batch = good(codec);
    for (std::size_t at = 0; at < batch.size(); ++at)
      for (const int flip : {0x01, 0x10, 0x80, 0xff}) {
        Bytes bad = batch;
        bad[at] ^= static_cast<std::uint8_t>(flip);
        const bool harmless = at >= kLeaderEpochAt && at < kMagicAt;
        EXPECT_EQ(verdict(bad) == ErrorCode::None, harmless) << at << " " << flip;
        (void)for_each_record(bad, kPlenty, [](auto&) { return true; });  // must only not crash
      }
  }
}

TEST(RecordBatch, EveryCorruptionOfRecordsUnderAFittingChecksumIsHandled) {
  for (const Codec codec : kCodecs) {
    const Bytes batch = good(codec);
    for (std::size_t at = kAttributesAt; at < batch.size(); ++at)
      for (int value = 0; value < 256; value += 3) {
        const Bytes bad = with(batch, at, static_cast<std::uint8_t>(value));
        // Whatever is accepted can be read by those who fetch it.
        if (verdict(bad) == ErrorCode::None) {
          EXPECT_TRUE(for_each_record(bad, kPlenty, [](auto&) { return true; })) << at << " " << value;
        }
      }
  }
}

// Compressed records are judged one field at a time through a window, plain ones by a shorter way first.
TEST(RecordBatch, PlainAndCompressedRecordsAreJudgedTheSame) {
  std::mt19937 random{7};
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (int round = 0; round < 6000; ++round) {
    ByteWriter out;
    const auto count = static_cast<std::int32_t>(1 + random() % 6);
    for (std::int32_t i = 0; i < count; ++i) {
      Raw raw{.timestamp_delta = static_cast<std::int64_t>(random() % 5000) - 100, .offset_delta = i};
      if (random() % 4 == 0) raw = {.offset_delta = i, .key_bytes = -1, .key = ""};
      if (random() % 4 == 0) raw.value_bytes = -1, raw.value = "";
      if (random() % 4 == 0)
        raw.value = std::string(random() % 400, 'v'),
        raw.value_bytes = static_cast<std::int32_t>(raw.value.size());
      if (random() % 9 == 0) raw.headers = 1, raw.header_bytes = {2, 'h', 2, 'x'};
      if (random() % 30 == 0) raw.timestamp_delta = -1 - kNow;
      if (random() % 30 == 0) raw.timestamp_delta = std::int64_t{1} << (random() % 60);
      out.bytes(raw_record(raw));
    }
    Bytes records = out.take();
    for (auto flips = random() % 3; flips > 0; --flips)
      records[random() % records.size()] = static_cast<std::uint8_t>(random());
    BatchRules r = rules();
    r.key_required = random() % 2;
    if (random() % 2) r.timestamp_after_max_ms = 3000;
    const auto plain = checked(around(records, count), r);
    const auto packed = checked(around(records, count, Codec::Lz4), r);
    ASSERT_EQ(plain.has_value(), packed.has_value()) << round;
    if (plain) {
      ASSERT_EQ(plain->max_timestamp, packed->max_timestamp) << round;
    } else {
      ASSERT_EQ(plain.error().error.code, packed.error().error.code) << round;
      ASSERT_EQ(plain.error().records, packed.error().records) << round;
    }
    ++(plain ? taken : refused);
  }
  EXPECT_GT(taken, 1000u);
  EXPECT_GT(refused, 1000u);
}

// The record set of a request.

TEST(ProducedBatch, RefusesAnEmptyRecordSet) { EXPECT_EQ(verdict({}), ErrorCode::InvalidRecord); }

TEST(ProducedBatch, RefusesTwoBatchesInOnePartition) {
  Bytes two = good();
  const Bytes second = good();
  two.insert(two.end(), second.begin(), second.end());
  EXPECT_EQ(verdict(two), ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesBytesBehindTheBatch) {
  Bytes batch = good();
  batch.push_back(0);
  EXPECT_EQ(verdict(batch), ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesTheOldMessageFormatsAndUnknownOnes) {
  EXPECT_EQ(verdict(with<std::int8_t>(good(), kMagicAt, 0)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int8_t>(good(), kMagicAt, 1)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int8_t>(good(), kMagicAt, 3)), ErrorCode::CorruptMessage);
  EXPECT_EQ(verdict(with<std::int8_t>(good(), kMagicAt, -1)), ErrorCode::CorruptMessage);
}

TEST(ProducedBatch, RefusesImpossibleLengths) {
  for (const std::int32_t length : {-1, INT32_MIN, 0, 13})
    EXPECT_EQ(verdict(with(good(), kLengthAt, length)), ErrorCode::CorruptMessage) << length;
  EXPECT_EQ(verdict(with(good(), kLengthAt, INT32_MAX)), ErrorCode::InvalidRecord);
  Bytes short_of_header = good();
  short_of_header.resize(60);
  store_be(short_of_header.data() + kLengthAt, std::int32_t{48});
  EXPECT_EQ(verdict(short_of_header), ErrorCode::CorruptMessage);
}

TEST(ProducedBatch, RefusesZstdWhereTheRequestIsTooOldForIt) {
  BatchRules old = rules();
  old.zstd_allowed = false;
  EXPECT_EQ(verdict(good(Codec::Zstd), old), ErrorCode::UnsupportedCompressionType);
  EXPECT_EQ(verdict(good(Codec::Lz4), old), ErrorCode::None);
  EXPECT_EQ(verdict(good(Codec::Zstd)), ErrorCode::None);
}

TEST(ProducedBatch, RefusesACompressionTypeThatDoesNotExist) {
  for (const std::int16_t codec : {5, 6, 7})
    EXPECT_EQ(verdict(with(good(), kAttributesAt, codec)), ErrorCode::UnsupportedCompressionType);
}

// The batch.

TEST(ProducedBatch, RefusesABaseOffsetOtherThanZero) {
  Bytes batch = good();
  set_base_offset(batch, 1);
  EXPECT_EQ(verdict(batch), ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesABatchOverTheTopicsSizeAndTakesOneOfExactlyThatSize) {
  const Bytes batch = good();
  BatchRules r = rules();
  r.batch_bytes_max = static_cast<std::int64_t>(batch.size());
  EXPECT_EQ(verdict(batch, r), ErrorCode::None);
  --r.batch_bytes_max;
  EXPECT_EQ(verdict(batch, r), ErrorCode::MessageTooLarge);
}

TEST(ProducedBatch,
     TellsTheSizeBeforeTheChecksum) {  // a producer splits its batch on this code, retries on the other
  Bytes batch = good();
  batch.back() ^= 1;
  BatchRules r = rules();
  r.batch_bytes_max = 100;
  EXPECT_EQ(verdict(batch, r), ErrorCode::MessageTooLarge);
}

TEST(ProducedBatch, RefusesAWrongChecksum) {
  Bytes batch = good();
  batch[kCrcAt] ^= 1;
  EXPECT_EQ(verdict(batch), ErrorCode::CorruptMessage);
}

TEST(ProducedBatch, RefusesCountsThatDoNotFitTheOffsets) {
  EXPECT_EQ(verdict(with<std::int32_t>(good(), kLastOffsetDeltaAt, -1)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int32_t>(good(), kLastOffsetDeltaAt, 5)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int32_t>(good(), kCountAt, 0)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int32_t>(good(), kCountAt, -5)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int32_t>(with<std::int32_t>(good(), kCountAt, INT32_MIN), kLastOffsetDeltaAt,
                                       INT32_MAX)),
            ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesCountsThatDoNotFitTheRecords) {
  for (const Codec codec : kCodecs)
    for (const std::int32_t count : {1, 4, 6, 1000, INT32_MAX}) {
      Bytes batch = with(good(codec), kCountAt, count);
      batch = with(batch, kLastOffsetDeltaAt, count - 1);
      EXPECT_EQ(verdict(batch), ErrorCode::InvalidRecord) << static_cast<int>(codec) << " " << count;
      EXPECT_EQ(for_each_record(batch, kPlenty, [](auto&) { return true; }).error().code,
                ErrorCode::InvalidRecord);
    }
}

TEST(ProducedBatch, RefusesControlRecordsFromClients) {
  EXPECT_EQ(verdict(build_batch(some_records(1, 1), {.control = true})), ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesAProducerIdWithoutSequenceOrEpoch) {
  const Bytes batch = with<std::int64_t>(good(), kProducerIdAt, 1);
  EXPECT_EQ(verdict(with<std::int16_t>(batch, kProducerEpochAt, 0)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int32_t>(batch, kSequenceAt, 0)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(with<std::int32_t>(with<std::int16_t>(batch, kProducerEpochAt, 0), kSequenceAt, 0)),
            ErrorCode::None);
}

TEST(ProducedBatch, RefusesATransactionWithoutAProducerId) {
  EXPECT_EQ(verdict(build_batch(some_records(1, 1), {.transactional = true})), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(build_batch(
                some_records(1, 1),
                {.producer_id = 7, .producer_epoch = 0, .base_sequence = 0, .transactional = true})),
            ErrorCode::None);
}

TEST(ProducedBatch, RefusesAProducersClaimOfLogAppendTime) {
  Bytes batch = good();
  set_log_append_time(batch, kNow);
  EXPECT_EQ(verdict(batch), ErrorCode::InvalidTimestamp);
}

// The records.

TEST(ProducedBatch, TakesRecordsOfRawFields) {  // the cases below differ from this one in one field each
  for (const Codec codec : kCodecs) EXPECT_EQ(verdict(around(raw_record({}), 1, codec)), ErrorCode::None);
}

TEST(ProducedBatch, RefusesOffsetDeltasThatDoNotCountUpFromZero) {
  EXPECT_EQ(verdict(around(raw_record({.offset_delta = 1}), 1)), ErrorCode::InvalidRecord);
  EXPECT_EQ(verdict(around(raw_record({.offset_delta = -1}), 1)), ErrorCode::InvalidRecord);
  Bytes twice_zero = raw_record({});
  const Bytes again = raw_record({});
  twice_zero.insert(twice_zero.end(), again.begin(), again.end());
  EXPECT_EQ(verdict(around(twice_zero, 2)), ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesLengthsThatAreNegativeOrReachTooFar) {
  Bytes null_key_header = from_hex(
      "01"
      "02"
      "78");  // key length -1
  Bytes wide_key_header = from_hex(
      "14"
      "78"
      "00");  // key of 10 bytes, 1 there
  Bytes negative_header_value = from_hex(
      "0278"
      "03");  // value length -2
  for (const Codec codec : kCodecs)
    for (const Raw& raw :
         {Raw{.key_bytes = -2}, Raw{.key_bytes = INT32_MIN}, Raw{.key_bytes = 2}, Raw{.key_bytes = INT32_MAX},
          Raw{.value_bytes = -2}, Raw{.value_bytes = 2}, Raw{.value_bytes = INT32_MAX}, Raw{.value_bytes = 0},
          Raw{.headers = -1}, Raw{.headers = 1}, Raw{.headers = INT32_MAX},
          Raw{.headers = 1, .header_bytes = null_key_header},
          Raw{.headers = 1, .header_bytes = wide_key_header},
          Raw{.headers = 1, .header_bytes = negative_header_value}, Raw{.length_wrong_by = 1},
          Raw{.length_wrong_by = -1}, Raw{.length_wrong_by = -100}, Raw{.length_wrong_by = 100'000'000}}) {
      const Bytes batch = around(raw_record(raw), 1, codec);
      EXPECT_EQ(verdict(batch), ErrorCode::InvalidRecord)
          << raw.key_bytes << " " << raw.value_bytes << " " << raw.headers << " " << raw.length_wrong_by;
      EXPECT_FALSE(for_each_record(batch, kPlenty, [](auto&) { return true; }));
    }
}

TEST(ProducedBatch, RefusesBytesWithinARecordBehindItsHeaders) {
  EXPECT_EQ(verdict(around(raw_record({.header_bytes = {0}}), 1)), ErrorCode::InvalidRecord);
}

TEST(ProducedBatch, RefusesVarintsThatNeverEnd) {
  for (const Codec codec : kCodecs) {
    EXPECT_EQ(verdict(around(Bytes(20, 0xff), 1, codec)), ErrorCode::InvalidRecord);
    EXPECT_EQ(verdict(around(from_hex("10"
                                      "00"
                                      "ffffffffffffffffffff"
                                      "00"),
                             1, codec)),
              ErrorCode::InvalidRecord);
  }
}

TEST(ProducedBatch, LargeRecordsAreCheckedToTheirEndWhenCompressed) {  // larger than the window
  const std::string value(50'000, 'v');
  const Raw whole{.value_bytes = 50'000, .value = value};
  for (const Codec codec : kCodecs) {
    EXPECT_EQ(verdict(around(raw_record(whole), 1, codec)), ErrorCode::None);
    for (const std::int32_t wrong : {-2, 49'999, 50'001, 1'000'000})
      EXPECT_EQ(verdict(around(raw_record({.value_bytes = wrong, .value = value}), 1, codec)),
                ErrorCode::InvalidRecord)
          << wrong;
    EXPECT_EQ(
        verdict(around(raw_record({.value_bytes = 50'000, .value = value, .length_wrong_by = 1}), 1, codec)),
        ErrorCode::InvalidRecord);
    EXPECT_EQ(verdict(around(raw_record({.value_bytes = 50'000, .value = value, .headers = 1}), 1, codec)),
              ErrorCode::InvalidRecord);
  }
}

TEST(ProducedBatch, RefusesCompressedBytesThatAreDamagedUnderAFittingChecksum) {
  for (const Codec codec : {Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd}) {
    Bytes batch = around(raw_record({}), 1, codec);
    batch[kBatchHeaderBytes] ^= 0xff;
    seal(batch);
    EXPECT_EQ(verdict(batch), ErrorCode::InvalidRecord) << static_cast<int>(codec);
  }
}

TEST(ProducedBatch, RefusesABatchThatUnpacksToMoreThanTheLimit) {
  const Bytes zeros(3'000'000, 0);
  for (const Codec codec : {Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd}) {
    const Bytes batch = build_batch({NewRecord{.value = zeros, .timestamp = kNow}}, {.codec = codec});
    EXPECT_LT(batch.size(), 200'000u);
    BatchRules r = rules();
    EXPECT_EQ(verdict(batch, r), ErrorCode::None);
    r.decompressed_bytes_max = 2'999'999;
    EXPECT_EQ(verdict(batch, r), ErrorCode::InvalidRecord) << static_cast<int>(codec);
    EXPECT_EQ(for_each_record(batch, 2'999'999, [](auto&) { return true; }).error().code,
              ErrorCode::LimitExceeded);
  }
}

TEST(ProducedBatch, CompactedTopicsNeedAKeyInEveryRecordAndSayWhichLackOne) {
  BatchRules r = rules();
  r.key_required = true;
  const auto result = checked(good(), r);  // records 0 and 3 have none
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().error.code, ErrorCode::InvalidRecord);
  ASSERT_EQ(result.error().records.size(), 2u);
  EXPECT_EQ(result.error().records[0].first, 0);
  EXPECT_EQ(result.error().records[1].first, 3);
  EXPECT_EQ(verdict(around(raw_record({}), 1), r), ErrorCode::None);
  EXPECT_EQ(verdict(around(raw_record({.key_bytes = 0, .key = ""}), 1), r),
            ErrorCode::None);  // empty is not null
}

TEST(ProducedBatch, ListsNoMoreRecordsAtFaultThanTheLimit) {
  BatchRules r = rules();
  r.key_required = true;
  const auto result =
      checked(build_batch(std::vector<NewRecord>(5'000, NewRecord{.timestamp = kNow}), {}), r);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().records.size(), static_cast<std::size_t>(limits::record_errors_max));
  EXPECT_NE(result.error().error.detail.find("5000 of 5000"), std::string::npos);
}

TEST(ProducedBatch, RefusesTimestampsOutsideOfTheTopicsRange) {
  BatchRules r = rules();
  r.timestamp_before_max_ms = 1000;
  r.timestamp_after_max_ms = 100;
  const auto one_at = [&](std::int64_t timestamp) {
    return verdict(build_batch({NewRecord{.timestamp = timestamp}}, {}), r);
  };
  EXPECT_EQ(one_at(kNow - 1000), ErrorCode::None);
  EXPECT_EQ(one_at(kNow - 1001), ErrorCode::InvalidTimestamp);
  EXPECT_EQ(one_at(kNow + 100), ErrorCode::None);
  EXPECT_EQ(one_at(kNow + 101), ErrorCode::InvalidTimestamp);
  EXPECT_EQ(one_at(-1), ErrorCode::None);  // no timestamp
  EXPECT_EQ(one_at(INT64_MIN), ErrorCode::InvalidTimestamp);
  EXPECT_EQ(one_at(INT64_MAX), ErrorCode::InvalidTimestamp);
  r.log_append_time = true;
  EXPECT_EQ(one_at(INT64_MAX), ErrorCode::None);
}

TEST(ProducedBatch, AnyTimeInThePastIsTakenByDefault) {
  EXPECT_EQ(verdict(build_batch({NewRecord{.timestamp = 0}}, {})), ErrorCode::None);
  EXPECT_EQ(verdict(build_batch({NewRecord{.timestamp = INT64_MIN}}, {})), ErrorCode::None);
}

TEST(ProducedBatch, AWrongTimestampOutranksAMissingKey) {  // as Kafka answers a batch with both
  BatchRules r = rules();
  r.key_required = true;
  const auto result = checked(
      build_batch({NewRecord{.timestamp = kNow}, NewRecord{.key = Bytes{1}, .timestamp = kNow + 99'999'999}},
                  {}),
      r);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().error.code, ErrorCode::InvalidTimestamp);
  EXPECT_EQ(result.error().records.size(), 2u);
}

}  // namespace
}  // namespace ledge::kafka
