// SPDX-License-Identifier: Apache-2.0
#include "state/groups/group_coordinator.h"

#include <algorithm>

namespace ledge::state {

GroupCoordinator::GroupCoordinator(const CoordinatorOptions& options, const Topics& topics,
                                   std::function<std::string()> unique_text)
    : options_(options), topics_(topics), unique_text_(std::move(unique_text)) {
  constexpr auto kMost = static_cast<std::int32_t>(limits::group_members_max);
  options_.group.members_max = std::min(options_.group.members_max, kMost);
  options_.consumer.members_max = std::min(options_.consumer.members_max, kMost);
}

GroupCoordinator::Entry& GroupCoordinator::obtain(std::string_view id, WallMs wall) {
  auto it = groups_.find(id);
  if (it == groups_.end()) {
    it = groups_.emplace(std::string{id}, Entry{}).first;
    new_classic(it->second, id, wall);
  }
  return it->second;
}

ClassicGroup& GroupCoordinator::new_classic(Entry& entry, std::string_view id, WallMs wall) {
  entry.consumer.reset();
  entry.write_whole = false;
  entry.classic = std::make_unique<ClassicGroup>(std::string{id}, options_.group, wall);
  return *entry.classic;
}

const ClassicGroup* GroupCoordinator::find(std::string_view id) const {
  auto it = groups_.find(id);
  return it == groups_.end() ? nullptr : it->second.classic.get();
}

const ConsumerGroup* GroupCoordinator::find_consumer(std::string_view id) const {
  auto it = groups_.find(id);
  return it == groups_.end() ? nullptr : it->second.consumer.get();
}

std::vector<GroupCoordinator::AnyGroup> GroupCoordinator::all() const {
  std::vector<AnyGroup> list;
  for (const auto& [id, entry] : groups_) list.push_back({entry.classic.get(), entry.consumer.get()});
  return list;
}

// --- membership
// -----------------------------------------------------------------------------------------------------

std::string GroupCoordinator::member_id_for(const JoinRequest& request) const {
  return request.instance_id.value_or(request.client_id) + "-" + unique_text_();
}

void GroupCoordinator::join(std::string_view group, JoinRequest request, Instant now, WallMs wall,
                            CoordinatorEffects& out) {
  const auto refuse = [&](ErrorCode error) {
    JoinAnswer answer;
    answer.error = error;
    answer.member_id = request.member_id;
    out.answers.joins.emplace_back(request.ticket, std::move(answer));
  };
  if (group.empty()) return refuse(ErrorCode::InvalidGroupId);
  const bool known = groups_.contains(group);
  // A client that names a member id was in the group once; a group that does not exist has no members.
  if (!known && !request.member_id.empty()) return refuse(ErrorCode::UnknownMemberId);
  if (!known && std::cmp_greater_equal(groups_.size(), options_.groups_max))
    return refuse(ErrorCode::CoordinatorNotAvailable);
  Entry& entry = obtain(group, wall);
  if (entry.consumer) {
    if (!entry.consumer->members().empty()) return join_consumer(entry, std::move(request), now, wall, out);
    entry.consumer->bury(out.records);
    new_classic(entry, group, wall);
  }
  GroupEffects effects;
  std::string new_id = request.member_id.empty() ? member_id_for(request) : std::string{};
  entry.classic->join(std::move(request), std::move(new_id), now, wall, effects);
  settle(entry, std::move(effects), out);
  forget_if_nothing_is_left(group);
}

void GroupCoordinator::sync(std::string_view group, SyncRequest request, Instant now, WallMs wall,
                            CoordinatorEffects& out) {
  auto it = groups_.find(group);
  if (group.empty() || it == groups_.end()) {
    SyncAnswer answer;
    answer.error = group.empty() ? ErrorCode::InvalidGroupId : ErrorCode::UnknownMemberId;
    out.answers.syncs.emplace_back(request.ticket, std::move(answer));
    return;
  }
  if (it->second.consumer) {
    std::vector<GroupRecord> none;
    auto answer = it->second.consumer->sync(request, {topics_, now, wall, none});
    out.answers.syncs_when_durable.emplace_back(request.ticket, std::move(answer));
    set_timer(group, it->second);
    return;
  }
  GroupEffects effects;
  it->second.classic->sync(std::move(request), now, wall, effects);
  settle(it->second, std::move(effects), out);
}

ErrorCode GroupCoordinator::heartbeat(std::string_view group, std::string_view member,
                                      const std::optional<std::string>& instance, std::int32_t generation,
                                      Instant now) {
  if (group.empty()) return ErrorCode::InvalidGroupId;
  auto it = groups_.find(group);
  if (it == groups_.end()) return ErrorCode::UnknownMemberId;
  Entry& entry = it->second;
  const ErrorCode error = entry.consumer
                              ? entry.consumer->classic_heartbeat(member, instance, generation, now)
                              : entry.classic->heartbeat(member, instance, generation, now);
  set_timer(group, it->second);
  return error;
}

ErrorCode GroupCoordinator::leave(std::string_view group, std::string_view member,
                                  const std::optional<std::string>& instance, Instant now, WallMs wall,
                                  CoordinatorEffects& out) {
  if (group.empty()) return ErrorCode::InvalidGroupId;
  auto it = groups_.find(group);
  if (it == groups_.end()) return ErrorCode::UnknownMemberId;
  if (it->second.consumer) {
    std::string found;
    const ErrorCode error = it->second.consumer->find_leaving(member, instance, found);
    if (error == ErrorCode::None) fence(it->second, {found}, now, wall, out);
    return error;
  }
  GroupEffects effects;
  const ErrorCode error = it->second.classic->leave(member, instance, now, wall, effects);
  settle(it->second, std::move(effects), out);
  return error;
}

ErrorCode GroupCoordinator::remove(std::string_view group, CoordinatorEffects& out) {
  auto it = groups_.find(group);
  if (it == groups_.end()) return ErrorCode::GroupIdNotFound;
  Entry& entry = it->second;
  const bool empty =
      entry.consumer ? entry.consumer->members().empty()
                     : entry.classic->state() == GroupState::Empty && !entry.classic->has_pending_members();
  if (!empty) return ErrorCode::NonEmptyGroup;
  for (const auto& [which, offset] : entry.offsets) append_offset_tombstone(group, which, out);
  if (entry.consumer)
    entry.consumer->bury(out.records);
  else
    out.records.push_back({encode_key(GroupKey{std::string{group}}), std::nullopt});
  erase(it);
  return ErrorCode::None;
}

void GroupCoordinator::settle_answers(GroupEffects&& effects, CoordinatorEffects& out) {
  const auto move_all = [](auto& from, auto& to) {
    for (auto& each : from) to.push_back(std::move(each));
  };
  move_all(effects.joins, out.answers.joins);
  move_all(effects.syncs, out.answers.syncs);
  move_all(effects.joins_when_durable, out.answers.joins_when_durable);
  move_all(effects.syncs_when_durable, out.answers.syncs_when_durable);
}

void GroupCoordinator::settle(Entry& entry, GroupEffects&& effects, CoordinatorEffects& out) {
  const bool record_changed = effects.record_changed;
  settle_answers(std::move(effects), out);
  if (record_changed) {
    out.answers.record_changed = true;
    out.classic_groups.insert(entry.classic->id());
    out.records.push_back({encode_key(GroupKey{entry.classic->id()}), encode_value(*entry.classic)});
  }
  set_timer(entry.classic->id(), entry);
}

void GroupCoordinator::settle(Entry& entry, std::vector<GroupRecord>&& records, CoordinatorEffects& out) {
  const std::string& id = entry.consumer->id();
  if (std::exchange(entry.write_whole, false))
    for (GroupRecord& record : entry.consumer->save()) records.push_back(std::move(record));
  if (!records.empty()) out.consumer_groups.insert(id);
  for (GroupRecord& record : records) out.records.push_back(std::move(record));
  set_timer(id, entry);
}

void GroupCoordinator::erase(Groups::iterator at) {
  timers_.set(at->first, std::nullopt);
  offset_count_ -= static_cast<std::int64_t>(at->second.offsets.size());
  groups_.erase(at);
}

// --- consumer groups

ConsumerAnswer GroupCoordinator::consumer_heartbeat(std::string_view id, ConsumerHeartbeat request,
                                                    Instant now, WallMs wall, CoordinatorEffects& out) {
  const std::string name{id};
  if (request.assignor) {
    const auto wanted = find_assignor(*request.assignor);
    const auto& offered = options_.consumer.assignors;
    if (!wanted || !std::ranges::count(offered, *wanted)) {
      std::string names;
      for (const Assignor each : offered)
        names += (names.empty() ? "" : ", ") + std::string{assignor_name(each)};
      return consumer_refused(
          ErrorCode::UnsupportedAssignor,
          "ServerAssignor " + *request.assignor + " is not supported. Supported assignors: " + names + ".");
    }
  }
  if (request.topics) {
    std::size_t bytes = 0;
    for (const std::string& topic : *request.topics) bytes += topic.size();
    if (std::cmp_greater(request.topics->size(), limits::group_subscription_topics_max) ||
        std::cmp_greater(bytes, limits::group_metadata_bytes_max))
      return consumer_refused(ErrorCode::InvalidRequest,
                              "SubscribedTopicNames has more than " +
                                  std::to_string(limits::group_subscription_topics_max) +
                                  " names, or too long ones.");
  }
  if (request.member_id.empty()) request.member_id = unique_text_();
  std::vector<GroupRecord> records;
  const ConsumerGroup::Step step{topics_, now, wall, records};
  const bool joins = request.epoch == 0, leaves = request.epoch < 0;
  auto it = groups_.find(id);
  if (it == groups_.end()) {
    if (!joins)
      return consumer_refused(ErrorCode::GroupIdNotFound,
                              (leaves ? "Group " : "Consumer group ") + name + " not found.");
    if (std::cmp_greater_equal(groups_.size(), options_.groups_max))
      return consumer_refused(ErrorCode::CoordinatorNotAvailable, "There are too many groups.");
  }
  const bool consumer = it != groups_.end() && it->second.consumer;
  if (consumer) {
    ConsumerGroup& group = *it->second.consumer;
    std::string gone;
    auto answer = leaves ? group.leave(request, gone, step) : group.heartbeat(request, step);
    settle(it->second, std::move(records), out);
    if (!gone.empty()) fence(it->second, {gone}, now, wall, out);
    return answer;
  }
  // A new group, or one of the other kind that becomes one of this. Nothing of it is left if it is refused.
  std::unique_ptr<ConsumerGroup> group;
  if (it != groups_.end()) {
    const ClassicGroup& classic = *it->second.classic;
    if (!joins)
      return consumer_refused(ErrorCode::GroupIdNotFound, "Group " + name + " is not a consumer group.");
    records.push_back({encode_key(GroupKey{name}), std::nullopt});
    if (!classic.members().empty()) {
      auto converted = ConsumerGroup::from_classic(classic, options_.consumer, step);
      if (!converted) return consumer_refused(converted.error().code, converted.error().detail);
      group = std::move(*converted);
    }
  }
  if (!group) group = std::make_unique<ConsumerGroup>(name, options_.consumer);
  auto answer = group->heartbeat(request, step);
  if (answer.error != ErrorCode::None) return answer;
  Entry& entry = groups_[name];
  if (entry.classic) {
    GroupEffects effects;
    entry.classic->kill(effects, ErrorCode::RebalanceInProgress);
    settle_answers(std::move(effects), out);
  }
  entry.classic.reset();
  entry.consumer = std::move(group);
  settle(entry, std::move(records), out);
  return answer;
}

void GroupCoordinator::join_consumer(Entry& entry, JoinRequest&& request, Instant now, WallMs wall,
                                     CoordinatorEffects& out) {
  const Ticket ticket = request.ticket;
  if (request.session_timeout_ms < options_.group.session_timeout_min_ms ||
      request.session_timeout_ms > options_.group.session_timeout_max_ms) {
    JoinAnswer refused;
    refused.error = ErrorCode::InvalidSessionTimeout;
    refused.member_id = request.member_id;
    out.answers.joins.emplace_back(ticket, std::move(refused));
    return;
  }
  std::vector<GroupRecord> records;
  bool downgrade = false, rebalance = false;
  auto answer = entry.consumer->join(request, member_id_for(request), downgrade, rebalance,
                                     {topics_, now, wall, records});
  out.answers.joins_when_durable.emplace_back(ticket, std::move(answer));
  if (downgrade)
    become_classic(entry, {}, rebalance, std::move(records), now, wall, out);
  else
    settle(entry, std::move(records), out);
}

void GroupCoordinator::fence(Entry& entry, const std::set<std::string>& members, Instant now, WallMs wall,
                             CoordinatorEffects& out) {
  std::vector<GroupRecord> records;
  if (entry.consumer->is_classic_without(members))
    return become_classic(entry, members, true, std::move(records), now, wall, out);
  entry.consumer->remove(members, {topics_, now, wall, records});
  settle(entry, std::move(records), out);
}

void GroupCoordinator::become_classic(Entry& entry, const std::set<std::string>& leaving, bool rebalance,
                                      std::vector<GroupRecord>&& records, Instant now, WallMs wall,
                                      CoordinatorEffects& out) {
  const std::string id = entry.consumer->id();
  auto saved = entry.consumer->to_classic(leaving, {topics_, now, wall, records});
  entry.consumer->bury(records);
  ClassicGroup& classic = new_classic(entry, id, wall);
  classic.adopt(std::move(saved), now);
  records.push_back({encode_key(GroupKey{id}), encode_value(classic)});
  for (GroupRecord& record : records) out.records.push_back(std::move(record));
  GroupEffects effects;
  if (rebalance) classic.rebalance(now, wall, effects);
  settle(entry, std::move(effects), out);
}

ErrorCode GroupCoordinator::check_fetch(std::string_view group, const std::optional<std::string>& member,
                                        std::int32_t epoch) const {
  const ConsumerGroup* consumer = find_consumer(group);
  return consumer ? consumer->check_fetch(member, epoch) : ErrorCode::None;
}

void GroupCoordinator::not_written(const std::set<std::string>& consumer_groups,
                                   const std::set<std::string>& classic_groups, Instant now, WallMs wall,
                                   CoordinatorEffects& out) {
  for (const std::string& id : consumer_groups)
    if (auto it = groups_.find(id); it != groups_.end() && it->second.consumer) it->second.write_whole = true;
  for (const std::string& id : classic_groups) {
    const auto it = groups_.find(id);
    if (it == groups_.end() || !it->second.classic) continue;
    GroupEffects effects;
    it->second.classic->not_written(now, wall, effects);
    settle(it->second, std::move(effects), out);
  }
}

void GroupCoordinator::recovered(Instant now) {
  for (auto& [id, entry] : groups_) {
    if (!entry.consumer) continue;
    entry.consumer->extend_sessions(now);
    set_timer(id, entry);
  }
}

// --- time
// -----------------------------------------------------------------------------------------------------------

void GroupCoordinator::set_timer(std::string_view id, const Entry& entry) {
  timers_.set(id, entry.consumer ? entry.consumer->deadline() : entry.classic->deadline());
}

std::optional<Instant> GroupCoordinator::deadline() const { return timers_.next(); }

void GroupCoordinator::advance(Instant now, WallMs wall, CoordinatorEffects& out) {
  while (const auto id = timers_.take_due(now)) {
    Entry& entry = groups_.find(*id)->second;
    if (entry.consumer) {
      fence(entry, entry.consumer->take_due(now), now, wall, out);
      continue;
    }
    GroupEffects effects;
    entry.classic->advance(now, wall, effects);
    settle(entry, std::move(effects), out);
    forget_if_nothing_is_left(*id);
  }
}

void GroupCoordinator::extend_sessions(Instant now) {
  for (auto& [id, entry] : groups_) {
    entry.consumer ? entry.consumer->extend_sessions(now) : entry.classic->extend_sessions(now);
    set_timer(id, entry);
  }
}

void GroupCoordinator::forget_if_nothing_is_left(std::string_view id) {
  auto it = groups_.find(id);
  if (it == groups_.end() || it->second.consumer) return;
  const ClassicGroup& group = *it->second.classic;
  // Of a group that never had a generation nothing is on the disk: a refused join leaves no trace.
  if (group.generation() > 0 || !group.members().empty() || group.has_pending_members() ||
      !it->second.offsets.empty() || group.state() != GroupState::Empty)
    return;
  erase(it);
}

// --- offsets
// --------------------------------------------------------------------------------------------------------

std::vector<ErrorCode> GroupCoordinator::commit(const CommitRequest& request, Instant now, WallMs wall,
                                                CoordinatorEffects& out) {
  const auto all = [&](ErrorCode error) { return std::vector<ErrorCode>(request.offsets.size(), error); };
  auto it = groups_.find(request.group);
  if (it == groups_.end()) {
    if (request.generation >= 0) return all(request.unknown_group);
    if (std::cmp_greater_equal(groups_.size(), options_.groups_max))
      return all(ErrorCode::CoordinatorNotAvailable);
  } else {
    Entry& entry = it->second;
    const ErrorCode error =
        entry.consumer
            ? entry.consumer->check_commit(request.member_id, request.generation, request.modern)
            : entry.classic->check_commit(request.member_id, request.instance_id, request.generation, now);
    set_timer(it->first, entry);
    if (error != ErrorCode::None) return all(error);
  }
  std::vector<ErrorCode> errors;
  for (const OffsetToCommit& offset : request.offsets) {
    if (std::cmp_greater(offset.metadata.size(), options_.offset_metadata_bytes_max)) {
      errors.push_back(ErrorCode::OffsetMetadataTooLarge);
    } else if (offset_count_ + std::ssize(out.records) >= options_.offsets_max &&
               !committed(request.group, offset.topic, offset.partition)) {
      errors.push_back(ErrorCode::InvalidCommitOffsetSize);
    } else {
      const CommittedOffset value{offset.offset, offset.leader_epoch, offset.metadata, wall,
                                  request.retention_ms >= 0 ? wall + request.retention_ms : -1};
      out.records.push_back(
          {encode_key(OffsetKey{request.group, offset.topic, offset.partition}), encode_value(value)});
      errors.push_back(ErrorCode::None);
    }
  }
  return errors;
}

const GroupCoordinator::Offsets* GroupCoordinator::committed(std::string_view group) const {
  auto it = groups_.find(group);
  return it == groups_.end() ? nullptr : &it->second.offsets;
}

const CommittedOffset* GroupCoordinator::committed(std::string_view group, std::string_view topic,
                                                   std::int32_t partition) const {
  const Offsets* offsets = committed(group);
  if (!offsets) return nullptr;
  auto it = offsets->find(std::pair{std::string{topic}, partition});
  return it == offsets->end() ? nullptr : &it->second;
}

void GroupCoordinator::append_offset_tombstone(std::string_view group,
                                               const std::pair<std::string, std::int32_t>& which,
                                               CoordinatorEffects& out) const {
  out.records.push_back({encode_key(OffsetKey{std::string{group}, which.first, which.second}), std::nullopt});
}

ErrorCode GroupCoordinator::remove_offset(std::string_view group, std::string_view topic,
                                          std::int32_t partition, CoordinatorEffects& out) {
  if (committed(group, topic, partition))
    append_offset_tombstone(group, {std::string{topic}, partition}, out);
  return ErrorCode::None;
}

void GroupCoordinator::topic_deleted(std::string_view topic, CoordinatorEffects& out) {
  for (const auto& [id, entry] : groups_) {
    for (auto it = entry.offsets.lower_bound(std::pair{std::string{topic}, INT32_MIN});
         it != entry.offsets.end() && it->first.first == topic; ++it)
      append_offset_tombstone(id, it->first, out);
  }
}

void GroupCoordinator::expire_offsets(WallMs wall, CoordinatorEffects& out) {
  for (const auto& [id, entry] : groups_) {
    // A classic group with members keeps its offsets (KIP-211); a group without a protocol type never had any
    // members. A consumer group keeps those of the topics that it reads.
    const ClassicGroup* classic = entry.classic.get();
    if (classic && classic->state() != GroupState::Empty) continue;
    const bool by_commit = !classic || !classic->protocol_type();
    bool all_gone = true;
    for (const auto& [which, offset] : entry.offsets) {
      const WallMs since =
          by_commit ? offset.committed_at : std::max(classic->state_since(), offset.committed_at);
      const WallMs ends = offset.expires_at >= 0 ? offset.expires_at : since + options_.offsets_retention_ms;
      const bool kept = wall < ends || (entry.consumer && entry.consumer->subscribes(which.first));
      if (kept)
        all_gone = false;
      else
        append_offset_tombstone(id, which, out);
    }
    if (!all_gone) continue;
    if (classic && !classic->has_pending_members() && classic->generation() > 0)
      out.records.push_back({encode_key(GroupKey{id}), std::nullopt});
    if (entry.consumer && entry.consumer->members().empty()) entry.consumer->bury(out.records);
  }
}

// --- state
// ----------------------------------------------------------------------------------------------------------

Result<void> GroupCoordinator::apply(ByteView key_bytes, const std::optional<ByteView>& value,
                                     bool recovering, Instant now) {
  TRY(const GroupRecordKey key, decode_group_record_key(key_bytes));
  if (const auto* offset_key = std::get_if<OffsetKey>(&key)) {
    const std::pair which{offset_key->topic, offset_key->partition};
    if (!value) {
      if (auto it = groups_.find(offset_key->group); it != groups_.end())
        offset_count_ -= static_cast<std::int64_t>(it->second.offsets.erase(which));
      forget_if_nothing_is_left(offset_key->group);
      return {};
    }
    TRY(CommittedOffset offset, decode_committed_offset(*value));
    Offsets& offsets = obtain(offset_key->group, offset.committed_at).offsets;
    offset_count_ += offsets.insert_or_assign(which, std::move(offset)).second;
  } else if (const auto* group_key = std::get_if<GroupKey>(&key)) {
    return apply_classic(*group_key, value, recovering, now);
  } else if (const auto* consumer_key = std::get_if<ConsumerKey>(&key)) {
    return apply_consumer(*consumer_key, value, recovering);
  }
  return {};
}

Result<void> GroupCoordinator::apply_classic(const GroupKey& key, const std::optional<ByteView>& value,
                                             bool recovering, Instant now) {
  auto it = groups_.find(key.group);
  if (!recovering) {
    if (it != groups_.end()) it->second.record = value ? Bytes{value->begin(), value->end()} : Bytes{};
    // At run time the group itself is ahead of its record; a tombstone of one that lives again, or has become
    // one of the other kind, changes nothing.
    if (!value && it != groups_.end() && it->second.classic && it->second.classic->members().empty() &&
        it->second.offsets.empty() && it->second.classic->state() == GroupState::Empty &&
        !it->second.classic->has_pending_members())
      erase(it);
    return {};
  }
  if (!value) {
    // The group goes; offsets have tombstones of their own.
    if (it == groups_.end()) return {};
    it->second.record.clear();
    new_classic(it->second, key.group, -1);
    set_timer(key.group, it->second);
    forget_if_nothing_is_left(key.group);
    return {};
  }
  TRY(ClassicGroup::Saved saved, decode_group(*value));
  Entry& entry = obtain(key.group, saved.state_since);
  entry.record.assign(value->begin(), value->end());
  ClassicGroup& group = new_classic(entry, key.group, saved.state_since);
  group.restore(std::move(saved), now);
  set_timer(key.group, entry);
  return {};
}

Result<void> GroupCoordinator::apply_consumer(const ConsumerKey& key, const std::optional<ByteView>& value,
                                              bool recovering) {
  auto it = groups_.find(key.group);
  const bool gone = key.kind == ConsumerKey::Kind::Group && !value;
  if (!recovering) {
    // It was applied when it was made, but for the end of the group, which leaves nothing to apply it to.
    if (gone && it != groups_.end() && it->second.consumer && it->second.consumer->members().empty() &&
        it->second.offsets.empty())
      erase(it);
    return {};
  }
  if (it == groups_.end() || !it->second.consumer) {
    if (!value) return {};
    if (it == groups_.end()) it = groups_.emplace(key.group, Entry{}).first;
    it->second.classic.reset();
    it->second.consumer = std::make_unique<ConsumerGroup>(key.group, options_.consumer);
  }
  if (gone) {
    new_classic(it->second, key.group, -1);
    forget_if_nothing_is_left(key.group);
    return {};
  }
  return it->second.consumer->apply(key, value);
}

std::vector<GroupRecord> GroupCoordinator::save() const {
  std::vector<GroupRecord> records;
  for (const auto& [id, entry] : groups_) {
    if (entry.consumer) {
      for (GroupRecord& record : entry.consumer->save()) records.push_back(std::move(record));
    } else if (entry.classic->generation() > 0) {
      records.push_back(
          {encode_key(GroupKey{id}), entry.record.empty() ? encode_value(*entry.classic) : entry.record});
    }
    for (const auto& [which, offset] : entry.offsets)
      records.push_back({encode_key(OffsetKey{id, which.first, which.second}), encode_value(offset)});
  }
  return records;
}

}  // namespace ledge::state
