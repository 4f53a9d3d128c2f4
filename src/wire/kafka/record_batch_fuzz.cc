// SPDX-License-Identifier: Apache-2.0
// Bytes of a stranger as a produced batch, once as they are and once with the fields set that would stop most
// inputs at the door (lengths, magic, checksum), so that the records and codecs behind are reached. What is
// accepted must be readable, in the same number of records, with a largest timestamp that is true.
#include <algorithm>
#include <cstdlib>

#include "base/crc32c.h"
#include "wire/kafka/record_batch.h"

using namespace ledge;
using namespace ledge::kafka;

namespace {

constexpr std::size_t kUnpackedMax = 1 << 20;

void require(bool condition) {
  if (!condition) std::abort();
}

void look_at(ByteView batch) {
  BatchRules rules;
  rules.decompressed_bytes_max = kUnpackedMax;
  rules.timestamp_after_max_ms = INT64_MAX;
  const auto valid = validate_produced_batch(batch, rules);
  std::int64_t count = 0;
  std::int64_t largest = -1;
  const auto read = for_each_record(batch, kUnpackedMax, [&](const RecordView& record) {
    require(!valid || record.offset == count);
    ++count;
    largest = std::max(largest, record.timestamp);
    return true;
  });
  if (!valid) return;
  require(read.has_value() && batch_checksum_ok(batch));
  require(count == valid->records && largest == valid->max_timestamp);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  look_at({data, size});
  if (size < kBatchHeaderBytes) return 0;
  Bytes batch(data, data + size);
  store_be<std::int64_t>(batch.data(), 0);
  store_be(batch.data() + 8, static_cast<std::int32_t>(size - 12));
  store_be<std::int8_t>(batch.data() + 16, 2);
  store_be(batch.data() + 17, crc32c(ByteView{batch}.subspan(21)));
  look_at(batch);
  return 0;
}
