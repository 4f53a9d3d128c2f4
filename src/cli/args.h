// SPDX-License-Identifier: Apache-2.0
// One row per command: its words, flags and one sentence. The rows serve parsing, --help, shell completion
// and docs/reference/cli.md, so a command's code only ever sees arguments that were checked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge::cli {

/// Exit codes of every command.
inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUsage = 2;

enum class FlagKind : std::uint8_t { Switch, Text, Number };

/// `--name VALUE`, `--name=VALUE`, `-l VALUE`. Rows are constant data; write them with designated
/// initialisers.
struct Flag {
  std::string_view name;  // without dashes
  char letter = 0;        // 0: no short form
  FlagKind kind = FlagKind::Switch;
  std::string_view value = {};  // what the help calls the value, e.g. "HOST:PORT"
  std::string_view help = {};
  std::string_view fallback = {};  // the value when the flag is not given; empty: none
  std::int64_t min = INT64_MIN;    // Number
  std::int64_t max = INT64_MAX;    // Number
  std::string_view choices = {};   // Text: "a|b|c", anything else is refused
  bool required = false;
  bool repeats = false;
};

struct Positional {
  std::string_view name;  // "TOPIC"
  std::string_view help = {};
  bool required = true;
  bool repeats = false;  // only the last one
};

/// Where a command's output goes. Data to `out`, everything else to `err`.
struct Streams {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> err;
  bool out_is_terminal = false;

  /// Writes "ledge: TEXT\n" to err and returns kFailed.
  int failed(std::string_view text) const;
  int failed(const Error& error) const { return failed(error.text()); }
};

struct Command;

/// What was given, checked against the command's rows.
class Args {
 public:
  bool has(std::string_view flag) const;
  /// The last value of a flag, its fallback when it was not given, "" when it has none.
  std::string text(std::string_view flag) const;
  std::int64_t number(std::string_view flag) const;
  /// All values of a repeated flag, in order.
  std::vector<std::string> all(std::string_view flag) const;
  /// The arguments that are not flags.
  const std::vector<std::string>& positionals() const { return positionals_; }
  /// The n-th one, "" when it was not given.
  std::string positional(std::size_t n) const;
  /// The program's whole table, when run by run_command_line.
  const std::vector<const Command*>& commands() const { return commands_; }

 private:
  friend struct ArgsParser;
  friend int run_command_line(std::span<const Command* const>, std::span<const std::string>, const Streams&);
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
  std::map<std::string, std::string, std::less<>> fallbacks_;
  std::vector<std::string> positionals_;
  std::vector<const Command*> commands_;
};

struct Command {
  std::string_view words;    // "topic create"
  std::string_view summary;  // one sentence, no full stop
  std::vector<Positional> positionals = {};
  std::vector<Flag> flags = {};
  std::string_view details = {};  // further help, lines of up to 100 characters
  int (*run)(const Args& args, const Streams& io) = nullptr;
};

/// Checks `words` (what follows the command's own words) against the rows. The error's detail is for people.
Result<Args> parse_args(const Command& command, std::span<const std::string> words);

/// Help of one command, of a group of commands ("topic"), or of the program (group "").
std::string help_text(const Command& command);
std::string help_text(std::span<const Command* const> commands, std::string_view group);

/// The whole command line (argv without the program): finds the command, answers --help, parses, runs.
/// Returns the exit code.
int run_command_line(std::span<const Command* const> commands, std::span<const std::string> words,
                     const Streams& io);

}  // namespace ledge::cli
