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
void produce(Services&, Call);                   // 00_produce.cc
void fetch(Services&, Call);                     // 01_fetch.cc
void list_offsets(Services&, Call);              // 02_list_offsets.cc
void metadata(Services&, Call);                  // 03_metadata.cc
void offset_commit(Services&, Call);             // 08_offset_commit.cc
void offset_fetch(Services&, Call);              // 09_offset_fetch.cc
void find_coordinator(Services&, Call);          // 10_find_coordinator.cc
void join_group(Services&, Call);                // 11_join_group.cc
void heartbeat(Services&, Call);                 // 12_heartbeat.cc
void leave_group(Services&, Call);               // 13_leave_group.cc
void sync_group(Services&, Call);                // 14_sync_group.cc
void describe_groups(Services&, Call);           // 15_describe_groups.cc
void list_groups(Services&, Call);               // 16_list_groups.cc
void api_versions(Services&, Call);              // 18_api_versions.cc
void create_topics(Services&, Call);             // 19_create_topics.cc
void delete_topics(Services&, Call);             // 20_delete_topics.cc
void init_producer_id(Services&, Call);          // 22_init_producer_id.cc
void offset_for_leader_epoch(Services&, Call);   // 23_offset_for_leader_epoch.cc
void describe_configs(Services&, Call);          // 32_describe_configs.cc
void delete_groups(Services&, Call);             // 42_delete_groups.cc
void offset_delete(Services&, Call);             // 47_offset_delete.cc
void describe_cluster(Services&, Call);          // 60_describe_cluster.cc
void consumer_group_heartbeat(Services&, Call);  // 68_consumer_group_heartbeat.cc
void consumer_group_describe(Services&, Call);   // 69_consumer_group_describe.cc

/// ApiVersions of a version that is not served: the answer that lets any client find one that is.
void api_versions_unsupported(Call call);

}  // namespace ledge::broker
