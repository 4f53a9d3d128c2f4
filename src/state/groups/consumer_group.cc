// SPDX-License-Identifier: Apache-2.0
#include "state/groups/consumer_group.h"

#include <algorithm>

#include "base/check.h"
#include "state/groups/topic_pattern.h"

namespace ledge::state {
namespace {

/// The expressions of a group are resolved again at most this often (Kafka's
/// REGEX_BATCH_REFRESH_MIN_INTERVAL).
constexpr WallMs kRegexPauseMs = 10000;

Duration ms(std::int64_t n) { return std::chrono::milliseconds{n}; }

ConsumerAnswer refused(ErrorCode error, std::string message) {
  return consumer_refused(error, std::move(message));
}

bool ok(const ConsumerAnswer& answer) { return answer.error == ErrorCode::None; }

std::vector<std::string> sorted_once(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

}  // namespace

ConsumerAnswer consumer_refused(ErrorCode error, std::string message) {
  ConsumerAnswer answer;
  answer.error = error;
  answer.message = std::move(message);
  return answer;
}

std::string_view group_state_name(ConsumerGroupState state) {
  switch (state) {
    case ConsumerGroupState::Empty: return "Empty";
    case ConsumerGroupState::Assigning: return "Assigning";
    case ConsumerGroupState::Reconciling: return "Reconciling";
    case ConsumerGroupState::Stable: return "Stable";
  }
  return "Unknown";
}

ConsumerGroup::ConsumerGroup(std::string id, const ConsumerGroupOptions& options)
    : id_(std::move(id)), options_(options) {}

// --- heartbeats

ConsumerAnswer ConsumerGroup::check_epoch(const Member& member, const ConsumerHeartbeat& request) const {
  const std::int32_t got = request.epoch, known = member.current.epoch;
  if (got == 0 || got == known) return {};
  // The answer that told of the newer epoch may have been lost.
  if (got < known && got == member.current.previous_epoch && request.holds &&
      is_subset(*request.holds, member.current.assigned))
    return {};
  return refused(ErrorCode::FencedMemberEpoch,
                 std::string{"The consumer group member has a "} + (got > known ? "greater" : "smaller") +
                     " member epoch (" + std::to_string(got) +
                     ") than the one known by the group coordinator (" + std::to_string(known) +
                     "). The member must abandon all its partitions and rejoin.");
}

/// Who asks, and what it is afterwards: `after` gets the member as it will be, `replaced` the id of the
/// static member whose place it takes.
ConsumerAnswer ConsumerGroup::updated(const ConsumerHeartbeat& request, Member& after,
                                      std::string& replaced) const {
  if (std::cmp_greater_equal(members_.size(), options_.members_max) &&
      (request.member_id.empty() || !members_.contains(request.member_id)))
    return refused(ErrorCode::GroupMaxSizeReached, "The consumer group has reached its maximum capacity of " +
                                                       std::to_string(options_.members_max) + " members.");
  const bool joins = request.epoch == 0;
  after.id = request.member_id;
  if (!request.instance_id) {
    if (const Member* known = find(request.member_id)) {
      if (auto answer = check_epoch(*known, request); !ok(answer)) return answer;
      after = *known;
    } else if (!joins) {
      return refused(ErrorCode::UnknownMemberId,
                     "Member " + request.member_id + " is not a member of group " + id_ + ".");
    }
  } else {
    const auto holder = static_members_.find(*request.instance_id);
    const Member* known = holder == static_members_.end() ? nullptr : find(holder->second);
    if (joins) {
      if (known) {
        if (!known->classic && known->current.epoch != kStaticLeaveEpoch)
          return refused(ErrorCode::UnreleasedInstanceId,
                         "Static member " + request.member_id + " with instance id " + *request.instance_id +
                             " cannot join the group because the instance id is owned by " + known->id +
                             " member.");
        replaced = known->id;
        after = *known;
        after.id = request.member_id;
        after.current.epoch = after.current.previous_epoch = 0;
      } else if (const Member* same = find(request.member_id)) {
        after = *same;
      }
    } else {
      if (!known)
        return refused(ErrorCode::UnknownMemberId, "Instance id " + *request.instance_id + " is unknown.");
      if (known->id != request.member_id)
        return refused(ErrorCode::FencedInstanceId, "Static member " + request.member_id +
                                                        " with instance id " + *request.instance_id +
                                                        " was fenced by member " + known->id + ".");
      if (auto answer = check_epoch(*known, request); !ok(answer)) return answer;
      after = *known;
    }
  }
  if (request.instance_id) after.instance_id = request.instance_id;
  if (request.rack_id) after.rack_id = request.rack_id;
  if (request.rebalance_timeout_ms != -1) after.rebalance_timeout_ms = request.rebalance_timeout_ms;
  if (request.assignor) after.assignor = request.assignor;
  if (request.topics) after.topics = sorted_once(*request.topics);
  if (request.regex) after.regex = *request.regex;
  after.client_id = request.client_id;
  after.client_host = request.client_host;
  after.classic.reset();
  return {};
}

ConsumerGroup::RegexChange ConsumerGroup::compare_regex(const Member& before, const Member& after) const {
  RegexChange change;
  if (before.regex == after.regex) return change;
  change.changed = true;
  if (after.regex.empty())
    change.resolved = true;
  else if (regex_members(after.regex) == 0)
    change.unresolved = true;
  else
    change.resolved = regexes_.contains(after.regex);
  return change;
}

ConsumerAnswer ConsumerGroup::heartbeat(const ConsumerHeartbeat& request, Step step) {
  Member after;
  std::string replaced;
  if (auto answer = updated(request, after, replaced); !ok(answer)) return answer;
  Member before;
  before.id = after.id;
  if (const Member* known = find(replaced.empty() ? after.id : replaced)) {
    before = *known;
    before.id = after.id;
    before.current = after.current;
  }
  const RegexChange regex = compare_regex(before, after);
  if (regex.unresolved) {
    if (const auto pattern = TopicPattern::compile(after.regex); !pattern)
      return refused(ErrorCode::InvalidRegularExpression,
                     "SubscribedTopicRegex `" + after.regex +
                         "` is not a valid regular expression: " + pattern.error().detail + ".");
  }
  // Nothing is refused from here on.
  const bool last_of_regex = regex.changed && !before.regex.empty() && regex_members(before.regex) == 1;
  const Assignment assigned_before = before.current.assigned;
  if (!replaced.empty()) replace(replaced, before, step);
  const bool is_new = !members_.contains(after.id);
  const bool differs = is_new || before.instance_id != after.instance_id || before.rack_id != after.rack_id ||
                       before.rebalance_timeout_ms != after.rebalance_timeout_ms ||
                       before.assignor != after.assignor || before.topics != after.topics ||
                       before.regex != after.regex || before.client_id != after.client_id ||
                       before.client_host != after.client_host || before.classic.has_value();
  if (differs) put(after, step);
  if (last_of_regex) put_tombstone(ConsumerKey::Kind::Regex, before.regex, step);
  const bool topics_changed = before.topics != after.topics;
  refresh_epoch(epoch_ == 0 || topics_changed || regex.resolved, step);
  refresh_target(step);
  go_on(after.id, topics_changed || regex.changed, request.holds, step);

  Member& member = members_.find(after.id)->second;
  member.session_ends = step.now + ms(options_.session_timeout_ms);
  member.join_ends = member.sync_ends = std::nullopt;
  set_timers(member);

  ConsumerAnswer answer;
  answer.member_id = member.id;
  answer.epoch = member.current.epoch;
  answer.heartbeat_interval_ms = options_.heartbeat_interval_ms;
  const bool full = request.rebalance_timeout_ms != -1 && (request.topics || request.regex) && request.holds;
  if (request.epoch == 0 || full || member.current.assigned != assigned_before)
    answer.assignment = member.current.assigned;
  // As in Kafka, which resolves expressions behind the answer: the next heartbeat brings what comes of it.
  refresh_regexes(regex.unresolved, step);
  return answer;
}

void ConsumerGroup::replace(const std::string& old_id, const Member& with, Step step) {
  const Assignment target_of_old = target(old_id);
  for (const auto kind : {ConsumerKey::Kind::Current, ConsumerKey::Kind::Target, ConsumerKey::Kind::Member})
    put_tombstone(kind, old_id, step);
  put(with, step);
  put_target(with.id, target_of_old, step);
  put_current(with.id, with.current, step);
}

/// A new group epoch when something asks for one, or when the topics that are read are not what they were.
void ConsumerGroup::refresh_epoch(bool bump, Step step) {
  if (!bump && seen_topics_ == step.topics.version()) return;
  seen_topics_ = step.topics.version();
  const std::int64_t hash = metadata_hash(step.topics);
  if (bump || hash != metadata_hash_) put_epoch(epoch_ + 1, hash, step);
}

void ConsumerGroup::refresh_target(Step step) {
  if (epoch_ <= assignment_epoch_) return;
  std::vector<AssignorMember> readers;
  std::map<Uuid, std::int32_t> partitions;
  for (const auto& [id, member] : members_) {
    const auto topics = topic_ids(member, step.topics);
    for (const Uuid& topic : topics) partitions[topic] = step.topics.find(topic)->partitions;
    readers.push_back({id, member.instance_id, {topics.begin(), topics.end()}, &target(id)});
  }
  for (auto& [id, assignment] : assign(assignor(), readers, partitions)) {
    const auto known = targets_.find(id);
    if (known == targets_.end() || known->second != assignment) put_target(id, assignment, step);
  }
  put_assignment_epoch(epoch_, step);
}

void ConsumerGroup::go_on(const std::string& id, bool subscription_changed,
                          const std::optional<Assignment>& holds, Step step) {
  Member& member = members_.find(id)->second;
  const bool there = member.current.state == MemberState::Stable && member.current.epoch == assignment_epoch_;
  if (there && !subscription_changed) return;
  const std::function owned = [this](const Uuid& topic, std::int32_t p) {
    return owner(topic, p) != nullptr;
  };
  CurrentAssignment next = reconcile(
      member.current,
      {assignment_epoch_, target(id), topic_ids(member, step.topics), subscription_changed, owned, holds});
  if (next == member.current) return;
  put_current(id, next, step);
  member.revocation_ends.reset();
  if (!member.classic && member.current.state == MemberState::Unrevoked)
    member.revocation_ends = step.now + ms(member.rebalance_timeout_ms);
  set_timers(member);
}

/// Resolves all expressions when a new one came, a topic did, or it is long ago.
void ConsumerGroup::refresh_regexes(bool wanted, Step step) {
  if (!wanted && regexes_.empty()) return;  // no heartbeat looks through the members for nothing
  if (!regexes_.empty()) {
    const WallMs last = regexes_.begin()->second.resolved_at;
    // A clock that was set back must not hold this up for ever.
    if (step.wall >= last && step.wall <= last + kRegexPauseMs) return;
    wanted |= step.wall < last || step.wall > last + options_.regex_refresh_interval_ms;
  }
  std::set<std::string> subscribed;
  for (const auto& [id, member] : members_)
    if (!member.regex.empty()) subscribed.insert(member.regex);
  if (subscribed.empty()) return;
  wanted |= subscribed.size() != regexes_.size() || seen_by_regexes_ != step.topics.newest();
  if (!wanted) return;
  seen_by_regexes_ = step.topics.newest();
  const auto topics = step.topics.all();
  bool bump = false;
  for (const std::string& text : subscribed) {
    const auto pattern = TopicPattern::compile(text);
    Regex resolved;
    resolved.version = static_cast<std::int64_t>(step.topics.version());
    resolved.resolved_at = step.wall;
    if (pattern)
      for (const TopicView* topic : topics)
        if (pattern->matches(topic->name)) resolved.topics.push_back(topic->name);
    std::ranges::sort(resolved.topics);
    const auto known = regexes_.find(text);
    bump |= known == regexes_.end() ? !resolved.topics.empty() : known->second.topics != resolved.topics;
    put_regex(text, resolved, step);
  }
  seen_topics_ = step.topics.version();
  const std::int64_t hash = metadata_hash(step.topics);
  if (bump || hash != metadata_hash_) put_epoch(epoch_ + 1, hash, step);
}

// --- leaving

ConsumerAnswer ConsumerGroup::leave(const ConsumerHeartbeat& request, std::string& gone, Step step) {
  const Member* member = nullptr;
  if (!request.instance_id) {
    member = find(request.member_id);
    if (!member)
      return refused(ErrorCode::UnknownMemberId,
                     "Member " + request.member_id + " is not a member of group " + id_ + ".");
  } else {
    const auto holder = static_members_.find(*request.instance_id);
    if (holder == static_members_.end())
      return refused(ErrorCode::UnknownMemberId, "Instance id " + *request.instance_id + " is unknown.");
    member = find(holder->second);
    if (member->id != request.member_id)
      return refused(ErrorCode::FencedInstanceId, "Static member " + request.member_id +
                                                      " with instance id " + *request.instance_id +
                                                      " was fenced by member " + member->id + ".");
  }
  ConsumerAnswer answer;
  answer.member_id = member->id;
  answer.epoch = request.epoch;
  if (request.instance_id && request.epoch == kStaticLeaveEpoch) {
    CurrentAssignment away = member->current;
    away.epoch = kStaticLeaveEpoch;
    away.revoking.clear();
    put_current(answer.member_id, away, step);
  } else {
    gone = answer.member_id;
  }
  return answer;
}

void ConsumerGroup::remove(const std::set<std::string>& ids, Step step) {
  bool gone = false;
  for (const std::string& id : ids) {
    const Member* member = find(id);
    if (!member) continue;
    gone = true;
    const std::string regex = member->regex;
    const bool last = !regex.empty() && regex_members(regex) == 1;
    for (const auto kind : {ConsumerKey::Kind::Current, ConsumerKey::Kind::Target, ConsumerKey::Kind::Member})
      put_tombstone(kind, id, step);
    if (last) put_tombstone(ConsumerKey::Kind::Regex, regex, step);
  }
  if (gone) put_epoch(epoch_ + 1, metadata_hash(step.topics), step);
}

// --- offsets

ErrorCode ConsumerGroup::check_commit(std::string_view id, std::int32_t epoch, bool modern) const {
  if (epoch < 0 && members_.empty()) return ErrorCode::None;
  const Member* member = find(id);
  if (!member) return ErrorCode::UnknownMemberId;
  if (!member->classic && !modern) return ErrorCode::UnsupportedVersion;
  if (epoch == member->current.epoch) return ErrorCode::None;
  return member->classic ? ErrorCode::IllegalGeneration : ErrorCode::StaleMemberEpoch;
}

ErrorCode ConsumerGroup::check_fetch(const std::optional<std::string>& id, std::int32_t epoch) const {
  if (!id && epoch < 0) return ErrorCode::None;
  const Member* member = find(id.value_or(""));
  if (!member) return ErrorCode::UnknownMemberId;
  if (epoch == member->current.epoch) return ErrorCode::None;
  return member->classic ? ErrorCode::IllegalGeneration : ErrorCode::StaleMemberEpoch;
}

// --- time

void ConsumerGroup::set_timers(Member& member) {
  std::optional<Instant> first;
  for (const auto& at : {member.session_ends, member.revocation_ends, member.join_ends, member.sync_ends})
    if (at && (!first || *at < *first)) first = at;
  timers_.set(member.id, first);
}

std::set<std::string> ConsumerGroup::take_due(Instant now) {
  std::set<std::string> due;
  while (auto id = timers_.take_due(now)) due.insert(std::move(*id));
  return due;
}

void ConsumerGroup::extend_sessions(Instant now) {
  for (auto& [id, member] : members_) {
    const std::int32_t session =
        member.classic ? member.classic->session_timeout_ms : options_.session_timeout_ms;
    const Instant rebalanced = now + ms(std::max(member.rebalance_timeout_ms, 0));
    member.session_ends = now + ms(session);
    if (!member.classic && member.current.state == MemberState::Unrevoked)
      member.revocation_ends = rebalanced;
    if (member.join_ends) member.join_ends = rebalanced;
    if (member.sync_ends) member.sync_ends = rebalanced;
    set_timers(member);
  }
}

// --- state

ConsumerGroupState ConsumerGroup::state() const {
  if (members_.empty()) return ConsumerGroupState::Empty;
  if (epoch_ > assignment_epoch_) return ConsumerGroupState::Assigning;
  const bool settled = std::ranges::all_of(members_, [&](const auto& m) {
    return m.second.current.state == MemberState::Stable && m.second.current.epoch == assignment_epoch_;
  });
  return settled ? ConsumerGroupState::Stable : ConsumerGroupState::Reconciling;
}

Assignor ConsumerGroup::assignor() const {
  std::map<Assignor, int> votes;
  for (const auto& [id, member] : members_)
    if (member.assignor)
      if (const auto named = find_assignor(*member.assignor)) ++votes[*named];
  if (votes.empty()) return options_.assignors.front();
  return std::ranges::max_element(votes, {}, [](const auto& v) { return v.second; })->first;
}

const ConsumerGroup::Member* ConsumerGroup::find(std::string_view member) const {
  const auto found = members_.find(member);
  return found == members_.end() ? nullptr : &found->second;
}

const Assignment& ConsumerGroup::target(std::string_view member) const {
  static const Assignment kNone;
  const auto found = targets_.find(member);
  return found == targets_.end() ? kNone : found->second;
}

const ConsumerGroup::Member* ConsumerGroup::owner(const Uuid& topic, std::int32_t partition) const {
  const auto found = owners_.find(topic);
  if (found == owners_.end()) return nullptr;
  const auto one = found->second.find(partition);
  return one == found->second.end() ? nullptr : one->second;
}

std::size_t ConsumerGroup::regex_members(std::string_view regex) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(members_, [&](const auto& m) { return m.second.regex == regex; }));
}

