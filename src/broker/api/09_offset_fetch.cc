// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/09_offset_fetch.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using kafka::OffsetFetchRequest;
using kafka::OffsetFetchResponse;

constexpr std::int16_t kManyGroupsFrom = 8;
constexpr std::int16_t kTopicIdsFrom = 10;

/// `to` is a partition of either form of the response. Nothing committed is no error: offset -1.
void fill(auto& to, std::int32_t partition, const state::CommittedOffset* committed) {
  to.partition_index = partition;
  to.committed_offset = committed ? committed->offset : -1;
  to.committed_leader_epoch = committed ? committed->leader_epoch : -1;
  to.metadata = committed ? committed->metadata : "";
}

using Topics = std::vector<OffsetFetchRequest::OffsetFetchRequestTopics>;

/// `asked` null: all that the group has committed.
OffsetFetchResponse::OffsetFetchResponseGroup fetch_group(Services& services, Call& call,
                                                          const std::string& group_id, const Topics* asked) {
  const auto& machine = services.groups.machine();
  const state::Topics& topics = services.store.topics();
  const bool by_id = call.version() >= kTopicIdsFrom;
  OffsetFetchResponse::OffsetFetchResponseGroup group;
  group.group_id = group_id;
  if (!asked) {
    if (const auto* offsets = machine.committed(group_id)) {
      for (const auto& [which, offset] : *offsets) {
        const state::TopicView* topic = topics.find(std::string_view{which.first});
        if (by_id && !topic) continue;  // it has no id to be named by
        if (group.topics.empty() || group.topics.back().name != which.first) {
          auto& out = group.topics.emplace_back();
          out.name = which.first;
          if (topic) out.topic_id = topic->id;
        }
        fill(group.topics.back().partitions.emplace_back(), which.second, &offset);
      }
    }
    return group;
  }
  for (const auto& topic : *asked) {
    const state::TopicView* known = by_id ? topics.find(topic.topic_id) : nullptr;
    auto& out = group.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    const std::string& name = known ? known->name : topic.name;
    for (const std::int32_t partition : topic.partition_indexes) {
      auto& answer = out.partitions.emplace_back();
      const bool unknown = by_id && !known;
      fill(answer, partition, unknown ? nullptr : machine.committed(group_id, name, partition));
      if (unknown) answer.error_code = call.code(ErrorCode::UnknownTopicId);
    }
  }
  return group;
}

}  // namespace

void offset_fetch(Services& services, Call call) {
  auto request = decode_or_refuse<OffsetFetchRequest>(services, call);
  if (!request) return;
  OffsetFetchResponse response;
  if (call.version() >= kManyGroupsFrom) {
    for (const auto& group : request->groups) {
      const ErrorCode error =
          services.groups.machine().check_fetch(group.group_id, group.member_id, group.member_epoch);
      if (error == ErrorCode::None) {
        response.groups.push_back(
            fetch_group(services, call, group.group_id, group.topics ? &*group.topics : nullptr));
      } else {
        auto& out = response.groups.emplace_back();
        out.group_id = group.group_id;
        out.error_code = call.code(error);
      }
    }
    return call.send(response);
  }
  Topics topics;
  if (request->topics)
    for (auto& topic : *request->topics)
      topics.push_back({std::move(topic.name), {}, topic.partition_indexes});
  auto group = fetch_group(services, call, request->group_id, request->topics ? &topics : nullptr);
  for (auto& topic : group.topics) {
    auto& out = response.topics.emplace_back();
    out.name = std::move(topic.name);
    for (auto& p : topic.partitions)
      out.partitions.push_back({p.partition_index, p.committed_offset, p.committed_leader_epoch,
                                std::move(p.metadata), p.error_code});
  }
  call.send(response);
}

}  // namespace ledge::broker
