// SPDX-License-Identifier: Apache-2.0
// Topic configuration keys: one row each (Kafka's names, types, defaults, bounds, broker synonym). The rows
// serve parsing, DescribeConfigs, CreateTopics' answer, `ledge topic describe` and the generated reference.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge::state {

/// Effective values of those keys that the program acts on.
struct TopicConfig {
  bool compacted = false;        // cleanup.policy contains compact
  bool deletes = true;           // cleanup.policy contains delete
  bool log_append_time = false;  // message.timestamp.type
  std::int64_t max_message_bytes = 1048588;
  std::int64_t segment_bytes = 1073741824;
  std::int64_t timestamp_before_max_ms = INT64_MAX;
  std::int64_t timestamp_after_max_ms = 3600000;
  std::string compression_type = "producer";
  std::int32_t min_insync_replicas = 1;
};

enum class ConfigType : std::int8_t {
  Boolean = 1,
  String = 2,
  Int = 3,
  Short = 4,
  Long = 5,
  Double = 6,
  List = 7,
  Class = 8,
  Password = 9
};

struct TopicConfigRow {
  std::string_view name;
  ConfigType type;
  std::string_view default_value;
  std::string_view broker_synonym;  // the broker key that sets the default, may be empty
  std::string_view doc;
  /// Numbers: the bounds, inclusive. Strings and lists: the choices, separated by '|'; empty: anything.
  std::int64_t min = INT64_MIN;
  std::int64_t max = INT64_MAX;
  std::string_view choices = {};
  /// Takes over a value that check_topic_config() accepted; nullptr for keys that are only kept and reported.
  void (*set)(TopicConfig& config, std::string_view value) = nullptr;
};

/// A step of a change (KIP-339); the values are Kafka's (AlterConfigOp).
enum class ConfigOperation : std::int8_t { Set = 0, Delete = 1, Append = 2, Subtract = 3 };
struct ConfigStep {
  std::string key;
  ConfigOperation operation = ConfigOperation::Set;
  std::string value;  // of Delete: not looked at
};

/// Every topic key that Apache Kafka 4.2 knows, sorted by name.
std::span<const TopicConfigRow> topic_config_rows();
const TopicConfigRow* find_topic_config(std::string_view name);
/// None, or InvalidConfig with Kafka's kind of message.
Result<void> check_topic_config(const TopicConfigRow& row, std::string_view value);

using TopicOverrides = std::map<std::string, std::string>;
/// Overrides after the steps, not yet checked as a whole. InvalidConfig: something is added to, or taken
/// from, what is no list.
Result<TopicOverrides> change_overrides(TopicOverrides overrides, const std::vector<ConfigStep>& steps);
/// A request's pairs (the last one of a key counts) as overrides, or InvalidConfig: an unknown key, no value,
/// a value that is not valid, or values that contradict each other.
Result<TopicOverrides> check_topic_configs(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& configs);
/// The same for overrides as a whole.
Result<void> check_overrides(const TopicOverrides& overrides);
/// Checked overrides over defaults.
TopicConfig effective_config(const TopicConfig& defaults, const TopicOverrides& overrides);

}  // namespace ledge::state
