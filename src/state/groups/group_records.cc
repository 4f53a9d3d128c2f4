// SPDX-License-Identifier: Apache-2.0
#include "state/groups/group_records.h"

#include <algorithm>

#include "base/check.h"

namespace ledge::state {
namespace {

constexpr std::int16_t kOffsetKeyVersion = 1;  // 0 has the same fields
constexpr std::int16_t kGroupKeyVersion = 2;
constexpr std::int16_t kOffsetValueVersion = 3;
constexpr std::int16_t kOffsetValueWithExpiry = 1;  // the only version that has the field
constexpr std::int16_t kGroupValueVersion = 3;

void put_string(ByteWriter& out, std::string_view text) {
  CHECK(text.size() <= INT16_MAX);
  out.be(static_cast<std::int16_t>(text.size()));
  out.text(text);
}
void put_nullable(ByteWriter& out, const std::optional<std::string>& text) {
  if (text)
    put_string(out, *text);
  else
    out.be<std::int16_t>(-1);
}
void put_bytes(ByteWriter& out, ByteView bytes) {
  out.be(static_cast<std::int32_t>(bytes.size()));
  out.bytes(bytes);
}

std::optional<std::string> get_nullable(ByteReader& in) {
  const auto n = in.be<std::int16_t>();
  if (n == -1) return std::nullopt;
  if (n < 0) in.invalidate();
  return std::string{as_text(in.take(static_cast<std::size_t>(std::max<std::int16_t>(n, 0))))};
}
std::string get_string(ByteReader& in) {
  auto text = get_nullable(in);
  if (!text) in.invalidate();
  return text.value_or("");
}
Bytes get_bytes(ByteReader& in) {
  const auto n = in.be<std::int32_t>();
  if (n < 0) in.invalidate();
  const ByteView view = in.take(static_cast<std::size_t>(std::max(n, 0)));
  return {view.begin(), view.end()};
}

Result<void> complete(const ByteReader& in, std::string_view what) {
  if (in.ok() && in.remaining() == 0) return {};
  return fail(ErrorCode::Malformed, std::string{what} + " in __consumer_offsets");
}

Result<std::int16_t> version_of(ByteReader& in, std::int16_t lowest, std::int16_t highest,
                                std::string_view what) {
  const auto version = in.be<std::int16_t>();
  if (in.ok() && version >= lowest && version <= highest) return version;
  return fail(ErrorCode::WrongFormatVersion, std::string{what} + " of version " + std::to_string(version));
}

}  // namespace

Bytes encode_key(const OffsetKey& key) {
  ByteWriter out;
  out.be(kOffsetKeyVersion);
  put_string(out, key.group);
  put_string(out, key.topic);
  out.be(key.partition);
  return out.take();
}

Bytes encode_key(const GroupKey& key) {
  ByteWriter out;
  out.be(kGroupKeyVersion);
  put_string(out, key.group);
  return out.take();
}

Result<GroupRecordKey> decode_group_record_key(ByteView bytes) {
  ByteReader in{bytes};
  const auto version = in.be<std::int16_t>();
  if (in.ok() && is_consumer_key(version)) {
    TRY(ConsumerKey key, decode_consumer_key(bytes));
    return key;
  }
  if (in.ok() && version > kGroupKeyVersion) return GroupRecordKey{};
  if (version == kGroupKeyVersion) {
    GroupKey key{get_string(in)};
    TRY_VOID(complete(in, "a group's key"));
    return key;
  }
  OffsetKey key;
  key.group = get_string(in);
  key.topic = get_string(in);
  key.partition = in.be<std::int32_t>();
  TRY_VOID(complete(in, "an offset's key"));
  return key;
}

Bytes encode_value(const CommittedOffset& offset) {
  const bool expires = offset.expires_at >= 0;
  ByteWriter out;
  out.be(expires ? kOffsetValueWithExpiry : kOffsetValueVersion);
  out.be(offset.offset);
  if (!expires) out.be(offset.leader_epoch);
  put_string(out, offset.metadata);
  out.be(offset.committed_at);
  if (expires) out.be(offset.expires_at);
  return out.take();
}

Result<CommittedOffset> decode_committed_offset(ByteView bytes) {
  ByteReader in{bytes};
  TRY(const std::int16_t version, version_of(in, 0, kOffsetValueVersion, "an offset"));
  CommittedOffset offset;
  offset.offset = in.be<std::int64_t>();
  if (version >= 3) offset.leader_epoch = in.be<std::int32_t>();
  offset.metadata = get_string(in);
  offset.committed_at = in.be<std::int64_t>();
  if (version == kOffsetValueWithExpiry) offset.expires_at = in.be<std::int64_t>();
  TRY_VOID(complete(in, "an offset"));
  return offset;
}

Bytes encode_value(const ClassicGroup& group) {
  ByteWriter out;
  out.be(kGroupValueVersion);
  put_string(out, group.protocol_type().value_or(""));
  out.be(group.generation());
  put_nullable(out, group.protocol_name());
  put_nullable(out, group.leader());
  out.be(group.state_since());
  out.be(static_cast<std::int32_t>(group.members().size()));
  for (const auto& [id, member] : group.members()) {
    put_string(out, id);
    put_nullable(out, member.instance_id);
    put_string(out, member.client_id);
    put_string(out, member.client_host);
    out.be(member.rebalance_timeout_ms);
    out.be(member.session_timeout_ms);
    const Bytes* metadata = group.protocol_name() ? member.metadata(*group.protocol_name()) : nullptr;
    put_bytes(out, metadata ? *metadata : Bytes{});
    put_bytes(out, member.assignment);
  }
  return out.take();
}

Result<ClassicGroup::Saved> decode_group(ByteView bytes) {
  ByteReader in{bytes};
  TRY(const std::int16_t version, version_of(in, 0, kGroupValueVersion, "a group"));
  ClassicGroup::Saved saved;
  saved.protocol_type = get_string(in);
  saved.generation = in.be<std::int32_t>();
  saved.protocol_name = get_nullable(in);
  saved.leader = get_nullable(in);
  if (version >= 2) saved.state_since = in.be<std::int64_t>();
  const auto members = in.be<std::int32_t>();
  for (std::int32_t i = 0; i < members && in.ok(); ++i) {
    ClassicGroup::Member member;
    member.id = get_string(in);
    if (version >= 3) member.instance_id = get_nullable(in);
    member.client_id = get_string(in);
    member.client_host = get_string(in);
    if (version >= 1) member.rebalance_timeout_ms = in.be<std::int32_t>();
    member.session_timeout_ms = in.be<std::int32_t>();
    if (version == 0) member.rebalance_timeout_ms = member.session_timeout_ms;
    // Only the chosen protocol's metadata is kept; the others come back when the member joins again.
    member.protocols = {{saved.protocol_name.value_or(""), get_bytes(in)}};
    member.assignment = get_bytes(in);
    saved.members.push_back(std::move(member));
  }
  TRY_VOID(complete(in, "a group"));
  return saved;
}

}  // namespace ledge::state
