// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

TEST(Json, EscapesQuotesBackslashesAndControlCharacters) {
  EXPECT_EQ(json_string("a\"b\\c\n\t\x01\x7f"), R"("a\"b\\c\n\t\u0001\u007f")");
}

TEST(Json, KeepsValidUtf8) {
  EXPECT_EQ(json_string("K\xc3\xa4se \xe2\x82\xac \xf0\x9f\x9a\x82"),
            "\"K\xc3\xa4se \xe2\x82\xac \xf0\x9f\x9a\x82\"");
}

TEST(Json, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(json_string("\xff"), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(json_string("\xc3"), "\"\xef\xbf\xbd\"");                  // ends early
  EXPECT_EQ(json_string("\xc0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");  // not the shortest form
  EXPECT_EQ(json_string("\xed\xa0\x80").size(), 2 + 3 * 3u);           // a surrogate
  EXPECT_EQ(json_string(std::string_view("\xf4\x90\x80\x80", 4)).size(), 2 + 4 * 3u);  // above U+10FFFF
}

}  // namespace
}  // namespace ledge
