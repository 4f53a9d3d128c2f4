// SPDX-License-Identifier: Apache-2.0
// Private to os/: the real loop, as the real net, workers and signals see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "os/loop.h"

namespace boost::asio {
class io_context;
}

namespace ledge::os {

/// Something with bytes to send, flushed once for all that a turn gave it.
class Flushable {
 public:
  virtual ~Flushable() = default;
  virtual void flush() = 0;
};

class RealLoop final : public Loop {
 public:
  RealLoop();
  ~RealLoop() override;

  Instant now() const override;
  WallMs wall_now() const override;
  void post(Callback call) override;
  std::unique_ptr<Timer> timer() override;
  void run() override;
  void stop() override;

  boost::asio::io_context& context();
  /// Every handler that enters the program from the event loop begins with this: the clock is read anew.
  void begin_callback() { clock_is_fresh_ = false; }
  /// Calls flush() at the end of the turn, or soon when there is none.
  void flush_later(std::shared_ptr<Flushable> who);
  /// A handler that may send: what it left to flush is flushed at its end, without another round of the loop.
  class Turn {
   public:
    explicit Turn(RealLoop& loop) : loop_(loop) {
      loop_.begin_callback();
      loop_.in_turn_ = true;
    }
    ~Turn() {
      loop_.in_turn_ = false;
      loop_.flush();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    RealLoop& loop_;
  };
  /// Bytes came or went on a socket. When a burst of them is over, the pages that the heap holds unused go
  /// back to the system: left alone, the allocator keeps what the burst took.
  void moved(std::size_t bytes);
  /// Keeps `thing` until the loop is destroyed.
  void keep(std::shared_ptr<void> thing);

  struct Core;
  Core& core() { return *core_; }

 private:
  void flush();

  std::unique_ptr<Core> core_;
  bool in_turn_ = false;
  mutable Instant now_{};
  mutable bool clock_is_fresh_ = false;
};

}  // namespace ledge::os
