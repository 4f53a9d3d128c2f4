// SPDX-License-Identifier: Apache-2.0
// One classic consumer group: JoinGroup, SyncGroup, Heartbeat, LeaveGroup as Apache Kafka 4 answers them
// (KIP-62, 134, 345, 394, 559, 800, 814). No I/O and no clock: a request and the time go in, answers and
// records come out.
//
// What waits (parked joins and syncs, session timers) is soft and dies with the process; what must survive
// (generation, protocol, leader, members, assignments) is in the group's record, which is emitted whenever it
// changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/errors.h"
#include "base/time.h"
#include "state/groups/timers.h"

namespace ledge::state {

/// Names a request whose answer may come later; chosen by the caller, never 0.
using Ticket = std::uint64_t;

enum class GroupState : std::uint8_t { Empty, PreparingRebalance, CompletingRebalance, Stable, Dead };
/// Kafka's spelling, which tools compare ("PreparingRebalance").
std::string_view group_state_name(GroupState state);

#ifdef LEDGE_SABOTAGE
/// Deliberate bugs: the simulation switches one on to prove that it would find it.
enum class GroupSabotage : std::uint8_t {
  None,
  CommitOfOldGeneration,  // a commit's generation is not looked at
  JoinWithoutWaiting,     // a generation begins before every member has given up the one before
  RecordsBeforeDurable,   // what waits for the groups' records is told when they are appended
};
#endif

struct GroupOptions {
  std::int32_t session_timeout_min_ms = 6000;      // group.min.session.timeout.ms
  std::int32_t session_timeout_max_ms = 1800000;   // group.max.session.timeout.ms
  std::int32_t initial_rebalance_delay_ms = 3000;  // group.initial.rebalance.delay.ms
  std::int32_t members_max = INT32_MAX;            // group.max.size
#ifdef LEDGE_SABOTAGE
  GroupSabotage sabotage = GroupSabotage::None;
#endif
};

/// A protocol (assignor) that a member offers, with the member's bytes for it; never looked into.
struct GroupProtocol {
  std::string name;
  Bytes metadata;
  bool operator==(const GroupProtocol&) const = default;
};

struct JoinRequest {
  Ticket ticket = 0;
  std::string member_id;
  std::optional<std::string> instance_id;
  std::string client_id, client_host;
  std::int32_t session_timeout_ms = 0;
  std::int32_t rebalance_timeout_ms = 0;
  std::string protocol_type;
  std::vector<GroupProtocol> protocols;
  bool requires_known_member_id = false;     // JoinGroup v4+
  bool understands_skip_assignment = false;  // v9+
};

struct JoinAnswer {
  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    Bytes metadata;
  };
  ErrorCode error = ErrorCode::None;
  std::int32_t generation = -1;
  std::optional<std::string> protocol_type, protocol_name;
  std::string leader, member_id;
  bool skip_assignment = false;
  std::vector<Member> members;  // for the leader
};

struct SyncRequest {
  Ticket ticket = 0;
  std::int32_t generation = -1;
  std::string member_id;
  std::optional<std::string> instance_id;
  std::optional<std::string> protocol_type, protocol_name;  // v5+
  std::vector<std::pair<std::string, Bytes>> assignments;   // from the leader: member id, bytes
};

struct SyncAnswer {
  ErrorCode error = ErrorCode::None;
  std::optional<std::string> protocol_type, protocol_name;
  Bytes assignment;
};

/// What a step of the machine asks for. Answers that depend on the record leave after it is durable.
struct GroupEffects {
  std::vector<std::pair<Ticket, JoinAnswer>> joins;
  std::vector<std::pair<Ticket, SyncAnswer>> syncs;
  bool record_changed = false;  // write the group's record; then, when it is durable:
  std::vector<std::pair<Ticket, JoinAnswer>> joins_when_durable;
  std::vector<std::pair<Ticket, SyncAnswer>> syncs_when_durable;
};

class ClassicGroup {
 public:
  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id, client_host;
    std::int32_t session_timeout_ms = 0, rebalance_timeout_ms = 0;
    std::vector<GroupProtocol> protocols;
    Bytes assignment;

    Ticket join = 0, sync = 0;  // parked requests, 0 none
    bool understands_skip_assignment = false;
    bool fresh = false;         // joined in the rebalance under way: waits longer than its session
    bool sync_awaited = false;  // has been told of the generation and has not asked for its part
    Instant expires;            // its session; not looked at while a request of it is parked

