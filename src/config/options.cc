// SPDX-License-Identifier: Apache-2.0
#include "config/options.h"

namespace ledge::config {
namespace {

using declare::option_field;
using declare::OptionRow;
using enum declare::OptionUnit;
using S = ServeOptions;

constexpr OptionRow kOurs[] = {
    {.name = "node.id",
     .field = option_field<&S::node, &S::Node::id>,
     .doc = "The number of this server in the cluster, as clients see it.",
     .min = 0,
     .aliases = {{{"broker.id"}}}},
    {.name = "broker.rack",
     .field = option_field<&S::node, &S::Node::rack>,
     .doc = "The rack, room or site that clients are told."},
    {.name = "log.dirs",
     .field = option_field<&S::data_dir>,
     .doc = "The data folder, one; it is made when it is missing.",
     .aliases = {{{"log.dir"}, {"data.dir"}}}},

    // Listeners
    {.name = "listeners",
     .field = option_field<&S::listeners, &S::Listeners::listen>,
     .doc =
         "Where Kafka clients connect: NAME://HOST:PORT or HOST:PORT; port 0 lets the system choose. There "
         "is no TLS and "
         "no authentication yet: an address other than loopback has to be asked for here, and is warned of."},
    {.name = "advertised.listeners",
     .field = option_field<&S::listeners, &S::Listeners::advertise>,
     .doc = "What clients are told to connect to, by listener name; needed when they see another address "
            "than the one "
            "listened on. Without it: the listener's own address, or the host's name for a listener on all "
            "addresses."},
    {.name = "listener.security.protocol.map",
     .field = option_field<&S::listeners, &S::Listeners::protocols>,
     .doc = "NAME:PROTOCOL for every listener name; only PLAINTEXT is there so far."},

    // Limits
    {.name = "socket.request.max.bytes",
     .field = option_field<&S::limit, &S::Limits::request_bytes_max>,
     .doc = "The largest request; a connection that announces more is closed.",
     .unit = Bytes,
     .min = 1024,
     .max = 1073741824},
    {.name = "queued.max.request.bytes",
     .field = option_field<&S::limit, &S::Limits::request_memory_bytes>,
     .doc = "Memory for requests that are being received or answered; when it is used up, connections wait.",
     .unit = Bytes,
     .min = 1048576},
    {.name = "max.connections",
     .field = option_field<&S::limit, &S::Limits::connections_max>,
     .doc = "Connections at a time; a further one is closed at once.",
     .min = 1,
     .max = 1000000},
    {.name = "max.connections.per.ip",
     .field = option_field<&S::limit, &S::Limits::connections_per_ip_max>,
     .doc = "Connections at a time from one address.",
     .min = 1},
    {.name = "connections.max.idle.ms",
     .field = option_field<&S::limit, &S::Limits::connection_idle_ms>,
     .doc = "A connection without traffic for so long is closed; -1 never.",
     .unit = Milliseconds,
     .min = -1},
    {.name = "fetch.max.bytes",
     .field = option_field<&S::limit, &S::Limits::fetch_bytes_max>,
     .doc = "The most that a fetch answer holds, one batch excepted.",
     .unit = Bytes,
     .min = 1024},
    {.name = "max.incremental.fetch.session.cache.slots",
     .field = option_field<&S::limit, &S::Limits::fetch_sessions_max>,
     .doc = "Fetch sessions that are kept.",
     .min = 0,
     .max = 100000},
    {.name = "producer.id.expiration.ms",
     .field = option_field<&S::limit, &S::Limits::producer_id_expiration_ms>,
     .doc = "An idempotent producer that was silent for so long is forgotten.",
     .unit = Milliseconds,
     .min = 1},

    // Journal
    {.name = "journal.segment.bytes",
     .field = option_field<&S::journal, &S::Journal::segment_bytes>,
     .doc = "The size of a journal segment, allocated ahead; smaller on small disks. All topics share the "
            "journal.",
     .unit = Bytes,
     .min = limits::journal_segment_bytes_min,
     .max = limits::journal_segment_bytes_max},
    {.name = "journal.spare.segments",
     .field = option_field<&S::journal, &S::Journal::spare_segments>,
     .doc = "Written segments that are kept for reuse instead of being deleted.",
     .min = 0,
     .max = 1024},
    {.name = "commit.window.ms",
     .field = option_field<&S::journal, &S::Journal::commit_window_ms>,
     .doc = "How long a commit waits for more records, up to 1 MiB of them, before it is written and synced; "
            "0 not at all. A record is acknowledged only when it is on the disk, so much later; flash gets "
            "fewer writes.",
     .unit = Milliseconds,
     .min = 0,
     .max = limits::commit_window_ms_max},

    // Groups
    {.name = "group.min.session.timeout.ms",
     .field = option_field<&S::group, &S::Groups::session_timeout_min_ms>,
     .doc = "The shortest session timeout that a group member may ask for.",
     .unit = Milliseconds,
     .min = 1},
    {.name = "group.max.session.timeout.ms",
     .field = option_field<&S::group, &S::Groups::session_timeout_max_ms>,
     .doc = "The longest session timeout that a group member may ask for.",
     .unit = Milliseconds,
     .min = 1},
    {.name = "group.initial.rebalance.delay.ms",
     .field = option_field<&S::group, &S::Groups::initial_rebalance_delay_ms>,
     .doc = "How long a new group waits for more members before its first assignment.",
     .unit = Milliseconds,
     .min = 0},
    {.name = "group.max.size",
     .field = option_field<&S::group, &S::Groups::members_max>,
     .doc = "The most members of a group.",
     .min = 1},
    {.name = "group.consumer.session.timeout.ms",
     .field = option_field<&S::group, &S::Groups::consumer_session_timeout_ms>,
     .doc =
         "A member of a consumer group (group.protocol=consumer) that was silent for so long is taken out.",
     .unit = Milliseconds,
     .min = 1},
    {.name = "group.consumer.heartbeat.interval.ms",
     .field = option_field<&S::group, &S::Groups::consumer_heartbeat_interval_ms>,
     .doc = "How often members of consumer groups are told to send heartbeats.",
     .unit = Milliseconds,
     .min = 1},
    {.name = "group.consumer.max.size",
     .field = option_field<&S::group, &S::Groups::consumer_members_max>,
     .doc = "The most members of a consumer group.",
     .min = 1},
    {.name = "group.consumer.assignors",
     .field = option_field<&S::group, &S::Groups::consumer_assignors>,
     .doc = "The assignors that members may ask for; the first is used when they do not.",
     .choices = "uniform|range"},
    {.name = "group.consumer.migration.policy",
     .field = option_field<&S::group, &S::Groups::consumer_migration_policy>,
     .doc =
         "Whether a classic group becomes a consumer group when a member with that protocol joins (upgrade), "
         "and back when the last one leaves (downgrade).",
     .choices = "bidirectional|upgrade|downgrade|disabled"},
    {.name = "group.consumer.regex.refresh.interval.ms",
     .field = option_field<&S::group, &S::Groups::consumer_regex_refresh_interval_ms>,
     .doc = "Subscriptions by regular expression are resolved anew after this long at the latest.",
     .unit = Milliseconds,
     .min = 10000},
    {.name = "offset.metadata.max.bytes",
     .field = option_field<&S::group, &S::Groups::offset_metadata_bytes_max>,
     .doc = "The longest text that may be committed with an offset.",
     .unit = Bytes,
     .min = 0,
     .max = limits::string_bytes_max},
    {.name = "offsets.retention.minutes",
     .field = option_field<&S::group, &S::Groups::offsets_retention_minutes>,
     .doc = "How long the offsets of a group without members are kept.",
     .min = 1},
    {.name = "offsets.topic.num.partitions",
     .field = option_field<&S::group, &S::Groups::offsets_topic_partitions>,
     .doc = "The partitions of __consumer_offsets when it is made; one node needs one.",
     .min = 1,
     .max = limits::partitions_per_topic_max},

    // Topics
    {.name = "num.partitions",
     .field = option_field<&S::topic, &S::Topics::partitions>,
     .doc = "Partitions of a topic whose creation does not say.",
     .min = 1,
     .max = limits::partitions_per_topic_max},
    {.name = "default.replication.factor",
     .field = option_field<&S::topic, &S::Topics::replication_factor>,
     .doc = "Replicas of a topic whose creation does not say; one node has one.",
     .min = 1,
     .max = 1},
    {.name = "replication.factor.clamp",
     .field = option_field<&S::topic, &S::Topics::clamp_replication_factor>,
     .doc = "Lower a replication factor above the number of nodes to it, instead of refusing the topic "
            "(Connect and "
            "MirrorMaker ask for 3)."},
    {.name = "auto.create.topics.enable",
     .field = option_field<&S::topic, &S::Topics::auto_create>,
     .doc = "Create a topic when a client asks for its metadata and allows it."},
    {.name = "min.insync.replicas",
     .field = option_field<&S::topic, &S::Topics::min_insync_replicas>,
     .doc = "In-sync replicas that acks=all needs; one node has one.",
     .min = 1,
     .topic_key = "min.insync.replicas"},
    {.name = "log.cleanup.policy",
     .field = option_field<&S::topic, &S::Topics::cleanup_policy>,
     .doc = "Kept and reported; this version neither deletes nor compacts old records.",
     .choices = "delete|compact",
     .topic_key = "cleanup.policy"},
    {.name = "compression.type",
     .field = option_field<&S::topic, &S::Topics::compression_type>,
     .doc = "Kept and reported; batches stay as the producer compressed them.",
     .choices = "producer|uncompressed|gzip|snappy|lz4|zstd",
     .topic_key = "compression.type"},
    {.name = "message.max.bytes",
     .field = option_field<&S::topic, &S::Topics::message_bytes_max>,
     .doc = "The largest record batch, as it is on the wire. Bounded by the journal's frame.",
     .unit = Bytes,
     .min = 0,
     .max = limits::batch_bytes_max,
     .topic_key = "max.message.bytes"},
    {.name = "log.message.timestamp.type",
     .field = option_field<&S::topic, &S::Topics::timestamp_type>,
     .doc = "Whose clock the record timestamps show: the producer's, or this server's at the append.",
     .choices = "CreateTime|LogAppendTime",
     .topic_key = "message.timestamp.type"},
    {.name = "log.message.timestamp.before.max.ms",
     .field = option_field<&S::topic, &S::Topics::timestamp_before_max_ms>,
     .doc = "How far a record's timestamp may lie behind the server's clock.",
     .unit = Milliseconds,
     .min = 0,
     .topic_key = "message.timestamp.before.max.ms"},
    {.name = "log.message.timestamp.after.max.ms",
     .field = option_field<&S::topic, &S::Topics::timestamp_after_max_ms>,
     .doc = "How far a record's timestamp may lie ahead of the server's clock.",
     .unit = Milliseconds,
     .min = 0,
     .topic_key = "message.timestamp.after.max.ms"},
    {.name = "log.retention.ms",
     .field = option_field<&S::topic, &S::Topics::retention_ms>,
     .doc = "Kept and reported; this version deletes nothing by age. -1 without end.",
     .unit = Milliseconds,
     .min = -1,
     .aliases = {{{"log.retention.minutes", 60000}, {"log.retention.hours", 3600000}}},
     .topic_key = "retention.ms"},
    {.name = "log.retention.bytes",
     .field = option_field<&S::topic, &S::Topics::retention_bytes>,
     .doc = "Kept and reported; this version deletes nothing by size. -1 without end.",
     .unit = Bytes,
     .min = -1,
     .topic_key = "retention.bytes"},
    {.name = "log.roll.ms",
     .field = option_field<&S::topic, &S::Topics::segment_ms>,
     .doc = "Kept and reported; topics have no segments of their own here.",
     .unit = Milliseconds,
     .min = 1,
     .aliases = {{{"log.roll.hours", 3600000}}},
     .topic_key = "segment.ms"},
    {.name = "log.segment.bytes",
     .field = option_field<&S::topic, &S::Topics::segment_bytes>,
     .doc = "Kept and reported; topics have no segments of their own here (journal.segment.bytes).",
     .unit = Bytes,
     .min = 1048576,
     .topic_key = "segment.bytes"},

    // HTTP and log
    {.name = "http.listener",
     .field = option_field<&S::http, &S::Http::listener>,
     .doc = "HOST:PORT of /healthz, /readyz and /metrics; empty for none. When it was not set and the port "
            "is taken, the "
            "server starts without it and says so."},
    {.name = "log.level",
     .field = option_field<&S::log, &S::Log::level>,
     .doc = "The lowest level that is written.",
     .choices = "debug|info|warn|error"},
    {.name = "log.format",
     .field = option_field<&S::log, &S::Log::format>,
     .doc = "Readable lines, or one JSON object a line; auto: text on a terminal, JSON otherwise.",
     .choices = "auto|text|json"},
};

constexpr OptionRow no_effect(std::string_view name, std::string_view why) {
  return {.name = name, .doc = why, .kind = declare::OptionKind::NoEffect};
}
constexpr OptionRow refused(std::string_view name, std::string_view instead) {
  return {.name = name, .doc = instead, .kind = declare::OptionKind::Refused};
}

constexpr std::string_view kOneLoop = "One loop serves all connections; there is nothing to size.";
constexpr std::string_view kOneRole = "A single node is broker and controller in one.";
constexpr std::string_view kSynced = "Every record is synced before it is acknowledged.";
constexpr std::string_view kIndex = "The journal has its own index.";
constexpr std::string_view kNoReplicas = "A single node has no replicas to fetch from or to.";
constexpr std::string_view kNoGroups =
    "Classic and consumer groups are served; there are no settings for each group, and no other kinds.";
constexpr std::string_view kNoTransactions = "Transactions are not served by this version.";
constexpr std::string_view kNoSecurity =
    "TLS and authentication are not there yet; running without them must be a choice.";
constexpr std::string_view kNoCleaner = "This version does not compact.";

constexpr OptionRow kKafkas[] = {
    refused("authorizer.class.name",
            "There is no authorisation yet; running without it must be a choice: remove the key."),
    refused("sasl.*", kNoSecurity),
    refused("ssl.*", kNoSecurity),
    refused("zookeeper.*", "Ledge needs no ZooKeeper: remove the key."),
    refused("log.message.format.version", "Only message format 2 is stored; the key is gone in Kafka 4 too."),
    refused("remote.log.storage.system.enable", "There is no tiered storage: remove the key."),
    no_effect("background.threads", kOneLoop),
    no_effect("num.io.threads", kOneLoop),
    no_effect("num.network.threads", kOneLoop),
    no_effect("num.recovery.threads.per.data.dir", "Recovery reads the journal's tail once."),
    no_effect("num.replica.fetchers", kNoReplicas),
    no_effect("queued.max.requests", "Requests are bounded by memory: queued.max.request.bytes."),
    no_effect("socket.listen.backlog.size", "The system's default is used."),
    no_effect("socket.receive.buffer.bytes", "The system sizes socket buffers."),
    no_effect("socket.send.buffer.bytes", "The system sizes socket buffers."),
    no_effect("process.roles", kOneRole),
    no_effect("controller.*", kOneRole),
    no_effect("metadata.*", kOneRole),
    no_effect("initial.broker.registration.timeout.ms", kOneRole),
    no_effect("broker.heartbeat.interval.ms", kOneRole),
    no_effect("broker.session.timeout.ms", kOneRole),
    no_effect("inter.broker.listener.name", kNoReplicas),
    no_effect("inter.broker.protocol.version", kNoReplicas),
    no_effect("security.inter.broker.protocol", kNoReplicas),
    no_effect("replica.*", kNoReplicas),
    no_effect("leader.*", kNoReplicas),
    no_effect("auto.leader.rebalance.enable", kNoReplicas),
    no_effect("unclean.leader.election.enable", kNoReplicas),
    no_effect("controlled.shutdown.enable", "A stop is always a clean one."),
    no_effect("delete.topic.enable", "Topics may be deleted."),
    no_effect("log.flush.*", kSynced),
    no_effect("log.cleaner.*", kNoCleaner),
    no_effect("log.index.*", kIndex),
    no_effect("log.preallocate", "Journal segments are always allocated ahead."),
    no_effect("log.retention.check.interval.ms", "This version deletes nothing by age or size."),
    no_effect("log.segment.delete.delay.ms", "Journal segments are recycled."),
    no_effect("log.roll.jitter.*", "Topics have no segments of their own here."),
    no_effect("offsets.*", "The offsets topic is kept like any other, in the journal."),
    no_effect("group.*", kNoGroups),
    no_effect("share.*", kNoGroups),
    no_effect("transaction.*", kNoTransactions),
    no_effect("transactional.*", kNoTransactions),
    no_effect("producer.id.expiration.check.interval.ms",
              "Producers are forgotten when room or time asks for it."),
    no_effect("connection.failed.authentication.delay.ms", "There is no authentication yet."),
    no_effect("metric.reporters", "Metrics are at http.listener under /metrics."),
    no_effect("metrics.*", "Metrics are at http.listener under /metrics."),
    no_effect("auto.include.jmx.reporter", "Metrics are at http.listener under /metrics."),
    no_effect("confluent.*", "Belongs to another product."),
};

}  // namespace

declare::OptionRows serve_option_rows() {
  static constexpr auto kAll = [] {
    std::array<OptionRow, std::size(kOurs) + std::size(kKafkas)> all{};
    std::size_t at = 0;
    for (const OptionRow& row : kOurs) all[at++] = row;
    for (const OptionRow& row : kKafkas) all[at++] = row;
    return all;
  }();
  return kAll;
}

}  // namespace ledge::config
