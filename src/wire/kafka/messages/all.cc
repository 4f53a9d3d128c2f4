// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/all.h"

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
#include "wire/kafka/messages/headers.h"

namespace ledge::kafka {
namespace {

template <class M> std::shared_ptr<void> make() { return std::make_shared<M>(); }
template <class M> constexpr MessageInfo info(MessageKind kind) {
  return {M::api, kind, &M::declaration, &make<M>};
}
template <class M> constexpr MessageInfo request = info<M>(MessageKind::Request);
template <class M> constexpr MessageInfo response = info<M>(MessageKind::Response);
template <class M> constexpr MessageInfo header = info<M>(MessageKind::Header);

constexpr std::array kMessages{
    header<RequestHeader>,
    header<ResponseHeader>,
    request<ProduceRequest>,
    response<ProduceResponse>,
    request<FetchRequest>,
    response<FetchResponse>,
    request<ListOffsetsRequest>,
    response<ListOffsetsResponse>,
    request<MetadataRequest>,
    response<MetadataResponse>,
    request<OffsetCommitRequest>,
    response<OffsetCommitResponse>,
    request<OffsetFetchRequest>,
    response<OffsetFetchResponse>,
    request<FindCoordinatorRequest>,
    response<FindCoordinatorResponse>,
    request<JoinGroupRequest>,
    response<JoinGroupResponse>,
    request<HeartbeatRequest>,
    response<HeartbeatResponse>,
    request<LeaveGroupRequest>,
    response<LeaveGroupResponse>,
    request<SyncGroupRequest>,
    response<SyncGroupResponse>,
    request<DescribeGroupsRequest>,
    response<DescribeGroupsResponse>,
    request<ListGroupsRequest>,
    response<ListGroupsResponse>,
    request<ApiVersionsRequest>,
    response<ApiVersionsResponse>,
    request<CreateTopicsRequest>,
    response<CreateTopicsResponse>,
    request<DeleteTopicsRequest>,
    response<DeleteTopicsResponse>,
    request<DeleteRecordsRequest>,
    response<DeleteRecordsResponse>,
    request<InitProducerIdRequest>,
    response<InitProducerIdResponse>,
    request<OffsetForLeaderEpochRequest>,
    response<OffsetForLeaderEpochResponse>,
    request<DescribeAclsRequest>,
    response<DescribeAclsResponse>,
    request<DescribeConfigsRequest>,
    response<DescribeConfigsResponse>,
    request<AlterConfigsRequest>,
    response<AlterConfigsResponse>,
    request<DescribeLogDirsRequest>,
    response<DescribeLogDirsResponse>,
    request<CreatePartitionsRequest>,
    response<CreatePartitionsResponse>,
    request<DeleteGroupsRequest>,
    response<DeleteGroupsResponse>,
    request<ElectLeadersRequest>,
    response<ElectLeadersResponse>,
    request<IncrementalAlterConfigsRequest>,
    response<IncrementalAlterConfigsResponse>,
    request<ListPartitionReassignmentsRequest>,
    response<ListPartitionReassignmentsResponse>,
    request<OffsetDeleteRequest>,
    response<OffsetDeleteResponse>,
    request<DescribeClientQuotasRequest>,
    response<DescribeClientQuotasResponse>,
    request<DescribeQuorumRequest>,
    response<DescribeQuorumResponse>,
    request<DescribeClusterRequest>,
    response<DescribeClusterResponse>,
    request<DescribeProducersRequest>,
    response<DescribeProducersResponse>,
    request<ConsumerGroupHeartbeatRequest>,
    response<ConsumerGroupHeartbeatResponse>,
    request<ConsumerGroupDescribeRequest>,
    response<ConsumerGroupDescribeResponse>,
    request<GetTelemetrySubscriptionsRequest>,
    response<GetTelemetrySubscriptionsResponse>,
    request<PushTelemetryRequest>,
    response<PushTelemetryResponse>,
    request<ListConfigResourcesRequest>,
    response<ListConfigResourcesResponse>,
    request<DescribeTopicPartitionsRequest>,
    response<DescribeTopicPartitionsResponse>,
};
static_assert(std::ranges::is_sorted(kMessages, {}, [](const MessageInfo& m) { return m.api.key; }));

}  // namespace

std::span<const MessageInfo> all_messages() { return kMessages; }

const Api* find_api(std::int16_t key) {
  if (key < 0) return nullptr;
  const auto at =
      std::ranges::lower_bound(kMessages, key, {}, [](const MessageInfo& m) { return m.api.key; });
  return at != kMessages.end() && at->api.key == key ? &at->api : nullptr;
}

}  // namespace ledge::kafka
