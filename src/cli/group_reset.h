// SPDX-License-Identifier: Apache-2.0
// What `ledge group reset` makes of its flags: which partitions, and which offset each of them gets. No I/O.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "client/client.h"

namespace ledge::cli {

/// Where a group is to go on reading.
struct ResetTo {
  enum class Kind : std::uint8_t { Earliest, Latest, Offset, Time, Shift, File } kind = Kind::Earliest;
  std::int64_t value = 0;  // offset, milliseconds, distance
  bool operator==(const ResetTo&) const = default;
};

/// A topic, with all of its partitions when none is named.
struct TopicChoice {
  std::string topic;
  std::vector<std::int32_t> partitions;
  bool operator==(const TopicChoice&) const = default;
};

/// "orders" or "orders:0,3". A topic's name holds no colon.
Result<TopicChoice> parse_topic_choice(std::string_view text);

/// @MILLISECONDS since 1970, or @-90s, @-15m, @-2h, @-7d before now.
Result<std::int64_t> parse_reset_time(std::string_view text, WallMs now);

using OffsetMap = std::map<client::TopicPartition, std::int64_t>;

/// Lines of topic,partition,offset, as Kafka's consumer-groups tool exports them; empty lines do not count.
Result<OffsetMap> parse_offset_file(std::string_view text);

/// What is known about a partition before its offset is chosen.
struct ResetSubject {
  client::TopicPartition of;
  std::optional<std::int64_t> committed = {};
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::optional<std::int64_t> at_time = {};  // Kind::Time: the first record then or later
};

/// The offset that a partition gets: within what is there, as Kafka's tool does. Shift without anything
/// committed: an error that says so.
Result<std::int64_t> reset_offset(const ResetTo& to, const ResetSubject& subject, const OffsetMap& file);

}  // namespace ledge::cli
