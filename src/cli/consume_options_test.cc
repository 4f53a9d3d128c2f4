// SPDX-License-Identifier: Apache-2.0
// The small languages of `ledge consume` and `ledge produce`: formats, offsets, escapes.
#include <gtest/gtest.h>

#include "cli/escapes.h"
#include "cli/record_format.h"
#include "cli/start_offset.h"

namespace ledge::cli {
namespace {

using Kind = StartOffset::Kind;

kafka::RecordView record() {
  kafka::RecordView r;
  r.offset = 42;
  r.timestamp = 1'700'000'000'000;
  r.key = as_bytes("k\"ey");
  r.value = as_bytes("value");
  r.headers = {{as_bytes("a"), as_bytes("1")}, {as_bytes("b"), std::nullopt}};
  return r;
}

std::string formatted(std::string_view format, const kafka::RecordView& r = record()) {
  const auto parsed = RecordFormat::parse(format);
  if (!parsed) return "REFUSED";
  std::string out;
  parsed->append(out, "topic", 3, r);
  return out;
}

TEST(RecordFormat, WritesEveryPartOfARecord) {
  EXPECT_EQ(formatted("%t %p %o %T %k %s %K %S %h\\n"),
            "topic 3 42 1700000000000 k\"ey value 4 5 a=1,b=NULL\n");
  EXPECT_EQ(formatted("%v%%%n"), "value%\n");
  EXPECT_EQ(formatted("a\\tb\\x41\\\\"), "a\tbA\\");
  EXPECT_EQ(formatted(""), "");
}

TEST(RecordFormat, WritesNullAsNothingAndItsSizeAsMinusOne) {
  EXPECT_EQ(formatted("[%k][%s] %K %S", kafka::RecordView{}), "[][] -1 -1");
}

TEST(RecordFormat, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(formatted("%q"), "REFUSED");
  EXPECT_EQ(formatted("100%"), "REFUSED");
  EXPECT_EQ(formatted("\\q"), "REFUSED");
  EXPECT_EQ(formatted("\\x4"), "REFUSED");
}

TEST(RecordJson, IsOneObjectALineWithKcatsNames) {
  std::string out;
  append_record_json(out, "topic", 3, false, record());
  EXPECT_EQ(out,
            "{\"topic\":\"topic\",\"partition\":3,\"offset\":42,\"tstype\":\"create\",\"ts\":1700000000000,"
            "\"headers\":[\"a\",\"1\",\"b\",null],\"key\":\"k\\\"ey\",\"payload\":\"value\"}\n");
  out.clear();
  append_record_json(out, "t", 0, true, kafka::RecordView{});
  EXPECT_NE(out.find("\"logappend\""), out.npos);
  EXPECT_NE(out.find("\"key\":null,\"payload\":null"), out.npos);
}

TEST(StartOffset, IsReadInEveryForm) {
  constexpr WallMs kNow = 1'000'000;
  const auto at = [](std::string_view text) {
    return parse_start_offset(text, kNow).value_or(StartOffset{Kind::End, -99});
  };
  EXPECT_EQ(at("beginning"), (StartOffset{Kind::Beginning, 0}));
  EXPECT_EQ(at("earliest"), (StartOffset{Kind::Beginning, 0}));
  EXPECT_EQ(at("end"), (StartOffset{Kind::End, 0}));
  EXPECT_EQ(at("0"), (StartOffset{Kind::Exact, 0}));
  EXPECT_EQ(at("123"), (StartOffset{Kind::Exact, 123}));
  EXPECT_EQ(at("-5"), (StartOffset{Kind::BeforeEnd, 5}));
  EXPECT_EQ(at("@1700000000000"), (StartOffset{Kind::AtTime, 1'700'000'000'000}));
  EXPECT_EQ(at("@-30s"), (StartOffset{Kind::AtTime, kNow - 30'000}));
  EXPECT_EQ(at("@-2m"), (StartOffset{Kind::AtTime, kNow - 120'000}));
}

TEST(StartOffset, RefusesAnythingElse) {
  for (const std::string_view text :
       {"", "start", "1x", "@", "@x", "@-", "@-s", "@-1", "@-1y", "@-9223372036854775807d", "@1.5",
        "-9223372036854775808", "99999999999999999999", "--1"})
    EXPECT_FALSE(parse_start_offset(text, 1'000'000)) << text;
}

TEST(Escapes, BecomeTheBytesTheyStandFor) {
  EXPECT_EQ(unescape("a\\n\\t\\r\\0\\\\\\x7f").value(), std::string("a\n\t\r\0\\\x7f", 7));
  for (const std::string_view bad : {"\\", "\\q", "\\x", "\\x1", "\\xzz", "\\x-1"})
    EXPECT_FALSE(unescape(bad)) << bad;
}

}  // namespace
}  // namespace ledge::cli
