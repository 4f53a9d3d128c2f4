// SPDX-License-Identifier: Apache-2.0
// ledge_docs PAGE: prints one reference page made from the declarations; without a page, the list of pages.
// tools/docs.sh writes or checks them all.
#include <functional>
#include <string>
#include <vector>

#include "admin/metrics.h"
#include "app/serve.h"
#include "base/errors.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "config/options.h"
#include "os/system.h"
#include "state/topic_config.h"

namespace ledge::app {
namespace {

std::string title(std::string_view name, std::string_view source) {
  return "# " + std::string{name} + "\n\n<!-- Made by `make docs` from " + std::string{source} +
         "; do not edit. -->\n\n";
}

std::string code(std::string_view text) { return "`" + std::string{text} + "`"; }

std::string configuration_page() {
  config::ServeOptions defaults;
  return title("Configuration", "src/config/options.cc") +
         "One YAML file (`ledge serve --config FILE`, or `LEDGE_CONFIG`), Kafka's own keys in it, flat or "
         "nested. A value\n"
         "given by `--set KEY=VALUE` wins over the environment, that over the file, that over the default. "
         "The variable of a\n"
         "key is `LEDGE_` and the key in upper case, with dots and dashes as underscores: "
         "`LEDGE_NUM_PARTITIONS`. Sizes may\n"
         "carry a unit (`64MiB`, `10MB`), times too (`500ms`, `30s`, `10m`, `12h`, `7d`). An unknown key or "
         "a wrong value is an\n"
         "error that names file, line and the nearest key. Every option takes effect at the next start.\n\n"
         "`ledge config explain KEY` tells of one option, `ledge config show` prints all with where each was "
         "set, `ledge config\n"
         "validate` checks without starting.\n\n" +
         declare::options_reference(config::serve_option_rows(), &defaults);
}

std::string metrics_page() {
  return title("Metrics", "src/admin/metrics.cc") +
         "`GET /metrics` on `http.listener`, in Prometheus' text format 0.0.4.\n\n" +
         admin::metrics_reference();
}

std::string topic_configs_page() {
  std::string out = title("Topic configurations", "src/state/topic_config.cc") +
                    "Every key that Apache Kafka 4.2 knows is accepted and reported. Where a broker key sets "
                    "the default, an\n"
                    "option of that name does (configuration.md).\n\n| key | default | broker key | meaning "
                    "|\n|---|---|---|---|\n";
  for (const state::TopicConfigRow& row : state::topic_config_rows()) {
    out += "| " + code(row.name) + " | " + (row.default_value.empty() ? "(empty)" : code(row.default_value)) +
           " | " + (row.broker_synonym.empty() ? "" : code(row.broker_synonym)) + " | " +
           std::string{row.doc} + " |\n";
  }
  return out;
}

std::string errors_page() {
  std::string out = title("Errors", "src/base/errors.h") +
                    "Codes below 1000 are Kafka's and go onto the wire as they are. Codes from 1000 on are "
                    "Ledge's own causes; they\n"
                    "appear in logs and are answered with the Kafka code beside them.\n\n"
                    "| name | code | on the wire | retriable | meaning |\n|---|---|---|---|---|\n";
#define LEDGE_ERROR_LINE(name, number, wire, retriable, text) \
  out += "| " + code(error_name(ErrorCode::name)) + " | " #number " | " #wire " | " + \
         (retriable ? "yes" : "no") + " | " text " |\n";
  LEDGE_ERRORS(LEDGE_ERROR_LINE)
#undef LEDGE_ERROR_LINE
  return out;
}

std::string limits_page() {
  std::string out = title("Limits", "src/base/limits.h") +
                    "Everything is bounded. A key in brackets is the option that changes the limit.\n\n"
                    "| limit | value | unit | when it is hit |\n|---|---|---|---|\n";
#define LEDGE_LIMIT_LINE(name, value, unit, hit) \
  out += "| " + code(#name) + " | " + std::to_string(limits::name) + " | " unit " | " hit " |\n";
  LEDGE_LIMITS(LEDGE_LIMIT_LINE)
#undef LEDGE_LIMIT_LINE
  return out;
}

std::string cli_page() {
  std::string out = title("Command line", "the command rows in src/cli and src/app") +
                    "Exit codes: 0 done, 1 failed, 2 wrong usage. Data goes to standard output, everything "
                    "else to standard\n"
                    "error.\n";
  std::vector<const cli::Command*> commands{&kServeCommand};
  for (const cli::Command* command : cli::all_commands()) commands.push_back(command);
  for (const cli::Command* command : commands) {
    out += "\n## ledge " + std::string{command->words} + "\n\n```\n" + cli::help_text(*command) + "```\n";
  }
  return out;
}

struct Page {
  std::string_view file;  // below docs/
  std::function<std::string()> text;
};

std::vector<Page> pages() {
  return {{"reference/configuration.md", configuration_page},
          {"reference/metrics.md", metrics_page},
          {"reference/topic-configs.md", topic_configs_page},
          {"reference/errors.md", errors_page},
          {"reference/cli.md", cli_page},
          {"limits.md", limits_page}};
}

int run(std::string_view file) {
  for (const Page& page : pages()) {
    if (file.empty()) {
      os::write_stream(1, std::string{page.file} + "\n");
    } else if (file == page.file) {
      os::write_stream(1, page.text());
      return 0;
    }
  }
  return file.empty() ? 0 : 2;
}

}  // namespace
}  // namespace ledge::app

int main(int argc, char** argv) { return ledge::app::run(argc > 1 ? argv[1] : ""); }
