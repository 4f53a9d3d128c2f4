// SPDX-License-Identifier: Apache-2.0
// All groups of the box and their committed offsets. A request and the time go in; answers, and records for
// `__consumer_offsets`, come out. No I/O: the driver (broker/groups) appends the records and calls applied()
// when they are durable. Committed offsets change only by apply(), at run time and at recovery alike, so what
// OffsetFetch shows is durable.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "base/limits.h"
#include "state/groups/consumer_group.h"
#include "state/groups/group_records.h"

namespace ledge::state {

struct CoordinatorOptions {
  GroupOptions group = {};
  ConsumerGroupOptions consumer = {};
  std::int32_t offset_metadata_bytes_max = 4096;  // offset.metadata.max.bytes
  std::int64_t offsets_retention_ms = 604800000;  // offsets.retention.minutes
  std::int64_t groups_max = limits::groups_max;
  std::int64_t offsets_max = limits::group_offsets_max;  // over all groups
};

/// Answers to give at once; records to write; and answers to give when those are durable.
struct CoordinatorEffects {
  GroupEffects answers;
  std::vector<GroupRecord> records;
  /// The groups that are ahead of the disk by these records; see not_written().
  std::set<std::string> consumer_groups, classic_groups;
};

struct OffsetToCommit {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int32_t leader_epoch = -1;
  std::string metadata;
};

struct CommitRequest {
  std::string group, member_id;
  std::optional<std::string> instance_id;
  std::int32_t generation = -1;
  /// What a generation of a group that does not exist is answered with: ILLEGAL_GENERATION before
  /// OffsetCommit v9.
  ErrorCode unknown_group = ErrorCode::GroupIdNotFound;
  std::int64_t retention_ms = -1;  // v2-4
  std::vector<OffsetToCommit> offsets;
  /// The request knows member epochs (OffsetCommit v9 and up).
  bool modern = false;
};

class GroupCoordinator {
 public:
  /// `topics` must outlive it. `unique_text`: what member ids end in; the caller's randomness.
  GroupCoordinator(const CoordinatorOptions& options, const Topics& topics,
                   std::function<std::string()> unique_text);

  // --- membership
  // -----------------------------------------------------------------------------------------------------

  void join(std::string_view group, JoinRequest request, Instant now, WallMs wall, CoordinatorEffects& out);
  void sync(std::string_view group, SyncRequest request, Instant now, WallMs wall, CoordinatorEffects& out);
  ErrorCode heartbeat(std::string_view group, std::string_view member,
                      const std::optional<std::string>& instance, std::int32_t generation, Instant now);
  ErrorCode leave(std::string_view group, std::string_view member, const std::optional<std::string>& instance,
                  Instant now, WallMs wall, CoordinatorEffects& out);
  /// ConsumerGroupHeartbeat, leaving included. The answer may be given when what is in `out`, and whatever
  /// was written for the group before, is durable.
  ConsumerAnswer consumer_heartbeat(std::string_view group, ConsumerHeartbeat request, Instant now,
                                    WallMs wall, CoordinatorEffects& out);
  /// None, NonEmptyGroup or GroupIdNotFound; tombstones for the group and its offsets.
  ErrorCode remove(std::string_view group, CoordinatorEffects& out);

  // --- offsets
  // --------------------------------------------------------------------------------------------------------

  /// One error per offset, in order: those without one are in `out.records`.
  std::vector<ErrorCode> commit(const CommitRequest& request, Instant now, WallMs wall,
                                CoordinatorEffects& out);
  /// Whether this member of this epoch may ask for offsets (OffsetFetch v9 and up).
  ErrorCode check_fetch(std::string_view group, const std::optional<std::string>& member,
                        std::int32_t epoch) const;
  /// nullptr: nothing committed.
  const CommittedOffset* committed(std::string_view group, std::string_view topic,
                                   std::int32_t partition) const;
  /// Everything the group has committed, by topic and partition.
  using Offsets = std::map<std::pair<std::string, std::int32_t>, CommittedOffset, std::less<>>;
  const Offsets* committed(std::string_view group) const;
  /// OffsetDelete: errors per partition; `subscribed` says whether a live consumer group reads the topic.
  ErrorCode remove_offset(std::string_view group, std::string_view topic, std::int32_t partition,
                          CoordinatorEffects& out);
  /// The topic is gone: its offsets go too, in every group.
  void topic_deleted(std::string_view topic, CoordinatorEffects& out);

