// SPDX-License-Identifier: Apache-2.0
// What an operator may set: the typed values with their defaults, and one row each. A new option is one
// member and one row in options.cc; parser, help, checks and reference follow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"
#include "declare/option.h"

namespace ledge::config {

struct ServeOptions {
  std::string data_dir = "./ledge-data";

  struct Node {
    std::int32_t id = 1;
    std::string rack;
  } node;

  struct Listeners {
    std::vector<std::string> listen = {"PLAINTEXT://127.0.0.1:9092"};
    std::vector<std::string> advertise;
    std::vector<std::string> protocols = {"PLAINTEXT:PLAINTEXT"};
  } listeners;

  struct Limits {
    std::int32_t request_bytes_max = limits::request_bytes_max;
    std::int64_t request_memory_bytes = limits::request_memory_bytes;
    std::int32_t connections_max = limits::connections_max;
    std::int32_t connections_per_ip_max = limits::connections_per_ip_max;
    std::int64_t connection_idle_ms = limits::connection_idle_ms;
    std::int32_t fetch_bytes_max = limits::fetch_bytes_max;
    std::int32_t fetch_sessions_max = limits::fetch_sessions_max;
    std::int64_t producer_id_expiration_ms = 86400000;
  } limit;

  struct Journal {
    std::int64_t segment_bytes = limits::journal_segment_bytes;
    std::int32_t spare_segments = 1;
    std::int32_t commit_window_ms = 0;
  } journal;

  /// What a topic gets that does not say it itself.
  struct Topics {
    std::int32_t partitions = 1;
    std::int32_t replication_factor = 1;
    bool clamp_replication_factor = true;
    bool auto_create = true;
    std::int32_t min_insync_replicas = 1;
    std::vector<std::string> cleanup_policy = {"delete"};
    std::string compression_type = "producer";
    std::int32_t message_bytes_max = limits::message_bytes_max;
    std::string timestamp_type = "CreateTime";
    std::int64_t timestamp_before_max_ms = INT64_MAX;
    std::int64_t timestamp_after_max_ms = 3600000;
    std::int64_t retention_ms = 604800000;
    std::int64_t retention_bytes = -1;
    std::int64_t segment_ms = 604800000;
    std::int32_t segment_bytes = 1073741824;
  } topic;

  /// Consumer groups and their offsets.
  struct Groups {
    std::int32_t session_timeout_min_ms = 6000;
    std::int32_t session_timeout_max_ms = 1800000;
    std::int32_t initial_rebalance_delay_ms = 3000;
    std::int32_t members_max = INT32_MAX;
    std::int32_t offset_metadata_bytes_max = 4096;
    std::int32_t offsets_retention_minutes = 10080;
    std::int32_t offsets_topic_partitions = 1;
    // Consumer groups (KIP-848).
    std::int32_t consumer_session_timeout_ms = 45000;
    std::int32_t consumer_heartbeat_interval_ms = 5000;
    std::int32_t consumer_members_max = INT32_MAX;
    std::int32_t consumer_regex_refresh_interval_ms = 600000;
    std::vector<std::string> consumer_assignors = {"uniform", "range"};
    std::string consumer_migration_policy = "bidirectional";
  } group;

  struct Http {
    std::string listener = "127.0.0.1:9644";
  } http;

  struct Log {
    std::string level = "info";
    std::string format = "auto";
  } log;
};

/// Every row: ours, then Kafka's keys that are known and not ours.
declare::OptionRows serve_option_rows();

}  // namespace ledge::config
