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
#include "wire/kafka/messages/21_delete_records.h"
#include "wire/kafka/messages/22_init_producer_id.h"
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"
#include "wire/kafka/messages/29_describe_acls.h"
#include "wire/kafka/messages/32_describe_configs.h"
#include "wire/kafka/messages/33_alter_configs.h"
#include "wire/kafka/messages/35_describe_log_dirs.h"
#include "wire/kafka/messages/37_create_partitions.h"
#include "wire/kafka/messages/42_delete_groups.h"
#include "wire/kafka/messages/43_elect_leaders.h"
#include "wire/kafka/messages/44_incremental_alter_configs.h"
#include "wire/kafka/messages/46_list_partition_reassignments.h"
#include "wire/kafka/messages/47_offset_delete.h"
#include "wire/kafka/messages/48_describe_client_quotas.h"
#include "wire/kafka/messages/55_describe_quorum.h"
#include "wire/kafka/messages/60_describe_cluster.h"
#include "wire/kafka/messages/61_describe_producers.h"
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"
#include "wire/kafka/messages/69_consumer_group_describe.h"
#include "wire/kafka/messages/71_get_telemetry_subscriptions.h"
#include "wire/kafka/messages/72_push_telemetry.h"
#include "wire/kafka/messages/74_list_config_resources.h"
#include "wire/kafka/messages/75_describe_topic_partitions.h"

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
    {.api = DeleteRecordsRequest::api, .run = delete_records},
    {.api = InitProducerIdRequest::api, .run = init_producer_id},
    {.api = OffsetForLeaderEpochRequest::api, .run = offset_for_leader_epoch},
    {.api = DescribeAclsRequest::api, .run = describe_acls},
    {.api = DescribeConfigsRequest::api, .run = describe_configs},
    {.api = AlterConfigsRequest::api, .run = alter_configs},
    {.api = DescribeLogDirsRequest::api, .run = describe_log_dirs},
    {.api = CreatePartitionsRequest::api, .run = create_partitions},
    {.api = DeleteGroupsRequest::api, .run = delete_groups},
    {.api = ElectLeadersRequest::api, .run = elect_leaders},
    {.api = IncrementalAlterConfigsRequest::api, .run = incremental_alter_configs},
    {.api = ListPartitionReassignmentsRequest::api, .run = list_partition_reassignments},
    {.api = OffsetDeleteRequest::api, .run = offset_delete},
    {.api = DescribeClientQuotasRequest::api, .run = describe_client_quotas},
    {.api = DescribeQuorumRequest::api, .run = describe_quorum},
    {.api = DescribeClusterRequest::api, .run = describe_cluster},
    {.api = DescribeProducersRequest::api, .run = describe_producers},
    {.api = ConsumerGroupHeartbeatRequest::api, .run = consumer_group_heartbeat},
    {.api = ConsumerGroupDescribeRequest::api, .run = consumer_group_describe},
    {.api = GetTelemetrySubscriptionsRequest::api, .run = get_telemetry_subscriptions},
    {.api = PushTelemetryRequest::api, .run = push_telemetry},
    {.api = ListConfigResourcesRequest::api, .run = list_config_resources},
    {.api = DescribeTopicPartitionsRequest::api, .run = describe_topic_partitions},
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
