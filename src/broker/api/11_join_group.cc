// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/11_join_group.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using kafka::JoinGroupRequest;
using kafka::JoinGroupResponse;

constexpr std::int16_t kRebalanceTimeoutFrom = 1;
constexpr std::int16_t kMemberIdRequiredFrom = 4;
constexpr std::int16_t kSkipAssignmentFrom = 9;

state::JoinRequest to_machine(JoinGroupRequest&& request, const Call& call) {
  state::JoinRequest join;
  join.member_id = std::move(request.member_id);
  join.instance_id = std::move(request.group_instance_id);
  join.client_id = call.header().client_id.value_or("");
  join.client_host = call.client_host();
  join.session_timeout_ms = request.session_timeout_ms;
  join.rebalance_timeout_ms =
      call.version() >= kRebalanceTimeoutFrom ? request.rebalance_timeout_ms : request.session_timeout_ms;
  join.protocol_type = std::move(request.protocol_type);
  for (auto& protocol : request.protocols)
    join.protocols.push_back({std::move(protocol.name), std::move(protocol.metadata)});
  join.requires_known_member_id = call.version() >= kMemberIdRequiredFrom;
  join.understands_skip_assignment = call.version() >= kSkipAssignmentFrom;
  return join;
}

JoinGroupResponse from_machine(state::JoinAnswer&& answer, Call& call) {
  JoinGroupResponse response;
  response.error_code = call.code(answer.error);
  response.generation_id = answer.generation;
  response.protocol_type = std::move(answer.protocol_type);
  response.protocol_name = std::move(answer.protocol_name);
  response.leader = std::move(answer.leader);
  response.skip_assignment = answer.skip_assignment;
  response.member_id = std::move(answer.member_id);
  for (auto& member : answer.members)
    response.members.push_back(
        {std::move(member.id), std::move(member.instance_id), std::move(member.metadata)});
  return response;
}

}  // namespace

void join_group(Services& services, Call call) {
  auto request = decode_or_refuse<JoinGroupRequest>(services, call);
  if (!request) return;
  const std::string group = std::move(request->group_id);
  state::JoinRequest join = to_machine(std::move(*request), call);
  call.release_frame();
  services.groups.join(group, std::move(join), [call = std::move(call)](state::JoinAnswer answer) mutable {
    call.send(from_machine(std::move(answer), call));
  });
}

}  // namespace ledge::broker
