// SPDX-License-Identifier: Apache-2.0
#include "cli/args.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/check.h"
#include "declare/nearest.h"

namespace ledge::cli {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(at), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string dashed(const Flag& flag) { return "--" + std::string{flag.name}; }

Result<void> check_value(const Flag& flag, const std::string& value) {
  if (flag.kind == FlagKind::Number) {
    std::int64_t number = 0;
    const auto [end, bad] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (bad != std::errc{} || end != value.data() + value.size()) {
      return fail(ErrorCode::BadOption, dashed(flag) + " takes a whole number, not '" + value + "'");
    }
    if (number < flag.min || number > flag.max) {
      return fail(ErrorCode::BadOption, dashed(flag) + " must be between " + std::to_string(flag.min) +
                                            " and " + std::to_string(flag.max) + ", not " + value);
    }
  }
  if (!flag.choices.empty()) {
    const auto choices = split(flag.choices, '|');
    if (std::ranges::find(choices, value) == choices.end()) {
      return fail(ErrorCode::BadOption, dashed(flag) + " must be one of " + std::string{flag.choices} +
                                            ", not '" + value + "'" + declare::did_you_mean(value, choices));
    }
  }
  return {};
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

std::string flag_left(const Flag& flag) {
  std::string left = flag.letter ? std::string{"  -"} + flag.letter + ", " : "      ";
  left += dashed(flag);
  if (flag.kind != FlagKind::Switch) {
    left += ' ';
    left += flag.value.empty() ? (flag.kind == FlagKind::Number ? "N" : "TEXT") : flag.value;
  }
  return left;
}

std::string flag_right(const Flag& flag) {
  std::string right{flag.help};
  if (!flag.choices.empty()) right += " (" + std::string{flag.choices} + ")";
  if (!flag.fallback.empty()) right += " [" + std::string{flag.fallback} + "]";
  if (flag.required) right += " (required)";
  if (flag.repeats) right += " (may be repeated)";
  return right;
}

std::string usage(const Command& command) {
  std::string out = "ledge " + std::string{command.words};
  if (!command.flags.empty()) out += " [FLAGS]";
  for (const Positional& p : command.positionals) {
    out += p.required ? " " + std::string{p.name} : " [" + std::string{p.name} + "]";
    if (p.repeats) out += "...";
  }
  return out;
}

}  // namespace

int Streams::failed(std::string_view text) const {
  err("ledge: " + std::string{text} + "\n");
  return kFailed;
}

bool Args::has(std::string_view flag) const { return values_.contains(flag); }

std::string Args::text(std::string_view flag) const {
  if (const auto it = values_.find(flag); it != values_.end()) return it->second.back();
  const auto it = fallbacks_.find(flag);
  CHECK(it != fallbacks_.end());  // the command asked for a flag that its rows do not have
  return it->second;
}

std::int64_t Args::number(std::string_view flag) const {
  const std::string value = text(flag);
  std::int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  return number;
}

std::vector<std::string> Args::all(std::string_view flag) const {
  const auto it = values_.find(flag);
  return it == values_.end() ? std::vector<std::string>{} : it->second;
}

std::string Args::positional(std::size_t n) const {
  return n < positionals_.size() ? positionals_[n] : std::string{};
}

/// One pass over the words; `at` is the next one.
struct ArgsParser {
  const Command& command;
  std::span<const std::string> words;
  std::size_t at = 0;
  Args args = {};

  const Flag* by_name(std::string_view name) const {
    const auto it = std::ranges::find(command.flags, name, &Flag::name);
    return it == command.flags.end() ? nullptr : &*it;
  }
  const Flag* by_letter(char letter) const {
    const auto it = std::ranges::find(command.flags, letter, &Flag::letter);
    return it == command.flags.end() ? nullptr : &*it;
  }

