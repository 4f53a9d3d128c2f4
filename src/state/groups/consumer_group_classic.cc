// SPDX-License-Identifier: Apache-2.0
// Members of a consumer group that speak the classic protocol: a member epoch is their generation, a
// heartbeat that says "rebalance in progress" brings them back with what they hold, a sync gives them what
// they have. And how a group of one kind becomes one of the other while its members live.
#include <algorithm>

#include "base/check.h"
#include "state/groups/consumer_group.h"
#include "state/groups/subscription.h"

namespace ledge::state {
namespace {

Duration ms(std::int64_t n) { return std::chrono::milliseconds{n}; }

JoinAnswer join_refused(ErrorCode error, const std::string& member) {
  JoinAnswer answer;
  answer.error = error;
  answer.member_id = member;
  return answer;
}

SyncAnswer sync_refused(ErrorCode error) {
  SyncAnswer answer;
  answer.error = error;
  return answer;
}

ConsumerGroup::Member::Classic classic_part(std::int32_t session_timeout_ms,
                                            const std::vector<GroupProtocol>& protocols) {
  ConsumerGroup::Member::Classic out;
  out.session_timeout_ms = session_timeout_ms;
  for (const GroupProtocol& each : protocols) out.supported_protocols.push_back({each.name, each.metadata});
  return out;
}

bool same(const std::optional<ConsumerGroup::Member::Classic>& a,
          const std::optional<ConsumerGroup::Member::Classic>& b) {
  return a.has_value() == b.has_value() && (!a || declare::equal(a->declaration(), &*a, &*b));
}

std::vector<std::string> sorted_once(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

}  // namespace

// --- requests

bool ConsumerGroup::supports(const JoinRequest& request) const {
  if (request.protocol_type != kConsumerProtocolType || request.protocols.empty()) return false;
  return std::ranges::any_of(request.protocols, [&](const GroupProtocol& offered) {
    return std::ranges::all_of(members_, [&](const auto& m) {
      return !m.second.classic ||
             std::ranges::any_of(m.second.classic->supported_protocols,
                                 [&](const auto& protocol) { return protocol.name == offered.name; });
    });
  });
}

JoinAnswer ConsumerGroup::join(const JoinRequest& request, const std::string& new_id, bool& downgrade,
                               bool& rebalance, Step step) {
  downgrade = rebalance = false;
  const bool is_unknown = request.member_id.empty();
  const std::string& id = is_unknown ? new_id : request.member_id;
  const auto refuse = [&](ErrorCode error) { return join_refused(error, request.member_id); };
  if (std::cmp_greater_equal(members_.size(), options_.members_max) && !members_.contains(id))
    return refuse(ErrorCode::GroupMaxSizeReached);
  if (!supports(request)) return refuse(ErrorCode::InconsistentGroupProtocol);
  if (is_unknown && !request.instance_id && request.requires_known_member_id)
    return join_refused(ErrorCode::MemberIdRequired, id);
  const auto subscription = read_subscription(request.protocols.front().metadata);
  if (!subscription) return refuse(ErrorCode::InconsistentGroupProtocol);

  Member before;
  before.id = id;
  const Member* replaced = nullptr;
  if (request.instance_id) {
    const auto holder = static_members_.find(*request.instance_id);
    const Member* known = holder == static_members_.end() ? nullptr : find(holder->second);
    if (!is_unknown && !known) return refuse(ErrorCode::UnknownMemberId);
    if (!is_unknown && known->id != id) return refuse(ErrorCode::FencedInstanceId);
    if (known) before = *known;
    if (known && is_unknown) {
      replaced = known;
      before.id = id;
      before.current.epoch = before.current.previous_epoch = 0;
    }
  } else if (const Member* known = find(id)) {
    before = *known;
  }
  Member after = before;
  if (request.instance_id) after.instance_id = request.instance_id;
  if (subscription->rack_id && !subscription->rack_id->empty()) after.rack_id = subscription->rack_id;
  if (request.rebalance_timeout_ms != -1) after.rebalance_timeout_ms = request.rebalance_timeout_ms;
  after.topics = sorted_once(subscription->topics);
  after.regex.clear();  // there are none in the classic protocol
  after.client_id = request.client_id;
  after.client_host = request.client_host;
  after.classic = classic_part(request.session_timeout_ms, request.protocols);

  // Nothing is refused from here on.
  downgrade =
      replaced && !replaced->classic && options_.downgrade &&
      std::ranges::all_of(members_, [&](const auto& m) { return &m.second == replaced || m.second.classic; });
  const RegexChange regex = compare_regex(before, after);
  const bool last_of_regex = regex.changed && regex_members(before.regex) == 1;
  if (replaced) replace(std::string{replaced->id}, before, step);
  const bool is_new = !members_.contains(id);
  if (is_new || before.instance_id != after.instance_id || before.rack_id != after.rack_id ||
      before.rebalance_timeout_ms != after.rebalance_timeout_ms || before.topics != after.topics ||
      before.regex != after.regex || before.client_id != after.client_id ||
      before.client_host != after.client_host || !same(before.classic, after.classic))
    put(after, step);
  if (last_of_regex) put_tombstone(ConsumerKey::Kind::Regex, before.regex, step);
  const bool changed = before.topics != after.topics || regex.changed;
  refresh_epoch(changed, step);
  if (!downgrade) refresh_target(step);
  if (!downgrade || !changed)
    go_on(id, changed, to_assignment(subscription->owned_partitions, step.topics), step);
  rebalance = downgrade && changed;

  Member& member = members_.find(id)->second;
  member.session_ends = step.now + ms(request.session_timeout_ms);
  member.sync_ends = step.now + ms(request.rebalance_timeout_ms);
  member.join_ends = member.revocation_ends = std::nullopt;
  set_timers(member);
  JoinAnswer answer;
  answer.member_id = id;
  answer.generation = member.current.epoch;
  answer.protocol_type = kConsumerProtocolType;
  answer.protocol_name = request.protocols.front().name;
  return answer;
}

ErrorCode ConsumerGroup::identify(std::string_view id, const std::optional<std::string>& instance) const {
  if (instance) {
    const auto holder = static_members_.find(*instance);
    if (holder == static_members_.end()) return ErrorCode::UnknownMemberId;
    if (holder->second != id) return ErrorCode::FencedInstanceId;
  }
  const Member* member = find(id);
  return member && member->classic ? ErrorCode::None : ErrorCode::UnknownMemberId;
}

SyncAnswer ConsumerGroup::sync(const SyncRequest& request, Step step) {
  if (const ErrorCode error = identify(request.member_id, request.instance_id); error != ErrorCode::None)
    return sync_refused(error);
  Member& member = members_.find(request.member_id)->second;
  if (request.generation != member.current.epoch) return sync_refused(ErrorCode::IllegalGeneration);
  const auto& protocol = member.classic->supported_protocols.front();
  if ((request.protocol_type && request.protocol_type != kConsumerProtocolType) ||
      (request.protocol_name && request.protocol_name != protocol.name))
    return sync_refused(ErrorCode::InconsistentGroupProtocol);
  if (epoch_ > member.current.epoch && member.current.state != MemberState::Unrevoked) {
    expect_join(member, step.now);
    return sync_refused(ErrorCode::RebalanceInProgress);
  }
  member.sync_ends.reset();
  member.session_ends = step.now + ms(member.classic->session_timeout_ms);
  set_timers(member);
  SyncAnswer answer;
  answer.protocol_type = request.protocol_type;
  answer.protocol_name = request.protocol_name;
  answer.assignment = write_assignment(member.current.assigned, step.topics, protocol.metadata);
  return answer;
}

ErrorCode ConsumerGroup::classic_heartbeat(std::string_view id, const std::optional<std::string>& instance,
                                           std::int32_t generation, Instant now) {
  if (const ErrorCode error = identify(id, instance); error != ErrorCode::None) return error;
  Member& member = members_.find(id)->second;
  if (generation != member.current.epoch) return ErrorCode::IllegalGeneration;
  member.session_ends = now + ms(member.classic->session_timeout_ms);
  const MemberState at = member.current.state;
  const bool come_back = member.current.epoch < epoch_ || at == MemberState::Unrevoked ||
                         (at == MemberState::Unreleased && !waits_for_others(member));
  if (come_back)
    expect_join(member, now);
  else
    set_timers(member);
  return come_back ? ErrorCode::RebalanceInProgress : ErrorCode::None;
}

/// LeaveGroup: who is meant; what it gets is its error.
ErrorCode ConsumerGroup::find_leaving(std::string_view id, const std::optional<std::string>& instance,
                                      std::string& found) const {
  found = id;
  if (instance) {
    const auto holder = static_members_.find(*instance);
    if (holder == static_members_.end()) return ErrorCode::UnknownMemberId;
    if (!id.empty() && holder->second != id) return ErrorCode::FencedInstanceId;
    found = holder->second;
  }
  return find(found) ? ErrorCode::None : ErrorCode::UnknownMemberId;
}

void ConsumerGroup::expect_join(Member& member, Instant now) {
  if (!member.join_ends) member.join_ends = now + ms(member.rebalance_timeout_ms);
  set_timers(member);
}

bool ConsumerGroup::waits_for_others(const Member& member) const {
  for (const auto& [topic, partitions] : target(member.id))
    for (const std::int32_t partition : partitions)
      if (!contains(member.current.assigned, topic, partition) && owner(topic, partition)) return true;
  return false;
}

// --- conversion

Result<std::unique_ptr<ConsumerGroup>> ConsumerGroup::from_classic(const ClassicGroup& classic,
                                                                   const ConsumerGroupOptions& options,
                                                                   Step step) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::GroupIdNotFound,
                "Cannot upgrade classic group " + classic.id() + " to consumer group because " + why);
  };
  if (!options.upgrade) return refuse("online upgrade is disabled.");
  if (classic.protocol_type() != kConsumerProtocolType)
    return refuse("the group does not use the consumer embedded protocol.");
  if (std::cmp_greater(classic.members().size(), options.members_max))
    return refuse("the group size exceeds the consumer group maximum size.");
  std::vector<Member> members;
  for (const auto& [id, from] : classic.members()) {
    Member member;
    const Bytes* metadata = classic.protocol_name() ? from.metadata(*classic.protocol_name()) : nullptr;
    if (!metadata && !from.protocols.empty()) metadata = &from.protocols.front().metadata;
    const auto subscription = metadata ? read_subscription(*metadata) : std::nullopt;
    const auto assignment =
        from.assignment.empty() ? kafka::ConsumerProtocolAssignment{} : read_assignment(from.assignment);
    if (!subscription || !assignment) return refuse("the embedded consumer protocol is malformed.");
    if (assignment->user_data && !assignment->user_data->empty())
      return refuse(
          "an unsupported custom assignor is in use. Please refer to the documentation or switch to a "
          "default "
          "assignor before re-attempting the upgrade.");
    member.id = id;
    member.instance_id = from.instance_id;
    if (subscription->rack_id && !subscription->rack_id->empty()) member.rack_id = subscription->rack_id;
    member.rebalance_timeout_ms = from.rebalance_timeout_ms;
    member.client_id = from.client_id;
    member.client_host = from.client_host;
    member.topics = sorted_once(subscription->topics);
    member.classic = classic_part(from.session_timeout_ms, from.protocols);
    member.current.epoch = member.current.previous_epoch = classic.generation();
    member.current.assigned = to_assignment(assignment->assigned_partitions, step.topics);
    // A client's assignor may have given a partition twice; the first member keeps it.
    for (const Member& earlier : members)
      member.current.assigned = difference(member.current.assigned, earlier.current.assigned);
    members.push_back(std::move(member));
  }
  auto group = std::make_unique<ConsumerGroup>(classic.id(), options);
  for (const Member& member : members) group->put(member, step);
  group->put_epoch(classic.generation(), group->metadata_hash(step.topics), step);
  for (const Member& member : members) group->put_target(member.id, member.current.assigned, step);
  group->put_assignment_epoch(classic.generation(), step);
  for (const Member& member : members) group->put_current(member.id, member.current, step);
  for (auto& [id, member] : group->members_) {
    member.session_ends = step.now + ms(member.classic->session_timeout_ms);
    group->set_timers(member);
  }
  return group;
}

