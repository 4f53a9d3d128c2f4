// SPDX-License-Identifier: Apache-2.0
// How records become the state of a consumer group, and the other way round.
#include <algorithm>

#include "base/check.h"
#include "state/groups/consumer_group.h"

namespace ledge::state {
namespace {

using Kind = ConsumerKey::Kind;

/// Arrays of {topic_id, partitions} under whatever name the record has for them.
template <class Topics> Assignment to_assignment(const Topics& topics) {
  Assignment out;
  for (const auto& each : topics) {
    auto& to = out[each.topic_id];
    to.insert(to.end(), each.partitions.begin(), each.partitions.end());
  }
  normalize(out);
  return out;
}
template <class Topic> std::vector<Topic> to_record(const Assignment& assignment) {
  std::vector<Topic> out;
  for (const auto& [topic, partitions] : assignment) out.push_back({topic, partitions});
  return out;
}

kafka::ConsumerGroupMemberMetadataValue member_value(const ConsumerGroup::Member& member) {
  kafka::ConsumerGroupMemberMetadataValue value;
  value.instance_id = member.instance_id;
  value.rack_id = member.rack_id;
  value.client_id = member.client_id;
  value.client_host = member.client_host;
  value.subscribed_topic_names = member.topics;
  value.subscribed_topic_regex = member.regex;
  value.rebalance_timeout_ms = member.rebalance_timeout_ms;
  value.server_assignor = member.assignor;
  value.classic_member_metadata = member.classic;
  return value;
}

kafka::ConsumerGroupCurrentMemberAssignmentValue current_value(const CurrentAssignment& current) {
  using Value = kafka::ConsumerGroupCurrentMemberAssignmentValue;
  Value value;
  value.member_epoch = current.epoch;
  value.previous_member_epoch = current.previous_epoch;
  value.state = static_cast<std::int8_t>(current.state);
  value.assigned_partitions = to_record<Value::TopicPartitions>(current.assigned);
  value.partitions_pending_revocation = to_record<Value::TopicPartitions>(current.revoking);
  return value;
}

kafka::ConsumerGroupTargetAssignmentMemberValue target_value(const Assignment& target) {
  using Value = kafka::ConsumerGroupTargetAssignmentMemberValue;
  return {to_record<Value::TopicPartition>(target)};
}

GroupRecord tombstone(Kind kind, const std::string& group, const std::string& subject = {}) {
  return {encode_key(ConsumerKey{kind, group, subject}), std::nullopt};
}

template <class V>
GroupRecord record(Kind kind, const std::string& group, const std::string& subject, const V& value) {
  return {encode_key(ConsumerKey{kind, group, subject}), encode_consumer_value(value)};
}

}  // namespace

// --- emission

void ConsumerGroup::put(const Member& member, Step step) {
  auto value = member_value(member);
  step.records.push_back(record(Kind::Member, id_, member.id, value));
  apply_member(member.id, std::move(value));
}

void ConsumerGroup::put_current(const std::string& member, const CurrentAssignment& current, Step step) {
  step.records.push_back(record(Kind::Current, id_, member, current_value(current)));
  apply_current(member, CurrentAssignment{current});
}

void ConsumerGroup::put_target(const std::string& member, const Assignment& target, Step step) {
  step.records.push_back(record(Kind::Target, id_, member, target_value(target)));
  targets_.insert_or_assign(member, target);
}

void ConsumerGroup::put_epoch(std::int32_t epoch, std::int64_t hash, Step step) {
  step.records.push_back(record(Kind::Group, id_, {}, kafka::ConsumerGroupMetadataValue{epoch, hash}));
  epoch_ = epoch;
  metadata_hash_ = hash;
}

void ConsumerGroup::put_assignment_epoch(std::int32_t epoch, Step step) {
  step.records.push_back(
      record(Kind::TargetEpoch, id_, {}, kafka::ConsumerGroupTargetAssignmentMetadataValue{epoch}));
  assignment_epoch_ = epoch;
}

void ConsumerGroup::put_regex(const std::string& text, const Regex& regex, Step step) {
  step.records.push_back(
      record(Kind::Regex, id_, text,
             kafka::ConsumerGroupRegularExpressionValue{regex.topics, regex.version, regex.resolved_at}));
  regexes_.insert_or_assign(text, regex);
}

void ConsumerGroup::put_tombstone(Kind kind, const std::string& subject, Step step) {
  step.records.push_back(tombstone(kind, id_, subject));
  apply_tombstone({kind, id_, subject});
}

// --- application

Result<void> ConsumerGroup::apply(const ConsumerKey& key, const std::optional<ByteView>& value) {
  if (!value) {
    apply_tombstone(key);
    return {};
  }
  switch (key.kind) {
    case Kind::Group: {
      TRY(const auto group, decode_consumer_value<kafka::ConsumerGroupMetadataValue>(*value));
      epoch_ = group.epoch;
      metadata_hash_ = group.metadata_hash;
      return {};
    }
    case Kind::PartitionMetadata: return {};
    case Kind::Member: {
      TRY(auto member, decode_consumer_value<kafka::ConsumerGroupMemberMetadataValue>(*value));
      if (member.classic_member_metadata && member.classic_member_metadata->supported_protocols.empty())
        return fail(ErrorCode::Malformed, "a classic group member without protocols");
      apply_member(key.subject, std::move(member));
      return {};
    }
    case Kind::TargetEpoch: {
      TRY(const auto target,
          decode_consumer_value<kafka::ConsumerGroupTargetAssignmentMetadataValue>(*value));
      assignment_epoch_ = target.assignment_epoch;
      return {};
    }
    case Kind::Target: {
      TRY(const auto target, decode_consumer_value<kafka::ConsumerGroupTargetAssignmentMemberValue>(*value));
      targets_.insert_or_assign(key.subject, to_assignment(target.topic_partitions));
      return {};
    }
    case Kind::Current: {
      TRY(const auto in, decode_consumer_value<kafka::ConsumerGroupCurrentMemberAssignmentValue>(*value));
      if (in.state < 0 || in.state > static_cast<std::int8_t>(MemberState::Unreleased))
        return fail(ErrorCode::Malformed, "a group member's state");
      CurrentAssignment current{in.member_epoch, in.previous_member_epoch, static_cast<MemberState>(in.state),
                                to_assignment(in.assigned_partitions),
                                to_assignment(in.partitions_pending_revocation)};
      take_over(key.subject, current);
      apply_current(key.subject, std::move(current));
      return {};
    }
    case Kind::Regex: {
      TRY(auto in, decode_consumer_value<kafka::ConsumerGroupRegularExpressionValue>(*value));
      std::ranges::sort(in.topics);
      regexes_.insert_or_assign(key.subject, Regex{std::move(in.topics), in.version, in.timestamp});
      return {};
    }
  }
  return {};
}

void ConsumerGroup::apply_member(const std::string& id, kafka::ConsumerGroupMemberMetadataValue&& value) {
  Member& member = members_[id];
  member.id = id;
  if (member.instance_id && member.instance_id != value.instance_id)
    static_members_.erase(*member.instance_id);
  member.instance_id = std::move(value.instance_id);
  if (member.instance_id) static_members_.insert_or_assign(*member.instance_id, id);
  member.rack_id = std::move(value.rack_id);
  member.client_id = std::move(value.client_id);
  member.client_host = std::move(value.client_host);
  std::ranges::sort(value.subscribed_topic_names);
  member.topics = std::move(value.subscribed_topic_names);
  member.regex = std::move(value.subscribed_topic_regex).value_or("");
  member.rebalance_timeout_ms = value.rebalance_timeout_ms;
  member.assignor = std::move(value.server_assignor);
  member.classic = std::move(value.classic_member_metadata);
}

void ConsumerGroup::apply_current(const std::string& id, CurrentAssignment&& current) {
  Member& member = members_[id];
  member.id = id;
  disown(member);
  member.current = std::move(current);
  own(member);
}

void ConsumerGroup::apply_tombstone(const ConsumerKey& key) {
  const auto member = members_.find(key.subject);
  switch (key.kind) {
    case Kind::Group: epoch_ = 0, metadata_hash_ = 0; return;
    case Kind::TargetEpoch: assignment_epoch_ = 0; return;
    case Kind::PartitionMetadata: return;
    case Kind::Target:
      if (const auto target = targets_.find(key.subject); target != targets_.end()) targets_.erase(target);
      return;
    case Kind::Regex:
      if (const auto regex = regexes_.find(key.subject); regex != regexes_.end()) regexes_.erase(regex);
      return;
    case Kind::Current:
      if (member == members_.end()) return;
      disown(member->second);
      member->second.current = {kLeaveEpoch, kLeaveEpoch, MemberState::Stable, {}, {}};
      return;
    case Kind::Member: {
      if (member == members_.end()) return;
      disown(member->second);
      timers_.set(key.subject, std::nullopt);
      if (const auto& instance = member->second.instance_id) {
        const auto holder = static_members_.find(*instance);
        if (holder != static_members_.end() && holder->second == key.subject) static_members_.erase(holder);
      }
      members_.erase(member);
      return;
    }
  }
}

/// Of records of which some were lost: what a newer one gives to a member is not another's any more.
void ConsumerGroup::take_over(const std::string& id, const CurrentAssignment& current) {
  std::set<std::string> losers;
  const Assignment all = merged(current.assigned, current.revoking);
  for (const auto& [topic, partitions] : all)
    for (const std::int32_t partition : partitions)
      if (const Member* other = owner(topic, partition); other && other->id != id) losers.insert(other->id);
  for (const std::string& each : losers) {
    CurrentAssignment less = find(each)->current;
    less.assigned = difference(less.assigned, all);
    less.revoking = difference(less.revoking, all);
    apply_current(each, std::move(less));
  }
}

void ConsumerGroup::own(const Member& member) {
  for (const Assignment* part : {&member.current.assigned, &member.current.revoking})
    for (const auto& [topic, partitions] : *part)
      for (const std::int32_t partition : partitions) {
        const Member*& owner = owners_[topic][partition];
        CHECK(owner == nullptr || owner == &member);  // one owner at a time is what all this is for
        owner = &member;
      }
}

void ConsumerGroup::disown(const Member& member) {
  for (const Assignment* part : {&member.current.assigned, &member.current.revoking})
    for (const auto& [topic, partitions] : *part) {
      const auto owned = owners_.find(topic);
      if (owned == owners_.end()) continue;
      for (const std::int32_t partition : partitions) {
        const auto one = owned->second.find(partition);
        if (one != owned->second.end() && one->second == &member) owned->second.erase(one);
      }
      if (owned->second.empty()) owners_.erase(owned);
    }
}

// --- saving

std::vector<GroupRecord> ConsumerGroup::save() const {
  std::vector<GroupRecord> out;
  for (const auto& [id, member] : members_)
    out.push_back(record(Kind::Member, id_, id, member_value(member)));
  out.push_back(record(Kind::Group, id_, {}, kafka::ConsumerGroupMetadataValue{epoch_, metadata_hash_}));
  for (const auto& [text, regex] : regexes_)
    out.push_back(
        record(Kind::Regex, id_, text,
               kafka::ConsumerGroupRegularExpressionValue{regex.topics, regex.version, regex.resolved_at}));
  for (const auto& [id, target] : targets_)
    out.push_back(record(Kind::Target, id_, id, target_value(target)));
  out.push_back(record(Kind::TargetEpoch, id_, {},
                       kafka::ConsumerGroupTargetAssignmentMetadataValue{assignment_epoch_}));
  for (const auto& [id, member] : members_)
    out.push_back(record(Kind::Current, id_, id, current_value(member.current)));
  return out;
}

void ConsumerGroup::bury(std::vector<GroupRecord>& out) const {
  for (const auto& [id, member] : members_) out.push_back(tombstone(Kind::Current, id_, id));
  for (const auto& [id, target] : targets_) out.push_back(tombstone(Kind::Target, id_, id));
  out.push_back(tombstone(Kind::TargetEpoch, id_));
  for (const auto& [id, member] : members_) out.push_back(tombstone(Kind::Member, id_, id));
  for (const auto& [text, regex] : regexes_) out.push_back(tombstone(Kind::Regex, id_, text));
  out.push_back(tombstone(Kind::Group, id_));
}

}  // namespace ledge::state
