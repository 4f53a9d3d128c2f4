// SPDX-License-Identifier: Apache-2.0
// Streams between nodes of one world. Bytes arrive late, in pieces of any size, in order; a connection may
// break at any piece, or fall silent without telling anybody. Hosts are not looked at: a port is one listener
// of one node.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "sim/world.h"

namespace ledge::sim {

class SimListener;
class Stream;

class Network {
 public:
  explicit Network(World& world) : world_(world) {}

  /// Breaks every connection that is open now.
  void cut_all() { cut_some(1); }
  /// Breaks each of them with this chance.
  void cut_some(double chance);
  /// Half open: from now on nothing passes and neither side is told, each for itself, for kUnnoticedMin to
  /// kUnnoticedMax (when probes and unacknowledged bytes tell a real system).
  void silence_some(double chance);
  static constexpr Duration kUnnoticedMin = 60s, kUnnoticedMax = 120s;
  /// Called by Node: its listeners are gone, its peers see their connections break within `unnoticed`.
  void node_ended(Node& node, Duration unnoticed);
  std::size_t open_connections() const { return streams_.size(); }

 private:
  friend class SimNet;
  friend class SimListener;
  friend class Stream;

  World& world_;
  std::map<std::uint16_t, SimListener*> listeners_;
  std::uint64_t streams_made_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Stream>> streams_;
  std::uint16_t next_port_ = 20000;
};

std::unique_ptr<os::Net> make_net(Node& node);

}  // namespace ledge::sim