  // --- time
  // -----------------------------------------------------------------------------------------------------------

  /// The next moment at which advance() has to be called; nullopt: no timer is needed. Cheap.
  std::optional<Instant> deadline() const;
  void advance(Instant now, WallMs wall, CoordinatorEffects& out);
  /// Tombstones of offsets whose retention is over, and of groups that are empty and have none left. Called
  /// now and then.
  void expire_offsets(WallMs wall, CoordinatorEffects& out);
  void extend_sessions(Instant now);

  // --- state
  // ----------------------------------------------------------------------------------------------------------

  /// A group is of one of both kinds; nullptr: there is none, or it is of the other kind.
  const ClassicGroup* find(std::string_view group) const;
  const ConsumerGroup* find_consumer(std::string_view group) const;
  struct AnyGroup {
    const ClassicGroup* classic = nullptr;
    const ConsumerGroup* consumer = nullptr;
  };
  std::vector<AnyGroup> all() const;
  std::int64_t offset_count() const { return offset_count_; }

  /// A durable record: at run time for offsets, at recovery for all. `recovering` restores groups too, at
  /// time `now`.
  Result<void> apply(ByteView key, const std::optional<ByteView>& value, bool recovering, Instant now);
  /// All records have been applied: from now on members have to show themselves.
  void recovered(Instant now);
  /// The records for these groups did not reach the disk. What they said of consumer groups stays true here,
  /// so it is written again, whole, before anything else is told of these groups; classic ones rebalance.
  void not_written(const std::set<std::string>& consumer_groups, const std::set<std::string>& classic_groups,
                   Instant now, WallMs wall, CoordinatorEffects& out);
  /// Everything as records that apply() takes; for the snapshot.
  std::vector<GroupRecord> save() const;

 private:
  struct Entry {
    // One of both.
    std::unique_ptr<ClassicGroup> classic;
    std::unique_ptr<ConsumerGroup> consumer;
    Offsets offsets;
    /// The classic group as it is on the disk, for save(): its members may be forming a generation since.
    Bytes record;
    bool write_whole = false;  // see not_written()
  };
  using Groups = std::map<std::string, Entry, std::less<>>;

  Entry& obtain(std::string_view id, WallMs wall);
  ClassicGroup& new_classic(Entry& entry, std::string_view id, WallMs wall);
  void settle(Entry& entry, std::vector<GroupRecord>&& records, CoordinatorEffects& out);
  static void settle_answers(GroupEffects&& effects, CoordinatorEffects& out);
  Result<void> apply_consumer(const ConsumerKey& key, const std::optional<ByteView>& value, bool recovering);
  Result<void> apply_classic(const GroupKey& key, const std::optional<ByteView>& value, bool recovering,
                             Instant now);
  void join_consumer(Entry& entry, JoinRequest&& request, Instant now, WallMs wall, CoordinatorEffects& out);
  /// Members leave a consumer group, which becomes a classic one when only members of that protocol are left.
  void fence(Entry& entry, const std::set<std::string>& members, Instant now, WallMs wall,
             CoordinatorEffects& out);
  void become_classic(Entry& entry, const std::set<std::string>& leaving, bool rebalance,
                      std::vector<GroupRecord>&& records, Instant now, WallMs wall, CoordinatorEffects& out);
  void erase(Groups::iterator at);
  /// After each step: the group's record if it changed, its place in timers_.
  void settle(Entry& entry, GroupEffects&& effects, CoordinatorEffects& out);
  void set_timer(std::string_view id, const Entry& entry);
  void forget_if_nothing_is_left(std::string_view id);
  std::string member_id_for(const JoinRequest& request) const;
  void append_offset_tombstone(std::string_view group, const std::pair<std::string, std::int32_t>& which,
                               CoordinatorEffects& out) const;

  CoordinatorOptions options_;
  const Topics& topics_;
  std::function<std::string()> unique_text_;
  Groups groups_;
  Timers timers_;
  std::int64_t offset_count_ = 0;
};

}  // namespace ledge::state
