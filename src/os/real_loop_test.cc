// SPDX-License-Identifier: Apache-2.0
#include "os/real_loop.h"

#include <gtest/gtest.h>

#include <thread>

#include "os/system.h"

namespace ledge::os {
namespace {

TEST(RealLoop, TimersFireInTheOrderOfTheirTimesAndEqualOnesInTheOrderOfSetting) {
  auto env = make_real();
  const Instant start = env.loop->now();
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  const int delays_ms[] = {9, 3, 6, 3, 0};
  for (int i = 0; i < 5; ++i) {
    timers.push_back(env.loop->timer());
    timers.back()->set(start + std::chrono::milliseconds(delays_ms[i]), [&, i] {
      fired.push_back(i);
      if (fired.size() == 5) env.loop->stop();
    });
  }
  env.loop->run();
  EXPECT_EQ(fired, (std::vector<int>{4, 1, 3, 2, 0}));
  timers.clear();
}

TEST(RealLoop, ATimerThatIsCancelledOrDestroyedNeverFires) {
  auto env = make_real();
  auto cancelled = env.loop->timer(), destroyed = env.loop->timer(), moved = env.loop->timer(),
       last = env.loop->timer();
  int moved_fired = 0;
  cancelled->set(env.loop->now() + 1ms, [] { ADD_FAILURE(); });
  destroyed->set(env.loop->now() + 1ms, [] { ADD_FAILURE(); });
  moved->set(env.loop->now() + 1ms, [] { ADD_FAILURE(); });
  moved->set(env.loop->now() + 2ms, [&] { ++moved_fired; });
  cancelled->cancel();
  destroyed.reset();
  last->set(env.loop->now() + 5ms, [&] { env.loop->stop(); });
  env.loop->run();
  EXPECT_EQ(moved_fired, 1);
}

TEST(RealLoop, ATimerMayBeDestroyedInItsOwnCallback) {
  auto env = make_real();
  auto timer = env.loop->timer();
  timer->set(env.loop->now(), [&] {
    timer.reset();
    env.loop->stop();
  });
  EXPECT_TRUE(timer) << "it does not fire from inside set()";
  env.loop->run();
  EXPECT_FALSE(timer);
}

/// What a burst of requests leaves: free blocks between others that stay.
std::vector<std::unique_ptr<char[]>> heap_with_holes(std::size_t bytes) {
  constexpr std::size_t kBlock = 65536, kKept = 64;
  std::vector<std::unique_ptr<char[]>> freed, kept;
  for (std::size_t at = 0; at < bytes; at += kBlock) {
    freed.push_back(std::make_unique<char[]>(kBlock));  // and so written to
    kept.push_back(std::make_unique<char[]>(kKept));
  }
  return kept;
}

TEST(RealLoop, WhatABurstTookOfTheHeapGoesBackToTheSystemWhenItIsOver) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizers have a heap of their own";
#endif
  auto env = make_real();
  auto& loop = static_cast<RealLoop&>(*env.loop);
  constexpr std::uint64_t kBytes = 33554432;
  const auto kept = heap_with_holes(kBytes);
  const std::uint64_t before = process_stats().resident_bytes;
  std::uint64_t during = 0, after = 0;
  auto later = loop.timer(), end = loop.timer();
  loop.post([&] { loop.moved(2097152); });
  later->set(loop.now() + 300ms, [&] {
    during = process_stats().resident_bytes;
    loop.moved(2097152);  // the burst goes on: nothing is given back yet
  });
  end->set(loop.now() + 700ms, [&] {
    during = std::min(during, process_stats().resident_bytes);
    end->set(loop.now() + 800ms, [&] {
      after = process_stats().resident_bytes;
      loop.stop();
    });
  });
  loop.run();
  EXPECT_GT(during + kBytes / 2, before);
  EXPECT_LT(after + kBytes / 2, before);
  later.reset();
  end.reset();
}

TEST(RealLoop, TimeStandsStillInsideACallback) {
  auto env = make_real();
  env.loop->post([&] {
    const Instant before = env.loop->now();
    while (monotonic_clock() - before < 2ms) {
    }
    EXPECT_EQ(env.loop->now(), before);
    env.loop->post([&, before] {
      EXPECT_GE(env.loop->now() - before, 2ms);
      env.loop->stop();
    });
  });
  env.loop->run();
}

TEST(RealLoop, AnIdleLoopUsesNoProcessorTime) {
  auto env = make_real();
  auto end = env.loop->timer();
  end->set(env.loop->now() + 200ms, [&] { env.loop->stop(); });
  const std::clock_t before = std::clock();
  env.loop->run();
  EXPECT_LT(std::clock() - before, CLOCKS_PER_SEC / 50);
}

TEST(RealWorker, RunsJobsInOrderOnAThreadOfItsOwnAndCompletesOnTheLoop) {
  auto env = make_real();
  const auto loop_thread = std::this_thread::get_id();
  std::vector<int> ran, completed;
  for (int i = 0; i < 100; ++i) {
    env.journal_worker->submit(
        [&, i] {
          EXPECT_NE(std::this_thread::get_id(), loop_thread);
          ran.push_back(i);
        },
        [&, i] {
          EXPECT_EQ(std::this_thread::get_id(), loop_thread);
          completed.push_back(i);
          if (i == 99) env.loop->stop();
        });
  }
  env.loop->run();
  ASSERT_EQ(completed.size(), 100u);
  EXPECT_TRUE(std::is_sorted(ran.begin(), ran.end()));
  EXPECT_TRUE(std::is_sorted(completed.begin(), completed.end()));
}

TEST(RealWorker, StartsNoThreadBeforeItsFirstJobAndFinishesItsJobsAtTheEnd) {
  const auto before = process_stats().threads;
  int ran = 0;
  {
    auto env = make_real();
    EXPECT_EQ(process_stats().threads, before);
    for (int i = 0; i < 10; ++i) env.read_worker->submit([&] { ++ran; }, [] {});
  }
  EXPECT_EQ(ran, 10);
}

TEST(RealSystem, ProcessFiguresArePlausible) {
  const ProcessStats stats = process_stats();
  EXPECT_GT(stats.resident_bytes, 1'000'000u);
  EXPECT_GT(stats.open_descriptors, 2u);
  EXPECT_GE(stats.threads, 1u);
  EXPECT_NEAR(stats.start_time_seconds, static_cast<double>(wall_clock()) / 1000, 600);
}

TEST(RealSystem, RandomIdsDiffer) {
  auto env = make_real();
  EXPECT_NE(env.random->uuid(), env.random->uuid());
  EXPECT_NE(env.random->u64(), env.random->u64());
}

}  // namespace
}  // namespace ledge::os
