// SPDX-License-Identifier: Apache-2.0
// The memory that peers can make the server use: request frames from before they are read until their last
// user is done, and records that had to be copied into an answer until the kernel has taken them. Taking is
// on the loop thread; a charge may be given back on any thread, because the last user of a frame may be a
// worker.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.h"
#include "os/loop.h"

namespace ledge::broker {

class Budget;

/// Bytes taken from a budget; gives them back when destroyed.
class Charge {
 public:
  Charge() = default;
  Charge(Charge&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Charge();
  std::uint64_t bytes() const { return bytes_; }

 private:
  friend class Budget;
  Charge(std::shared_ptr<Budget> budget, std::uint64_t bytes) : budget_(std::move(budget)), bytes_(bytes) {}
  std::shared_ptr<Budget> budget_;
  std::uint64_t bytes_ = 0;
};

class Budget : public std::enable_shared_from_this<Budget> {
 public:
  static std::shared_ptr<Budget> make(os::Loop& loop, std::uint64_t bytes_max);

  /// nullopt: not now; `on_freed` will be told. What is larger than the whole budget is admitted when nothing
  /// else is taken.
  std::optional<Charge> take(std::uint64_t bytes);
  /// For what must be held anyway; may overdraw, which stops further taking.
  Charge take_anyway(std::uint64_t bytes);
  /// Called on the loop, after bytes were given back that somebody had asked for in vain. An empty function
  /// ends it.
  void on_freed(std::function<void()> call) { freed_ = std::move(call); }

  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  std::uint64_t bytes_max() const { return bytes_max_; }

 private:
  friend class Charge;
  Budget(os::Loop& loop, std::uint64_t bytes_max) : loop_(loop), bytes_max_(bytes_max) {}
  bool fits(std::uint64_t bytes) const;
  void give_back(std::uint64_t bytes);

  os::Loop& loop_;
  const std::uint64_t bytes_max_;
  std::atomic<std::uint64_t> used_ = 0;
  std::atomic<bool> wanted_ = false;
  std::function<void()> freed_;
};

/// A buffer of `size` bytes, not initialised, that holds `charge` until its last user is gone.
SharedBytes charged_buffer(std::size_t size, Charge charge);
/// `bytes`, holding `charge` too.
SharedBytes charged(SharedBytes bytes, Charge charge);

}  // namespace ledge::broker
