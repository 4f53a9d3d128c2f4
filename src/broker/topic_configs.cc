// SPDX-License-Identifier: Apache-2.0
#include "broker/topic_configs.h"

#include <algorithm>
#include <array>

namespace ledge::broker {
namespace {

using enum state::ConfigType;

// The keys that Kafka's tools, user interfaces and connectors are known to read. Values that are ours come
// from options (Options::static_configs, default_configs); a default here is Apache Kafka 4.2's. Sorted by
// name.
constexpr auto kBrokerRows = std::to_array<BrokerConfigRow>({
    // clang-format off
    {"advertised.listeners", List, nullptr, "The addresses that clients are told to connect to, by listener."},
    {"authorizer.class.name", String, "", "The authorizer; empty: everything is allowed."},
    {"auto.create.topics.enable", Boolean, "true", "Whether asking for the metadata of a missing topic creates it."},
    {"auto.leader.rebalance.enable", Boolean, "true", "Whether leadership is balanced over the nodes."},
    {"background.threads", Int, "10", "Threads for background work."},
    {"broker.id", Int, nullptr, "The id of this node; the same as node.id."},
    {"broker.rack", String, nullptr, "The rack of this node."},
    {"compression.gzip.level", Int, "-1", "The level when compression.type is gzip."},
    {"compression.lz4.level", Int, "9", "The level when compression.type is lz4."},
    {"compression.type", String, "producer", "How stored batches are compressed; producer: as they were sent."},
    {"compression.zstd.level", Int, "3", "The level when compression.type is zstd."},
    {"connections.max.idle.ms", Long, "600000", "A connection that is silent for this long is closed."},
    {"controller.quorum.voters", List, "", "The voters of the metadata quorum."},
    {"default.replication.factor", Int, "1", "The replication factor of topics that do not say one."},
    {"delete.topic.enable", Boolean, "true", "Whether topics may be deleted."},
    {"fetch.max.bytes", Int, "57671680", "The most that one fetch answer holds."},
    {"group.consumer.session.timeout.ms", Int, "45000", "The session timeout of consumer groups."},
    {"group.initial.rebalance.delay.ms", Int, "3000", "How long an empty group waits for more members."},
    {"group.max.session.timeout.ms", Int, "1800000", "The longest session timeout that a member may ask for."},
    {"group.max.size", Int, "2147483647", "The most members of a group."},
    {"group.min.session.timeout.ms", Int, "6000", "The shortest session timeout that a member may ask for."},
    {"listener.security.protocol.map", String, "PLAINTEXT:PLAINTEXT", "The security protocol of each listener."},
    {"listeners", List, nullptr, "The addresses that are listened on, by listener."},
    {"log.cleaner.backoff.ms", Long, "15000", "How long the cleaner sleeps when there is nothing to clean."},
    {"log.cleaner.delete.retention.ms", Long, "86400000", "How long tombstones are kept."},
    {"log.cleaner.enable", Boolean, "true", "Whether compacted topics are compacted."},
    {"log.cleaner.max.compaction.lag.ms", Long, "9223372036854775807", "The longest that a record stays uncompacted."},
    {"log.cleaner.min.cleanable.ratio", Double, "0.5", "The share of uncompacted data that starts a compaction."},
    {"log.cleaner.min.compaction.lag.ms", Long, "0", "The shortest that a record stays uncompacted."},
    {"log.cleaner.threads", Int, "1", "Threads that compact."},
    {"log.cleanup.policy", List, "delete", "Whether old records are deleted, compacted, or both."},
    {"log.dir", String, nullptr, "The data folder."},
    {"log.dirs", String, nullptr, "The data folders."},
    {"log.flush.interval.messages", Long, "9223372036854775807", "Records between flushes; every acknowledged record is on the disk whatever it says."},
    {"log.flush.interval.ms", Long, nullptr, "Time between flushes; every acknowledged record is on the disk whatever it says."},
    {"log.index.interval.bytes", Int, "4096", "Bytes between index entries."},
    {"log.index.size.max.bytes", Int, "10485760", "The largest index of a segment."},
    {"log.local.retention.bytes", Long, "-2", "The most that is kept locally of a tiered partition."},
    {"log.local.retention.ms", Long, "-2", "How long records of a tiered partition are kept locally."},
    {"log.message.timestamp.after.max.ms", Long, "3600000", "How far a record's timestamp may be in the future."},
    {"log.message.timestamp.before.max.ms", Long, "9223372036854775807", "How far a record's timestamp may be in the past."},
    {"log.message.timestamp.type", String, "CreateTime", "Whether records carry their producer's or the server's time."},
    {"log.preallocate", Boolean, "false", "Whether segments are allocated in advance."},
    {"log.retention.bytes", Long, "-1", "The most that is kept of a partition."},
    {"log.retention.check.interval.ms", Long, "300000", "How often is looked for what may be deleted."},
    {"log.retention.hours", Int, "168", "How long records are kept, in hours."},
    {"log.retention.minutes", Int, nullptr, "How long records are kept, in minutes; stronger than hours."},
    {"log.retention.ms", Long, nullptr, "How long records are kept; stronger than minutes."},
    {"log.roll.hours", Int, "168", "When a segment is sealed, in hours."},
    {"log.roll.jitter.hours", Int, "0", "By how much sealing is spread, in hours."},
    {"log.roll.jitter.ms", Long, nullptr, "By how much sealing is spread; stronger than hours."},
    {"log.roll.ms", Long, nullptr, "When a segment is sealed; stronger than hours."},
    {"log.segment.bytes", Int, "1073741824", "The size of a segment."},
    {"log.segment.delete.delay.ms", Long, "60000", "How long a deleted segment's file stays."},
    {"max.connections", Int, "2147483647", "The most connections."},
    {"max.connections.per.ip", Int, "2147483647", "The most connections of one address."},
    {"max.incremental.fetch.session.cache.slots", Int, "1000", "The most fetch sessions."},
    {"message.max.bytes", Int, "1048588", "The largest record batch."},
    {"min.insync.replicas", Int, "1", "The fewest in-sync replicas that acks=all asks for."},
    {"node.id", Int, nullptr, "The id of this node."},
    {"num.io.threads", Int, "8", "Threads that serve requests."},
    {"num.network.threads", Int, "3", "Threads that serve sockets."},
    {"num.partitions", Int, "1", "The partitions of topics that do not say a number."},
    {"num.recovery.threads.per.data.dir", Int, "2", "Threads that recover."},
    {"num.replica.fetchers", Int, "1", "Threads that replicate."},
    {"offset.metadata.max.bytes", Int, "4096", "The largest metadata of a committed offset."},
    {"offsets.retention.minutes", Int, "10080", "How long the offsets of an empty group are kept."},
    {"offsets.topic.num.partitions", Int, "50", "The partitions of the offsets topic."},
    {"offsets.topic.replication.factor", Short, "1", "The replication factor of the offsets topic."},
    {"offsets.topic.segment.bytes", Int, "104857600", "The segment size of the offsets topic."},
    {"process.roles", List, "broker,controller", "What this node does."},
    {"producer.id.expiration.ms", Int, "86400000", "After this silence a producer's sequence is forgotten."},
    {"queued.max.request.bytes", Long, "-1", "The most memory for requests; -1: no bound."},
    {"remote.log.storage.system.enable", Boolean, "false", "Whether there is tiered storage."},
    {"replica.fetch.max.bytes", Int, "1048576", "The most that a replica fetches of a partition."},
    {"replica.lag.time.max.ms", Long, "30000", "After this time a replica that is behind is out of sync."},
    {"request.timeout.ms", Int, "30000", "The longest that a request to another node waits."},
    {"sasl.enabled.mechanisms", List, "", "The SASL mechanisms that are offered."},
    {"security.inter.broker.protocol", String, "PLAINTEXT", "The security protocol between nodes."},
    {"socket.receive.buffer.bytes", Int, "102400", "The socket's receive buffer."},
    {"socket.request.max.bytes", Int, "104857600", "The largest request."},
    {"socket.send.buffer.bytes", Int, "102400", "The socket's send buffer."},
    {"transaction.max.timeout.ms", Int, "900000", "The longest timeout of a transaction."},
    {"transaction.state.log.min.isr", Int, "1", "The fewest in-sync replicas of the transaction log."},
    {"transaction.state.log.num.partitions", Int, "50", "The partitions of the transaction log."},
    {"transaction.state.log.replication.factor", Short, "1", "The replication factor of the transaction log."},
    {"transactional.id.expiration.ms", Int, "604800000", "After this silence a transactional id is forgotten."},
    {"unclean.leader.election.enable", Boolean, "false", "Whether a replica out of sync may lead."},
    // clang-format on
});
static_assert(std::ranges::is_sorted(kBrokerRows, {}, &BrokerConfigRow::name));

std::optional<std::string> find_value(const std::map<std::string, std::string, std::less<>>& values,
                                      std::string_view key) {
  const auto found = values.find(key);
  return found == values.end() ? std::nullopt : std::optional{found->second};
}

/// What the operator gave for a broker key, then its default, each if there is one.
std::vector<ConfigSynonym> broker_values(const Options& options, std::string_view key) {
  std::vector<ConfigSynonym> out;
  if (auto given = find_value(options.static_configs, key)) {
    out.push_back({key, std::move(given), ConfigSource::StaticBroker});
  }
  // Apache leaves these without a default, and says the same in hours.
  const bool in_hours = key == "log.retention.ms" || key == "log.roll.ms";
  auto own = in_hours ? std::nullopt : find_value(options.default_configs, key);
  if (own && own->empty()) own.reset();
  const BrokerConfigRow* row = find_broker_config(key);
  if (!own && row != nullptr && row->default_value != nullptr) own = row->default_value;
  if (own) out.push_back({key, std::move(own), ConfigSource::Default});
  return out;
}

}  // namespace

const BrokerConfigRow* find_broker_config(std::string_view name) {
  const auto* found = std::ranges::lower_bound(kBrokerRows, name, {}, &BrokerConfigRow::name);
  return found != kBrokerRows.end() && found->name == name ? &*found : nullptr;
}

std::vector<ConfigEntry> topic_config_entries(const Options& options, const state::TopicView& topic) {
  std::vector<ConfigEntry> out;
  for (const state::TopicConfigRow& row : state::topic_config_rows()) {
    auto& entry = out.emplace_back();
    entry.name = row.name;
    entry.type = row.type;
    entry.doc = row.doc;
    if (const auto own = topic.overrides.find(std::string{row.name}); own != topic.overrides.end()) {
      entry.synonyms.push_back({row.name, own->second, ConfigSource::Topic});
    }
    if (!row.broker_synonym.empty()) {
      for (ConfigSynonym& synonym : broker_values(options, row.broker_synonym)) {
        entry.synonyms.push_back(std::move(synonym));
      }
    }
    if (entry.synonyms.empty()) {
      entry.value = std::string{row.default_value};
    } else {
      entry.value = entry.synonyms.front().value;
      entry.source = entry.synonyms.front().source;
    }
  }
  return out;
}

std::vector<ConfigEntry> broker_config_entries(const Options& options, std::int32_t node_id) {
  std::vector<ConfigEntry> out;
  for (const BrokerConfigRow& row : kBrokerRows) {
    auto& entry = out.emplace_back();
    entry.name = row.name;
    entry.type = row.type;
    entry.doc = row.doc;
    entry.read_only = true;  // changed in the configuration file only
    entry.synonyms = broker_values(options, row.name);
    if (row.name == "node.id" || row.name == "broker.id") {
      entry.synonyms = {{row.name, std::to_string(node_id), ConfigSource::StaticBroker}};
    }
    if (!entry.synonyms.empty()) {
      entry.value = entry.synonyms.front().value;
      entry.source = entry.synonyms.front().source;
    }
  }
  return out;
}

}  // namespace ledge::broker
