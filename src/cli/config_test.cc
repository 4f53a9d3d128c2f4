// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "cli/commands.h"

namespace ledge::cli {
namespace {

struct Ran {
  int code = 0;
  std::string out, err;
};

Ran run(std::vector<std::string> words) {
  const auto commands = all_commands();
  Ran ran;
  const Streams io{[&](std::string_view t) { ran.out += t; }, [&](std::string_view t) { ran.err += t; }};
  ran.code = run_command_line(commands, words, io);
  return ran;
}

/// A file that is gone with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view text) {
    path_ = (std::filesystem::temp_directory_path() /
             ("ledge_config_test_" + std::to_string(reinterpret_cast<std::uintptr_t>(this))))
                .string();
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(ConfigCommand, ShowsEveryOptionWithItsOrigin) {
  const TemporaryFile file("num.partitions: 3\n");
  const Ran ran = run({"config", "show", "--config", file.path(), "--set", "log.level=warn", "--data", "/d"});
  EXPECT_EQ(ran.code, kDone) << ran.err;
  EXPECT_TRUE(ran.out.contains(file.path() + ":1\n")) << ran.out;
  const Ran changed = run({"config", "show", "--changed", "--json", "--config", file.path(), "--data", "/d"});
  EXPECT_EQ(changed.out,
            "{\"log.dirs\":{\"value\":\"/d\",\"origin\":\"--data\"},\n "
            "\"num.partitions\":{\"value\":3,\"origin\":\"" +
                file.path() + ":1\"}}\n");
}

TEST(ConfigCommand, ValidatePrintsEveryProblemAndFails) {
  const TemporaryFile file("num.partitons: 3\nnum.partitions: none\n");
  const Ran ran = run({"config", "validate", "--config", file.path()});
  EXPECT_EQ(ran.code, kFailed);
  EXPECT_EQ(ran.out, "");
  EXPECT_TRUE(ran.err.contains(":1: there is no option num.partitons; did you mean num.partitions?"))
      << ran.err;
  EXPECT_TRUE(ran.err.contains(":2: num.partitions must be an integer from 1 to 10000, not 'none'"));
  EXPECT_EQ(run({"config", "validate", "--config", "/no/such/file"}).code, kFailed);
  const TemporaryFile good("num.io.threads: 8\n");
  const Ran valid = run({"config", "validate", "--config", good.path()});
  EXPECT_EQ(valid.code, kDone);
  EXPECT_TRUE(valid.err.contains("num.io.threads has no effect")) << valid.err;
}

TEST(ConfigCommand, ExplainsAnOptionAnAliasAndAKeyThatIsNotOurs) {
  const Ran ours = run({"config", "explain", "message.max.bytes"});
  EXPECT_EQ(ours.code, kDone);
  EXPECT_TRUE(ours.out.contains("LEDGE_MESSAGE_MAX_BYTES")) << ours.out;
  EXPECT_TRUE(run({"config", "explain", "log.retention.hours"}).out.contains("log.retention.ms"));
  EXPECT_TRUE(run({"config", "explain", "ssl.keystore.location"}).out.contains("refused"));
  const Ran unknown = run({"config", "explain", "message.max.byte"});
  EXPECT_EQ(unknown.code, kFailed);
  EXPECT_TRUE(unknown.err.contains("did you mean message.max.bytes?"));
}

TEST(Completion, KnowsEveryCommandAndFlag) {
  const Ran bash = run({"completion", "bash"});
  EXPECT_EQ(bash.code, kDone);
  for (const Command* command : all_commands()) {
    EXPECT_TRUE(bash.out.contains("'" + std::string{command->words} + "'*)")) << command->words;
  }
  EXPECT_TRUE(bash.out.contains("--changed"));
  EXPECT_TRUE(bash.out.contains("num.partitions"));
  EXPECT_TRUE(run({"completion", "zsh"}).out.contains("bashcompinit"));
  EXPECT_TRUE(run({"completion", "fish"}).out.contains("complete -c ledge"));
  EXPECT_EQ(run({"completion", "tcsh"}).code, kWrongUsage);
}

TEST(JournalCommand, AFolderThatIsNotThereIsAnErrorAndIsNotMade) {
  const std::string path = (std::filesystem::temp_directory_path() / "ledge_no_such_folder").string();
  for (const char* what : {"info", "dump", "verify"}) {
    const Ran ran = run({"journal", what, "--data", path});
    EXPECT_EQ(ran.code, kFailed);
    EXPECT_TRUE(ran.err.contains("there is no folder")) << ran.err;
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace ledge::cli
