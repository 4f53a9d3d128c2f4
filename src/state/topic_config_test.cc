// SPDX-License-Identifier: Apache-2.0
#include "state/topic_config.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ledge::state {
namespace {

/// "" when the value is accepted, else what the client is told.
std::string answer(std::vector<std::pair<std::string, std::optional<std::string>>> configs) {
  const auto checked = check_topic_configs(configs);
  if (checked) return "";
  EXPECT_EQ(checked.error().code, ErrorCode::InvalidConfig);
  return checked.error().detail;
}

TEST(TopicConfig, HasEveryKeyOfApacheKafka42AndEveryDefaultIsValid) {
  EXPECT_EQ(topic_config_rows().size(), 33u);
  for (const TopicConfigRow& row : topic_config_rows()) {
    EXPECT_TRUE(check_topic_config(row, row.default_value).has_value()) << row.name;
    EXPECT_EQ(find_topic_config(row.name), &row);
    EXPECT_TRUE(row.doc.ends_with('.')) << row.name;
  }
}

TEST(TopicConfig, DefaultsOfTheRowsAreTheDefaultsOfTheTypedValues) {
  TopicOverrides all;
  for (const TopicConfigRow& row : topic_config_rows()) all[std::string{row.name}] = row.default_value;
  const TopicConfig from_rows = effective_config({}, all);
  const TopicConfig plain;
  EXPECT_EQ(from_rows.compacted, plain.compacted);
  EXPECT_EQ(from_rows.log_append_time, plain.log_append_time);
  EXPECT_EQ(from_rows.max_message_bytes, plain.max_message_bytes);
  EXPECT_EQ(from_rows.segment_bytes, plain.segment_bytes);
  EXPECT_EQ(from_rows.timestamp_before_max_ms, plain.timestamp_before_max_ms);
  EXPECT_EQ(from_rows.timestamp_after_max_ms, plain.timestamp_after_max_ms);
  EXPECT_EQ(from_rows.compression_type, plain.compression_type);
  EXPECT_EQ(from_rows.min_insync_replicas, plain.min_insync_replicas);
}

TEST(TopicConfig, OverridesBecomeTypedValues) {
  const TopicConfig config = effective_config({}, {{"cleanup.policy", "delete, compact"},
                                                   {"message.timestamp.type", "LogAppendTime"},
                                                   {"max.message.bytes", " 2000 "},
                                                   {"message.timestamp.after.max.ms", "+7"}});
  EXPECT_TRUE(config.compacted);
  EXPECT_TRUE(config.log_append_time);
  EXPECT_EQ(config.max_message_bytes, 2000);
  EXPECT_EQ(config.timestamp_after_max_ms, 7);
}

// The texts are what Apache Kafka answers to the same request.
TEST(TopicConfig, RefusesWithTheWordsOfApacheKafka) {
  EXPECT_EQ(answer({{"nope", "1"}}), "Unknown topic config name: nope");
  EXPECT_EQ(answer({{"retention.ms", "x"}, {"aa", "1"}}), "Unknown topic config name: aa");
  EXPECT_EQ(answer({{"retention.ms", std::nullopt}}),
            "Null value not supported for topic configs: retention.ms");
  EXPECT_EQ(answer({{"retention.ms", "abc"}}),
            "Invalid value abc for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(answer({{"retention.ms", ""}}),
            "Invalid value  for configuration retention.ms: Not a number of type LONG");
  EXPECT_EQ(answer({{"retention.ms", "-2"}}),
            "Invalid value -2 for configuration retention.ms: Value must be at least -1");
  EXPECT_EQ(answer({{"max.message.bytes", "3000000000"}}),
            "Invalid value 3000000000 for configuration max.message.bytes: Not a number of type INT");
  EXPECT_EQ(answer({{"preallocate", "maybe"}}),
            "Invalid value maybe for configuration preallocate: Expected value to be either true or false");
  EXPECT_EQ(answer({{"min.cleanable.dirty.ratio", "2"}}),
            "Invalid value 2.0 for configuration min.cleanable.dirty.ratio: Value must be no more than 1");
  EXPECT_EQ(answer({{"cleanup.policy", "foo"}}),
            "Invalid value foo for configuration cleanup.policy: String must be one of: compact, delete");
  EXPECT_EQ(answer({{"cleanup.policy", "delete,"}}),
            "Configuration 'cleanup.policy' values must not be empty.");
  EXPECT_EQ(
      answer({{"compression.type", "GZIP"}}),
      "Invalid value GZIP for configuration compression.type: String must be one of: uncompressed, zstd, "
      "lz4, snappy, gzip, producer");
  EXPECT_EQ(
      answer({{"compression.gzip.level", "0"}}),
      "Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal "
      "to -1");
  EXPECT_EQ(answer({{"leader.replication.throttled.replicas", "1:2,3"}}),
            "Invalid value [1:2, 3] for configuration leader.replication.throttled.replicas: "
            "leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the "
            "following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...");
  EXPECT_EQ(answer({{"min.compaction.lag.ms", "100"}, {"max.compaction.lag.ms", "10"}}),
            "conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (10)");
  EXPECT_EQ(answer({{"remote.storage.enable", "true"}}),
            "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote "
            "log storage.");
  // Keys that Kafka 4 dropped are unknown to it, and here.
  EXPECT_EQ(answer({{"message.format.version", "3.0"}}), "Unknown topic config name: message.format.version");
}

TEST(TopicConfig, AcceptsWhatApacheKafkaAccepts) {
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"retention.ms", " 5 "},
           {"retention.ms", "+5"},
           {"preallocate", "TRUE"},
           {"min.cleanable.dirty.ratio", "0.5f"},
           {"cleanup.policy", ""},
           {"cleanup.policy", "compact,compact"},
           {"cleanup.policy", "compact, delete"},
           {"compression.zstd.level", "0"},
           {"leader.replication.throttled.replicas", "*"},
           {"leader.replication.throttled.replicas", "1:2,3:4"},
           {"min.insync.replicas", "5"},
           {"retention.bytes", "-5"},
           {"remote.log.copy.disable", "true"},
       })
    EXPECT_EQ(answer({{key, value}}), "") << key << "=" << value;
}

