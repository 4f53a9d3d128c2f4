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
#include "wire/kafka/messages/22_init_producer_id.h"
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"
#include "wire/kafka/messages/32_describe_configs.h"
#include "wire/kafka/messages/42_delete_groups.h"
#include "wire/kafka/messages/47_offset_delete.h"
#include "wire/kafka/messages/60_describe_cluster.h"
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"
#include "wire/kafka/messages/69_consumer_group_describe.h"
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
    request<InitProducerIdRequest>,
    response<InitProducerIdResponse>,
    request<OffsetForLeaderEpochRequest>,
    response<OffsetForLeaderEpochResponse>,
    request<DescribeConfigsRequest>,
    response<DescribeConfigsResponse>,
    request<DeleteGroupsRequest>,
    response<DeleteGroupsResponse>,
    request<OffsetDeleteRequest>,
    response<OffsetDeleteResponse>,
    request<DescribeClusterRequest>,
    response<DescribeClusterResponse>,
    request<ConsumerGroupHeartbeatRequest>,
    response<ConsumerGroupHeartbeatResponse>,
    request<ConsumerGroupDescribeRequest>,
    response<ConsumerGroupDescribeResponse>,
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
