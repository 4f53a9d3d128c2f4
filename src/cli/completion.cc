// SPDX-License-Identifier: Apache-2.0
// ledge completion bash | zsh | fish: scripts made from the command rows.
#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "config/options.h"

namespace ledge::cli {
namespace {

using Table = std::vector<const Command*>;

std::string flags_of(const Command& command) {
  std::string out;
  for (const Flag& f : command.flags) out += " --" + std::string{f.name};
  return out + " --help";
}

/// Group -> its second words, "" -> the first words.
std::map<std::string, std::string> words_by_group(const Table& table) {
  std::map<std::string, std::string> out;
  for (const Command* c : table) {
    const std::string words{c->words};
    const std::size_t space = words.find(' ');
    const std::string first = words.substr(0, space);
    std::string& firsts = out[""];
    if (!(" " + firsts + " ").contains(" " + first + " ")) firsts += (firsts.empty() ? "" : " ") + first;
    if (space != words.npos) out[first] += (out[first].empty() ? "" : " ") + words.substr(space + 1);
  }
  return out;
}

std::string option_keys() {
  std::string out;
  for (const declare::OptionRow& row : config::serve_option_rows()) {
    if (row.kind == declare::OptionKind::Ours) out += (out.empty() ? "" : " ") + std::string{row.name};
  }
  return out;
}

/// zsh runs the same function through bashcompinit.
std::string bash_script(const Table& table) {
  std::string out =
      "_ledge() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=''\n"
      "  case \"$before\" in\n"
      "    --config|--data) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
      "    --set) COMPREPLY=($(compgen -S = -W '" +
      option_keys() +
      "' -- \"$word\")); return ;;\n"
      "    explain) COMPREPLY=($(compgen -W '" +
      option_keys() +
      "' -- \"$word\")); return ;;\n"
      "  esac\n"
      "  case \"${COMP_WORDS[*]:1:COMP_CWORD-1}\" in\n";
  for (const Command* c : table) {
    out += "    '" + std::string{c->words} + "'*) words='" + flags_of(*c).substr(1) + "' ;;\n";
  }
  for (const auto& [group, words] : words_by_group(table))
    out += "    '" + group + "') words='" + words + "' ;;\n";
  out +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
      "}\n"
      "complete -F _ledge ledge\n";
  return out;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return out + "'";
}

std::string fish_script(const Table& table) {
  std::string out = "complete -c ledge -f\n";
  for (const Command* c : table) {
    const std::string words{c->words};
    const std::size_t space = words.find(' ');
    const std::string first = words.substr(0, space);
    std::string seen = "__fish_seen_subcommand_from " + first;
    if (space == words.npos) {
      out += "complete -c ledge -n __fish_use_subcommand -a " + first + " -d " + quoted(c->summary) + "\n";
    } else {
      const std::string second = words.substr(space + 1);
      out += "complete -c ledge -n __fish_use_subcommand -a " + first + "\n";
      out += "complete -c ledge -n '" + seen + "' -a " + second + " -d " + quoted(c->summary) + "\n";
      seen += "; and __fish_seen_subcommand_from " + second;
    }
    for (const Flag& f : c->flags) {
      out += "complete -c ledge -n '" + seen + "' -l " + std::string{f.name};
      if (f.letter) out += std::string{" -s "} + f.letter;
      if (f.kind != FlagKind::Switch) out += f.value == "FILE" || f.value == "DIR" ? " -r -F" : " -x";
      out += " -d " + quoted(f.help) + "\n";
    }
  }
  return out;
}

int run_completion(const Args& args, const Streams& io) {
  const std::string shell = args.positional(0);
  if (shell == "bash") return io.out(bash_script(args.commands())), kDone;
  if (shell == "zsh")
    return io.out("autoload -U +X bashcompinit && bashcompinit\n" + bash_script(args.commands())), kDone;
  if (shell == "fish") return io.out(fish_script(args.commands())), kDone;
  io.err("ledge: there is no completion for '" + shell + "'; bash, zsh or fish\n");
  return kWrongUsage;
}

}  // namespace

const Command kCompletionCommand{
    .words = "completion",
    .summary = "Print a completion script for a shell",
    .positionals = {{.name = "SHELL", .help = "bash, zsh or fish"}},
    .details = "bash: source <(ledge completion bash)",
    .run = run_completion,
};

}  // namespace ledge::cli
