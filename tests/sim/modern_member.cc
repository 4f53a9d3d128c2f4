// SPDX-License-Identifier: Apache-2.0
#include "modern_member.h"

namespace ledge::sim {

namespace {
constexpr std::int32_t kJoin = 0, kLeave = -1, kLeaveForAWhile = -2;
}  // namespace

ModernMember::ModernMember(Scene& scene, GroupOracle& group, const GroupOptions& options, int number,
                           std::string instance)
    : GroupMember(scene, group, options, number, std::move(instance)) {
  member_id_ = client_.process().env().random.uuid().text();
  generation_ = kJoin;
}

bool ModernMember::step() {
  if (leaving_) return send_leave(), true;
  if (now() < due_ && told_ == owned()) return false;
  return heartbeat(), true;
}

kafka::ConsumerGroupHeartbeatRequest ModernMember::request(std::int32_t epoch) const {
  kafka::ConsumerGroupHeartbeatRequest out;
  out.group_id = options_.name;
  out.member_id = member_id_;
  out.member_epoch = epoch;
  out.instance_id = instance_field();
  return out;
}

void ModernMember::heartbeat() {
  due_ = now() + options_.heartbeat;
  auto message = request(generation_);
  if (generation_ == kJoin || say_all_) {
    message.rebalance_timeout_ms = static_cast<std::int32_t>(options_.rebalance.count());
    message.subscribed_topic_names = {topic().name};
  }
  if (generation_ == kJoin) group_.asks_to_join(who_, false);
  if (generation_ == kJoin || say_all_ || told_ != owned()) {
    message.topic_partitions.emplace();
    if (!parts_.empty()) {
      auto& topics = message.topic_partitions->emplace_back();
      topics.topic_id = topic().id;
      for (const auto& [partition, part] : parts_) topics.partitions.push_back(partition);
    }
    told_ = owned();
  }
  say_all_ = true;  // until the answer is here
  const Instant sent = now();
  ask_coordinator<kafka::ConsumerGroupHeartbeatRequest, kafka::ConsumerGroupHeartbeatResponse>(
      std::move(message), 0, 0s, [this, sent](const Result<kafka::ConsumerGroupHeartbeatResponse>& response) {
        answered(response, sent);
      });
}

void ModernMember::answered(const Result<kafka::ConsumerGroupHeartbeatResponse>& response, Instant sent) {
  if (!response) return;
  const ErrorCode code = error_from_wire(response->error_code);
  switch (code) {
    case ErrorCode::None: break;
    case ErrorCode::UnknownMemberId:
    case ErrorCode::FencedMemberEpoch: return begin_anew();
    case ErrorCode::FencedInstanceId:
      lose_all();
      gone_ = true;
      return;
    case ErrorCode::UnreleasedInstanceId:  // until the session of the process before it ends
      if (!refused_since_) refused_since_ = now();
      // Restarts of the box prolong that session, but not for ever: its owner is alive.
      if (now() - *refused_since_ > 20 * options_.session) gone_ = true;
      return;
    case ErrorCode::CoordinatorNotAvailable:
    case ErrorCode::NotCoordinator: return;
    default: return violate("ConsumerGroupHeartbeat", code);
  }
  say_all_ = false;
  refused_since_.reset();
  if (generation_ == kJoin) {
    group_.joined(who_);
    ++scene_.figures["joins"];
  }
  generation_ = response->member_epoch;
  group_.generation_seen(who_, generation_);
  if (response->assignment) {
    take_part(*response->assignment, sent);
  } else {
    group_.lives(who_, session_from(sent));
  }
}

void ModernMember::take_part(const kafka::ConsumerGroupHeartbeatResponse::Assignment& assignment,
                             Instant sent) {
  ++scene_.figures["assignments"];
  Partitions assigned;
  for (const auto& each : assignment.topic_partitions)
    assigned.insert(each.partitions.begin(), each.partitions.end());
  for (std::int32_t partition : owned())
    if (!assigned.contains(partition)) give_up(partition);
  for (std::int32_t partition : assigned) take(partition, session_from(sent));
  group_.lives(who_, session_from(sent));
}

void ModernMember::send_leave() {
  lose_all();
  const std::int32_t epoch = is_static() && scene_.random.chance(0.5) ? kLeaveForAWhile : kLeave;
  if (generation_ == kJoin) {
    gone_ = true;
    return;
  }
  ask_coordinator<kafka::ConsumerGroupHeartbeatRequest, kafka::ConsumerGroupHeartbeatResponse>(
      request(epoch), 0, 0s, [this](const Result<kafka::ConsumerGroupHeartbeatResponse>&) { gone_ = true; });
}

void ModernMember::begin_anew() {
  lose_all();
  told_.clear();
  generation_ = kJoin;
  say_all_ = true;
  due_ = {};
}

void ModernMember::commit_refused(ErrorCode code) {
  switch (code) {
    case ErrorCode::StaleMemberEpoch:  // the next heartbeat brings the newer one
    case ErrorCode::CoordinatorNotAvailable:
    case ErrorCode::NotCoordinator: return;
    case ErrorCode::UnknownMemberId:
    case ErrorCode::FencedMemberEpoch: due_ = {}; return;  // the next heartbeat says so, too
    default: return violate("OffsetCommit", code);
  }
}

}  // namespace ledge::sim
