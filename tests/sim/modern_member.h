// SPDX-License-Identifier: Apache-2.0
// A consumer of the consumer protocol (KIP-848): one kind of heartbeat joins, stays, tells what it holds and
// learns what it should hold. After a failure it says everything again.
#pragma once

#include "group_member.h"
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"

namespace ledge::sim {

class ModernMember final : public GroupMember {
 public:
  ModernMember(Scene& scene, GroupOracle& group, const GroupOptions& options, int number,
               std::string instance);

 private:
  bool step() override;
  bool stable() const override { return generation_ > 0; }
  void commit_refused(ErrorCode code) override;

  kafka::ConsumerGroupHeartbeatRequest request(std::int32_t epoch) const;
  void heartbeat();
  void answered(const Result<kafka::ConsumerGroupHeartbeatResponse>& response, Instant sent);
  void take_part(const kafka::ConsumerGroupHeartbeatResponse::Assignment& assignment, Instant sent);
  void send_leave();
  void begin_anew();

  bool say_all_ = true;
  Partitions told_;  // what the coordinator knows that it holds
  Instant due_{};
  std::optional<Instant> refused_since_;  // because another process is its instance
};

}  // namespace ledge::sim
