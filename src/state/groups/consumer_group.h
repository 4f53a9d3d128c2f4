// SPDX-License-Identifier: Apache-2.0
// One consumer group (KIP-848, group.protocol=consumer): ConsumerGroupHeartbeat as Apache Kafka 4.2 answers
// it. No I/O and no clock. A request and the time go in; an answer and records come out. What the records say
// changes only by applying them, as they are made and at recovery alike, so the group is what its records
// are; the driver gives an answer when the records before it are durable. Timers are soft: after a restart
// every session starts anew.
//
// Members that speak the classic protocol may be in the group (consumer_group_classic.cc): they came with a
// classic group that was converted, or joined later.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/errors.h"
#include "base/time.h"
#include "state/groups/assignor.h"
#include "state/groups/classic_group.h"
#include "state/groups/consumer_records.h"
#include "state/groups/reconcile.h"
#include "state/groups/timers.h"
#include "state/topics.h"

namespace ledge::state {

enum class ConsumerGroupState : std::uint8_t { Empty, Assigning, Reconciling, Stable };
/// Kafka's spelling, which tools compare.
std::string_view group_state_name(ConsumerGroupState state);

struct ConsumerGroupOptions {
  std::int32_t session_timeout_ms = 45000;          // group.consumer.session.timeout.ms
  std::int32_t heartbeat_interval_ms = 5000;        // group.consumer.heartbeat.interval.ms
  std::int32_t members_max = INT32_MAX;             // group.consumer.max.size
  std::int32_t regex_refresh_interval_ms = 600000;  // group.consumer.regex.refresh.interval.ms
  /// group.consumer.assignors; the first is the default.
  std::vector<Assignor> assignors = {Assignor::Uniform, Assignor::Range};
  bool upgrade = true, downgrade = true;  // group.consumer.migration.policy
};

/// Member epochs that are no epochs.
inline constexpr std::int32_t kLeaveEpoch = -1;
inline constexpr std::int32_t kStaticLeaveEpoch = -2;

struct ConsumerHeartbeat {
  std::string member_id;
  std::int32_t epoch = 0;  // 0: joins
  std::optional<std::string> instance_id, rack_id;
  std::int32_t rebalance_timeout_ms = -1;  // -1, nullopt: as before
  std::optional<std::vector<std::string>> topics;
  std::optional<std::string> regex;
  std::optional<std::string> assignor;
  std::optional<Assignment> holds;
  std::string client_id, client_host;
};

struct ConsumerAnswer {
  ErrorCode error = ErrorCode::None;
  std::string message;  // of an error
  std::string member_id;
  std::int32_t epoch = 0;
  std::int32_t heartbeat_interval_ms = 0;
  std::optional<Assignment> assignment;  // nullopt: as before
};
ConsumerAnswer consumer_refused(ErrorCode error, std::string message);

class ConsumerGroup {
 public:
  /// A step's surroundings: what there is to read, the time, and where its records go.
  struct Step {
    const Topics& topics;
    Instant now;
    WallMs wall;
    std::vector<GroupRecord>& records;
  };

  /// What a member's record says (kafka::ConsumerGroupMemberMetadataValue), and what it has.
  struct Member {
    std::string id;
    std::optional<std::string> instance_id, rack_id;
    std::string client_id, client_host;
    std::vector<std::string> topics;  // sorted, once each
    std::string regex;                // empty: none
    std::int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> assignor;
    using Classic = kafka::ConsumerGroupMemberMetadataValue::ClassicMemberMetadata;
    std::optional<Classic> classic;  // of a member that speaks the classic protocol
    CurrentAssignment current;

    // Soft.
    std::optional<Instant> session_ends, revocation_ends, join_ends, sync_ends;
  };
  using Members = std::map<std::string, Member, std::less<>>;

  ConsumerGroup(std::string id, const ConsumerGroupOptions& options);

  // --- requests

  /// Everything but leaving. An error changes nothing.
  ConsumerAnswer heartbeat(const ConsumerHeartbeat& request, Step step);
  /// Epochs kLeaveEpoch and kStaticLeaveEpoch. An error changes nothing. `gone`: the member that the caller
  /// is to remove for it, or empty.
  ConsumerAnswer leave(const ConsumerHeartbeat& request, std::string& gone, Step step);
  /// Takes members out as if they had left. Ids that are not members are passed over.
  void remove(const std::set<std::string>& members, Step step);

  // Of members that speak the classic protocol (consumer_group_classic.cc). The caller has checked the
  // session timeout.

  /// `downgrade`: the last member of the other protocol was replaced, so the caller makes it a classic group;
  /// `rebalance`: and lets that begin with a rebalance.
  JoinAnswer join(const JoinRequest& request, const std::string& new_id, bool& downgrade, bool& rebalance,
                  Step step);
  SyncAnswer sync(const SyncRequest& request, Step step);
  ErrorCode classic_heartbeat(std::string_view member, const std::optional<std::string>& instance,
                              std::int32_t generation, Instant now);
  /// LeaveGroup, of members of either protocol: which one the caller is to remove.
  ErrorCode find_leaving(std::string_view member, const std::optional<std::string>& instance,
                         std::string& found) const;

  // --- conversion

