// SPDX-License-Identifier: Apache-2.0
#include "state/groups/group_coordinator.h"

namespace ledge::state {

GroupCoordinator::GroupCoordinator(const CoordinatorOptions& options,
                                   std::function<std::string()> unique_text)
    : options_(options), unique_text_(std::move(unique_text)) {}

GroupCoordinator::Entry& GroupCoordinator::obtain(std::string_view id, WallMs wall) {
  auto it = groups_.find(id);
  if (it == groups_.end()) {
    it = groups_.emplace(std::string{id}, Entry{}).first;
    it->second.group = std::make_unique<ClassicGroup>(std::string{id}, options_.group, wall);
  }
  return it->second;
}

const ClassicGroup* GroupCoordinator::find(std::string_view id) const {
  auto it = groups_.find(id);
  return it == groups_.end() ? nullptr : it->second.group.get();
}

std::vector<const ClassicGroup*> GroupCoordinator::all() const {
  std::vector<const ClassicGroup*> list;
  for (const auto& [id, entry] : groups_) list.push_back(entry.group.get());
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
  GroupEffects effects;
  std::string new_id = request.member_id.empty() ? member_id_for(request) : std::string{};
  entry.group->join(std::move(request), std::move(new_id), now, wall, effects);
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
  GroupEffects effects;
  it->second.group->sync(std::move(request), now, wall, effects);
  settle(it->second, std::move(effects), out);
}

ErrorCode GroupCoordinator::heartbeat(std::string_view group, std::string_view member,
                                      const std::optional<std::string>& instance, std::int32_t generation,
                                      Instant now) {
  if (group.empty()) return ErrorCode::InvalidGroupId;
  auto it = groups_.find(group);
  return it == groups_.end() ? ErrorCode::UnknownMemberId
                             : it->second.group->heartbeat(member, instance, generation, now);
}

ErrorCode GroupCoordinator::leave(std::string_view group, std::string_view member,
                                  const std::optional<std::string>& instance, Instant now, WallMs wall,
                                  CoordinatorEffects& out) {
  if (group.empty()) return ErrorCode::InvalidGroupId;
  auto it = groups_.find(group);
  if (it == groups_.end()) return ErrorCode::UnknownMemberId;
  GroupEffects effects;
  const ErrorCode error = it->second.group->leave(member, instance, now, wall, effects);
  settle(it->second, std::move(effects), out);
  return error;
}

ErrorCode GroupCoordinator::remove(std::string_view group, CoordinatorEffects& out) {
  auto it = groups_.find(group);
  if (it == groups_.end()) return ErrorCode::GroupIdNotFound;
  Entry& entry = it->second;
  if (entry.group->state() != GroupState::Empty || entry.group->has_pending_members())
    return ErrorCode::NonEmptyGroup;
  for (const auto& [which, offset] : entry.offsets) append_offset_tombstone(group, which, out);
  out.records.push_back({encode_key(GroupKey{std::string{group}}), std::nullopt});
  if (entry.timer) timers_.erase({*entry.timer, std::string{group}});
  offset_count_ -= static_cast<std::int64_t>(entry.offsets.size());
  groups_.erase(it);
  return ErrorCode::None;
}

void GroupCoordinator::settle(Entry& entry, GroupEffects&& effects, CoordinatorEffects& out) {
  const auto move_all = [](auto& from, auto& to) {
    for (auto& each : from) to.push_back(std::move(each));
  };
  move_all(effects.joins, out.answers.joins);
  move_all(effects.syncs, out.answers.syncs);
  move_all(effects.joins_when_durable, out.answers.joins_when_durable);
  move_all(effects.syncs_when_durable, out.answers.syncs_when_durable);
  if (effects.record_changed) {
    out.answers.record_changed = true;
    out.records.push_back({encode_key(GroupKey{entry.group->id()}), encode_value(*entry.group)});
  }
  set_timer(entry);
}

// --- time
// -----------------------------------------------------------------------------------------------------------

void GroupCoordinator::set_timer(Entry& entry) {
  const auto wanted = entry.group->deadline();
  if (!wanted || (entry.timer && *entry.timer <= *wanted)) return;
  if (entry.timer) timers_.erase({*entry.timer, entry.group->id()});
  entry.timer = wanted;
  timers_.emplace(*wanted, entry.group->id());
}

std::optional<Instant> GroupCoordinator::deadline() const {
  return timers_.empty() ? std::nullopt : std::optional{timers_.begin()->first};
}

void GroupCoordinator::advance(Instant now, WallMs wall, CoordinatorEffects& out) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const std::string id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    Entry& entry = groups_.find(id)->second;
    entry.timer.reset();
    GroupEffects effects;
    entry.group->advance(now, wall, effects);
    settle(entry, std::move(effects), out);
    forget_if_nothing_is_left(id);
  }
}

