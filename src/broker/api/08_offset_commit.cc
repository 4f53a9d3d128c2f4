// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/08_offset_commit.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using kafka::OffsetCommitRequest;
using kafka::OffsetCommitResponse;

constexpr std::int16_t kTopicIdsFrom = 10;
constexpr std::int16_t kGroupIdNotFoundFrom = 9;

const state::TopicView* find_topic(const Services& services, const Call& call,
                                   const OffsetCommitRequest::OffsetCommitRequestTopic& topic) {
  const state::Topics& topics = services.store.topics();
  return call.version() >= kTopicIdsFrom ? topics.find(topic.topic_id)
                                         : topics.find(std::string_view{topic.name});
}

}  // namespace

void offset_commit(Services& services, Call call) {
  auto request = decode_or_refuse<OffsetCommitRequest>(services, call);
  if (!request) return;
  state::CommitRequest commit;
  commit.group = std::move(request->group_id);
  commit.member_id = std::move(request->member_id);
  commit.instance_id = std::move(request->group_instance_id);
  commit.generation = request->generation_id_or_member_epoch;
  commit.unknown_group =
      call.version() >= kGroupIdNotFoundFrom ? ErrorCode::GroupIdNotFound : ErrorCode::IllegalGeneration;
  commit.modern = call.version() >= kGroupIdNotFoundFrom;
  commit.retention_ms = request->retention_time_ms;

  OffsetCommitResponse response;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // in the response, of what goes to the machine
  for (auto& topic : request->topics) {
    const state::TopicView* known = find_topic(services, call, topic);
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.topic_id = topic.topic_id;
    for (auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (!known) {
        answer.error_code = call.code(call.version() >= kTopicIdsFrom ? ErrorCode::UnknownTopicId
                                                                      : ErrorCode::UnknownTopicOrPartition);
      } else if (partition.partition_index < 0 || partition.partition_index >= known->partitions) {
        answer.error_code = call.code(ErrorCode::UnknownTopicOrPartition);
      } else {
        places.emplace_back(response.topics.size() - 1, out.partitions.size() - 1);
        commit.offsets.push_back({known->name, partition.partition_index, partition.committed_offset,
                                  partition.committed_leader_epoch,
                                  partition.committed_metadata.value_or("")});
      }
    }
  }
  services.groups.commit(commit, [call = std::move(call), response = std::move(response),
                                  places = std::move(places)](std::vector<ErrorCode> errors) mutable {
    for (std::size_t i = 0; i < places.size(); ++i)
      response.topics[places[i].first].partitions[places[i].second].error_code = call.code(errors[i]);
    call.send(response);
  });
}

}  // namespace ledge::broker
