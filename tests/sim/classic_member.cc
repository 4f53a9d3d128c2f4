// SPDX-License-Identifier: Apache-2.0
#include "classic_member.h"

#include <algorithm>

#include "wire/kafka/messages/12_heartbeat.h"
#include "wire/kafka/messages/13_leave_group.h"

namespace ledge::sim {

namespace {
constexpr const char* kProtocolType = "consumer";
/// The oldest versions that can carry an instance id.
constexpr std::int16_t kStaticJoin = 5, kStaticSync = 3, kStaticHeartbeat = 3, kLeaveMany = 3;
}  // namespace

bool ClassicMember::step() {
  if (leaving_) return send_leave(), true;
  if (stage_ == Stage::Outside) return join(), true;
  if (stage_ == Stage::Member && now() >= heartbeat_due_) return heartbeat(), true;
  return false;
}

void ClassicMember::join() {
  if (!cooperative()) lose_all();
  stage_ = Stage::Joining;
  kafka::JoinGroupRequest request;
  request.group_id = options_.name;
  request.session_timeout_ms = static_cast<std::int32_t>(options_.session.count());
  request.rebalance_timeout_ms = static_cast<std::int32_t>(options_.rebalance.count());
  request.member_id = member_id_;
  request.group_instance_id = instance_field();
  request.protocol_type = kProtocolType;
  request.protocols.push_back(
      {cooperative() ? "cooperative" : "eager",
       encode_subscription(topic().name, {owned(), parts_.empty() ? -1 : parts_generation_})});
  group_.asks_to_join(who_, true);
  const Instant sent = now();
  ask_coordinator<kafka::JoinGroupRequest, kafka::JoinGroupResponse>(
      std::move(request), is_static() ? kStaticJoin : 1, options_.rebalance + 10s,
      [this, sent](const Result<kafka::JoinGroupResponse>& response) { joined(response, sent); });
}

void ClassicMember::joined(const Result<kafka::JoinGroupResponse>& response, Instant sent) {
  if (!response) {
    stage_ = Stage::Outside;
    return;
  }
  const ErrorCode code = error_from_wire(response->error_code);
  if (code == ErrorCode::MemberIdRequired) {
    member_id_ = response->member_id;
    stage_ = Stage::Outside;
    return;
  }
  if (code != ErrorCode::None) return membership_error(code, "JoinGroup");
  member_id_ = response->member_id;
  generation_ = response->generation_id;
  protocol_ = response->protocol_name;
  group_.joined(who_);
  group_.lives(who_, session_from(sent));
  ++scene_.figures["joins"];
  scene_.say(client_.name() + " joined generation " + std::to_string(generation_) + " as " + member_id_ +
             (response->leader == member_id_ ? ", leads " + std::to_string(response->members.size()) : ""));
  sync(*response);
}

void ClassicMember::sync(const kafka::JoinGroupResponse& join) {
  stage_ = Stage::Syncing;
  kafka::SyncGroupRequest request;
  request.group_id = options_.name;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = instance_field();
  request.protocol_type = kProtocolType;
  request.protocol_name = protocol_;
  if (join.leader == member_id_ && !join.skip_assignment) {
    std::map<std::string, Subscription> members;
    for (const auto& each : join.members) members[each.member_id] = decode_subscription(each.metadata);
    for (const auto& [id, partitions] : plan(members, topic().partitions, cooperative()))
      request.assignments.push_back({id, encode_assignment(topic().name, partitions)});
  }
  const Instant sent = now();
  ask_coordinator<kafka::SyncGroupRequest, kafka::SyncGroupResponse>(
      std::move(request), is_static() ? kStaticSync : 0, options_.rebalance,
      [this, sent](const Result<kafka::SyncGroupResponse>& response) { synced(response, sent); });
}

void ClassicMember::synced(const Result<kafka::SyncGroupResponse>& response, Instant sent) {
  if (!response) {
    stage_ = Stage::Outside;
    return;
  }
  const ErrorCode code = error_from_wire(response->error_code);
  if (code != ErrorCode::None) return membership_error(code, "SyncGroup");
  ++scene_.figures["assignments"];
  group_.generation_seen(who_, generation_);
  stage_ = Stage::Member;
  heartbeat_due_ = now() + options_.heartbeat;
  take_part(decode_assignment(response->assignment), sent);
}

void ClassicMember::take_part(const Partitions& assigned, Instant sent) {
  bool gave_up = false;
  for (std::int32_t partition : owned()) {
    if (assigned.contains(partition)) continue;
    give_up(partition);
    gave_up = true;
  }
  for (std::int32_t partition : assigned) take(partition, session_from(sent));
  parts_generation_ = generation_;
  if (gave_up) stage_ = Stage::Outside;  // what it gave up is free for others now
}

void ClassicMember::heartbeat() {
  heartbeat_due_ = now() + options_.heartbeat;
  kafka::HeartbeatRequest request;
  request.group_id = options_.name;
  request.generation_id = generation_;
  request.member_id = member_id_;
  request.group_instance_id = instance_field();
  const Instant sent = now();
  ask_coordinator<kafka::HeartbeatRequest, kafka::HeartbeatResponse>(
      std::move(request), is_static() ? kStaticHeartbeat : 0, 0s,
      [this, sent](const Result<kafka::HeartbeatResponse>& response) {
        if (!response) return;
        const ErrorCode code = error_from_wire(response->error_code);
        if (code != ErrorCode::None) return membership_error(code, "Heartbeat");
        group_.lives(who_, session_from(sent));
      });
}

void ClassicMember::send_leave() {
  lose_all();
  if (member_id_.empty() || is_static()) {  // static members go without a word
    gone_ = true;
    return;
  }
  kafka::LeaveGroupRequest request;
  request.group_id = options_.name;
  request.member_id = member_id_;
  request.members.push_back({.member_id = member_id_, .group_instance_id = {}, .reason = {}});
  const auto lowest = static_cast<std::int16_t>(scene_.random.chance(0.5) ? 0 : kLeaveMany);
  ask_coordinator<kafka::LeaveGroupRequest, kafka::LeaveGroupResponse>(
      std::move(request), lowest, 0s, [this](const Result<kafka::LeaveGroupResponse>&) { gone_ = true; });
}

void ClassicMember::membership_error(ErrorCode code, const char* what) {
  switch (code) {
    case ErrorCode::RebalanceInProgress:
      stage_ = Stage::Outside;
      if (!cooperative()) lose_all();
      return;
    case ErrorCode::IllegalGeneration:
      lose_all();
      stage_ = Stage::Outside;
      return;
    case ErrorCode::UnknownMemberId:
      lose_all();
      member_id_.clear();
      stage_ = Stage::Outside;
      return;
    case ErrorCode::FencedInstanceId:
      lose_all();
      gone_ = true;
      return;
    case ErrorCode::CoordinatorNotAvailable:
    case ErrorCode::NotCoordinator:
    case ErrorCode::CoordinatorLoadInProgress:
      if (stage_ != Stage::Member) stage_ = Stage::Outside;
      return;
    default: scene_.oracle.violate(client_.name() + ", " + what + ": " + std::string{error_name(code)});
  }
}

}  // namespace ledge::sim