  Result<void> take(const Flag& flag, std::optional<std::string> value) {
    if (flag.kind == FlagKind::Switch) {
      if (value) return fail(ErrorCode::BadOption, dashed(flag) + " takes no value");
      value = "true";
    } else if (!value) {
      if (at == words.size()) return fail(ErrorCode::BadOption, dashed(flag) + " needs a value");
      value = words[at++];
    }
    if (flag.kind != FlagKind::Switch) TRY_VOID(check_value(flag, *value));
    auto& values = args.values_[std::string{flag.name}];
    if (!flag.repeats && !values.empty() && flag.kind != FlagKind::Switch) {
      return fail(ErrorCode::BadOption, dashed(flag) + " is given twice");
    }
    values.push_back(*std::move(value));
    return {};
  }

  Result<void> long_flag(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const Flag* flag = by_name(name);
    if (!flag) {
      std::vector<std::string_view> names{"help"};
      for (const Flag& f : command.flags) names.push_back(f.name);
      return fail(ErrorCode::BadOption,
                  "unknown flag --" + std::string{name} + declare::did_you_mean(name, names));
    }
    return take(*flag,
                equals == word.npos ? std::nullopt : std::optional{std::string{word.substr(equals + 1)}});
  }

  /// -abc: switches a and b, then c; or -c with its value right behind.
  Result<void> short_flags(std::string_view letters) {
    while (!letters.empty()) {
      const Flag* flag = by_letter(letters.front());
      if (!flag) return fail(ErrorCode::BadOption, std::string{"unknown flag -"} + letters.front());
      letters.remove_prefix(1);
      if (flag->kind == FlagKind::Switch) {
        TRY_VOID(take(*flag, std::nullopt));
      } else {
        if (letters.starts_with('=')) letters.remove_prefix(1);
        TRY_VOID(take(*flag, letters.empty() ? std::nullopt : std::optional{std::string{letters}}));
        letters = {};
      }
    }
    return {};
  }

  Result<Args> parse() {
    for (const Flag& flag : command.flags) args.fallbacks_[std::string{flag.name}] = flag.fallback;
    bool flags_end = false;
    while (at < words.size()) {
      const std::string& word = words[at++];
      if (flags_end || word.size() < 2 || word[0] != '-') {
        args.positionals_.push_back(word);
      } else if (word == "--") {
        flags_end = true;
      } else if (word[1] == '-') {
        TRY_VOID(long_flag(std::string_view{word}.substr(2)));
      } else {
        TRY_VOID(short_flags(std::string_view{word}.substr(1)));
      }
    }
    for (const Flag& flag : command.flags) {
      if (flag.required && !args.has(flag.name))
        return fail(ErrorCode::BadOption, dashed(flag) + " is required");
    }
    TRY_VOID(check_positionals());
    return std::move(args);
  }

