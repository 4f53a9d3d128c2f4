// SPDX-License-Identifier: Apache-2.0
// A box that lives and dies on one simulated disk: the server's own construction (app::Box) in a simulated
// process, with listeners on the simulated network.
#pragma once

#include <memory>

#include "scene.h"

namespace ledge::sim {

class SimBox {
 public:
  SimBox(Scene& scene, const app::BoxOptions& options);
  ~SimBox();

  /// Recovers. False: it did not come up, for a reason that the disk gave.
  bool start();
  /// The process ends.
  void kill();
  /// The machine ends, and with it what was not synced; peers may find out late.
  void cut_power();
  /// A clean stop; then the process ends.
  void stop();

  bool running() const { return life_ != nullptr; }
  /// Listening: requests are answered.
  bool serving() const { return life_ && life_->serving; }
  /// The power went (Disk::stop_after), or records are not accepted any more.
  bool ailing() const;
  Node& process() { return *life_->process; }
  app::Box& box() { return *life_->box; }
  Disk& disk() { return disk_; }

 private:
  struct Life {
    std::unique_ptr<Node> process;
    std::unique_ptr<os::Directory> folder;
    std::unique_ptr<app::Box> box;
    bool serving = false;
  };
  void end();

  Scene& scene_;
  app::BoxOptions options_;
  Disk disk_;
  std::unique_ptr<Life> life_;
};

}  // namespace ledge::sim