std::set<std::string> ConsumerGroup::subscribed_topics() const {
  std::set<std::string> names;
  for (const auto& [id, member] : members_) names.insert(member.topics.begin(), member.topics.end());
  for (const auto& [text, regex] : regexes_)
    if (regex_members(text) > 0) names.insert(regex.topics.begin(), regex.topics.end());
  return names;
}

bool ConsumerGroup::subscribes(std::string_view topic) const {
  return subscribed_topics().contains(std::string{topic});
}

std::set<Uuid> ConsumerGroup::topic_ids(const Member& member, const Topics& topics) const {
  std::set<Uuid> ids;
  const auto add_all = [&](const std::vector<std::string>& names) {
    for (const std::string& name : names)
      if (const TopicView* topic = topics.find(std::string_view{name})) ids.insert(topic->id);
  };
  add_all(member.topics);
  if (const auto regex = regexes_.find(member.regex); regex != regexes_.end()) add_all(regex->second.topics);
  return ids;
}

/// Of what an assignment depends on; 0 without topics.
std::int64_t ConsumerGroup::metadata_hash(const Topics& topics) const {
  std::uint64_t hash = 0;
  const auto mix = [&](ByteView bytes) {
    if (hash == 0) hash = 0xcbf29ce484222325;  // FNV-1a
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001b3;
  };
  for (const std::string& name : subscribed_topics()) {
    const TopicView* topic = topics.find(std::string_view{name});
    if (!topic) continue;
    std::array<std::uint8_t, 4> count;
    store_be(count.data(), topic->partitions);
    mix(as_bytes(name));
    mix(topic->id.bytes);
    mix(count);
  }
  return static_cast<std::int64_t>(hash);
}

}  // namespace ledge::state
