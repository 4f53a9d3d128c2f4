// SPDX-License-Identifier: Apache-2.0
#include "app/log_sink.h"

#include <gtest/gtest.h>

namespace ledge::app {
namespace {

constexpr WallMs kNow = 1764040320123;  // 2025-11-25T03:12:00.123Z

TEST(LogSink, WritesReadableLines) {
  const LogLine line{
      LogLevel::Warn, "ready", {{"at", "127.0.0.1:9092"}, {"n", 3}, {"ok", true}, {"share", 0.5}}, 0};
  EXPECT_EQ(log_text(line, kNow),
            "2025-11-25T03:12:00.123Z WARN  ready  at=127.0.0.1:9092 n=3 ok=true share=0.5\n");
}

TEST(LogSink, WritesJson) {
  const LogLine line{LogLevel::Info, "ready", {{"at", "a\"b"}, {"n", -3}, {"ok", false}}, 7};
  EXPECT_EQ(log_json(line, kNow),
            "{\"ts\":\"2025-11-25T03:12:00.123Z\",\"level\":\"info\",\"event\":\"ready\",\"at\":\"a\\\"b\","
            "\"n\":-3,"
            "\"ok\":false,\"held_back\":7}\n");
}

TEST(LogSink, AValueCannotForgeALineOrSendATerminalSequence) {
  const LogLine line{
      LogLevel::Info, "client", {{"id", "x\n2025 ERROR forged\x1b[2J"}, {"empty", ""}, {"pair", "a=b c"}}, 0};
  EXPECT_EQ(log_text(line, kNow),
            "2025-11-25T03:12:00.123Z INFO  client  id=\"x\\n2025 ERROR forged\\u001b[2J\" empty=\"\" "
            "pair=\"a=b c\"\n");
}

TEST(LogSink, CutsLongValues) {
  const LogLine line{LogLevel::Info, "client", {{"id", std::string(100000, 'x')}}, 0};
  EXPECT_LT(log_text(line, kNow).size(), 400u);
  EXPECT_TRUE(log_json(line, kNow).contains("xxx...\""));
}

TEST(LogSink, KnowsLeapYearsAndClampsNonsense) {
  EXPECT_EQ(utc_text(951782400000), "2000-02-29T00:00:00.000Z");
  EXPECT_EQ(utc_text(-5), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(INT64_MAX), "9999-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace ledge::app
