// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.h"

namespace ledge {
namespace {

std::int64_t fake_now_ns = 0;

struct Seen {
  std::string event;
  std::uint64_t held_back;
};

class LogTest : public testing::Test {
 protected:
  LogTest() {
    fake_now_ns = 1;
    set_log_sink(
        [this](const LogLine& line) {
          seen_.push_back({std::string{line.event}, line.held_back});
        },
        LogLevel::Info, [] { return fake_now_ns; });
  }
  ~LogTest() override { set_log_sink({}, LogLevel::Info, nullptr); }
  std::vector<Seen> seen_;
};

TEST_F(LogTest, DropsLinesBelowTheLowestLevel) {
  LOG_DEBUG("quiet", {});
  LOG_INFO("loud", {});
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].event, "loud");
}

TEST_F(LogTest, HoldsBackASiteThatRepeatsItselfAndCountsWhatItSwallowed) {
  const auto repeat = [](int times) {
    for (int i = 0; i < times; ++i) LOG_WARN("again", {{"i", i}});
  };
  repeat(1000);
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(limits::log_lines_per_site_burst));
  fake_now_ns += 1'000'000'000;
  repeat(1);
  ASSERT_EQ(seen_.size(), static_cast<std::size_t>(limits::log_lines_per_site_burst) + 1);
  EXPECT_EQ(seen_.back().held_back, 1000 - static_cast<std::uint64_t>(limits::log_lines_per_site_burst));
  repeat(1);
  EXPECT_EQ(seen_.size(), static_cast<std::size_t>(limits::log_lines_per_site_burst) + 1);
  LOG_WARN("another site is not affected", {});
  EXPECT_EQ(seen_.back().held_back, 0u);
}

}  // namespace
}  // namespace ledge
