// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/15_describe_groups.h"

#include "broker/api/table.h"
#include "broker/authorized.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using kafka::DescribeGroupsResponse;

/// Before version 6 a group that does not exist is a dead one, not an error.
constexpr std::int16_t kNotFoundFrom = 6;

DescribeGroupsResponse::DescribedGroup describe(const state::ClassicGroup& group) {
  DescribeGroupsResponse::DescribedGroup out;
  out.group_state = group_state_name(group.state());
  out.protocol_type = group.protocol_type().value_or("");
  const bool stable = group.state() == state::GroupState::Stable;
  if (stable) out.protocol_data = group.protocol_name().value_or("");
  for (const auto& [id, member] : group.members()) {
    auto& described = out.members.emplace_back();
    described.member_id = id;
    described.group_instance_id = member.instance_id;
    described.client_id = member.client_id;
    described.client_host = member.client_host;
    described.member_assignment = member.assignment;  // during a rebalance: of the generation before
    if (!stable) continue;                            // which protocol's is not settled
    if (const Bytes* metadata = member.metadata(out.protocol_data)) described.member_metadata = *metadata;
  }
  return out;
}

}  // namespace

void describe_groups(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::DescribeGroupsRequest>(services, call);
  if (!request) return;
  DescribeGroupsResponse response;
  for (const std::string& id : request->groups) {
    auto& out = response.groups.emplace_back();
    if (const state::ClassicGroup* group = services.groups.machine().find(id)) {
      out = describe(*group);
      if (request->include_authorized_operations) out.authorized_operations = kGroupOperations;
    } else {
      out.group_state = group_state_name(state::GroupState::Dead);
      if (call.version() < kNotFoundFrom) {
        if (request->include_authorized_operations) out.authorized_operations = kGroupOperations;
      } else {
        out.error_code = call.code(ErrorCode::GroupIdNotFound);
        out.error_message =
            "Group " + id +
            (services.groups.machine().find_consumer(id) ? " is not a classic group." : " not found.");
      }
    }
    out.group_id = id;
  }
  call.send(response);
}

}  // namespace ledge::broker