  /// What the classic group's members have stays theirs. GroupIdNotFound with the reason when it cannot be.
  static Result<std::unique_ptr<ConsumerGroup>> from_classic(const ClassicGroup& classic,
                                                             const ConsumerGroupOptions& options, Step step);
  /// Whether members are left without these, and all speak the classic protocol, and the group may follow.
  bool is_classic_without(const std::set<std::string>& leaving) const;
  ClassicGroup::Saved to_classic(const std::set<std::string>& leaving, Step step) const;

  /// OffsetCommit by this member; `epoch` -1 with no members: tools and consumers without a group. `modern`:
  /// the request's version knows member epochs (9 and up).
  ErrorCode check_commit(std::string_view member, std::int32_t epoch, bool modern) const;
  /// OffsetFetch; a null member with epoch -1 is a tool.
  ErrorCode check_fetch(const std::optional<std::string>& member, std::int32_t epoch) const;

  // --- time

  std::optional<Instant> deadline() const { return timers_.next(); }
  /// The members whose session, revocation, join or sync is over by now; the caller removes them.
  std::set<std::string> take_due(Instant now);
  /// After a stall of the process, and after recovery: all that waits starts waiting anew.
  void extend_sessions(Instant now);

  // --- state

  const std::string& id() const { return id_; }
  ConsumerGroupState state() const;
  std::int32_t epoch() const { return epoch_; }
  std::int32_t assignment_epoch() const { return assignment_epoch_; }
  /// The one that most members ask for.
  Assignor assignor() const;
  const Members& members() const { return members_; }
  const Member* find(std::string_view member) const;
  const Assignment& target(std::string_view member) const;
  /// The topics of all members' names and resolved expressions.
  bool subscribes(std::string_view topic) const;
  /// The member that owns the partition; nullptr: nobody.
  const Member* owner(const Uuid& topic, std::int32_t partition) const;

  // --- records

  Result<void> apply(const ConsumerKey& key, const std::optional<ByteView>& value);
  /// The records that make this group.
  std::vector<GroupRecord> save() const;
  /// Tombstones for all of them.
  void bury(std::vector<GroupRecord>& out) const;

 private:
  struct Regex {
    std::vector<std::string> topics;
    std::int64_t version = 0;
    WallMs resolved_at = 0;
  };
  struct RegexChange {
    bool changed = false;
    bool resolved = false;    // and the topics of the new one are known
    bool unresolved = false;  // the group has a new one
  };

  ConsumerAnswer check_epoch(const Member& member, const ConsumerHeartbeat& request) const;
  ConsumerAnswer updated(const ConsumerHeartbeat& request, Member& after, std::string& replaced) const;
  RegexChange compare_regex(const Member& before, const Member& after) const;
  void replace(const std::string& old_id, const Member& with, Step step);
  void refresh_epoch(bool bump, Step step);
  void refresh_target(Step step);
  void refresh_regexes(bool wanted, Step step);
  void go_on(const std::string& member, bool subscription_changed, const std::optional<Assignment>& holds,
             Step step);
  void set_timers(Member& member);
  bool supports(const JoinRequest& request) const;
  ErrorCode identify(std::string_view member, const std::optional<std::string>& instance) const;
  void expect_join(Member& member, Instant now);
  bool waits_for_others(const Member& member) const;

  std::set<std::string> subscribed_topics() const;
  std::set<Uuid> topic_ids(const Member& member, const Topics& topics) const;
  std::int64_t metadata_hash(const Topics& topics) const;
  std::size_t regex_members(std::string_view regex) const;

  // Emission: encodes the record and applies it.
  void put(const Member& member, Step step);
  void put_current(const std::string& member, const CurrentAssignment& current, Step step);
  void put_target(const std::string& member, const Assignment& target, Step step);
  void put_epoch(std::int32_t epoch, std::int64_t hash, Step step);
  void put_assignment_epoch(std::int32_t epoch, Step step);
  void put_regex(const std::string& regex, const Regex& resolved, Step step);
  void put_tombstone(ConsumerKey::Kind kind, const std::string& subject, Step step);

  void apply_member(const std::string& id, kafka::ConsumerGroupMemberMetadataValue&& value);
  void apply_current(const std::string& id, CurrentAssignment&& current);
  void apply_tombstone(const ConsumerKey& key);
  void take_over(const std::string& member, const CurrentAssignment& current);
  void disown(const Member& member);
  void own(const Member& member);

  std::string id_;
  ConsumerGroupOptions options_;
  std::int32_t epoch_ = 0, assignment_epoch_ = 0;
  std::int64_t metadata_hash_ = 0;
  Members members_;
  std::map<std::string, Assignment, std::less<>> targets_;
  std::map<std::string, Regex, std::less<>> regexes_;

  // Derived from the above.
  std::map<std::string, std::string, std::less<>> static_members_;  // instance id -> member id
  std::unordered_map<Uuid, std::map<std::int32_t, const Member*>> owners_;

  // Soft.
  Timers timers_;
  std::uint64_t seen_topics_ = UINT64_MAX;      // Topics::version() when the hash was computed last
  std::uint64_t seen_by_regexes_ = UINT64_MAX;  // ... when the expressions were resolved last
};

}  // namespace ledge::state