bool ConsumerGroup::is_classic_without(const std::set<std::string>& leaving) const {
  std::size_t left = 0;
  for (const auto& [id, member] : members_) {
    if (leaving.contains(id)) continue;
    if (!member.classic) return false;
    ++left;
  }
  return left > 0 && options_.downgrade;
}

ClassicGroup::Saved ConsumerGroup::to_classic(const std::set<std::string>& leaving, Step step) const {
  ClassicGroup::Saved saved;
  saved.protocol_type = kConsumerProtocolType;
  saved.generation = epoch_;
  saved.state_since = step.wall;
  for (const auto& [id, from] : members_) {
    if (leaving.contains(id)) continue;
    CHECK(from.classic.has_value());
    ClassicGroup::Member& member = saved.members.emplace_back();
    member.id = id;
    member.instance_id = from.instance_id;
    member.client_id = from.client_id;
    member.client_host = from.client_host;
    member.session_timeout_ms = from.classic->session_timeout_ms;
    member.rebalance_timeout_ms = from.rebalance_timeout_ms;
    for (const auto& protocol : from.classic->supported_protocols)
      member.protocols.push_back({protocol.name, protocol.metadata});
    member.assignment = write_assignment(target(id), step.topics, member.protocols.front().metadata);
  }
  return saved;
}

}  // namespace ledge::state
