// SPDX-License-Identifier: Apache-2.0
#include "cli/args.h"

#include <gtest/gtest.h>

#include "cli/commands.h"

namespace ledge::cli {
namespace {

const Command kDemo{
    .words = "topic create",
    .summary = "Create a topic",
    .positionals = {{.name = "TOPIC", .help = "Its name"}},
    .flags = {{.name = "partitions",
               .letter = 'p',
               .kind = FlagKind::Number,
               .help = "How many",
               .fallback = "1",
               .min = 1,
               .max = 10},
              {.name = "config",
               .letter = 'c',
               .kind = FlagKind::Text,
               .value = "KEY=VALUE",
               .help = "A topic key",
               .repeats = true},
              {.name = "format", .kind = FlagKind::Text, .help = "How", .choices = "text|json"},
              {.name = "json", .letter = 'j', .help = "JSON"}},
};

Result<Args> parse(std::vector<std::string> words) { return parse_args(kDemo, words); }

std::string problem(std::vector<std::string> words) {
  auto args = parse(std::move(words));
  return args ? "" : args.error().detail;
}

TEST(Args, TakesEverySpellingOfAValue) {
  for (auto words : std::vector<std::vector<std::string>>{{"t", "--partitions", "3"},
                                                          {"t", "--partitions=3"},
                                                          {"-p", "3", "t"},
                                                          {"-p3", "t"},
                                                          {"-jp3", "t"}}) {
    auto args = parse(words);
    ASSERT_TRUE(args) << args.error().detail;
    EXPECT_EQ(args->number("partitions"), 3);
    EXPECT_EQ(args->positional(0), "t");
  }
}

TEST(Args, FallsBackToTheRowsDefault) {
  auto args = parse({"t"});
  ASSERT_TRUE(args);
  EXPECT_FALSE(args->has("partitions"));
  EXPECT_EQ(args->number("partitions"), 1);
  EXPECT_EQ(args->text("format"), "");
}

TEST(Args, KeepsRepeatedFlagsInOrderAndRefusesOthersTwice) {
  auto args = parse({"t", "-c", "a=1", "--config=b=2"});
  ASSERT_TRUE(args);
  EXPECT_EQ(args->all("config"), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(problem({"t", "-p1", "-p2"}), "--partitions is given twice");
}

TEST(Args, SaysWhatIsWrongWithAValue) {
  EXPECT_EQ(problem({"t", "-p", "x"}), "--partitions takes a whole number, not 'x'");
  EXPECT_EQ(problem({"t", "-p", "11"}), "--partitions must be between 1 and 10, not 11");
  EXPECT_EQ(problem({"t", "-p", "99999999999999999999"}),
            "--partitions takes a whole number, not '99999999999999999999'");
  EXPECT_EQ(problem({"t", "-p"}), "--partitions needs a value");
  EXPECT_EQ(problem({"t", "--json=1"}), "--json takes no value");
  EXPECT_EQ(problem({"t", "--format", "jsn"}),
            "--format must be one of text|json, not 'jsn'; did you mean json?");
}

TEST(Args, NamesTheNearestFlag) {
  EXPECT_EQ(problem({"t", "--partition", "1"}), "unknown flag --partition; did you mean partitions?");
  EXPECT_EQ(problem({"t", "--wxyz"}), "unknown flag --wxyz");
  EXPECT_EQ(problem({"t", "-x"}), "unknown flag -x");
}

TEST(Args, CountsPositionals) {
  EXPECT_EQ(problem({}), "TOPIC is missing");
  EXPECT_EQ(problem({"a", "b"}), "unexpected argument 'b'");
  auto args = parse({"--", "-p"});
  ASSERT_TRUE(args);
  EXPECT_EQ(args->positional(0), "-p");
}

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran run(std::vector<std::string> words) {
  static const Command list{
      .words = "topic list", .summary = "List topics", .run = [](const Args&, const Streams& io) {
        io.out("a\n");
        return kDone;
      }};
  const std::vector<const Command*> commands{&kDemo, &list, &kVersionCommand};
  Ran ran;
  const Streams io{[&](std::string_view t) { ran.out += t; }, [&](std::string_view t) { ran.err += t; }};
  ran.code = run_command_line(commands, words, io);
  return ran;
}

TEST(CommandLine, RunsTheCommandThatTheWordsName) {
  EXPECT_EQ(run({"topic", "list"}).out, "a\n");
  EXPECT_EQ(run({"topic", "list"}).code, kDone);
}

TEST(CommandLine, HelpIsDoneAndGoesToStandardOutput) {
  for (auto words : std::vector<std::vector<std::string>>{
           {"topic", "create", "--help"}, {"help", "topic", "create"}, {"topic", "create", "x", "-h"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.code, kDone);
    EXPECT_TRUE(ran.out.contains("-p, --partitions N")) << ran.out;
    EXPECT_EQ(ran.err, "");
  }
  EXPECT_TRUE(run({"help"}).out.contains("topic list"));
  EXPECT_TRUE(run({"topic", "--help"}).out.contains("topic list"));
}

TEST(CommandLine, WrongUsageIsTwoAndNamesTheNearestCommand) {
  EXPECT_EQ(run({}).code, kWrongUsage);
  const Ran lst = run({"topic", "lst"});
  EXPECT_EQ(lst.code, kWrongUsage);
  EXPECT_TRUE(lst.err.contains("did you mean topic list?")) << lst.err;
  EXPECT_TRUE(run({"verson"}).err.contains("did you mean version?"));
  EXPECT_EQ(run({"topic"}).code, kWrongUsage);
  EXPECT_EQ(run({"topic", "create"}).code, kWrongUsage);
}

TEST(CommandLine, VersionPrintsAsTextAndAsJson) {
  EXPECT_TRUE(run({"version"}).out.starts_with("ledge "));
  EXPECT_TRUE(run({"--version"}).out.starts_with("ledge "));
  EXPECT_TRUE(run({"version", "--json"}).out.starts_with("{\"version\":\""));
}

}  // namespace
}  // namespace ledge::cli
