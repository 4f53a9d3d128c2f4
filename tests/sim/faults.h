// SPDX-License-Identifier: Apache-2.0
// What happens to a box and its clients. Every seed leaves some kinds out and has others often, since faults
// of all kinds together hide each other.
#pragma once

#include <functional>
#include <vector>

#include "sim_box.h"

namespace ledge::sim {

class Faults {
 public:
  Faults(Scene& scene, SimBox& box);

  /// Perhaps something, to the box or to one of these processes.
  void perhaps(const std::vector<Node*>& clients);
  /// As `perhaps`, before a start: the power may go while the box recovers.
  void before_start();
  /// Nothing any more; connections that hang are cut.
  void end();

 private:
  enum Kind {
    Cut,
    Silence,
    IsolateBox,
    IsolateClient,
    StallBox,
    StallClient,
    JumpWall,
    Slow,
    DiskError,
    Kinds
  };
  void happen(Kind kind, const std::vector<Node*>& clients);
  void disk_error();

  Scene& scene_;
  SimBox& box_;
  bool enabled_[Kinds] = {};
  double chance_ = 0;
  bool power_goes_ = false;
};

}  // namespace ledge::sim
