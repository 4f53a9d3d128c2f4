// SPDX-License-Identifier: Apache-2.0
#include "faults.h"

namespace ledge::sim {

Faults::Faults(Scene& scene, SimBox& box) : scene_(scene), box_(box) {
  Random& random = scene.random;
  for (bool& each : enabled_) each = random.chance(0.5);
  chance_ = random.chance(0.5) ? 0.02 : 0.15;
  power_goes_ = random.chance(0.5);
  WorldOptions& options = scene.world.options();
  options.network_delay = random.chance(0.8) ? 200us : 5ms;
  if (random.chance(0.3)) options.connection_cut_chance = random.chance(0.5) ? 0.0005 : 0.01;
  if (random.chance(0.2)) options.connect_refused_chance = 0.2;
  if (random.chance(0.3)) options.job_delay = 10ms;  // a slow disk: larger groups
}

void Faults::before_start() {
  if (!power_goes_) return;
  Random& random = scene_.random;
  if (random.chance(0.2)) box_.disk().stop_after(1 + random.below(80));
  if (random.chance(0.4)) box_.disk().stop_after(50 + random.below(800));
}

void Faults::perhaps(const std::vector<Node*>& clients) {
  if (!scene_.random.chance(chance_)) return;
  const auto kind = static_cast<Kind>(scene_.random.below(Kinds));
  if (enabled_[kind]) happen(kind, clients);
}

void Faults::happen(Kind kind, const std::vector<Node*>& clients) {
  Random& random = scene_.random;
  World& world = scene_.world;
  const auto time = [&](Duration most) { return Duration{random.between(0, most.count())}; };
  ++scene_.figures["faults"];
  switch (kind) {
    case Cut: return world.network().cut_some(random.chance(0.3) ? 1 : 0.3);
    case Silence: return world.network().silence_some(0.3);
    case IsolateBox: return box_.process().isolate(time(random.chance(0.8) ? 2s : 40s));
    case IsolateClient: return clients[random.below(clients.size())]->isolate(time(40s));
    case StallBox: return box_.process().stall(time(random.chance(0.8) ? 1s : 60s));
    case StallClient: return clients[random.below(clients.size())]->stall(time(40s));
    case JumpWall:
      return world.jump_wall(random.between(-400'000'000'000, 400'000'000'000) / (1 + random.below(1000)));
    case Slow:
      world.options().network_delay =
          random.chance(0.5) ? 200us : Duration{random.between(1'000'000, 100'000'000)};
      return;
    case DiskError: return disk_error();
    case Kinds: break;
  }
}

void Faults::disk_error() {
  Random& random = scene_.random;
  Disk& disk = box_.disk();
  const auto when = 1 + random.below(60);
  ++scene_.figures["disk faults"];
  switch (random.below(5)) {
    case 0: return disk.fail_at(DiskCall::Sync, when, ErrorCode::DiskFailed);
    case 1: return disk.fail_at(DiskCall::Write, when, ErrorCode::DiskFailed);
    case 2: return disk.fail_at(DiskCall::Write, when, ErrorCode::DiskFull, true);
    case 3: return disk.fail_at(DiskCall::SyncNames, 1 + random.below(4), ErrorCode::DiskFailed);
    default: return disk.fail_at(DiskCall::Read, when, ErrorCode::DiskFailed);
  }
}

void Faults::end() {
  scene_.world.options().connection_cut_chance = 0;
  scene_.world.options().connect_refused_chance = 0;
  scene_.world.options().network_delay = 200us;
  scene_.world.options().job_delay = 100us;
  scene_.world.network().cut_all();
}

}  // namespace ledge::sim
