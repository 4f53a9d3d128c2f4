// SPDX-License-Identifier: Apache-2.0
#include "admin/metrics.h"

#include "declare/metric.h"

namespace ledge::admin {
namespace {

using declare::MetricText;
using enum declare::MetricKind;
using Row = declare::Metric<Snapshot>;
using S = const Snapshot&;
using T = MetricText&;

double seconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e9; }
std::uint64_t flag(bool on) { return on ? 1 : 0; }

// clang-format off
constexpr Row kProcess[] = {
    {{"ledge_build_info", Gauge, "Always 1; the labels say what runs.", "version, commit: one each"},
     [](S s, T t) { t.value(std::uint64_t{1}, {{"version", s.version}, {"commit", s.commit}}); }},
    {{"ledge_ready", Gauge, "1 while records are accepted, as /readyz says."}, [](S s, T t) { t.value(flag(s.ready)); }},
    {{"ledge_boot_epoch", Gauge, "Starts of this data folder before the present one."},
     [](S s, T t) { t.value(static_cast<std::uint64_t>(s.boot_epoch)); }},
    {{"process_cpu_seconds_total", Counter, "Processor time, user and system."}, [](S s, T t) { t.value(s.process.cpu_seconds); }},
    {{"process_resident_memory_bytes", Gauge, "Resident memory."}, [](S s, T t) { t.value(s.process.resident_bytes); }},
    {{"process_open_fds", Gauge, "Open file descriptors."}, [](S s, T t) { t.value(s.process.open_descriptors); }},
    {{"process_max_fds", Gauge, "File descriptors that the system allows."}, [](S s, T t) { t.value(s.process.descriptors_max); }},
    {{"process_threads", Gauge, "Threads."}, [](S s, T t) { t.value(s.process.threads); }},
    {{"process_start_time_seconds", Gauge, "Start of the process, in seconds since 1970."},
     [](S s, T t) { t.value(s.process.start_time_seconds); }},
    {{"ledge_disk_free_bytes", Gauge, "Space left on the data folder's file system."}, [](S s, T t) { t.value(s.disk.available_bytes); }},
    {{"ledge_disk_total_bytes", Gauge, "Size of the data folder's file system."}, [](S s, T t) { t.value(s.disk.total_bytes); }},
};

constexpr Row kJournal[] = {
    {{"ledge_recovery_seconds", Gauge, "How long recovery took at this start."}, [](S s, T t) { t.value(s.recovery_seconds); }},
    {{"ledge_recovery_torn_tail_bytes", Gauge, "Bytes cut at this start: written before a power cut, never acknowledged."},
     [](S s, T t) { t.value(s.recovery_torn_tail_bytes); }},
    {{"ledge_recovery_damaged_ranges", Gauge, "Ranges of durable records that recovery found damaged; must be 0."},
     [](S s, T t) { t.value(s.recovery_damaged_ranges); }},
    {{"ledge_journal_poisoned", Gauge, "1 after a failed write or sync: nothing is accepted until a restart; must be 0."},
     [](S s, T t) { t.value(flag(s.journal.poisoned)); }},
    {{"ledge_journal_frames_total", Counter, "Frames written; one is one group commit."}, [](S s, T t) { t.value(s.journal.frames); }},
    {{"ledge_journal_entries_total", Counter, "Entries in those frames."}, [](S s, T t) { t.value(s.journal.entries); }},
    {{"ledge_journal_appended_bytes_total", Counter, "Bytes of entries, without headers and padding."},
     [](S s, T t) { t.value(s.journal.bytes_appended); }},
    {{"ledge_journal_written_bytes_total", Counter, "Bytes given to the disk; divided by the appended ones: what wears the flash."},
     [](S s, T t) { t.value(s.journal.bytes_written); }},
    {{"ledge_journal_syncs_total", Counter, "Calls of fdatasync."}, [](S s, T t) { t.value(s.journal.syncs); }},
    {{"ledge_journal_sync_seconds_total", Counter, "Time spent in them."}, [](S s, T t) { t.value(seconds(s.journal.sync_ns_total)); }},
    {{"ledge_journal_sync_max_seconds", Gauge, "The slowest of them since the start."}, [](S s, T t) { t.value(seconds(s.journal.sync_ns_max)); }},
    {{"ledge_journal_pending_bytes", Gauge, "Appended and not yet durable."}, [](S s, T t) { t.value(s.journal.pending_bytes); }},
    {{"ledge_journal_segments", Gauge, "Segment files by what they are.", "state: live, spare, quarantined"}, [](S s, T t) {
       t.value(s.journal.segments_live, {{"state", "live"}});
       t.value(s.journal.segments_spare, {{"state", "spare"}});
       t.value(s.journal.segments_quarantined, {{"state", "quarantined"}});
     }},
    {{"ledge_journal_segments_recycled_total", Counter, "Segments written anew in place."}, [](S s, T t) { t.value(s.journal.segments_recycled); }},
};

constexpr Row kStore[] = {
    {{"ledge_produce_records_total", Counter, "Records appended."}, [](S s, T t) { t.value(s.store.records_in); }},
    {{"ledge_produce_batches_total", Counter, "Record batches appended."}, [](S s, T t) { t.value(s.store.batches_in); }},
    {{"ledge_produce_bytes_total", Counter, "Bytes of those batches, as compressed by the producers."}, [](S s, T t) { t.value(s.store.bytes_in); }},
    {{"ledge_produce_refused_batches_total", Counter, "Batches that were refused."}, [](S s, T t) { t.value(s.store.batches_refused); }},
    {{"ledge_produce_duplicate_batches_total", Counter, "Batches that an idempotent producer sent again and that were there already."},
     [](S s, T t) { t.value(s.store.duplicates); }},
    {{"ledge_fetch_batches_total", Counter, "Record batches read."}, [](S s, T t) { t.value(s.store.records_out_batches); }},
    {{"ledge_fetch_bytes_total", Counter, "Bytes of those batches."}, [](S s, T t) { t.value(s.store.bytes_out); }},
    {{"ledge_topics", Gauge, "Topics."}, [](S s, T t) { t.value(s.store.topics); }},
    {{"ledge_partitions", Gauge, "Partitions of all topics."}, [](S s, T t) { t.value(s.store.partitions); }},
    {{"ledge_producers", Gauge, "Idempotent producers that are remembered, over all partitions."}, [](S s, T t) { t.value(s.store.producers); }},
};

constexpr Row kBroker[] = {
    {{"ledge_requests_total", Counter, "Kafka requests by API.", "api: the APIs served"}, [](S s, T t) {
       for (const broker::ApiStats& api : s.broker.apis) t.value(api.requests, {{"api", api.name}});
     }},
    {{"ledge_request_seconds", Histogram, "From a request's dispatch to its answer, the wait of a long poll included; APIs in use only.",
      "api: the APIs served"}, [](S s, T t) {
       for (const broker::ApiStats& api : s.broker.apis) {
         if (api.seconds_count == 0) continue;
         t.histogram(broker::kRequestSecondsBounds, api.seconds_buckets, api.seconds_sum, {{"api", api.name}});
       }
     }},
    {{"ledge_answers_total", Counter, "Answers per partition, topic or resource by Kafka's error; NONE is success.", "error: Kafka's errors"},
     [](S s, T t) {
       for (const auto& [code, count] : s.broker.errors) t.value(count, {{"error", error_name(error_from_wire(code))}});
     }},
    {{"ledge_requests_refused_total", Counter, "Requests that could not be understood.", "reason: unknown_api, unsupported_version, undecodable"},
     [](S s, T t) {
       t.value(s.broker.unknown_apis, {{"reason", "unknown_api"}});
       t.value(s.broker.unsupported_versions, {{"reason", "unsupported_version"}});
       t.value(s.broker.undecodable, {{"reason", "undecodable"}});
     }},
    {{"ledge_parked_fetches", Gauge, "Fetches that wait for records."}, [](S s, T t) { t.value(s.broker.parked); }},
    {{"ledge_fetch_sessions", Gauge, "Incremental fetch sessions."}, [](S s, T t) { t.value(s.broker.fetch_sessions); }},
    {{"ledge_fetch_session_partitions", Gauge, "Partitions in those sessions."}, [](S s, T t) { t.value(s.broker.fetch_session_partitions); }},
    {{"ledge_fetch_sessions_evicted_total", Counter, "Sessions dropped for newer ones."}, [](S s, T t) { t.value(s.broker.fetch_sessions_evicted); }},
};

constexpr Row kServer[] = {
    {{"ledge_connections", Gauge, "Open Kafka connections."}, [](S s, T t) { t.value(s.server.connections); }},
    {{"ledge_http_connections", Gauge, "Open HTTP connections."}, [](S s, T t) { t.value(s.http_connections); }},
    {{"ledge_connections_accepted_total", Counter, "Kafka connections accepted."}, [](S s, T t) { t.value(s.server.accepted); }},
    {{"ledge_connections_refused_total", Counter, "Connections closed at once by a limit.", "reason: max_connections, max_connections_per_ip"},
     [](S s, T t) {
       t.value(s.server.refused_connections_max, {{"reason", "max_connections"}});
       t.value(s.server.refused_per_ip, {{"reason", "max_connections_per_ip"}});
     }},
    {{"ledge_connections_closed_total", Counter, "Connections that the server closed.", "reason: idle, stalled, bad_frame, bad_request"},
     [](S s, T t) {
       t.value(s.server.closed_idle, {{"reason", "idle"}});
       t.value(s.server.closed_stalled, {{"reason", "stalled"}});
       t.value(s.server.closed_bad_frame, {{"reason", "bad_frame"}});
       t.value(s.server.closed_refused, {{"reason", "bad_request"}});
     }},
    {{"ledge_network_received_bytes_total", Counter, "Bytes from Kafka clients."}, [](S s, T t) { t.value(s.server.bytes_in); }},
    {{"ledge_network_sent_bytes_total", Counter, "Bytes to Kafka clients."}, [](S s, T t) { t.value(s.server.bytes_out); }},
    {{"ledge_request_memory_bytes", Gauge, "Memory that requests hold now (queued.max.request.bytes)."},
     [](S s, T t) { t.value(s.server.request_memory_used); }},
    {{"ledge_request_memory_limit_bytes", Gauge, "The bound of that memory."}, [](S s, T t) { t.value(s.server.request_memory_max); }},
    {{"ledge_request_memory_waits_total", Counter, "Times that a connection was not read because that memory was used up."},
     [](S s, T t) { t.value(s.server.memory_waits); }},
};
// clang-format on

constexpr std::span<const Row> kGroups[] = {kProcess, kJournal, kStore, kBroker, kServer};

}  // namespace

std::string metrics_text(const Snapshot& snapshot) {
  std::string out;
  for (const auto& rows : kGroups) out += declare::metrics_text(rows, snapshot);
  return out;
}

std::string metrics_reference() {
  std::string out = "| name | kind | labels | meaning |\n|---|---|---|---|\n";
  for (const auto& rows : kGroups) {
    for (const Row& row : rows) out += declare::metric_reference(row.row);
  }
  return out;
}

}  // namespace ledge::admin
