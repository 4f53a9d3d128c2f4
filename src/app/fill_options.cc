// SPDX-License-Identifier: Apache-2.0
#include "app/fill_options.h"

#include <algorithm>

#include "base/log.h"
#include "os/system.h"

namespace ledge::app {
namespace {

#ifdef LEDGE_SABOTAGE
/// LEDGE_SABOTAGE=no-sync starts the real program with a deliberate bug, so that the power-cut rigs can show
/// that they find it. The shipped build does not hold this: there the variable is only warned of.
void sabotage(journal::Options* out) {
  const std::string wanted = os::environment("LEDGE_SABOTAGE").value_or("none");
  const auto found = std::ranges::find(journal::kSabotageNames, wanted);
  CHECK(found != std::end(journal::kSabotageNames));
  out->sabotage = static_cast<journal::Sabotage>(found - std::begin(journal::kSabotageNames));
  if (out->sabotage != journal::Sabotage::None)
    LOG_WARN("a deliberate bug is switched on", {{"which", wanted}});
}
#else
void sabotage(journal::Options*) {}
#endif

}  // namespace

store::Options store_options(const config::ServeOptions& options) {
  store::Options out;
  out.node_id = options.node.id;
  out.journal.segment_bytes = static_cast<std::uint64_t>(options.journal.segment_bytes);
  out.journal.spare_segments = options.journal.spare_segments;
  sabotage(&out.journal);
  out.journal.commit_window = std::chrono::milliseconds{options.journal.commit_window_ms};
  out.producer_id_expiration_ms = options.limit.producer_id_expiration_ms;
  out.groups.group = {.session_timeout_min_ms = options.group.session_timeout_min_ms,
                      .session_timeout_max_ms = options.group.session_timeout_max_ms,
                      .initial_rebalance_delay_ms = options.group.initial_rebalance_delay_ms,
                      .members_max = options.group.members_max};
  state::ConsumerGroupOptions& consumer = out.groups.consumer;
  consumer.session_timeout_ms = options.group.consumer_session_timeout_ms;
  consumer.heartbeat_interval_ms = options.group.consumer_heartbeat_interval_ms;
  consumer.members_max = options.group.consumer_members_max;
  consumer.regex_refresh_interval_ms = options.group.consumer_regex_refresh_interval_ms;
  consumer.assignors.clear();
  for (const std::string& name : options.group.consumer_assignors)
    consumer.assignors.push_back(*state::find_assignor(name));  // the option's choices are the assignors
  consumer.upgrade = options.group.consumer_migration_policy == "bidirectional" ||
                     options.group.consumer_migration_policy == "upgrade";
  consumer.downgrade = options.group.consumer_migration_policy == "bidirectional" ||
                       options.group.consumer_migration_policy == "downgrade";
  out.groups.offset_metadata_bytes_max = options.group.offset_metadata_bytes_max;
  out.groups.offsets_retention_ms = std::int64_t{options.group.offsets_retention_minutes} * 60000;
  out.offsets_topic_partitions = options.group.offsets_topic_partitions;
  state::TopicDefaults& topic = out.topic_defaults;
  topic.partitions = options.topic.partitions;
  topic.replication_factor = static_cast<std::int16_t>(options.topic.replication_factor);
  topic.auto_create = options.topic.auto_create;
  topic.clamp_replication_factor = options.topic.clamp_replication_factor;
  topic.config.compacted = std::ranges::count(options.topic.cleanup_policy, "compact") > 0;
  topic.config.log_append_time = options.topic.timestamp_type == "LogAppendTime";
  topic.config.max_message_bytes = options.topic.message_bytes_max;
  topic.config.timestamp_before_max_ms = options.topic.timestamp_before_max_ms;
  topic.config.timestamp_after_max_ms = options.topic.timestamp_after_max_ms;
  topic.config.compression_type = options.topic.compression_type;
  topic.config.min_insync_replicas = options.topic.min_insync_replicas;
  return out;
}

broker::Options broker_options(const config::Loaded& loaded) {
  broker::Options out;
  out.auto_create_topics = loaded.options.topic.auto_create;
  out.fetch_bytes_max = loaded.options.limit.fetch_bytes_max;
  out.fetch_sessions_max = loaded.options.limit.fetch_sessions_max;
  out.rack = loaded.options.node.rack;
  config::ServeOptions values = loaded.options;
  for (const declare::OptionRow& row : config::serve_option_rows()) {
    if (row.kind != declare::OptionKind::Ours || row.secret) continue;
    auto& configs = loaded.origins.contains(row.name) ? out.static_configs : out.default_configs;
    configs[std::string{row.name}] = declare::option_text(row, &values);
  }
  return out;
}

server::Options server_options(const config::Loaded& loaded) {
  const config::ServeOptions::Limits& limit = loaded.options.limit;
  server::Options out;
  for (std::size_t i = 0; i < loaded.listeners.size(); ++i) {
    out.listeners.push_back({loaded.listeners[i].name, loaded.listeners[i].at, loaded.advertised[i].at});
  }
  out.request_bytes_max = limit.request_bytes_max;
  out.connections_max = limit.connections_max;
  out.connections_per_ip_max = limit.connections_per_ip_max;
  out.idle = std::chrono::milliseconds{limit.connection_idle_ms};
  return out;
}

}  // namespace ledge::app
