// SPDX-License-Identifier: Apache-2.0
// A loop for tests that is driven by hand: posted calls run in turn(), timers when pass() reaches them.
#pragma once

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "os/loop.h"

namespace ledge::broker::testing {

class ManualLoop final : public os::Loop {
 public:
  Instant now() const override { return now_; }
  WallMs wall_now() const override { return 1'700'000'000'000 + now_.ns / 1'000'000; }
  void post(os::Callback call) override { posted_.push_back(std::move(call)); }
  std::unique_ptr<os::Timer> timer() override { return std::make_unique<ManualTimer>(*this); }
  void run() override { turn(); }
  void stop() override {}

  /// Runs what was posted, and what that posts.
  void turn() {
    while (!posted_.empty()) {
      for (os::Callback& call : std::exchange(posted_, {})) call();
    }
  }
  /// Lets time pass, firing timers at their times.
  void pass(Duration d) {
    const Instant end = now_ + d;
    turn();
    while (!timers_.empty() && timers_.begin()->first <= end) {
      now_ = std::max(now_, timers_.begin()->first);
      ManualTimer* timer = timers_.begin()->second;
      timers_.erase(timers_.begin());
      timer->fire();
      turn();
    }
    now_ = end;
  }
  std::size_t timers_set() const { return timers_.size(); }

 private:
  class ManualTimer final : public os::Timer {
   public:
    explicit ManualTimer(ManualLoop& loop) : loop_(loop) {}
    ~ManualTimer() override { cancel(); }
    void set(Instant at, os::Callback fire) override {
      cancel();
      fire_ = std::move(fire);
      loop_.timers_.emplace(at, this);
    }
    void cancel() override {
      std::erase_if(loop_.timers_, [this](const auto& entry) { return entry.second == this; });
    }
    void fire() {
      auto call = std::exchange(fire_, nullptr);
      call();
    }

   private:
    ManualLoop& loop_;
    os::Callback fire_;
  };

  Instant now_{1'000'000'000};
  std::vector<os::Callback> posted_;
  std::multimap<Instant, ManualTimer*> timers_;
};

}  // namespace ledge::broker::testing