void GroupCoordinator::extend_sessions(Instant now) {
  for (auto& [id, entry] : groups_) entry.group->extend_sessions(now);
}

void GroupCoordinator::forget_if_nothing_is_left(std::string_view id) {
  auto it = groups_.find(id);
  if (it == groups_.end()) return;
  const ClassicGroup& group = *it->second.group;
  // Of a group that never had a generation nothing is on the disk: a refused join leaves no trace.
  if (group.generation() > 0 || !group.members().empty() || group.has_pending_members() ||
      !it->second.offsets.empty() || group.state() != GroupState::Empty)
    return;
  if (it->second.timer) timers_.erase({*it->second.timer, std::string{id}});
  groups_.erase(it);
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
  } else if (const ErrorCode error = it->second.group->check_commit(request.member_id, request.instance_id,
                                                                    request.generation, now);
             error != ErrorCode::None) {
    return all(error);
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
    const ClassicGroup& group = *entry.group;
    // A group with members keeps its offsets (KIP-211); a group without a protocol type never had any.
    if (group.state() != GroupState::Empty) continue;
    const bool simple = !group.protocol_type();
    bool all_gone = true;
    for (const auto& [which, offset] : entry.offsets) {
      const WallMs since = simple ? offset.committed_at : std::max(group.state_since(), offset.committed_at);
      const WallMs ends = offset.expires_at >= 0 ? offset.expires_at : since + options_.offsets_retention_ms;
      if (wall >= ends)
        append_offset_tombstone(id, which, out);
      else
        all_gone = false;
    }
    if (all_gone && !group.has_pending_members() && group.generation() > 0)
      out.records.push_back({encode_key(GroupKey{id}), std::nullopt});
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
    // At run time the group itself is ahead of its record; a tombstone of one that lives again changes
    // nothing.
    auto it = groups_.find(group_key->group);
    if (!recovering) {
      if (!value && it != groups_.end() && it->second.group->members().empty() &&
          it->second.offsets.empty() && it->second.group->state() == GroupState::Empty &&
          !it->second.group->has_pending_members()) {
        if (it->second.timer) timers_.erase({*it->second.timer, group_key->group});
        groups_.erase(it);
      }
      return {};
    }
    Offsets offsets;
    if (it != groups_.end()) {
      offsets = std::move(it->second.offsets);
      if (it->second.timer) timers_.erase({*it->second.timer, group_key->group});
      groups_.erase(it);
    }
    if (!value) {
      offset_count_ -= static_cast<std::int64_t>(offsets.size());
      return {};
    }
    TRY(ClassicGroup::Saved saved, decode_group(*value));
    Entry& entry = obtain(group_key->group, saved.state_since);
    entry.offsets = std::move(offsets);
    entry.group->restore(std::move(saved), now);
    set_timer(entry);
  }
  return {};
}

std::vector<GroupRecord> GroupCoordinator::save() const {
  std::vector<GroupRecord> records;
  for (const auto& [id, entry] : groups_) {
    if (entry.group->generation() > 0)
      records.push_back({encode_key(GroupKey{id}), encode_value(*entry.group)});
    for (const auto& [which, offset] : entry.offsets)
      records.push_back({encode_key(OffsetKey{id, which.first, which.second}), encode_value(offset)});
  }
  return records;
}

}  // namespace ledge::state
