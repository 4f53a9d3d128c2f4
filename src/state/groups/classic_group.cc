// SPDX-License-Identifier: Apache-2.0
#include "state/groups/classic_group.h"

#include <algorithm>

#include "base/check.h"
#include "base/limits.h"

namespace ledge::state {
namespace {

/// A member that joined during a rebalance may wait in it this long, whatever its session timeout says: its
/// client cannot send heartbeats before it is answered (Kafka's NEW_MEMBER_JOIN_TIMEOUT).
constexpr Duration kFreshMemberWait = std::chrono::minutes{5};

/// A member that asks for a shorter wait gets this: with none at all a group of absent static members would
/// spin.
constexpr std::int32_t kRebalanceTimeoutMinMs = 100;

// For sabotage(): the enumerators exist in builds with LEDGE_SABOTAGE only.
constexpr int kCommitOfOldGeneration = 1, kJoinWithoutWaiting = 2;

Duration ms(std::int64_t n) { return std::chrono::milliseconds{n}; }

JoinAnswer join_refused(ErrorCode error, std::string member_id) {
  JoinAnswer answer;
  answer.error = error;
  answer.member_id = std::move(member_id);
  return answer;
}

SyncAnswer sync_refused(ErrorCode error) {
  SyncAnswer answer;
  answer.error = error;
  return answer;
}

}  // namespace

std::string_view group_state_name(GroupState state) {
  switch (state) {
    case GroupState::Empty: return "Empty";
    case GroupState::PreparingRebalance: return "PreparingRebalance";
    case GroupState::CompletingRebalance: return "CompletingRebalance";
    case GroupState::Stable: return "Stable";
    case GroupState::Dead: return "Dead";
  }
  return "Unknown";
}

const Bytes* ClassicGroup::Member::metadata(std::string_view protocol) const {
  auto it = std::ranges::find(protocols, protocol, &GroupProtocol::name);
  return it == protocols.end() ? nullptr : &it->metadata;
}

ClassicGroup::ClassicGroup(std::string id, const GroupOptions& options, WallMs created)
    : id_(std::move(id)), options_(options), state_since_(created) {}

// --- joining
// ------------------------------------------------------------------------------------------------------

void ClassicGroup::join(JoinRequest request, std::string new_member_id, Instant now, WallMs wall,
                        GroupEffects& out) {
  CHECK(request.ticket != 0);
  const auto refuse = [&](ErrorCode error) {
    out.joins.emplace_back(request.ticket, join_refused(error, request.member_id));
  };
  if (request.session_timeout_ms < options_.session_timeout_min_ms ||
      request.session_timeout_ms > options_.session_timeout_max_ms)
    return refuse(ErrorCode::InvalidSessionTimeout);
  if (state_ == GroupState::Dead) return refuse(ErrorCode::CoordinatorNotAvailable);

  const auto known = members_.find(request.member_id);
  const auto waiting = std::ranges::count_if(members_, [](const auto& m) { return m.second.join != 0; });
  const bool has_room =
      state_ == GroupState::Empty ||
      (state_ == GroupState::PreparingRebalance
           ? (known != members_.end() && known->second.join != 0) || waiting < options_.members_max
           : known != members_.end() || std::cmp_less(members_.size(), options_.members_max));
  if (!has_room || !has_room_for(request)) {
    if (known != members_.end()) remove(known, out, ErrorCode::GroupMaxSizeReached);
    pending_.set(request.member_id, std::nullopt);
    return refuse(ErrorCode::GroupMaxSizeReached);
  }
  if (!accepts(request)) return refuse(ErrorCode::InconsistentGroupProtocol);

  if (request.member_id.empty())
    join_new(std::move(request), std::move(new_member_id), now, wall, out);
  else
    join_known(std::move(request), now, wall, out);
}

void ClassicGroup::join_new(JoinRequest&& request, std::string new_member_id, Instant now, WallMs wall,
                            GroupEffects& out) {
  if (request.instance_id) {
    if (auto it = static_members_.find(*request.instance_id); it != static_members_.end()) {
      const std::string old_id = it->second;
      return replace_static(std::move(request), old_id, std::move(new_member_id), now, wall, out);
    }
  } else if (request.requires_known_member_id) {
    if (std::cmp_greater_equal(pending_.size(), options_.members_max)) {
      out.joins.emplace_back(request.ticket, join_refused(ErrorCode::GroupMaxSizeReached, request.member_id));
      return;
    }
    pending_.set(new_member_id, now + ms(request.session_timeout_ms));
    out.joins.emplace_back(request.ticket,
                           join_refused(ErrorCode::MemberIdRequired, std::move(new_member_id)));
    return;
  }
  add(std::move(request), std::move(new_member_id), now, wall, out);
}

void ClassicGroup::join_known(JoinRequest&& request, Instant now, WallMs wall, GroupEffects& out) {
  if (pending_.contains(request.member_id) && !request.instance_id) {
    std::string id = request.member_id;
    return add(std::move(request), std::move(id), now, wall, out);
  }
  if (const ErrorCode error = identify(request.member_id, request.instance_id); error != ErrorCode::None) {
    out.joins.emplace_back(request.ticket, join_refused(error, request.member_id));
    return;
  }
  Member& member = members_.find(request.member_id)->second;
  const bool unchanged = member.protocols == request.protocols;
  // A follower whose protocols are as before gets the generation that is; a leader that joins again wants a
  // new one.
  if (unchanged &&
      (state_ == GroupState::CompletingRebalance || (state_ == GroupState::Stable && leader_ != member.id)))
    return answer_current_generation(member, request.ticket, out);
  rejoin(member, std::move(request), now, wall, out);
}

void ClassicGroup::replace_static(JoinRequest&& request, const std::string& old_id, std::string new_id,
                                  Instant now, WallMs wall, GroupEffects& out) {
  const auto old_leader = leader_;
  auto node = members_.extract(old_id);
  CHECK(!node.empty());
  // Whoever waits under the old id is another process with the same instance id.
  if (Ticket t = std::exchange(node.mapped().join, 0))
    out.joins.emplace_back(t, join_refused(ErrorCode::FencedInstanceId, old_id));
  if (Ticket t = std::exchange(node.mapped().sync, 0))
    out.syncs.emplace_back(t, sync_refused(ErrorCode::FencedInstanceId));
  node.key() = new_id;
  node.mapped().id = new_id;
  Member& member = members_.insert(std::move(node)).position->second;
  static_members_[*request.instance_id] = new_id;
  if (leader_ == old_id) leader_ = new_id;
  sessions_.set(old_id, std::nullopt);
  restart_session(member, now);
  park_join(member, request);

  if (state_ == GroupState::Stable && vote() == protocol_name_) {
    // Nothing to rebalance: the new id takes the old one's place and assignment, once that is on the disk.
    const Ticket ticket = std::exchange(member.join, 0);
    JoinAnswer answer;
    answer.generation = generation_;
    answer.protocol_type = protocol_type_;
    answer.protocol_name = protocol_name_;
    answer.member_id = new_id;
    const bool leads = leader_ == new_id;
    if (member.understands_skip_assignment) {
      answer.leader = *leader_;
      answer.skip_assignment = leads;
      if (leads) answer.members = member_list();
    } else {
      // An older client must not believe that it leads: it would compute an assignment (KIP-345, KIP-814).
      answer.leader = old_leader.value_or("");
    }
    out.record_changed = true;
    out.joins_when_durable.emplace_back(ticket, std::move(answer));
  } else if (state_ == GroupState::PreparingRebalance) {
    complete_join_if_all_are_here(now, wall, out);
  } else {
    prepare_rebalance(now, wall, out);
  }
}

void ClassicGroup::add(JoinRequest&& request, std::string id, Instant now, WallMs wall, GroupEffects& out) {
  if (members_.empty()) protocol_type_ = request.protocol_type;
  pending_.set(id, std::nullopt);
  Member& member = members_[id];
  member.id = id;
  member.instance_id = request.instance_id;
  member.client_id = request.client_id;
  member.client_host = request.client_host;
  member.fresh = true;
  park_join(member, request);
  member.expires = now + kFreshMemberWait;
  sessions_.set(id, member.expires);
  if (member.instance_id) static_members_[*member.instance_id] = id;
  if (!leader_) leader_ = id;
  if (initial_wait_) joined_during_wait_ = true;
  if (state_ == GroupState::PreparingRebalance)
    complete_join_if_all_are_here(now, wall, out);
  else
    prepare_rebalance(now, wall, out);
}

void ClassicGroup::rejoin(Member& member, JoinRequest&& request, Instant now, WallMs wall,
                          GroupEffects& out) {
  if (Ticket earlier =
          std::exchange(member.join, 0))  // the same client asked again; its first call has gone astray
    out.joins.emplace_back(earlier, join_refused(ErrorCode::RebalanceInProgress, member.id));
  park_join(member, request);
  if (state_ == GroupState::PreparingRebalance)
    complete_join_if_all_are_here(now, wall, out);
  else
    prepare_rebalance(now, wall, out);
}

void ClassicGroup::park_join(Member& member, const JoinRequest& request) {
  member.join = request.ticket;
  member.understands_skip_assignment = request.understands_skip_assignment;
  member.session_timeout_ms = request.session_timeout_ms;
  member.rebalance_timeout_ms = request.rebalance_timeout_ms;
  member.protocols = request.protocols;
}

void ClassicGroup::answer_current_generation(const Member& member, Ticket ticket, GroupEffects& out) const {
  JoinAnswer answer;
  answer.generation = generation_;
  answer.protocol_type = protocol_type_;
  answer.protocol_name = protocol_name_;
  answer.leader = leader_.value_or("");
  answer.member_id = member.id;
  if (leader_ == member.id) answer.members = member_list();
  out.joins.emplace_back(ticket, std::move(answer));
}

// --- rebalancing
// --------------------------------------------------------------------------------------------------

void ClassicGroup::prepare_rebalance(Instant now, WallMs wall, GroupEffects& out) {
  for (auto& [id, member] : members_) {
    member.sync_awaited = false;
    if (state_ == GroupState::CompletingRebalance) {
      member.assignment.clear();
      if (Ticket t = std::exchange(member.sync, 0)) {
        out.syncs.emplace_back(t, sync_refused(ErrorCode::RebalanceInProgress));
        restart_session(member, now);
      }
    }
  }
  sync_ends_.reset();
  const bool first = state_ == GroupState::Empty;
  become(GroupState::PreparingRebalance, wall);
  if (first) {
    const std::int32_t delay = options_.initial_rebalance_delay_ms;
    initial_wait_ = true;
    joined_during_wait_ = false;
    initial_wait_left_ = ms(std::max(rebalance_timeout_ms() - delay, 0));
    join_ends_ = now + ms(delay);
  } else {
    join_ends_ = now + ms(rebalance_timeout_ms());
    const bool all_here =
        pending_.size() == 0 && std::ranges::all_of(members_, [](auto& m) { return m.second.join; });
    if (all_here) complete_join(now, wall, out);
  }
}

void ClassicGroup::complete_join_if_all_are_here(Instant now, WallMs wall, GroupEffects& out) {
  // A group that never had a generation waits its initial delay out: its members start one after another.
  if (generation_ == 0 || pending_.size() > 0) return;
  if (sabotage(kJoinWithoutWaiting) ||
      std::ranges::all_of(members_, [](auto& m) { return m.second.join != 0; }))
    complete_join(now, wall, out);
}

bool ClassicGroup::sabotage([[maybe_unused]] int which) const {
#ifdef LEDGE_SABOTAGE
  return static_cast<int>(options_.sabotage) == which;
#else
  return false;
#endif
}

void ClassicGroup::complete_join(Instant now, WallMs wall, GroupEffects& out) {
  CHECK(state_ == GroupState::PreparingRebalance);
  join_ends_.reset();
  initial_wait_ = false;
  for (auto it = members_.begin(); it != members_.end();) {
    auto member = it++;
    if (member->second.join == 0 && !member->second.instance_id)
      remove(member, out, ErrorCode::UnknownMemberId);
  }
  if (!members_.empty()) {
    auto lead = leader_ ? members_.find(*leader_) : members_.end();
    if (lead == members_.end() || lead->second.join == 0)
      lead = std::ranges::find_if(members_, [](const auto& m) { return m.second.join != 0; });
    if (lead == members_.end()) {
      // Only static members are left and none came: wait until one does or their sessions end.
      join_ends_ = now + ms(rebalance_timeout_ms());
      return;
    }
    leader_ = lead->first;
  }
  next_generation(wall);
  if (members_.empty()) {
    out.record_changed = true;
    return;
  }
  for (auto& [id, member] : members_) {
    member.fresh = false;
    member.sync_awaited = true;
    restart_session(member, now);
    if (Ticket ticket = std::exchange(member.join, 0)) answer_current_generation(member, ticket, out);
  }
  sync_ends_ = now + ms(rebalance_timeout_ms());
}

void ClassicGroup::next_generation(WallMs wall) {
  ++generation_;
  if (members_.empty()) {
    protocol_name_.reset();
    become(GroupState::Empty, wall);
  } else {
    protocol_name_ = vote();
    become(GroupState::CompletingRebalance, wall);
  }
}

void ClassicGroup::sync(SyncRequest request, Instant now, WallMs wall, GroupEffects& out) {
  CHECK(request.ticket != 0);
  const auto refuse = [&](ErrorCode error) { out.syncs.emplace_back(request.ticket, sync_refused(error)); };
  if (state_ == GroupState::Dead) return refuse(ErrorCode::CoordinatorNotAvailable);
  if (const ErrorCode error = identify(request.member_id, request.instance_id); error != ErrorCode::None)
    return refuse(error);
  if (request.generation != generation_) return refuse(ErrorCode::IllegalGeneration);
  if ((request.protocol_type && request.protocol_type != protocol_type_) ||
      (request.protocol_name && request.protocol_name != protocol_name_))
    return refuse(ErrorCode::InconsistentGroupProtocol);
  if (state_ == GroupState::PreparingRebalance) return refuse(ErrorCode::RebalanceInProgress);
  CHECK(state_ == GroupState::CompletingRebalance || state_ == GroupState::Stable);

  std::size_t assigned_bytes = 0;
  for (const auto& [id, bytes] : request.assignments) assigned_bytes += bytes.size();
  if (std::cmp_greater(assigned_bytes, limits::group_metadata_bytes_max))
    return refuse(ErrorCode::UnknownServerError);

  Member& member = members_.find(request.member_id)->second;
  member.sync_awaited = false;
  restart_session(member, now);
  if (state_ == GroupState::Stable) {
    out.syncs.emplace_back(request.ticket,
                           SyncAnswer{ErrorCode::None, protocol_type_, protocol_name_, member.assignment});
  } else {
    if (Ticket earlier = std::exchange(member.sync, request.ticket))
      out.syncs.emplace_back(earlier, sync_refused(ErrorCode::RebalanceInProgress));
    if (leader_ == member.id) {
      for (auto& [id, each] : members_) each.assignment.clear();
      for (auto& [id, bytes] : request.assignments)
        if (auto it = members_.find(id); it != members_.end()) it->second.assignment = std::move(bytes);
      become(GroupState::Stable, wall);
      out.record_changed = true;
      for (auto& [id, each] : members_) {
        if (Ticket t = std::exchange(each.sync, 0)) {
          restart_session(each, now);
          out.syncs_when_durable.emplace_back(
              t, SyncAnswer{ErrorCode::None, protocol_type_, protocol_name_, each.assignment});
        }
      }
    }
  }
  if (std::ranges::none_of(members_, [](const auto& m) { return m.second.sync_awaited; })) sync_ends_.reset();
}

// --- staying and leaving
// --------------------------------------------------------------------------------------------

ErrorCode ClassicGroup::heartbeat(std::string_view member, const std::optional<std::string>& instance,
                                  std::int32_t generation, Instant now) {
  if (state_ == GroupState::Dead) return ErrorCode::CoordinatorNotAvailable;
  if (const ErrorCode error = identify(member, instance); error != ErrorCode::None) return error;
  if (generation != generation_) return ErrorCode::IllegalGeneration;
  restart_session(members_.find(member)->second, now);
  return state_ == GroupState::PreparingRebalance ? ErrorCode::RebalanceInProgress : ErrorCode::None;
}

ErrorCode ClassicGroup::leave(std::string_view member, const std::optional<std::string>& instance,
                              Instant now, WallMs wall, GroupEffects& out) {
  if (state_ == GroupState::Dead) return ErrorCode::CoordinatorNotAvailable;
  auto leaving = members_.end();
  if (member.empty()) {
    auto it = instance ? static_members_.find(*instance) : static_members_.end();
    if (it == static_members_.end()) return ErrorCode::UnknownMemberId;
    leaving = members_.find(it->second);
  } else if (pending_.contains(member) && !instance) {
    pending_.set(member, std::nullopt);
    if (state_ == GroupState::PreparingRebalance) complete_join_if_all_are_here(now, wall, out);
    return ErrorCode::None;
  } else {
    if (const ErrorCode error = identify(member, instance); error != ErrorCode::None) return error;
    leaving = members_.find(member);
  }
  remove(leaving, out, ErrorCode::UnknownMemberId);
  member_gone(now, wall, out);
  return ErrorCode::None;
}

ErrorCode ClassicGroup::check_commit(std::string_view member, const std::optional<std::string>& instance,
                                     std::int32_t generation, Instant now) {
  if (state_ == GroupState::Dead) return ErrorCode::CoordinatorNotAvailable;
  if (generation < 0 && state_ == GroupState::Empty)
    return ErrorCode::None;  // admin tools, consumers without a group
  if (generation < 0 && member.empty() && !instance) return ErrorCode::UnknownMemberId;
  if (const ErrorCode error = identify(member, instance); error != ErrorCode::None) return error;
  if (generation != generation_ && !sabotage(kCommitOfOldGeneration)) return ErrorCode::IllegalGeneration;
  if (state_ == GroupState::CompletingRebalance) return ErrorCode::RebalanceInProgress;
  restart_session(members_.find(member)->second, now);
  return ErrorCode::None;
}

void ClassicGroup::remove(Members::iterator at, GroupEffects& out, ErrorCode why) {
  Member& member = at->second;
  if (Ticket t = std::exchange(member.join, 0)) out.joins.emplace_back(t, join_refused(why, member.id));
  if (Ticket t = std::exchange(member.sync, 0)) out.syncs.emplace_back(t, sync_refused(why));
  if (member.instance_id) static_members_.erase(*member.instance_id);
  const bool led = leader_ == member.id;
  sessions_.set(member.id, std::nullopt);
  members_.erase(at);
  if (led) leader_ = members_.empty() ? std::nullopt : std::optional{members_.begin()->first};
}

void ClassicGroup::member_gone(Instant now, WallMs wall, GroupEffects& out) {
  if (state_ == GroupState::Stable || state_ == GroupState::CompletingRebalance)
    prepare_rebalance(now, wall, out);
  else if (state_ == GroupState::PreparingRebalance)
    complete_join_if_all_are_here(now, wall, out);
}

// --- time
// ---------------------------------------------------------------------------------------------------------

std::optional<Instant> ClassicGroup::deadline() const {
  std::optional<Instant> earliest;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  consider(join_ends_);
  consider(sync_ends_);
  consider(pending_.next());
  consider(sessions_.next());
  return earliest;
}

void ClassicGroup::advance(Instant now, WallMs wall, GroupEffects& out) {
  if (state_ == GroupState::Dead) return;
  while (pending_.take_due(now)) {
  }
  bool gone = false;
  while (const auto id = sessions_.take_due(now)) {
    const auto member = members_.find(*id);
    const bool parked = member->second.join || member->second.sync;
    if (parked && !member->second.fresh) continue;  // its session starts anew with the answer
    remove(member, out, ErrorCode::UnknownMemberId);
    gone = true;
  }
  if (gone) member_gone(now, wall, out);
  if (sync_ends_ && *sync_ends_ <= now) {
    sync_ends_.reset();
    for (auto it = members_.begin(); it != members_.end();) {
      auto member = it++;
      if (member->second.sync_awaited) remove(member, out, ErrorCode::UnknownMemberId);
    }
    prepare_rebalance(now, wall, out);
  }
  if (join_ends_ && *join_ends_ <= now) {
    if (initial_wait_ && joined_during_wait_ && initial_wait_left_ > Duration::zero()) {
      joined_during_wait_ = false;
      const Duration delay = std::min(ms(options_.initial_rebalance_delay_ms), initial_wait_left_);
      initial_wait_left_ -= delay;
      join_ends_ = now + delay;
    } else {
      complete_join(now, wall, out);
    }
  } else if (state_ == GroupState::PreparingRebalance) {
    complete_join_if_all_are_here(now, wall, out);
  }
}

void ClassicGroup::extend_sessions(Instant now) {
  for (auto& [id, member] : members_) restart_session(member, now);
  if (join_ends_) join_ends_ = now + ms(rebalance_timeout_ms());
  if (sync_ends_) sync_ends_ = now + ms(rebalance_timeout_ms());
}

void ClassicGroup::not_written(Instant now, WallMs wall, GroupEffects& out) {
  if (state_ != GroupState::Stable) return;
  for (auto& [id, member] : members_) member.assignment.clear();
  prepare_rebalance(now, wall, out);
}

void ClassicGroup::restart_session(Member& member, Instant now) {
  member.expires = now + (member.fresh ? kFreshMemberWait : ms(member.session_timeout_ms));
  sessions_.set(member.id, member.expires);
}

// --- state
// --------------------------------------------------------------------------------------------------------

void ClassicGroup::restore(Saved saved, Instant now) {
  CHECK(members_.empty() && state_ == GroupState::Empty);
  generation_ = saved.generation;
  if (!saved.protocol_type.empty()) protocol_type_ = std::move(saved.protocol_type);
  protocol_name_ = std::move(saved.protocol_name);
  leader_ = std::move(saved.leader);
  for (Member& member : saved.members) {
    restart_session(member, now);
    if (member.instance_id) static_members_[*member.instance_id] = member.id;
    std::string id = member.id;
    members_.emplace(std::move(id), std::move(member));
  }
  if (leader_ && !members_.contains(*leader_)) leader_.reset();
  state_ = members_.empty() ? GroupState::Empty : GroupState::Stable;
  state_since_ = saved.state_since;
}

void ClassicGroup::adopt(Saved saved, Instant now) {
  restore(std::move(saved), now);
  protocol_name_ = vote();
}

void ClassicGroup::kill(GroupEffects& out, ErrorCode why) {
  while (!members_.empty()) remove(members_.begin(), out, why);
  pending_.clear();
  join_ends_.reset();
  sync_ends_.reset();
  state_ = GroupState::Dead;
}

void ClassicGroup::become(GroupState state, WallMs wall) {
  state_ = state;
  state_since_ = wall;
}

bool ClassicGroup::accepts(const JoinRequest& request) const {
  if (request.protocol_type.empty() || request.protocols.empty()) return false;
  if (members_.empty()) return true;
  if (request.protocol_type != protocol_type_) return false;
  // A protocol that every member has, the one that joins included.
  return std::ranges::any_of(request.protocols, [&](const GroupProtocol& offered) {
    return std::ranges::all_of(members_,
                               [&](const auto& m) { return m.second.metadata(offered.name) != nullptr; });
  });
}

/// In memory and in the group's record.
bool ClassicGroup::has_room_for(const JoinRequest& request) const {
  const auto bytes = [](const std::vector<GroupProtocol>& protocols) {
    std::size_t n = 0;
    for (const GroupProtocol& each : protocols) n += each.name.size() + each.metadata.size();
    return n;
  };
  std::size_t total = bytes(request.protocols);
  for (const auto& [id, member] : members_)
    if (id != request.member_id) total += bytes(member.protocols);
  return std::cmp_less_equal(total, limits::group_metadata_bytes_max);
}

std::string ClassicGroup::vote() const {
  CHECK(!members_.empty());
  std::map<std::string_view, int> votes;
  for (const auto& [id, member] : members_) {
    for (const GroupProtocol& protocol : member.protocols) {
      const bool common =
          std::ranges::all_of(members_, [&](const auto& m) { return m.second.metadata(protocol.name); });
      if (!common) continue;
      ++votes[protocol.name];
      break;
    }
  }
  // accepts() lets nobody in who would leave no common protocol, but a member may have come back with fewer.
  if (votes.empty()) return members_.begin()->second.protocols.front().name;
  return std::string{std::ranges::max_element(votes, {}, [](const auto& v) { return v.second; })->first};
}

ErrorCode ClassicGroup::identify(std::string_view member, const std::optional<std::string>& instance) const {
  if (instance) {
    auto it = static_members_.find(*instance);
    if (it == static_members_.end()) return ErrorCode::UnknownMemberId;
    if (it->second != member) return ErrorCode::FencedInstanceId;
  }
  return members_.contains(member) ? ErrorCode::None : ErrorCode::UnknownMemberId;
}

std::int32_t ClassicGroup::rebalance_timeout_ms() const {
  std::int32_t longest = kRebalanceTimeoutMinMs;
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout_ms);
  return longest;
}

std::vector<JoinAnswer::Member> ClassicGroup::member_list() const {
  std::vector<JoinAnswer::Member> list;
  for (const auto& [id, member] : members_) {
    const Bytes* metadata = member.metadata(*protocol_name_);
    list.push_back({id, member.instance_id, metadata ? *metadata : Bytes{}});
  }
  return list;
}

}  // namespace ledge::state
