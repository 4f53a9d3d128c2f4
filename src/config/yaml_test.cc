// SPDX-License-Identifier: Apache-2.0
#include "config/yaml.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ledge::config {
namespace {

std::string problem(std::string_view text) {
  auto entries = flatten_yaml(text, "f");
  return entries ? "" : entries.error().detail;
}

TEST(Yaml, KeepsOrderLinesAndText) {
  auto entries = flatten_yaml("# c\na: no\nb:\n  c: 'x y'\n  d: [1, 2e3]\ne: \"\"\n", "f");
  ASSERT_TRUE(entries) << entries.error().detail;
  ASSERT_EQ(entries->size(), 4u);
  EXPECT_EQ((*entries)[0].values, std::vector<std::string>{"no"});
  EXPECT_EQ((*entries)[1].key, "b.c");
  EXPECT_EQ((*entries)[1].line, 4);
  EXPECT_TRUE((*entries)[2].is_list);
  EXPECT_EQ((*entries)[2].values, (std::vector<std::string>{"1", "2e3"}));
  EXPECT_EQ((*entries)[3].values, std::vector<std::string>{""});
}

TEST(Yaml, AnEmptyFileHasNoSettings) {
  for (std::string_view text : {"", "\n", "# only a comment\n", "---\n"}) {
    auto entries = flatten_yaml(text, "f");
    ASSERT_TRUE(entries) << text;
    EXPECT_TRUE(entries->empty());
  }
}

TEST(Yaml, SaysWhereASyntaxErrorIs) {
  EXPECT_TRUE(problem("a: 1\nb: [1, 2\nc: 3\n").starts_with("f:"));
  EXPECT_TRUE(problem("a: 1\n\tb: 2\n").starts_with("f:2: "));
  EXPECT_TRUE(problem("a: 1\n b: 2\n").starts_with("f:2: "));
}

TEST(Yaml, RefusesWhatASettingCannotBe) {
  EXPECT_EQ(problem("a: 1\na: 2\n"), "f:2: a is given twice; first in line 1");
  EXPECT_EQ(problem("a.b: 1\na:\n  b: 2\n"), "f:3: a.b is given twice; first in line 1");
  EXPECT_EQ(problem("a:\n"), "f:1: a has no value; write \"\" for an empty one");
  EXPECT_EQ(problem("a: ~\n"), "f:1: a has no value; write \"\" for an empty one");
  EXPECT_EQ(problem("a: &x 1\nb: *x\n"), "f:1: anchors are not read");
  EXPECT_EQ(problem("a: !!binary aGk=\n"), "f:1: tags are not read");
  EXPECT_EQ(problem("- a\n- b\n"), "f:1: expected \"key: value\", not a list");
  EXPECT_EQ(problem("just text\n"), "f:1: expected \"key: value\"");
  EXPECT_EQ(problem("a: [[1]]\n"), "f:1: a list may hold plain values only");
  EXPECT_EQ(problem("a: [{b: 1}]\n"), "f:1: a list may hold plain values only");
  EXPECT_EQ(problem("a: 1\n---\nb: 2\n"), "f:2: only one YAML document is read");
  EXPECT_EQ(problem("? [a, b]\n: 1\n"), "f:1: a key has to be plain text");
  EXPECT_EQ(problem("? {a: b}\n: 1\n"), "f:1: a key has to be plain text");
}

TEST(Yaml, IsBoundedInSizeAndDepth) {
  EXPECT_TRUE(problem(std::string(static_cast<std::size_t>(limits::config_file_bytes_max) + 1, '#'))
                  .contains("larger than"));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{a: ";
  deep += "1" + std::string(100, '}');
  EXPECT_EQ(problem(deep), "f:1: nested too deep");
  EXPECT_FALSE(problem(std::string(100000, '[')).empty());
  EXPECT_FALSE(problem(std::string(100000, '{')).empty());
}

}  // namespace
}  // namespace ledge::config
