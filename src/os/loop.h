// SPDX-License-Identifier: Apache-2.0
// The core loop: one thread that owns all state. Everything in ledge runs on it except what Worker carries
// elsewhere.
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

namespace ledge::os {

using Callback = std::move_only_function<void()>;

/// A timer that is set and cancelled by its owner; destroying it cancels it. Never fires from inside set().
class Timer {
 public:
  virtual ~Timer() = default;
  /// Fires once at `at` (or as soon as the loop is free, if that has passed). Replaces an earlier setting.
  virtual void set(Instant at, Callback fire) = 0;
  virtual void cancel() = 0;
};

class Loop {
 public:
  virtual ~Loop() = default;
  /// Monotonic, goes on during suspend. Constant within one callback.
  virtual Instant now() const = 0;
  /// The wall clock, which may jump in either direction at any time.
  virtual WallMs wall_now() const = 0;
  /// Runs `call` on the loop thread, after the current callback. The only member that any thread may call.
  virtual void post(Callback call) = 0;
  virtual std::unique_ptr<Timer> timer() = 0;
  /// Until stop(). Sleeps in the kernel when there is nothing to do: an idle loop never wakes up.
  virtual void run() = 0;
  virtual void stop() = 0;
};

}  // namespace ledge::os
