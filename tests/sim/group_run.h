// SPDX-License-Identifier: Apache-2.0
// One seed: groups of consumers on a whole box, while members come and go, connections break and fall silent,
// clocks jump, processes stall and the box is killed. Afterwards every group settles.
#pragma once

#include <memory>
#include <vector>

#include "classic_member.h"
#include "faults.h"
#include "modern_member.h"
#include "producer.h"
#include "sim_box.h"
#include "topic_admin.h"

namespace ledge::sim {

class GroupRun final : public Run {
 public:
  GroupRun(std::uint64_t seed, RunOptions options);
  std::string run() override;
  std::uint64_t trace_hash() const override { return scene_.world.trace_hash(); }

 private:
  struct Group {
    Group(Scene& scene, GroupOptions o)
        : options(std::move(o)),
          oracle(scene, options.name, options.protocol != GroupOptions::Protocol::Modern) {}
    const GroupOptions options;
    GroupOracle oracle;
    std::vector<std::unique_ptr<GroupMember>> members;
    int instances = 0;
  };

  void live();
  void change_members(Group& group);
  void add_member(Group& group, std::string instance);
  std::vector<Node*> processes();
  void finale();
  bool settled(const Group& group) const;

  Scene scene_;
  SimBox box_;
  Faults faults_;
  TopicAdmin admin_;
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::unique_ptr<Group>> groups_;
  int clients_ = 0;
};

}  // namespace ledge::sim
