// SPDX-License-Identifier: Apache-2.0
// A world of virtual time: everything that happens is an event in one queue, on one thread. Events of the
// same moment happen in an order that the seed decides.
//
//   sim::World world(seed);
//   sim::Disk disk(world);
//   auto box = world.add_node();             // its Env is what the real core runs on
//   ... open a store on box->env() and *disk.open() ...
//   world.run_for(3s);
//   box->crash(); disk.power_cut();          // then destroy the store, then the node; open a new one on the
//   disk
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "os/system.h"
#include "sim/random.h"

namespace ledge::sim {

class World;
class Network;

/// How unkind the world is.
struct WorldOptions {
  Duration job_delay = 100us;        // until a worker has done a job; see Random::delay
  Duration post_delay = 5us;         // until the loop sees what a worker or the kernel has for it
  Duration network_delay = 200us;    // for each piece of a stream
  double connection_cut_chance = 0;  // per piece sent
  double connect_refused_chance = 0;
};

/// One process: what is scheduled for it is dropped when it crashes.
class Node {
 public:
  ~Node();
  os::Env env();
  /// Ends the process at once: nothing of it runs any more, its connections break. What it had scheduled is
  /// destroyed with the node, so destroy the objects that run on it first.
  void crash() { end(Duration{}); }
  /// The same, but the machine is gone too: nobody is left to tell its peers, who find out within
  /// `unnoticed`.
  void lose_power(Duration unnoticed) { end(unnoticed); }
  bool alive() const { return alive_; }
  /// The process does not run for so long (stopped, or its box asleep); what was due meanwhile happens after
  /// that, in order.
  void stall(Duration time);
  /// Nothing reaches this node, or leaves it, for so long. What is on its way arrives afterwards.
  void isolate(Duration time);
  /// How much longer it is isolated.
  Duration isolated() const;

  /// For the doubles: `call` happens on this node in `delay`, unless it has crashed by then.
  void schedule(Duration delay, os::Callback call);
  World& world() { return world_; }

 private:
  friend class World;
  Node(World& world, std::uint64_t id);
  void end(Duration unnoticed);

  struct Parts;
  World& world_;
  const std::uint64_t id_;
  bool alive_ = true;
  Instant stalled_until_{}, isolated_until_{};
  std::vector<os::Callback> graveyard_;
  std::unique_ptr<Parts> parts_;
};

class World {
 public:
  explicit World(std::uint64_t seed, WorldOptions options = {});
  ~World();

  /// Of a first node that is always there: clients, and unit tests that need just an Env.
  os::Env env() { return first_->env(); }
  std::unique_ptr<Node> add_node();

  Instant now() const { return now_; }
  WallMs wall_now() const { return wall_offset_ms_ + now_.ns / 1'000'000; }
  /// Someone sets the clock.
  void jump_wall(std::int64_t ms) { wall_offset_ms_ += ms; }

  /// The next event; false when there is none.
  bool step();
  void run_for(Duration time);
  /// Until `done` holds; false when that takes longer than `at_most` or nothing happens any more.
  template <typename Done> bool run_until(Done done, Duration at_most = 3600s) {
    const Instant end = now_ + at_most;
    while (!done()) {
      if (now_ > end || !step()) return false;
    }
    return true;
  }

  /// Of everything that happened so far: equal for two runs of one seed.
  std::uint64_t trace_hash() const { return trace_; }
  void trace(std::uint64_t value) { trace_ = (trace_ ^ value) * 0x100000001b3; }

  Random& random() { return random_; }
  WorldOptions& options() { return options_; }
  Network& network() { return *network_; }
  std::uint64_t events() const { return events_run_; }

 private:
  friend class Node;
  struct Event {
    Node* node;
    os::Callback call;
  };
  using Key = std::tuple<std::int64_t, std::uint64_t, std::uint64_t>;  // time, chance, order

  Random random_;
  WorldOptions options_;
  Instant now_{1'000'000'000};
  std::int64_t wall_offset_ms_ = 1'790'000'000'000;
  std::map<Key, Event> events_;
  std::uint64_t events_made_ = 0, events_run_ = 0, events_late_ = 0, nodes_made_ = 0;
  std::uint64_t trace_ = 0xcbf29ce484222325;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Node> first_;
};

}  // namespace ledge::sim
