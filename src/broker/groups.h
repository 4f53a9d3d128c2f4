// SPDX-License-Identifier: Apache-2.0
// Drives the group machine (state/groups): gives it the time, writes its records through the store, gives the
// answers that depend on them when they are durable, and keeps one timer, which is set only while a group has
// something to wait for. Private to broker/.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "os/system.h"
#include "state/groups/group_coordinator.h"
#include "store/store.h"

namespace ledge::broker {

class Groups {
 public:
  /// Both must outlive it.
  Groups(os::Env env, store::Store& store);

  using Joined = std::move_only_function<void(state::JoinAnswer)>;
  void join(const std::string& group, state::JoinRequest request, Joined done);
  using Synced = std::move_only_function<void(state::SyncAnswer)>;
  void sync(const std::string& group, state::SyncRequest request, Synced done);
  ErrorCode heartbeat(const std::string& group, const std::string& member,
                      const std::optional<std::string>& instance, std::int32_t generation);

  using Heartbeaten = std::move_only_function<void(state::ConsumerAnswer)>;
  void consumer_heartbeat(const std::string& group, state::ConsumerHeartbeat request, Heartbeaten done);

  /// Answers are given once what they say is durable. A failed write answers CoordinatorNotAvailable for
  /// everything, which clients retry.
  using Failed = std::optional<ErrorCode>;
  struct Member {
    std::string id;
    std::optional<std::string> instance;
  };
  void leave(const std::string& group, const std::vector<Member>& members,
             std::move_only_function<void(Failed, std::vector<ErrorCode>)> done);
  void commit(const state::CommitRequest& request,
              std::move_only_function<void(std::vector<ErrorCode>)> done);
  void remove(const std::vector<std::string>& groups,
              std::move_only_function<void(std::vector<ErrorCode>)> done);
  struct TopicPartition {
    std::string topic;
    std::int32_t partition;
  };
  /// KIP-496. The group's own error, or one per partition.
  void remove_offsets(const std::string& group, const std::vector<TopicPartition>& offsets,
                      std::move_only_function<void(ErrorCode, std::vector<ErrorCode>)> done);

  /// A topic of this name is gone: what groups had committed for it must not be taken for its successor's.
  void topic_deleted(const std::string& topic);

  const state::GroupCoordinator& machine() const { return machine_; }

  /// Answers everybody who waits with an error that makes clients come back; what comes later is answered so
  /// too.
  void stop();

 private:
  using Written = std::move_only_function<void(bool written)>;
  void carry_out(state::CoordinatorEffects effects, Written then = {});
  /// Calls `then` when all that was appended so far is durable, at once when it is.
  void after_writes(Written then);
  void wrote(std::uint64_t write, bool written);
  using Errors = std::vector<ErrorCode>;
  /// carry_out(), then `done` with the errors; of what could not be written, CoordinatorNotAvailable.
  void carry_out(state::CoordinatorEffects effects, Errors errors,
                 std::move_only_function<void(Errors)> done);
  void answer(std::vector<std::pair<state::Ticket, state::JoinAnswer>> joins,
              std::vector<std::pair<state::Ticket, state::SyncAnswer>> syncs, bool failed);
  void set_timer();
  void on_timer();

  os::Env env_;
  store::Store& store_;
  state::GroupCoordinator& machine_;
  std::unique_ptr<os::Timer> timer_;
  std::optional<Instant> timer_at_;
  Instant last_turn_;
  state::Ticket last_ticket_ = 0;
  std::map<state::Ticket, Joined> joins_;
  std::map<state::Ticket, Synced> syncs_;
  /// Writes are counted: answers that say what an earlier one made true wait for it.
  std::uint64_t appended_ = 0, durable_ = 0;
  std::multimap<std::uint64_t, Written> after_writes_;
  bool stopped_ = false;
};

}  // namespace ledge::broker
