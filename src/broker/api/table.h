// SPDX-License-Identifier: Apache-2.0
// Which APIs are served, and by what. One row each, in api/table.cc; what has no row is not advertised and
// closes the connection that asks for it.
#pragma once

#include <optional>
#include <span>

#include "broker/call.h"
#include "wire/kafka/messages/headers.h"

namespace ledge::broker {

struct ApiRow {
  kafka::Api api;
  /// Decodes the body, refuses the call when that fails, else answers it now or later.
  void (*run)(Services&, Call);
  Overlap overlap = Overlap::Never;
  /// The lowest version that ApiVersions names, when that is lower than what is served.
  std::int16_t advertised_min = -1;
};

/// Sorted by key.
std::span<const ApiRow> api_rows();
/// The row's place, nullopt for an API that is not served.
std::optional<std::size_t> find_api(std::int16_t key);

/// Decodes the call's body as an M; refuses the call and answers nullopt when it is not one.
template <class M> std::optional<M> decode_or_refuse(Services& services, Call& call) {
  std::size_t left_over = 0;
  auto request = kafka::decode<M>(call.body(), call.version(), &left_over);
  if (!request) {
    ++services.stats.undecodable;
    call.refuse(
        "a request body does not decode",
        std::string{M::api.name} + " v" + std::to_string(call.version()) + ": " + request.error().text());
    return std::nullopt;
  }
  return std::move(*request);  // bytes behind the body are ignored, as Kafka does
}

// The handlers, one file each, by key.
void produce(Services&, Call);                       // 00_produce.cc
void fetch(Services&, Call);                         // 01_fetch.cc
void list_offsets(Services&, Call);                  // 02_list_offsets.cc
void metadata(Services&, Call);                      // 03_metadata.cc
void offset_commit(Services&, Call);                 // 08_offset_commit.cc
void offset_fetch(Services&, Call);                  // 09_offset_fetch.cc
void find_coordinator(Services&, Call);              // 10_find_coordinator.cc
void join_group(Services&, Call);                    // 11_join_group.cc
void heartbeat(Services&, Call);                     // 12_heartbeat.cc
void leave_group(Services&, Call);                   // 13_leave_group.cc
void sync_group(Services&, Call);                    // 14_sync_group.cc
void describe_groups(Services&, Call);               // 15_describe_groups.cc
void list_groups(Services&, Call);                   // 16_list_groups.cc
void api_versions(Services&, Call);                  // 18_api_versions.cc
void create_topics(Services&, Call);                 // 19_create_topics.cc
void delete_topics(Services&, Call);                 // 20_delete_topics.cc
void delete_records(Services&, Call);                // 21_delete_records.cc
void init_producer_id(Services&, Call);              // 22_init_producer_id.cc
void offset_for_leader_epoch(Services&, Call);       // 23_offset_for_leader_epoch.cc
void describe_acls(Services&, Call);                 // 29_describe_acls.cc
void describe_configs(Services&, Call);              // 32_describe_configs.cc
void alter_configs(Services&, Call);                 // 33_alter_configs.cc
void describe_log_dirs(Services&, Call);             // 35_describe_log_dirs.cc
void create_partitions(Services&, Call);             // 37_create_partitions.cc
void delete_groups(Services&, Call);                 // 42_delete_groups.cc
void elect_leaders(Services&, Call);                 // 43_elect_leaders.cc
void incremental_alter_configs(Services&, Call);     // 44_incremental_alter_configs.cc
void list_partition_reassignments(Services&, Call);  // 46_list_partition_reassignments.cc
void offset_delete(Services&, Call);                 // 47_offset_delete.cc
void describe_client_quotas(Services&, Call);        // 48_describe_client_quotas.cc
void describe_quorum(Services&, Call);               // 55_describe_quorum.cc
void describe_cluster(Services&, Call);              // 60_describe_cluster.cc
void describe_producers(Services&, Call);            // 61_describe_producers.cc
void consumer_group_heartbeat(Services&, Call);      // 68_consumer_group_heartbeat.cc
void consumer_group_describe(Services&, Call);       // 69_consumer_group_describe.cc
void get_telemetry_subscriptions(Services&, Call);   // 71_get_telemetry_subscriptions.cc
void push_telemetry(Services&, Call);                // 72_push_telemetry.cc
void list_config_resources(Services&, Call);         // 74_list_config_resources.cc
void describe_topic_partitions(Services&, Call);     // 75_describe_topic_partitions.cc

/// ApiVersions of a version that is not served: the answer that lets any client find one that is.
void api_versions_unsupported(Call call);

}  // namespace ledge::broker
