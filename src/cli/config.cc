// SPDX-License-Identifier: Apache-2.0
// ledge config show | validate | explain
#include <algorithm>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/config_flags.h"
#include "declare/nearest.h"
#include "os/system.h"

namespace ledge::cli {
namespace {

using config::Loaded;
using config::serve_option_rows;
using declare::OptionKind;
using declare::OptionRow;

std::string origin(const Loaded& loaded, const OptionRow& row) {
  const auto it = loaded.origins.find(row.name);
  return it == loaded.origins.end() ? "default" : it->second;
}

std::string shown(const OptionRow& row, Loaded& loaded) {
  return row.secret ? "(hidden)" : declare::option_text(row, &loaded.options);
}

/// The value in JSON's own types.
std::string json_value(const OptionRow& row, Loaded& loaded) {
  const std::string text = shown(row, loaded);
  const std::string_view type = declare::option_type(row, &loaded.options);
  if (type == "boolean" || type == "integer") return text;
  if (type != "list") return json_string(text);
  std::string out;
  const auto field = row.field(&loaded.options);
  for (const std::string& part : *std::get<std::vector<std::string>*>(field))
    out += (out.empty() ? "" : ",") + json_string(part);
  return "[" + out + "]";
}

int run_show(const Args& args, const Streams& io) {
  auto loaded = load_config(args, io);
  if (!loaded) return kFailed;
  const bool json = args.has("json");
  std::size_t name_width = 0, value_width = 0;
  for (const OptionRow& row : serve_option_rows()) {
    if (row.kind != OptionKind::Ours) continue;
    name_width = std::max(name_width, row.name.size());
    value_width = std::max(value_width, std::min<std::size_t>(shown(row, *loaded).size(), 40));
  }
  std::string out;
  for (const OptionRow& row : serve_option_rows()) {
    if (row.kind != OptionKind::Ours) continue;
    const std::string from = origin(*loaded, row);
    if (args.has("changed") && from == "default") continue;
    if (json) {
      out += (out.empty() ? "" : ",\n ") + json_string(row.name) + ":{\"value\":" + json_value(row, *loaded) +
             ",\"origin\":" + json_string(from) + "}";
    } else {
      std::string name{row.name}, value = shown(row, *loaded);
      name.resize(std::max(name.size(), name_width), ' ');
      value.resize(std::max(value.size(), value_width), ' ');
      out += name + "  " + value + "  " + from + "\n";
    }
  }
  io.out(json ? "{" + out + "}\n" : out);
  return kDone;
}

int run_validate(const Args& args, const Streams& io) {
  auto loaded = load_config(args, io);
  if (!loaded) return kFailed;
  for (const std::string& note : loaded->notes) io.err("note: " + note + "\n");
  io.out("valid: " + std::to_string(loaded->origins.size()) + " options set, the rest are defaults\n");
  return kDone;
}

std::string explained(const OptionRow& row, std::string_view asked, Loaded& loaded) {
  std::string out = std::string{asked} + "\n  " + std::string{row.doc} + "\n\n";
  if (row.kind != OptionKind::Ours) {
    return out + (row.kind == OptionKind::Refused ? "  A Kafka key that is refused.\n"
                                                  : "  A Kafka key without effect.\n");
  }
  config::ServeOptions defaults;
  const auto line = [&](std::string_view what, const std::string& text) {
    std::string padded{what};
    padded.resize(13, ' ');
    out += "  " + padded + text + "\n";
  };
  if (row.name != asked) line("spelling of", std::string{row.name});
  line("value", shown(row, loaded) + " (" + origin(loaded, row) + ")");
  line("default", declare::option_text(row, &defaults));
  line("allowed", declare::option_allowed(row, &defaults));
  line("environment", declare::option_environment(row.name));
  line("change", row.live ? "at once" : "at the next start");
  for (const declare::OptionAlias& alias : row.aliases) {
    if (!alias.name.empty()) line("also", std::string{alias.name});
  }
  if (!row.topic_key.empty()) line("topic key", std::string{row.topic_key});
  return out;
}

int run_explain(const Args& args, const Streams& io) {
  auto loaded = load_config(args, io);
  if (!loaded) return kFailed;
  const std::string key = args.positional(0);
  const auto rows = serve_option_rows();
  const auto found = declare::find_option(rows, key);
  if (!found.row)
    return io.failed("there is no option " + key + declare::did_you_mean(key, declare::option_names(rows)));
  if (!args.has("json")) return io.out(explained(*found.row, key, *loaded)), kDone;
  const OptionRow& row = *found.row;
  config::ServeOptions defaults;
  std::string out = "{\"key\":" + json_string(row.name) + ",\"doc\":" + json_string(row.doc);
  if (row.kind == OptionKind::Ours) {
    out += ",\"value\":" + json_value(row, *loaded) + ",\"origin\":" + json_string(origin(*loaded, row)) +
           ",\"default\":" + json_string(declare::option_text(row, &defaults)) +
           ",\"allowed\":" + json_string(declare::option_allowed(row, &defaults)) +
           ",\"environment\":" + json_string(declare::option_environment(row.name));
  } else {
    out += std::string{",\"effect\":"} + (row.kind == OptionKind::Refused ? "\"refused\"" : "\"none\"");
  }
  io.out(out + "}\n");
  return kDone;
}

}  // namespace

std::optional<Loaded> load_config(const Args& args, const Streams& io) {
  config::Sources sources;
  sources.file_name = args.text("config");
  if (sources.file_name.empty()) sources.file_name = os::environment("LEDGE_CONFIG").value_or("");
  if (!sources.file_name.empty()) {
    auto text =
        os::read_whole_file(sources.file_name, static_cast<std::size_t>(limits::config_file_bytes_max));
    if (!text) return io.failed(sources.file_name + ": " + text.error().detail), std::nullopt;
    sources.file_text = *std::move(text);
  }
  sources.environment = os::environment_all();
  sources.sets = args.all("set");
  if (args.has("data")) sources.data_dir = args.text("data");
  sources.host_name = os::host_name();
  Loaded loaded = config::load(sources);
  for (const std::string& problem : loaded.problems) io.failed(problem);
  if (!loaded.problems.empty()) return std::nullopt;
  return loaded;
}

const Command kConfigShowCommand{
    .words = "config show",
    .summary = "Print every option with its value and where it was set",
    .flags = {kConfigFlag,
              kDataFlag,
              kSetFlag,
              {.name = "changed", .help = "Only what is not a default"},
              {.name = "json", .help = "One JSON object"}},
    .run = run_show,
};

const Command kConfigValidateCommand{
    .words = "config validate",
    .summary = "Check file, environment and flags without starting",
    .flags = {kConfigFlag, kDataFlag, kSetFlag},
    .details = "Exit code 0: valid; 1: every problem is printed with its place.",
    .run = run_validate,
};

const Command kConfigExplainCommand{
    .words = "config explain",
    .summary = "Say what an option means, what it may be and what it is",
    .positionals = {{.name = "KEY", .help = "e.g. message.max.bytes"}},
    .flags = {kConfigFlag, kDataFlag, kSetFlag, {.name = "json", .help = "One JSON object"}},
    .run = run_explain,
};

}  // namespace ledge::cli
