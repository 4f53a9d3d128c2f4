// SPDX-License-Identifier: Apache-2.0
// The records of consumer groups in `__consumer_offsets`: which kind a key is of, and the bytes of both
// sides. The fields are declared in wire/kafka/consumer_group_records.h.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/kafka/consumer_group_records.h"

namespace ledge::state {

/// A key in `__consumer_offsets` and its value; nullopt: tombstone.
struct GroupRecord {
  Bytes key;
  std::optional<Bytes> value;
};

/// All keys of consumer groups have this shape. The numbers are Kafka's.
struct ConsumerKey {
  enum class Kind : std::int16_t {
    Group = 3,
    PartitionMetadata = 4,  // of brokers before 4.1; read over
    Member = 5,
    TargetEpoch = 6,
    Target = 7,
    Current = 8,
    Regex = 16,
  };
  Kind kind{};
  std::string group;
  std::string subject;  // the member or the expression; empty for the others
  bool operator==(const ConsumerKey&) const = default;
};

bool is_consumer_key(std::int16_t kind);
Bytes encode_key(const ConsumerKey& key);
/// `bytes` begin with a kind for which is_consumer_key() holds.
Result<ConsumerKey> decode_consumer_key(ByteView bytes);

template <class V> Bytes encode_consumer_value(const V& value) {
  ByteWriter out;
  out.be(V::api.max_version);
  declare::encode_to(out, V::declaration(), &value, V::api.format(V::api.max_version));
  return out.take();
}

/// WrongFormatVersion for a version that this program does not know, Malformed or Truncated for other bytes.
template <class V> Result<V> decode_consumer_value(ByteView bytes) {
  ByteReader in{bytes};
  const auto version = in.be<std::int16_t>();
  if (!in.ok() || !V::api.serves(version))
    return fail(ErrorCode::WrongFormatVersion,
                std::string{V::api.name} + " of version " + std::to_string(version));
  std::size_t left_over = 0;
  TRY(V value, kafka::decode<V>(SharedBytes::copy(bytes.subspan(in.position())), version, &left_over));
  if (left_over > 0) return fail(ErrorCode::Malformed, std::string{V::api.name} + " with bytes behind it");
  return value;
}

}  // namespace ledge::state
