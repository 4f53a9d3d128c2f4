// SPDX-License-Identifier: Apache-2.0
// One seed: a whole box (server, broker, store, journal) on a simulated disk and network, under clients that
// speak Kafka to it while connections break and fall silent, clocks jump, processes stall, and the power
// goes.
#pragma once

#include <memory>
#include <vector>

#include "faults.h"
#include "producer.h"
#include "reader.h"
#include "rude_peer.h"
#include "sim_box.h"
#include "topic_admin.h"

namespace ledge::sim {

class ServerRun final : public Run {
 public:
  ServerRun(std::uint64_t seed, RunOptions options);
  std::string run() override;
  std::uint64_t trace_hash() const override { return scene_.world.trace_hash(); }

 private:
  void live();
  void finale();
  void new_client();

  Scene scene_;
  SimBox box_;
  Faults faults_;
  TopicAdmin admin_;
  std::vector<std::unique_ptr<Producer>> producers_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::unique_ptr<RudePeer>> rude_;
  int clients_ = 0;
};

}  // namespace ledge::sim