TopicOverrides changed(const TopicOverrides& from, const std::vector<ConfigStep>& steps) {
  const auto out = change_overrides(from, steps);
  EXPECT_TRUE(out.has_value());
  return out.value_or(TopicOverrides{});
}

TEST(TopicConfig, StepsSetDeleteAppendAndSubtract) {
  using enum ConfigOperation;
  const TopicOverrides from = {{"retention.ms", "5"}, {"cleanup.policy", "compact"}};
  EXPECT_EQ(changed(from, {{"retention.ms", Set, "6"}}).at("retention.ms"), "6");
  EXPECT_FALSE(changed(from, {{"retention.ms", Delete, ""}}).contains("retention.ms"));
  EXPECT_EQ(changed(from, {{"segment.ms", Delete, ""}}), from);
  EXPECT_EQ(changed(from, {{"cleanup.policy", Append, "delete"}}).at("cleanup.policy"), "compact,delete");
  EXPECT_EQ(changed(from, {{"cleanup.policy", Append, "compact"}}).at("cleanup.policy"), "compact");
  EXPECT_EQ(changed(from, {{"cleanup.policy", Subtract, "compact,delete"}}).at("cleanup.policy"), "");
  // What has no override of its own starts from the default.
  EXPECT_EQ(changed({}, {{"cleanup.policy", Append, "compact"}}).at("cleanup.policy"), "delete,compact");
  EXPECT_EQ(change_overrides(from, {{"retention.ms", Append, "6"}}).error().detail,
            "Can't APPEND to key retention.ms because its type is not LIST.");
  EXPECT_EQ(change_overrides(from, {{"no.such.key", Subtract, "6"}}).error().code, ErrorCode::InvalidConfig);
}

TEST(TopicConfig, OverridesAreCheckedAsAWhole) {
  EXPECT_FALSE(check_overrides({{"min.compaction.lag.ms", "100"}, {"max.compaction.lag.ms", "10"}}));
  EXPECT_FALSE(check_overrides({{"compression.type", std::string(40000, 'x')}}));
  TopicOverrides many;
  for (int i = 0; i <= limits::topic_configs_max; ++i) many["key" + std::to_string(i)] = "1";
  EXPECT_EQ(check_overrides(many).error().code, ErrorCode::InvalidConfig);
}

TEST(TopicConfig, TheLastValueOfAKeyCounts) {
  const auto checked = check_topic_configs({{"retention.ms", "1"}, {"retention.ms", "2"}});
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->at("retention.ms"), "2");
}

}  // namespace
}  // namespace ledge::state
