// SPDX-License-Identifier: Apache-2.0
// A peer that follows the protocol as little as a stranger would: bursts of requests without reading, half
// frames and then silence, noise, a hang-up in the middle. What it does ask properly is answered in the order
// of asking, or its connection ends.
#pragma once

#include <deque>
#include <memory>

#include "scene.h"

namespace ledge::sim {

class RudePeer final : public os::ConnectionHandler {
 public:
  RudePeer(Scene& scene, int number);
  ~RudePeer() override;

  /// Nothing proper that it asked is without an answer.
  bool satisfied() const { return connection_ == nullptr || mode_ != Mode::Burst || expected_.empty(); }
  /// Whether its connection is one that the box has to end by itself.
  bool owes() const { return connection_ != nullptr && mode_ != Mode::Burst; }

  MutableBytes read_buffer() override { return buffer_; }
  void on_read(std::size_t n) override;
  void on_closed(const Error& why) override;

 private:
  enum class Mode { Burst, HalfFrame, Noise, HangUp };
  void act();
  void connected(std::unique_ptr<os::Connection> connection);
  void burst();
  Bytes some_request(std::int32_t id);
  void hang_up();
  void next_turn();

  Scene& scene_;
  const std::string name_;
  std::unique_ptr<Node> process_;
  std::unique_ptr<os::Timer> turn_;
  std::unique_ptr<os::Connection> connection_;
  bool connecting_ = false;
  Mode mode_ = Mode::Burst;
  std::int32_t next_id_ = 1;
  std::deque<std::int32_t> expected_;  // correlation ids, oldest first
  Bytes buffer_, received_;
};

}  // namespace ledge::sim
