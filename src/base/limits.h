// SPDX-License-Identifier: Apache-2.0
// Every bound of the program, in one table: name, default, unit, and what happens when it is hit. No other
// file holds a number that bounds something. Those that an operator may change are the default of an option
// of the same meaning. docs/limits.md is generated from this list.
#pragma once

#include <cstdint>

namespace ledge {

// clang-format off: one row a line
// name, value, unit, what happens when it is hit
#define LEDGE_LIMITS(X) \
  X(request_bytes_max, 104857600, "bytes", \
    "a frame that announces more closes its connection (socket.request.max.bytes)") \
  X(request_memory_bytes, 67108864, "bytes", \
    "connections are not read until earlier requests are answered (queued.max.request.bytes)") \
  X(connections_max, 10000, "connections", \
    "a further connection is closed at once and counted (max.connections)") \
  X(connections_per_ip_max, 10000, "connections", \
    "a further connection from the address is closed (max.connections.per.ip)") \
  X(requests_in_flight_per_connection_max, 64, "requests", \
    "the connection is not read until an answer has left") \
  X(response_backlog_bytes_max, 1048576, "bytes", \
    "the connection is not read until its peer has taken what waits") \
  X(connection_idle_ms, 600000, "ms", "the connection is closed (connections.max.idle.ms)") \
  X(request_stall_ms, 30000, "ms", "a connection that falls silent in the middle of a request is closed") \
  X(stop_grace_ms, 3000, "ms", "connections that have not taken their answers by then are closed") \
  X(message_bytes_max, 1048588, "bytes", "the batch is refused with MESSAGE_TOO_LARGE (message.max.bytes)") \
  X(batch_bytes_max, 7340032, "bytes", \
    "a larger message.max.bytes is refused; a larger batch is answered RECORD_LIST_TOO_LARGE") \
  X(batch_decompressed_bytes_max, 67108864, "bytes", "the batch is refused with INVALID_RECORD") \
  X(record_errors_max, 100, "records", \
    "further records at fault of a refused batch are counted, not listed") \
  X(fetch_bytes_max, 57671680, "bytes", "an answer holds no more than this, or one batch (fetch.max.bytes)") \
  X(fetch_sessions_max, 1000, "sessions", \
    "the longest unused is dropped, or full fetches are answered without a session " \
    "(max.incremental.fetch.session.cache.slots)") \
  X(fetch_session_idle_ms, 120000, "ms", "an unused session may be dropped for a new one") \
  X(fetch_session_partitions_max, 100000, "partitions", "as fetch_sessions_max; of all sessions together") \
  X(fetch_copied_bytes_max, 1048576, "bytes", \
    "an answer of small batches is cut there, or after its first batch") \
  X(topics_max, 20000, "topics", "CreateTopics answers POLICY_VIOLATION") \
  X(partitions_max, 100000, "partitions", "CreateTopics and CreatePartitions answer POLICY_VIOLATION") \
  X(partitions_per_topic_max, 10000, "partitions", \
    "CreateTopics and CreatePartitions answer POLICY_VIOLATION") \
  X(topic_name_bytes_max, 249, "bytes", "INVALID_TOPIC_EXCEPTION") \
  X(topic_configs_max, 100, "entries", "CreateTopics and IncrementalAlterConfigs answer INVALID_CONFIG") \
  X(described_partitions_max, 2000, "partitions", \
    "a DescribeTopicPartitions answer ends there, with a cursor for the rest " \
    "(max.request.partition.size.limit)") \
  X(telemetry_bytes_max, 1048576, "bytes", "PushTelemetry answers TELEMETRY_TOO_LARGE") \
  X(telemetry_interval_ms, 300000, "ms", "a client asks no earlier whether its metrics are wanted by now") \
  X(producer_ids_per_partition_max, 10000, "producers", "the producer silent for longest is forgotten") \
  X(producer_batches_kept, 5, "batches", \
    "an older retry is answered OUT_OF_ORDER_SEQUENCE_NUMBER (Kafka keeps five)") \
  X(leader_epochs_per_partition_max, 1000, "epochs", \
    "the oldest is joined with the next one (OffsetForLeaderEpoch then answers for it as for older ones)") \
  X(boots_kept, 1000, "starts", "the id of the oldest start is forgotten") \
  X(groups_max, 100000, "groups", \
    "JoinGroup, ConsumerGroupHeartbeat and OffsetCommit for a new one answer COORDINATOR_NOT_AVAILABLE") \
  X(group_members_max, 10000, "members", \
    "a further one is answered GROUP_MAX_SIZE_REACHED (group.max.size, group.consumer.max.size below it)") \
  X(group_metadata_bytes_max, 4194304, "bytes", \
    "the member whose metadata would bring a classic group's over it is answered GROUP_MAX_SIZE_REACHED; a " \
    "leader's larger assignment UNKNOWN_SERVER_ERROR") \
  X(group_subscription_topics_max, 10000, "topics", "ConsumerGroupHeartbeat answers INVALID_REQUEST") \
  X(group_regex_bytes_max, 1024, "bytes", "ConsumerGroupHeartbeat answers INVALID_REGULAR_EXPRESSION") \
  X(group_regex_memory_bytes_max, 1048576, "bytes", \
    "an expression that compiles to more is refused as group_regex_bytes_max; matching goes on slower " \
    "within it") \
  X(group_offsets_max, 1000000, "offsets", \
    "of all groups; a further one is answered INVALID_COMMIT_OFFSET_SIZE") \
  X(array_elements_max, 1000000, "elements", "the request is undecodable: its connection is closed") \
  X(decode_memory_factor, 64, "times the frame", "the request is undecodable: its connection is closed") \
  X(decode_memory_bytes_max, 67108864, "bytes", "as decode_memory_factor; whatever the size of the frame") \
  X(string_bytes_max, 32767, "bytes", "the request is undecodable: its connection is closed") \
  X(journal_segment_bytes, 33554432, "bytes", \
    "the segment is sealed and the next one begun (journal.segment.bytes)") \
  X(journal_segment_bytes_min, 1048576, "bytes", "a smaller value is refused") \
  X(journal_segment_bytes_max, 1073741824, "bytes", "a larger value is refused") \
  X(commit_window_ms_max, 5000, "ms", "a longer commit.window.ms is refused") \
  X(commit_window_bytes_max, 1048576, "bytes", \
    "a commit that has gathered more is written before its window ends") \
  X(journal_frame_bytes_max, 8388608, "bytes", "the frame is closed and the next one begun") \
  X(journal_index_cache_bytes, 1048576, "bytes", "the index block used least recently is dropped") \
  X(socket_read_round_bytes, 262144, "bytes", "other connections get their turn before this one is read on") \
  X(socket_write_round_bytes, 1048576, "bytes", \
    "other connections get their turn before more is sent to this one") \
  X(socket_pieces_per_call_max, 64, "pieces", "the rest goes out with the next system call") \
  X(socket_keepalive_idle_ms, 60000, "ms", "a silent peer is probed, every 10 s and six times at most") \
  X(socket_unacknowledged_ms_max, 60000, "ms", \
    "a connection whose peer's system does not acknowledge is closed") \
  X(accepts_per_round_max, 16, "connections", "open connections get their turn before more are accepted") \
  X(accept_retry_ms, 100, "ms", "without free descriptors, accepting pauses for this long") \
  X(listen_backlog_max, 1024, "connections", \
    "the system drops further connection requests; peers try again") \
  X(stop_ms_max, 4500, "ms", "a clean stop ends without waiting any longer for answers") \
  X(client_response_bytes_max, 104857600, "bytes", \
    "our own client drops the connection to a server that announces a larger answer") \
  X(client_requests_max, 1024, "requests", \
    "a further request of our own client to one server fails at once") \
  X(produce_line_bytes_max, 67108864, "bytes", "`ledge produce` ends with an error") \
  X(http_request_bytes_max, 16384, "bytes", "the HTTP request is answered 431 and closed") \
  X(http_connections_max, 64, "connections", "a further connection is closed at once") \
  X(http_connection_idle_ms, 60000, "ms", "the HTTP connection is closed, also in the middle of a request") \
  X(config_file_bytes_max, 1048576, "bytes", "the file is refused") \
  X(config_depth_max, 16, "levels", "the file is refused") \
  X(log_value_bytes_max, 256, "bytes", "the value is cut and ends in ...") \
  X(log_message_bytes_max, 2048, "bytes", "the text of a protocol message is cut and ends in ...") \
  X(log_lines_per_site_burst, 20, "lines", "further lines are counted, not written") \
  X(log_lines_per_site_second, 1, "lines/s", "further lines are counted, not written")
// clang-format on

namespace limits {
#define LEDGE_LIMIT_CONSTANT(name, value, unit, hit) inline constexpr std::int64_t name = value;
LEDGE_LIMITS(LEDGE_LIMIT_CONSTANT)
#undef LEDGE_LIMIT_CONSTANT

static_assert(message_bytes_max <= batch_bytes_max);
static_assert(batch_bytes_max < journal_frame_bytes_max, "the largest batch fits a frame with its headers");
static_assert(journal_frame_bytes_max < journal_segment_bytes, "a full frame fits a segment");
static_assert(stop_grace_ms < stop_ms_max, "the disk gets time after the connections");
static_assert(journal_segment_bytes_min < journal_segment_bytes &&
              journal_segment_bytes < journal_segment_bytes_max);
}  // namespace limits

}  // namespace ledge
