// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/69_consumer_group_describe.h"

#include "broker/api/table.h"
#include "broker/authorized.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using Response = kafka::ConsumerGroupDescribeResponse;

/// Topics that are gone have no name to be told by, and are left out.
Response::Assignment named(const state::Assignment& assignment, const state::Topics& topics) {
  Response::Assignment out;
  for (const auto& [id, partitions] : assignment)
    if (const state::TopicView* topic = topics.find(id))
      out.topic_partitions.push_back({id, topic->name, partitions});
  return out;
}

Response::DescribedGroup describe(const state::ConsumerGroup& group, const state::Topics& topics) {
  Response::DescribedGroup out;
  out.group_state = group_state_name(group.state());
  out.group_epoch = group.epoch();
  out.assignment_epoch = group.assignment_epoch();
  out.assignor_name = assignor_name(group.assignor());
  for (const auto& [id, member] : group.members()) {
    Response::Member& to = out.members.emplace_back();
    to.member_id = id;
    to.instance_id = member.instance_id;
    to.rack_id = member.rack_id;
    to.member_epoch = member.current.epoch;
    to.client_id = member.client_id;
    to.client_host = member.client_host;
    to.subscribed_topic_names = member.topics;
    to.subscribed_topic_regex = member.regex;
    to.assignment = named(member.current.assigned, topics);
    to.target_assignment = named(group.target(id), topics);
    to.member_type = member.classic ? 0 : 1;
  }
  return out;
}

}  // namespace

void consumer_group_describe(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::ConsumerGroupDescribeRequest>(services, call);
  if (!request) return;
  const state::GroupCoordinator& machine = services.groups.machine();
  Response response;
  for (const std::string& id : request->group_ids) {
    auto& out = response.groups.emplace_back();
    if (id.empty()) {
      out.error_code = call.code(ErrorCode::InvalidGroupId);
    } else if (const state::ConsumerGroup* group = machine.find_consumer(id)) {
      out = describe(*group, services.store.topics());
      if (request->include_authorized_operations) out.authorized_operations = kGroupOperations;
    } else {
      out.error_code = call.code(ErrorCode::GroupIdNotFound);
      out.error_message = "Group " + id + (machine.find(id) ? " is not a consumer group." : " not found.");
    }
    out.group_id = id;
  }
  call.send(response);
}

}  // namespace ledge::broker
