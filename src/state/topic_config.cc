// SPDX-License-Identifier: Apache-2.0
#include "state/topic_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <ranges>

#include "base/check.h"
#include "base/limits.h"

namespace ledge::state {
namespace {

using enum ConfigType;

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };  // as Java's trim()
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// As Java reads an integer: a sign, then digits, and nothing else.
std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_double(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && (text.back() == 'f' || text.back() == 'd')) text.remove_suffix(1);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string_view> parse_list(std::string_view text) {
  std::vector<std::string_view> out;
  text = trimmed(text);
  if (text.empty()) return out;
  for (;;) {
    const std::size_t end = text.find(',');
    out.push_back(trimmed(text.substr(0, end)));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::int64_t integer(std::string_view value) {
  const auto number = parse_integer(value);
  CHECK(number.has_value());  // checked before
  return *number;
}

constexpr std::int64_t kIntMax = INT32_MAX;
constexpr std::string_view kReplicaList = "[partitionId]:[brokerId],[partitionId]:[brokerId],...";

// Bounds and choices are those of Apache Kafka 4.2's topic configuration, whether Ledge acts on the key or
// only keeps and reports it: tools copy configurations from cluster to cluster.
constexpr auto kRows = std::to_array<TopicConfigRow>({
    {.name = "cleanup.policy",
     .type = List,
     .default_value = "delete",
     .broker_synonym = "log.cleanup.policy",
     .doc =
         "What happens to old records: delete by age or size, compact to the last one of each key, both, or "
         "neither (empty). A compacted topic refuses records without a key.",
     .choices = "compact|delete",
     .set =
         [](TopicConfig& config, std::string_view value) {
           config.compacted = std::ranges::count(parse_list(value), "compact") > 0;
           config.deletes = std::ranges::count(parse_list(value), "delete") > 0;
         }},
    {.name = "compression.gzip.level",
     .type = Int,
     .default_value = "-1",
     .broker_synonym = "compression.gzip.level",
     .doc = "The level when compression.type is gzip; -1 the library's own.",
     .min = -1,
     .max = 9},
    {.name = "compression.lz4.level",
     .type = Int,
     .default_value = "9",
     .broker_synonym = "compression.lz4.level",
     .doc = "The level when compression.type is lz4.",
     .min = 1,
     .max = 17},
    {.name = "compression.type",
     .type = String,
     .default_value = "producer",
     .broker_synonym = "compression.type",
     .doc = "How stored batches are to be compressed; producer: as they were sent.",
     .choices = "uncompressed|zstd|lz4|snappy|gzip|producer",
     .set = [](TopicConfig& config, std::string_view value) { config.compression_type = trimmed(value); }},
    {.name = "compression.zstd.level",
     .type = Int,
     .default_value = "3",
     .broker_synonym = "compression.zstd.level",
     .doc = "The level when compression.type is zstd.",
     .min = -131072,
     .max = 22},
    {.name = "delete.retention.ms",
     .type = Long,
     .default_value = "86400000",
     .broker_synonym = "log.cleaner.delete.retention.ms",
     .doc = "How long a compacted topic keeps the mark that a key was deleted.",
     .min = 0},
    {.name = "file.delete.delay.ms",
     .type = Long,
     .default_value = "60000",
     .broker_synonym = "log.segment.delete.delay.ms",
     .doc = "How long a file stays after its records were deleted.",
     .min = 0},
    {.name = "flush.messages",
     .type = Long,
     .default_value = "9223372036854775807",
     .broker_synonym = "log.flush.interval.messages",
     .doc = "After how many records to sync; every acknowledged record is on the disk whatever it says.",
     .min = 1},
    {.name = "flush.ms",
     .type = Long,
     .default_value = "9223372036854775807",
     .broker_synonym = "log.flush.interval.ms",
     .doc = "After what time to sync; every acknowledged record is on the disk whatever it says.",
     .min = 0},
    {.name = "follower.replication.throttled.replicas",
     .type = List,
     .default_value = "",
     .broker_synonym = "",
     .doc = "Replicas whose copying is slowed down on the follower's side.",
     .choices = kReplicaList},
    {.name = "index.interval.bytes",
     .type = Int,
     .default_value = "4096",
     .broker_synonym = "log.index.interval.bytes",
     .doc = "How many bytes of records lie between two entries of an index.",
     .min = 0},
    {.name = "leader.replication.throttled.replicas",
     .type = List,
     .default_value = "",
     .broker_synonym = "",
     .doc = "Replicas whose copying is slowed down on the leader's side.",
     .choices = kReplicaList},
    {.name = "local.retention.bytes",
     .type = Long,
     .default_value = "-2",
     .broker_synonym = "log.local.retention.bytes",
     .doc = "The most that is kept locally of a tiered partition; -2: as retention.bytes.",
     .min = -2},
    {.name = "local.retention.ms",
     .type = Long,
     .default_value = "-2",
     .broker_synonym = "log.local.retention.ms",
     .doc = "How long records of a tiered partition are kept locally; -2: as retention.ms.",
     .min = -2},
    {.name = "max.compaction.lag.ms",
     .type = Long,
     .default_value = "9223372036854775807",
     .broker_synonym = "log.cleaner.max.compaction.lag.ms",
     .doc = "The longest that a record may stay uncompacted.",
     .min = 1},
    {.name = "max.message.bytes",
     .type = Int,
     .default_value = "1048588",
     .broker_synonym = "message.max.bytes",
     .doc = "The largest record batch, compressed as it was sent.",
     .min = 0,
     .set = [](TopicConfig& config, std::string_view value) { config.max_message_bytes = integer(value); }},
    {.name = "message.timestamp.after.max.ms",
     .type = Long,
     .default_value = "3600000",
     .broker_synonym = "log.message.timestamp.after.max.ms",
     .doc = "How far a record's timestamp may lie ahead of the server's clock.",
     .min = 0,
     .set = [](TopicConfig& config,
               std::string_view value) { config.timestamp_after_max_ms = integer(value); }},
    {.name = "message.timestamp.before.max.ms",
     .type = Long,
     .default_value = "9223372036854775807",
     .broker_synonym = "log.message.timestamp.before.max.ms",
     .doc = "How far a record's timestamp may lie behind the server's clock.",
     .min = 0,
     .set = [](TopicConfig& config,
               std::string_view value) { config.timestamp_before_max_ms = integer(value); }},
    {.name = "message.timestamp.type",
     .type = String,
     .default_value = "CreateTime",
     .broker_synonym = "log.message.timestamp.type",
     .doc = "Whose clock the timestamps show: the producer's, or the server's at the append.",
     .choices = "CreateTime|LogAppendTime",
     .set = [](TopicConfig& config,
               std::string_view value) { config.log_append_time = trimmed(value) == "LogAppendTime"; }},
    {.name = "min.cleanable.dirty.ratio",
     .type = Double,
     .default_value = "0.5",
     .broker_synonym = "log.cleaner.min.cleanable.ratio",
     .doc = "The share of uncompacted records that starts a compaction.",
     .min = 0,
     .max = 1},
    {.name = "min.compaction.lag.ms",
     .type = Long,
     .default_value = "0",
     .broker_synonym = "log.cleaner.min.compaction.lag.ms",
     .doc = "The shortest that a record stays uncompacted.",
     .min = 0},
    {.name = "min.insync.replicas",
     .type = Int,
     .default_value = "1",
     .broker_synonym = "min.insync.replicas",
     .doc = "How many in-sync replicas acks=all asks for; never more than the topic has replicas.",
     .min = 1,
     .set =
         [](TopicConfig& config, std::string_view value) {
           config.min_insync_replicas = static_cast<std::int32_t>(integer(value));
         }},
    {.name = "preallocate",
     .type = Boolean,
     .default_value = "false",
     .broker_synonym = "log.preallocate",
     .doc = "Whether files are allocated ahead; the journal's always are."},
    {.name = "remote.log.copy.disable",
     .type = Boolean,
     .default_value = "false",
     .broker_synonym = "",
     .doc = "Whether a tiered topic stops copying to the second tier."},
    {.name = "remote.log.delete.on.disable",
     .type = Boolean,
     .default_value = "false",
     .broker_synonym = "",
     .doc = "Whether the second tier's data goes when tiering is switched off."},
    {.name = "remote.storage.enable",
     .type = Boolean,
     .default_value = "false",
     .broker_synonym = "",
     .doc = "Whether the topic is tiered. There is no tiered storage: true is refused."},
    {.name = "retention.bytes",
     .type = Long,
     .default_value = "-1",
     .broker_synonym = "log.retention.bytes",
     .doc = "The most that is kept of each partition when the policy is delete; -1: no bound."},
    {.name = "retention.ms",
     .type = Long,
     .default_value = "604800000",
     .broker_synonym = "log.retention.ms",
     .doc = "How long records are kept when the policy is delete; -1: for ever.",
     .min = -1},
    {.name = "segment.bytes",
     .type = Int,
     .default_value = "1073741824",
     .broker_synonym = "log.segment.bytes",
     .doc =
         "The size of a log segment; no batch may be larger. Here all topics share the journal's segments.",
     .min = 1048576,
     .set = [](TopicConfig& config, std::string_view value) { config.segment_bytes = integer(value); }},
    {.name = "segment.index.bytes",
     .type = Int,
     .default_value = "10485760",
     .broker_synonym = "log.index.size.max.bytes",
     .doc = "The largest index of a segment.",
     .min = 4},
    {.name = "segment.jitter.ms",
     .type = Long,
     .default_value = "0",
     .broker_synonym = "log.roll.jitter.ms",
     .doc = "By how much the sealing of segments is spread in time.",
     .min = 0},
    {.name = "segment.ms",
     .type = Long,
     .default_value = "604800000",
     .broker_synonym = "log.roll.ms",
     .doc = "After what time a segment is sealed although it is not full.",
     .min = 1},
    {.name = "unclean.leader.election.enable",
     .type = Boolean,
     .default_value = "false",
     .broker_synonym = "unclean.leader.election.enable",
     .doc = "Whether a replica that is behind may become the leader."},
});
static_assert(std::ranges::is_sorted(kRows, {}, &TopicConfigRow::name));

std::unexpected<Error> invalid(const TopicConfigRow& row, std::string_view value, std::string_view why) {
  return fail(ErrorCode::InvalidConfig,
              fmt::format("Invalid value {} for configuration {}: {}", value, row.name, why));
}

Result<void> check_integer(const TopicConfigRow& row, std::string_view value) {
  const auto number = parse_integer(value);
  if (!number || (row.type == Int && (*number > kIntMax || *number < -kIntMax - 1))) {
    return invalid(row, value, row.type == Int ? "Not a number of type INT" : "Not a number of type LONG");
  }
  const std::string shown = std::to_string(*number);
  if (row.name == "compression.gzip.level") {
    if (*number == 0 || *number < row.min || *number > row.max)
      return invalid(row, shown, "Value must be between 1 and 9 or equal to -1");
    return {};
  }
  if (*number < row.min) return invalid(row, shown, fmt::format("Value must be at least {}", row.min));
  if (*number > row.max) return invalid(row, shown, fmt::format("Value must be no more than {}", row.max));
  return {};
}

Result<void> check_double(const TopicConfigRow& row, std::string_view value) {
  const auto number = parse_double(value);
  if (!number) return invalid(row, value, "Not a number of type DOUBLE");
  const std::string shown =
      *number == std::floor(*number) ? fmt::format("{:.1f}", *number) : fmt::format("{}", *number);
  if (*number < static_cast<double>(row.min))
    return invalid(row, shown, fmt::format("Value must be at least {}", row.min));
  if (*number > static_cast<double>(row.max))
    return invalid(row, shown, fmt::format("Value must be no more than {}", row.max));
  return {};
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (!choices.empty()) {
    const std::size_t end = choices.find('|');
    if (choices.substr(0, end) == value) return true;
    choices.remove_prefix(end == choices.npos ? choices.size() : end + 1);
  }
  return false;
}

Result<void> check_choice(const TopicConfigRow& row, std::string_view value) {
  if (row.choices.empty() || is_choice(row.choices, value)) return {};
  std::string allowed;
  for (const char c : row.choices) allowed += c == '|' ? std::string{", "} : std::string{c};
  return invalid(row, value, "String must be one of: " + allowed);
}

/// "1:101,2:102" or "*".
Result<void> check_replica_list(const TopicConfigRow& row, const std::vector<std::string_view>& list) {
  const auto all_digits = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c); });
  };
  const bool good =
      list.empty() || (list.size() == 1 && list[0] == "*") ||
      std::ranges::all_of(list, [&](std::string_view pair) {
        const std::size_t colon = pair.find(':');
        return colon != pair.npos && all_digits(pair.substr(0, colon)) && all_digits(pair.substr(colon + 1));
      });
  if (good) return {};
  return invalid(row, fmt::format("[{}]", fmt::join(list, ", ")),
                 fmt::format("{} must be the literal '*' or a list of replicas in the following format: {}",
                             row.name, kReplicaList));
}

