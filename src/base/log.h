// SPDX-License-Identifier: Apache-2.0
// Log lines: one event each, with named fields. The text of an event never holds values; values go into
// fields, are escaped there, and are cut at a length. Each call site is rate-limited; what was held back is
// counted in its next line. Loop thread and worker threads may log.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace ledge {

enum class LogLevel { Debug, Info, Warn, Error };

struct LogField {
  LogField(std::string_view n, std::string_view v) : name(n), value(std::string{v}) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string{v}) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(v) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  template <typename I>
    requires std::is_integral_v<I>
  LogField(std::string_view n, I v) : name(n), value(static_cast<std::int64_t>(v)) {}

  std::string_view name;
  std::variant<std::string, std::int64_t, double, bool> value;
};

struct LogLine {
  LogLevel level;
  std::string_view event;
  std::initializer_list<LogField> fields;
  std::uint64_t held_back;  // lines of this call site that the limit swallowed since its last one
};

/// Where lines go. Set by app/ before any thread starts; without a sink lines are dropped (tests). Lines of
/// several threads reach the sink one at a time. `now_ns` is a monotonic clock for the rate limit (base/
/// itself reads none).
using LogSink = std::function<void(const LogLine&)>;
using LogClock = std::int64_t (*)();
void set_log_sink(LogSink sink, LogLevel lowest, LogClock now_ns);

/// At most `limits::log_lines_per_site_burst` lines in a row and `log_lines_per_site_second` a second after
/// that.
class LogSite {
 public:
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

 private:
  std::int64_t refilled_ns_ = 0;
  double tokens_ = -1;
  std::uint64_t held_back_ = 0;
};

#define LEDGE_LOG(level, ...) \
  do { \
    static ::ledge::LogSite ledge_log_site; \
    ledge_log_site.write(::ledge::LogLevel::level, __VA_ARGS__); \
  } while (false)
/// LOG_INFO("listening", {{"address", text}, {"port", port}});
#define LOG_DEBUG(...) LEDGE_LOG(Debug, __VA_ARGS__)
#define LOG_INFO(...) LEDGE_LOG(Info, __VA_ARGS__)
#define LOG_WARN(...) LEDGE_LOG(Warn, __VA_ARGS__)
#define LOG_ERROR(...) LEDGE_LOG(Error, __VA_ARGS__)

}  // namespace ledge
