// SPDX-License-Identifier: Apache-2.0
#include "state/groups/consumer_records.h"

#include "base/check.h"

namespace ledge::state {
namespace {

template <class K> Bytes encode(const K& key) {
  ByteWriter out;
  out.be(K::api.key);
  declare::encode_to(out, K::declaration(), &key, K::api.format(0));
  return out.take();
}

template <class K> Result<K> decode(ByteView bytes) {
  std::size_t left_over = 0;
  TRY(K key, kafka::decode<K>(SharedBytes::copy(bytes.subspan(sizeof(std::int16_t))), 0, &left_over));
  if (left_over > 0)
    return fail(ErrorCode::Malformed, std::string{K::api.name} + " key with bytes behind it");
  return key;
}

template <class K> Result<ConsumerKey> group_key(ConsumerKey::Kind kind, ByteView bytes) {
  TRY(K key, decode<K>(bytes));
  return ConsumerKey{kind, std::move(key.group_id), {}};
}
template <class K> Result<ConsumerKey> member_key(ConsumerKey::Kind kind, ByteView bytes) {
  TRY(K key, decode<K>(bytes));
  return ConsumerKey{kind, std::move(key.group_id), std::move(key.member_id)};
}

}  // namespace

bool is_consumer_key(std::int16_t kind) { return (kind >= 3 && kind <= 8) || kind == 16; }

Bytes encode_key(const ConsumerKey& key) {
  using enum ConsumerKey::Kind;
  switch (key.kind) {
    case Group: return encode(kafka::ConsumerGroupMetadataKey{key.group});
    case PartitionMetadata: return encode(kafka::ConsumerGroupPartitionMetadataKey{key.group});
    case Member: return encode(kafka::ConsumerGroupMemberMetadataKey{key.group, key.subject});
    case TargetEpoch: return encode(kafka::ConsumerGroupTargetAssignmentMetadataKey{key.group});
    case Target: return encode(kafka::ConsumerGroupTargetAssignmentMemberKey{key.group, key.subject});
    case Current: return encode(kafka::ConsumerGroupCurrentMemberAssignmentKey{key.group, key.subject});
    case Regex: return encode(kafka::ConsumerGroupRegularExpressionKey{key.group, key.subject});
  }
  CHECK(false);
  return {};
}

Result<ConsumerKey> decode_consumer_key(ByteView bytes) {
  using enum ConsumerKey::Kind;
  ByteReader in{bytes};
  const auto number = in.be<std::int16_t>();
  CHECK(in.ok() && is_consumer_key(number));
  const auto kind = static_cast<ConsumerKey::Kind>(number);
  switch (kind) {
    case Group: return group_key<kafka::ConsumerGroupMetadataKey>(kind, bytes);
    case PartitionMetadata: return group_key<kafka::ConsumerGroupPartitionMetadataKey>(kind, bytes);
    case TargetEpoch: return group_key<kafka::ConsumerGroupTargetAssignmentMetadataKey>(kind, bytes);
    case Member: return member_key<kafka::ConsumerGroupMemberMetadataKey>(kind, bytes);
    case Target: return member_key<kafka::ConsumerGroupTargetAssignmentMemberKey>(kind, bytes);
    case Current: return member_key<kafka::ConsumerGroupCurrentMemberAssignmentKey>(kind, bytes);
    case Regex: {
      TRY(auto key, decode<kafka::ConsumerGroupRegularExpressionKey>(bytes));
      return ConsumerKey{kind, std::move(key.group_id), std::move(key.regular_expression)};
    }
  }
  CHECK(false);
  return ConsumerKey{};
}

}  // namespace ledge::state