Result<void> check_list(const TopicConfigRow& row, std::string_view value) {
  const auto list = parse_list(value);
  if (row.choices == kReplicaList) return check_replica_list(row, list);
  for (const std::string_view element : list) {
    if (element.empty())
      return fail(ErrorCode::InvalidConfig,
                  fmt::format("Configuration '{}' values must not be empty.", row.name));
  }
  for (const std::string_view element : list) TRY_VOID(check_choice(row, element));
  return {};
}

Result<void> check_boolean(const TopicConfigRow& row, std::string_view value) {
  std::string lower{trimmed(value)};
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower != "true" && lower != "false")
    return invalid(row, value, "Expected value to be either true or false");
  if (row.name == "remote.storage.enable" && lower == "true")
    return fail(ErrorCode::InvalidConfig,
                "Tiered Storage functionality is disabled in the broker. "
                "Topic cannot be configured with remote log storage.");
  return {};
}

Result<void> check_count(std::size_t configs) {
  if (std::cmp_less_equal(configs, limits::topic_configs_max)) return {};
  return fail(ErrorCode::InvalidConfig, fmt::format("{} topic configs are more than the {} that are taken",
                                                    configs, limits::topic_configs_max));
}

/// Elements are compared as they are written; Kafka does not trim them here.
std::string changed_list(std::string_view list, std::string_view elements, bool append) {
  const auto split = [](std::string_view text) {
    std::vector<std::string_view> out;
    for (const auto part : std::views::split(text, ',')) out.emplace_back(part.begin(), part.end());
    return out;
  };
  std::vector<std::string_view> out = split(list);
  std::erase(out, std::string_view{});
  for (const std::string_view element : split(elements)) {
    const auto found = std::ranges::find(out, element);
    if (append && found == out.end()) out.push_back(element);
    if (!append && found != out.end()) out.erase(found);
  }
  return fmt::format("{}", fmt::join(out, ","));
}

