// SPDX-License-Identifier: Apache-2.0
#include "os/real_loop.h"

#include <malloc.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <map>
#include <utility>
#include <vector>

#include "base/check.h"
#include "os/system.h"

namespace ledge::os {

namespace asio = boost::asio;

namespace {

using TimerKey = std::pair<std::int64_t, std::uint64_t>;  // when, and the order of setting among equals

class RealTimer;
using TimerQueue = std::map<TimerKey, RealTimer*>;

constexpr std::size_t kBurstBytes = 1048576;  // less leaves nothing worth a look at the heap
constexpr std::size_t kQuietBytes = 65536;    // in kQuiet: heartbeats and polls are no traffic
constexpr auto kQuiet = 500ms;

}  // namespace

struct RealLoop::Core {
  explicit Core(RealLoop& the_loop)
      : loop(the_loop), context(1), work(context.get_executor()), clock(context) {
    const int fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    CHECK(fd >= 0);
    clock.assign(fd);
    wait_for_clock();
  }

  void wait_for_clock();
  void arm();
  void fire_due();
  void watch_burst();

  RealLoop& loop;
  TimerQueue timers;  // before the context: callbacks that end with it may own timers
  std::uint64_t timers_set = 0;
  std::int64_t armed_at = INT64_MAX;  // when the timerfd fires
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::posix::stream_descriptor clock;  // one timerfd for all timers
  std::vector<std::shared_ptr<Flushable>> to_flush;
  std::vector<std::shared_ptr<void>> kept;
  std::size_t moved = 0;         // since the last look
  std::unique_ptr<Timer> quiet;  // set during a burst
};

namespace {

class RealTimer final : public Timer {
 public:
  explicit RealTimer(RealLoop::Core& core) : core_(core) {}
  ~RealTimer() override { cancel(); }

  void set(Instant at, Callback fire) override {
    cancel();
    fire_ = std::move(fire);
    place_ = core_.timers.emplace(TimerKey{at.ns, ++core_.timers_set}, this).first;
    core_.arm();
  }
  void cancel() override {
    if (place_ != core_.timers.end()) core_.timers.erase(std::exchange(place_, core_.timers.end()));
    fire_ = nullptr;
  }
  /// Out of the queue; the callback may set the timer again or destroy it.
  Callback take() {
    core_.timers.erase(std::exchange(place_, core_.timers.end()));
    return std::exchange(fire_, nullptr);
  }

 private:
  RealLoop::Core& core_;
  TimerQueue::iterator place_ = core_.timers.end();
  Callback fire_;
};

}  // namespace

void RealLoop::Core::wait_for_clock() {
  clock.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    std::uint64_t expirations = 0;
    (void)!read(clock.native_handle(), &expirations, sizeof expirations);
    armed_at = INT64_MAX;
    fire_due();
    arm();
    wait_for_clock();
  });
}

/// The timerfd is set only when it would fire too late: a deadline that is moved on with every request costs
/// no system call.
void RealLoop::Core::arm() {
  if (timers.empty()) return;
  const std::int64_t at = std::max<std::int64_t>(timers.begin()->first.first, 1);  // 0 would disarm
  if (at >= armed_at) return;
  armed_at = at;
  itimerspec when{};
  when.it_value.tv_sec = at / 1'000'000'000;
  when.it_value.tv_nsec = at % 1'000'000'000;
  CHECK(timerfd_settime(clock.native_handle(), TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

/// Those that are due now; what their callbacks set for now waits for the next round, so that sockets get
/// their turn.
void RealLoop::Core::fire_due() {
  const RealLoop::Turn turn{loop};
  const TimerKey limit{loop.now().ns, timers_set};
  while (!timers.empty()) {
    const auto& [key, timer] = *timers.begin();
    if (key.first > limit.first || key.second > limit.second) return;
    Callback fire = timer->take();
    loop.begin_callback();
    fire();
  }
}

void RealLoop::Core::watch_burst() {
  moved = 0;
  quiet->set(loop.now() + kQuiet, [this] {
    if (moved >= kQuietBytes) return watch_burst();
    quiet.reset();
    malloc_trim(0);
  });
}

RealLoop::RealLoop() : core_(std::make_unique<Core>(*this)) {}
RealLoop::~RealLoop() = default;

Instant RealLoop::now() const {
  if (!std::exchange(clock_is_fresh_, true)) now_ = monotonic_clock();
  return now_;
}

WallMs RealLoop::wall_now() const { return wall_clock(); }

void RealLoop::post(Callback call) {
  asio::post(core_->context, [this, call = std::move(call)]() mutable {
    const Turn turn{*this};
    call();
  });
}

std::unique_ptr<Timer> RealLoop::timer() { return std::make_unique<RealTimer>(*core_); }

void RealLoop::run() {
  core_->context.restart();
  core_->context.run();
}

void RealLoop::stop() { core_->context.stop(); }

asio::io_context& RealLoop::context() { return core_->context; }

void RealLoop::flush_later(std::shared_ptr<Flushable> who) {
  core_->to_flush.push_back(std::move(who));
  if (in_turn_ || core_->to_flush.size() > 1) return;
  asio::post(core_->context, [this] {
    begin_callback();
    flush();
  });
}

void RealLoop::flush() {
  for (auto& each : std::exchange(core_->to_flush, {})) each->flush();
}

void RealLoop::moved(std::size_t bytes) {
  core_->moved += bytes;
  if (core_->moved < kBurstBytes || core_->quiet) return;
  core_->quiet = timer();
  core_->watch_burst();
}

void RealLoop::keep(std::shared_ptr<void> thing) { core_->kept.push_back(std::move(thing)); }

}  // namespace ledge::os