  Result<void> check_positionals() const {
    const std::size_t given = args.positionals_.size();
    for (std::size_t i = given; i < command.positionals.size(); ++i) {
      if (command.positionals[i].required) {
        return fail(ErrorCode::BadOption, std::string{command.positionals[i].name} + " is missing");
      }
    }
    const bool open_end = !command.positionals.empty() && command.positionals.back().repeats;
    if (given > command.positionals.size() && !open_end) {
      return fail(ErrorCode::BadOption,
                  "unexpected argument '" + args.positionals_[command.positionals.size()] + "'");
    }
    return {};
  }
};

Result<Args> parse_args(const Command& command, std::span<const std::string> words) {
  return ArgsParser{command, words}.parse();
}

std::string help_text(const Command& command) {
  std::string out = std::string{command.summary} + ".\n\nUsage: " + usage(command) + "\n";
  std::size_t width = 24;
  for (const Flag& f : command.flags) width = std::max(width, flag_left(f).size() + 2);
  if (!command.positionals.empty()) out += "\nArguments:\n";
  for (const Positional& p : command.positionals)
    out += padded("  " + std::string{p.name}, width) + std::string{p.help} + "\n";
  out += "\nFlags:\n";
  for (const Flag& f : command.flags) out += padded(flag_left(f), width) + flag_right(f) + "\n";
  out += padded("  -h, --help", width) + "This text\n";
  if (!command.details.empty()) out += "\n" + std::string{command.details} + "\n";
  return out;
}

std::string help_text(std::span<const Command* const> commands, std::string_view group) {
  std::string out = group.empty() ? "Ledge: a Kafka-compatible event streaming server for the edge.\n\n" : "";
  out += "Usage: ledge " + std::string{group} + (group.empty() ? "" : " ") + "COMMAND [FLAGS]\n\nCommands:\n";
  std::size_t width = 24;
  for (const Command* c : commands) width = std::max(width, c->words.size() + 4);
  const std::string prefix = group.empty() ? std::string{} : std::string{group} + " ";
  for (const Command* c : commands) {
    if (c->words.starts_with(prefix))
      out += padded("  " + std::string{c->words}, width) + std::string{c->summary} + "\n";
  }
  out += "\nledge COMMAND --help says more about a command.\n";
  return out;
}

namespace {

/// How many leading words of the line name `command`, 0 when they do not.
std::size_t words_matched(const Command& command, std::span<const std::string> line) {
  const auto own = split(command.words, ' ');
  if (own.size() > line.size()) return 0;
  return std::equal(own.begin(), own.end(), line.begin()) ? own.size() : 0;
}

bool is_group(std::span<const Command* const> commands, std::string_view word) {
  return std::ranges::any_of(commands,
                             [&](const Command* c) { return c->words.starts_with(std::string{word} + " "); });
}

/// No command fits: says what is wrong, and what is near.
int refuse(std::span<const Command* const> commands, std::span<const std::string> line, const Streams& io) {
  const bool group = is_group(commands, line[0]);
  if (group && line.size() == 1) {
    io.err(help_text(commands, line[0]));
    return kWrongUsage;
  }
  const std::string given = group ? line[0] + " " + line[1] : line[0];
  std::vector<std::string_view> names;
  for (const Command* c : commands) names.push_back(group ? c->words : split(c->words, ' ')[0]);
  io.err("ledge: there is no command '" + given + "'" + declare::did_you_mean(given, names) +
         "\nledge --help lists the commands.\n");
  return kWrongUsage;
}

bool asks_for_help(const std::string& word) { return word == "--help" || word == "-h" || word == "help"; }

}  // namespace

int run_command_line(std::span<const Command* const> commands, std::span<const std::string> line,
                     const Streams& io) {
  if (line.empty()) {
    io.err(help_text(commands, ""));
    return kWrongUsage;
  }
  if (asks_for_help(line[0])) {  // `ledge help topic create` is `ledge topic create --help`
    if (line.size() == 1) return io.out(help_text(commands, "")), kDone;
    std::vector<std::string> turned(line.begin() + 1, line.end());
    turned.push_back("--help");
    return run_command_line(commands, turned, io);
  }
  if (line[0] == "--version") {
    const std::vector<std::string> version{"version"};
    return run_command_line(commands, version, io);
  }
  const Command* best = nullptr;
  std::size_t matched = 0;
  for (const Command* c : commands) {
    if (const std::size_t n = words_matched(*c, line); n > matched) best = c, matched = n;
  }
  if (!best) {
    if (line.size() >= 2 && asks_for_help(line[1]) && is_group(commands, line[0])) {
      return io.out(help_text(commands, line[0])), kDone;
    }
    return refuse(commands, line, io);
  }
  const auto rest = line.subspan(matched);
  for (const std::string& word : rest) {
    if (word == "--") break;
    if (word == "--help" || word == "-h") return io.out(help_text(*best)), kDone;
  }
  auto args = parse_args(*best, rest);
  if (!args) {
    io.err("ledge: " + args.error().detail + "\nUsage: " + usage(*best) + "\nledge " +
           std::string{best->words} + " --help says more.\n");
    return kWrongUsage;
  }
  args->commands_.assign(commands.begin(), commands.end());
  return best->run(*args, io);
}

}  // namespace ledge::cli
