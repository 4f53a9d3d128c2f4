// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/limits.h"

namespace ledge {
namespace {

struct Log {
  LogSink sink;
  LogLevel lowest = LogLevel::Info;
  LogClock now_ns = nullptr;
};

Log& log_state() {
  static Log state;
  return state;
}

/// One line at a time. Lines are rare and short, so threads hardly ever meet here.
class LineLock {
 public:
  LineLock() {
    while (busy_.test_and_set(std::memory_order_acquire)) busy_.wait(true, std::memory_order_relaxed);
  }
  ~LineLock() {
    busy_.clear(std::memory_order_release);
    busy_.notify_one();
  }
  LineLock(const LineLock&) = delete;
  LineLock& operator=(const LineLock&) = delete;

 private:
  static inline std::atomic_flag busy_;
};

}  // namespace

void set_log_sink(LogSink sink, LogLevel lowest, LogClock now_ns) {
  const LineLock lock;
  log_state() = {std::move(sink), lowest, now_ns};
}

void LogSite::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  constexpr double kBurst = static_cast<double>(limits::log_lines_per_site_burst);
  constexpr double kPerNs = static_cast<double>(limits::log_lines_per_site_second) / 1e9;
  const LineLock lock;
  const Log& log = log_state();
  if (!log.sink || level < log.lowest) return;
  const std::int64_t now = log.now_ns();
  if (tokens_ < 0) {
    tokens_ = kBurst;
  } else {
    tokens_ = std::min(kBurst, tokens_ + static_cast<double>(now - refilled_ns_) * kPerNs);
  }
  refilled_ns_ = now;
  if (tokens_ < 1) {
    ++held_back_;
    return;
  }
  tokens_ -= 1;
  log.sink(LogLine{level, event, fields, std::exchange(held_back_, 0)});
}

}  // namespace ledge