/// Bounds between keys.
Result<void> check_together(const TopicOverrides& overrides) {
  const auto value = [&](const char* key) {
    const auto found = overrides.find(key);
    return integer(found != overrides.end() ? found->second : find_topic_config(key)->default_value);
  };
  const std::int64_t least = value("min.compaction.lag.ms");
  const std::int64_t most = value("max.compaction.lag.ms");
  if (least > most)
    return fail(ErrorCode::InvalidConfig,
                fmt::format("conflict topic config setting min.compaction.lag.ms ({}) > "
                            "max.compaction.lag.ms ({})",
                            least, most));
  return {};
}

}  // namespace

std::span<const TopicConfigRow> topic_config_rows() { return kRows; }

const TopicConfigRow* find_topic_config(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kRows, name, {}, &TopicConfigRow::name);
  return found != kRows.end() && found->name == name ? found : nullptr;
}

Result<void> check_topic_config(const TopicConfigRow& row, std::string_view value) {
  switch (row.type) {
    case Boolean: return check_boolean(row, value);
    case Int:
    case Short:
    case Long: return check_integer(row, value);
    case Double: return check_double(row, value);
    case List: return check_list(row, value);
    case String:
    case Class:
    case Password: return check_choice(row, trimmed(value));
  }
  return {};
}

