// SPDX-License-Identifier: Apache-2.0
// A consumer in a classic group, as Kafka's clients are: joins, leads if it is told to, takes its part, sends
// heartbeats, reads on from what the group has committed, commits. Eager ones give everything up before they
// join again, cooperative ones keep what stays theirs.
#pragma once

#include "group_member.h"
#include "wire/kafka/messages/11_join_group.h"
#include "wire/kafka/messages/14_sync_group.h"

namespace ledge::sim {

class ClassicMember final : public GroupMember {
 public:
  using GroupMember::GroupMember;

 private:
  enum class Stage { Outside, Joining, Syncing, Member };

  bool step() override;
  bool stable() const override { return stage_ == Stage::Member; }
  void commit_refused(ErrorCode code) override { membership_error(code, "OffsetCommit"); }

  void join();
  void joined(const Result<kafka::JoinGroupResponse>& response, Instant sent);
  void sync(const kafka::JoinGroupResponse& join);
  void synced(const Result<kafka::SyncGroupResponse>& response, Instant sent);
  void take_part(const Partitions& assigned, Instant sent);
  void heartbeat();
  void send_leave();
  /// What an error means for a member.
  void membership_error(ErrorCode code, const char* what);
  bool cooperative() const { return options_.protocol == GroupOptions::Protocol::Cooperative; }

  Stage stage_ = Stage::Outside;
  std::optional<std::string> protocol_;
  std::int32_t parts_generation_ = -1;  // in which it got them
  Instant heartbeat_due_{};
};

}  // namespace ledge::sim
