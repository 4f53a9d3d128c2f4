// SPDX-License-Identifier: Apache-2.0
#include "broker/api/table.h"

#include <algorithm>
#include <array>

#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/02_list_offsets.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/08_offset_commit.h"
#include "wire/kafka/messages/09_offset_fetch.h"
#include "wire/kafka/messages/10_find_coordinator.h"
#include "wire/kafka/messages/11_join_group.h"
#include "wire/kafka/messages/12_heartbeat.h"
#include "wire/kafka/messages/13_leave_group.h"
#include "wire/kafka/messages/14_sync_group.h"
#include "wire/kafka/messages/15_describe_groups.h"
#include "wire/kafka/messages/16_list_groups.h"
#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/19_create_topics.h"
#include "wire/kafka/messages/20_delete_topics.h"
#include "wire/kafka/messages/22_init_producer_id.h"
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"
#include "wire/kafka/messages/32_describe_configs.h"
#include "wire/kafka/messages/42_delete_groups.h"
#include "wire/kafka/messages/47_offset_delete.h"
#include "wire/kafka/messages/60_describe_cluster.h"
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"
#include "wire/kafka/messages/69_consumer_group_describe.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;

// Produce is named from version 0 on although 0 to 2 are not served: old librdkafka switches compression off
// unless its own low versions are in the range (KAFKA-18659); it never sends them.
constexpr auto kRows = std::to_array<ApiRow>({
    {.api = ProduceRequest::api, .run = produce, .overlap = Overlap::Starts, .advertised_min = 0},
    {.api = FetchRequest::api, .run = fetch, .overlap = Overlap::Tolerates},
    {.api = ListOffsetsRequest::api, .run = list_offsets},
    {.api = MetadataRequest::api, .run = metadata},
    {.api = OffsetCommitRequest::api, .run = offset_commit},
    {.api = OffsetFetchRequest::api, .run = offset_fetch},
    {.api = FindCoordinatorRequest::api, .run = find_coordinator},
    {.api = JoinGroupRequest::api, .run = join_group},
    {.api = HeartbeatRequest::api, .run = heartbeat},
    {.api = LeaveGroupRequest::api, .run = leave_group},
    {.api = SyncGroupRequest::api, .run = sync_group},
    {.api = DescribeGroupsRequest::api, .run = describe_groups},
    {.api = ListGroupsRequest::api, .run = list_groups},
    {.api = ApiVersionsRequest::api, .run = api_versions},
    {.api = CreateTopicsRequest::api, .run = create_topics},
    {.api = DeleteTopicsRequest::api, .run = delete_topics},
    {.api = InitProducerIdRequest::api, .run = init_producer_id},
    {.api = OffsetForLeaderEpochRequest::api, .run = offset_for_leader_epoch},
    {.api = DescribeConfigsRequest::api, .run = describe_configs},
    {.api = DeleteGroupsRequest::api, .run = delete_groups},
    {.api = OffsetDeleteRequest::api, .run = offset_delete},
    {.api = DescribeClusterRequest::api, .run = describe_cluster},
    {.api = ConsumerGroupHeartbeatRequest::api, .run = consumer_group_heartbeat},
    {.api = ConsumerGroupDescribeRequest::api, .run = consumer_group_describe},
});

constexpr bool rows_are_sound() {
  for (std::size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].api.min_version > kRows[i].api.max_version) return false;
    if (i > 0 && kRows[i - 1].api.key >= kRows[i].api.key) return false;
  }
  return true;
}
static_assert(rows_are_sound(), "every API once, by key, with a range");

}  // namespace

std::span<const ApiRow> api_rows() { return kRows; }

std::optional<std::size_t> find_api(std::int16_t key) {
  const auto it = std::ranges::lower_bound(kRows, key, {}, [](const ApiRow& row) { return row.api.key; });
  if (it == kRows.end() || it->api.key != key) return std::nullopt;
  return static_cast<std::size_t>(it - kRows.begin());
}

}  // namespace ledge::broker