Result<TopicOverrides> check_topic_configs(
    const std::vector<std::pair<std::string, std::optional<std::string>>>& configs) {
  TRY_VOID(check_count(configs.size()));
  TopicOverrides overrides;
  std::vector<std::string> nulls;
  for (const auto& [key, value] : configs) {
    if (!value) nulls.push_back(key);
    overrides[key] = value.value_or("");
  }
  if (!nulls.empty()) {
    std::ranges::sort(nulls);
    return fail(ErrorCode::InvalidConfig,
                fmt::format("Null value not supported for topic configs: {}", fmt::join(nulls, ",")));
  }
  TRY_VOID(check_overrides(overrides));
  return overrides;
}

Result<void> check_overrides(const TopicOverrides& overrides) {
  TRY_VOID(check_count(overrides.size()));
  for (const auto& [key, value] : overrides) {
    if (find_topic_config(key) == nullptr)
      return fail(ErrorCode::InvalidConfig, "Unknown topic config name: " + key);
    if (std::cmp_greater(value.size(), limits::string_bytes_max))
      return fail(ErrorCode::InvalidConfig,
                  fmt::format("The configuration value cannot be added because it exceeds the maximum value "
                              "size of {} bytes.",
                              limits::string_bytes_max));
  }
  for (const auto& [key, value] : overrides) TRY_VOID(check_topic_config(*find_topic_config(key), value));
  return check_together(overrides);
}

Result<TopicOverrides> change_overrides(TopicOverrides overrides, const std::vector<ConfigStep>& steps) {
  for (const ConfigStep& step : steps) {
    switch (step.operation) {
      case ConfigOperation::Set: overrides[step.key] = step.value; break;
      case ConfigOperation::Delete: overrides.erase(step.key); break;
      case ConfigOperation::Append:
      case ConfigOperation::Subtract: {
        const TopicConfigRow* row = find_topic_config(step.key);
        const bool append = step.operation == ConfigOperation::Append;
        if (row == nullptr || row->type != List)
          return fail(ErrorCode::InvalidConfig,
                      fmt::format("Can't {} to key {} because its type is not LIST.",
                                  append ? "APPEND" : "SUBTRACT", step.key));
        const auto own = overrides.find(step.key);
        const std::string before{own != overrides.end() ? own->second : row->default_value};
        overrides[step.key] = changed_list(before, step.value, append);
      }
    }
  }
  return overrides;
}

TopicConfig effective_config(const TopicConfig& defaults, const TopicOverrides& overrides) {
  TopicConfig config = defaults;
  for (const auto& [key, value] : overrides) {
    const TopicConfigRow* row = find_topic_config(key);
    if (row != nullptr && row->set != nullptr) row->set(config, value);
  }
  return config;
}

}  // namespace ledge::state
