// SPDX-License-Identifier: Apache-2.0
// The records of `__consumer_offsets`, byte for byte Apache Kafka's, so that tools that read the topic
// understand it: OffsetCommitKey v1 / OffsetCommitValue v3 and v1, GroupMetadataKey v2 / GroupMetadataValue
// v3. A null value is a tombstone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "state/groups/classic_group.h"
#include "state/groups/consumer_records.h"

namespace ledge::state {

/// Where the records live.
inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

struct OffsetKey {
  std::string group, topic;
  std::int32_t partition = 0;
  bool operator==(const OffsetKey&) const = default;
};
struct GroupKey {
  std::string group;
  bool operator==(const GroupKey&) const = default;
};
/// monostate: a key of a kind that this program does not keep (share and streams groups); skipped by readers.
using GroupRecordKey = std::variant<std::monostate, OffsetKey, GroupKey, ConsumerKey>;

struct CommittedOffset {
  std::int64_t offset = -1;
  std::int32_t leader_epoch = -1;
  std::string metadata;
  WallMs committed_at = -1;
  WallMs expires_at = -1;  // -1: by the group's retention
  bool operator==(const CommittedOffset&) const = default;
};

Bytes encode_key(const OffsetKey& key);
Bytes encode_key(const GroupKey& key);
Result<GroupRecordKey> decode_group_record_key(ByteView bytes);

Bytes encode_value(const CommittedOffset& offset);
Result<CommittedOffset> decode_committed_offset(ByteView bytes);

/// What restore() takes, from the group as it is.
Bytes encode_value(const ClassicGroup& group);
Result<ClassicGroup::Saved> decode_group(ByteView bytes);

}  // namespace ledge::state