    const Bytes* metadata(std::string_view protocol) const;
  };

  ClassicGroup(std::string id, const GroupOptions& options, WallMs created);

  // --- requests
  // -----------------------------------------------------------------------------------------------------

  /// `new_member_id` is used if the machine has to make a member up: client or instance id, '-', a fresh id.
  void join(JoinRequest request, std::string new_member_id, Instant now, WallMs wall, GroupEffects& out);
  void sync(SyncRequest request, Instant now, WallMs wall, GroupEffects& out);
  ErrorCode heartbeat(std::string_view member, const std::optional<std::string>& instance,
                      std::int32_t generation, Instant now);
  /// One member; LeaveGroup v3+ calls it for each. An empty member id with an instance id removes a static
  /// member.
  ErrorCode leave(std::string_view member, const std::optional<std::string>& instance, Instant now,
                  WallMs wall, GroupEffects& out);
  /// Whether a commit by this member of this generation may be taken. A member's commit keeps its session
  /// alive. `unknown_group`: what a missing generation is answered with, which depends on the request's
  /// version.
  ErrorCode check_commit(std::string_view member, const std::optional<std::string>& instance,
                         std::int32_t generation, Instant now);

  // --- time
  // ---------------------------------------------------------------------------------------------------------

  /// When advance() has something to do at the earliest; nullopt: never.
  std::optional<Instant> deadline() const;
  /// Does all that is due by now: expired sessions, ended waits.
  void advance(Instant now, WallMs wall, GroupEffects& out);
  /// After a stall of the process or a restart nobody is thrown out at once: every session starts anew.
  void extend_sessions(Instant now);
  /// The group's record did not reach the disk. An assignment that a power cut would take back is nobody's:
  /// the members join again, as with Kafka.
  void not_written(Instant now, WallMs wall, GroupEffects& out);

  // --- state
  // --------------------------------------------------------------------------------------------------------

  const std::string& id() const { return id_; }
  GroupState state() const { return state_; }
  WallMs state_since() const { return state_since_; }
  std::int32_t generation() const { return generation_; }
  /// nullopt: never had a member ("simple" group, offsets only).
  const std::optional<std::string>& protocol_type() const { return protocol_type_; }
  const std::optional<std::string>& protocol_name() const { return protocol_name_; }
  const std::optional<std::string>& leader() const { return leader_; }
  const std::map<std::string, Member, std::less<>>& members() const { return members_; }
  bool has_pending_members() const { return pending_.size() > 0; }

  /// Restores what the group's record holds. Every session starts anew at `now`.
  struct Saved {
    std::string protocol_type;
    std::int32_t generation = 0;
    std::optional<std::string> protocol_name, leader;
    WallMs state_since = -1;
    std::vector<Member> members;
  };
  void restore(Saved saved, Instant now);
  /// The members of a consumer group that becomes a classic one: as restore(), with the protocol of their
  /// votes.
  void adopt(Saved saved, Instant now);
  /// Makes everybody join anew.
  void rebalance(Instant now, WallMs wall, GroupEffects& out) { prepare_rebalance(now, wall, out); }
  /// Takes every member out and answers whoever waits; for deletion and for a stop of the coordinator.
  void kill(GroupEffects& out, ErrorCode why);

 private:
  using Members = std::map<std::string, Member, std::less<>>;

  void join_new(JoinRequest&& request, std::string new_member_id, Instant now, WallMs wall,
                GroupEffects& out);
  void join_known(JoinRequest&& request, Instant now, WallMs wall, GroupEffects& out);
  void replace_static(JoinRequest&& request, const std::string& old_id, std::string new_id, Instant now,
                      WallMs wall, GroupEffects& out);
  void add(JoinRequest&& request, std::string id, Instant now, WallMs wall, GroupEffects& out);
  void rejoin(Member& member, JoinRequest&& request, Instant now, WallMs wall, GroupEffects& out);
  void remove(Members::iterator member, GroupEffects& out, ErrorCode why);
  void member_gone(Instant now, WallMs wall, GroupEffects& out);

  void prepare_rebalance(Instant now, WallMs wall, GroupEffects& out);
  bool sabotage(int which) const;
  void complete_join_if_all_are_here(Instant now, WallMs wall, GroupEffects& out);
  void complete_join(Instant now, WallMs wall, GroupEffects& out);
  void next_generation(WallMs wall);
  void answer_current_generation(const Member& member, Ticket ticket, GroupEffects& out) const;
  void park_join(Member& member, const JoinRequest& request);
  void become(GroupState state, WallMs wall);

  bool accepts(const JoinRequest& request) const;
  bool has_room_for(const JoinRequest& request) const;
  std::string vote() const;
  ErrorCode identify(std::string_view member, const std::optional<std::string>& instance) const;
  std::int32_t rebalance_timeout_ms() const;
  std::vector<JoinAnswer::Member> member_list() const;
  void restart_session(Member& member, Instant now);

  std::string id_;
  GroupOptions options_;
  GroupState state_ = GroupState::Empty;
  WallMs state_since_ = -1;
  std::int32_t generation_ = 0;
  std::optional<std::string> protocol_type_, protocol_name_, leader_;
  Members members_;
  std::map<std::string, std::string, std::less<>> static_members_;  // instance id -> member id
  Timers pending_;   // told to come back with this member id, until when
  Timers sessions_;  // of members; the time of one whose request is parked passes without effect

  /// Of the join phase: when it ends at the latest.
  std::optional<Instant> join_ends_;
  /// The first rebalance of an empty group waits for more members, up to this much longer.
  bool initial_wait_ = false;
  Duration initial_wait_left_{};
  bool joined_during_wait_ = false;
  /// Of the sync phase: when members that have not synced are taken out.
  std::optional<Instant> sync_ends_;
};

}  // namespace ledge::state
