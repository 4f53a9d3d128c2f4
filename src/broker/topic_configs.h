// SPDX-License-Identifier: Apache-2.0
// Settings as DescribeConfigs and CreateTopics report them: value, where it comes from, and what it would be
// otherwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.h"
#include "state/topic_config.h"

namespace ledge::broker {

/// Kafka's codes (DescribeConfigsResponse.ConfigSource).
enum class ConfigSource : std::int8_t { Topic = 1, StaticBroker = 4, Default = 5 };

struct ConfigSynonym {
  std::string_view name;
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::Default;
};

struct ConfigEntry {
  std::string_view name;
  std::optional<std::string> value;
  ConfigSource source = ConfigSource::Default;
  state::ConfigType type = state::ConfigType::String;
  std::string_view doc;
  std::vector<ConfigSynonym> synonyms;  // strongest first, the effective one among them
  bool read_only = false;
};

/// Every topic key, sorted by name.
std::vector<ConfigEntry> topic_config_entries(const Options& options, const state::TopicView& topic);
/// Every broker key that is reported, sorted by name.
std::vector<ConfigEntry> broker_config_entries(const Options& options, std::int32_t node_id);

/// A broker key that tools look at, with Apache's default; null where Apache has none.
struct BrokerConfigRow {
  std::string_view name;
  state::ConfigType type;
  const char* default_value;
  std::string_view doc;
};
const BrokerConfigRow* find_broker_config(std::string_view name);

}  // namespace ledge::broker
