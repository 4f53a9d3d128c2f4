// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using kafka::ConsumerGroupHeartbeatRequest;
using kafka::ConsumerGroupHeartbeatResponse;

constexpr std::int16_t kMemberIdRequiredFrom = 1;

Error check(const ConsumerGroupHeartbeatRequest& request, std::int16_t version) {
  const auto invalid = [](std::string why) { return Error{ErrorCode::InvalidRequest, std::move(why)}; };
  const std::int32_t epoch = request.member_epoch;
  if (request.member_id.empty() &&
      (version >= kMemberIdRequiredFrom || epoch > 0 || epoch == state::kLeaveEpoch))
    return invalid("MemberId can't be empty.");
  if (request.group_id.empty()) return invalid("GroupId can't be empty.");
  if (request.instance_id && request.instance_id->empty()) return invalid("InstanceId can't be empty.");
  if (request.rack_id && request.rack_id->empty()) return invalid("RackId can't be empty.");
  if (epoch == 0) {
    if (request.rebalance_timeout_ms == -1)
      return invalid("RebalanceTimeoutMs must be provided in first request.");
    if (!request.topic_partitions || !request.topic_partitions->empty())
      return invalid("TopicPartitions must be empty when (re-)joining.");
    if (!request.subscribed_topic_names && !request.subscribed_topic_regex)
      return invalid(
          "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.");
  } else if (epoch == state::kStaticLeaveEpoch) {
    if (!request.instance_id) return invalid("InstanceId can't be null.");
  } else if (epoch < state::kStaticLeaveEpoch) {
    return invalid("MemberEpoch is invalid.");
  }
  return {};
}

state::ConsumerHeartbeat to_machine(ConsumerGroupHeartbeatRequest&& request, const Call& call) {
  state::ConsumerHeartbeat out;
  out.member_id = std::move(request.member_id);
  out.epoch = request.member_epoch;
  out.instance_id = std::move(request.instance_id);
  out.rack_id = std::move(request.rack_id);
  out.rebalance_timeout_ms = request.rebalance_timeout_ms;
  out.topics = std::move(request.subscribed_topic_names);
  out.regex = std::move(request.subscribed_topic_regex);
  out.assignor = std::move(request.server_assignor);
  if (request.topic_partitions) {
    state::Assignment& holds = out.holds.emplace();
    for (const auto& topic : *request.topic_partitions) {
      auto& to = holds[topic.topic_id];
      to.insert(to.end(), topic.partitions.begin(), topic.partitions.end());
    }
    state::normalize(holds);
  }
  out.client_id = call.header().client_id.value_or("");
  out.client_host = call.client_host();
  return out;
}

ConsumerGroupHeartbeatResponse from_machine(state::ConsumerAnswer&& answer, Call& call) {
  ConsumerGroupHeartbeatResponse response;
  response.error_code = call.code(answer.error);
  if (answer.error != ErrorCode::None) {
    response.error_message = std::move(answer.message);
    return response;
  }
  response.member_id = std::move(answer.member_id);
  response.member_epoch = answer.epoch;
  response.heartbeat_interval_ms = answer.heartbeat_interval_ms;
  if (answer.assignment) {
    auto& to = response.assignment.emplace();
    for (auto& [topic, partitions] : *answer.assignment) to.topic_partitions.push_back({topic, partitions});
  }
  return response;
}

}  // namespace

void consumer_group_heartbeat(Services& services, Call call) {
  auto request = decode_or_refuse<ConsumerGroupHeartbeatRequest>(services, call);
  if (!request) return;
  if (Error error = check(*request, call.version()); error.code != ErrorCode::None)
    return call.send(from_machine(state::consumer_refused(error.code, std::move(error.detail)), call));
  const std::string group = std::move(request->group_id);
  state::ConsumerHeartbeat heartbeat = to_machine(std::move(*request), call);
  call.release_frame();
  services.groups.consumer_heartbeat(group, std::move(heartbeat),
                                     [call = std::move(call)](state::ConsumerAnswer answer) mutable {
                                       call.send(from_machine(std::move(answer), call));
                                     });
}

}  // namespace ledge::broker
