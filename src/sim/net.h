// SPDX-License-Identifier: Apache-2.0
// Streams between nodes of one world. Bytes arrive late, in pieces of any size, in order; a connection may
// break at any piece. Hosts are not looked at: a port is one listener of one node.
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
  void cut_all();
  /// Called by Node::crash(): its listeners are gone, its peers see their connections break.
  void node_crashed(Node& node);
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
