// SPDX-License-Identifier: Apache-2.0
// What the simulated clients of one run share.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "oracle.h"
#include "os/net.h"
#include "rig.h"
#include "sim/sim.h"

namespace ledge::sim {

struct Scene {
  enum class Presence { Wanted, There, Gone };
  struct Topic {
    std::string name;
    int partitions = 0;
    Presence presence = Presence::Wanted;  // as the box has acknowledged it
    bool deleting = false;                 // somebody asked for it
    Uuid id = {};

    bool usable() const { return presence == Presence::There && !deleting && !id.is_zero(); }
  };

  Scene(std::uint64_t seed, Figures& f, bool v)
      : world(seed), random(world.random()), figures(f), verbose(v) {}

  void say(const std::string& what) const {
    if (!verbose) return;
    std::printf("%10lld ms  %s\n", static_cast<long long>(world.now().ns / 1'000'000), what.c_str());
    std::fflush(stdout);
  }
  bool stopped() const { return !oracle.violation().empty(); }

  World world;
  Random& random;
  Oracle oracle;
  Figures& figures;
  const bool verbose;
  const os::Endpoint server{"sim", 9092};
  std::vector<Topic> topics;
  /// Nothing is done to anybody any more: whatever is asked from now on is answered.
  bool calm = false;
  /// Nobody begins anything new; what was begun is brought to its end.
  bool finishing = false;
};

}  // namespace ledge::sim
