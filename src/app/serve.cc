// SPDX-License-Identifier: Apache-2.0
#include "app/serve.h"

#include "app/log_sink.h"
#include "app/node.h"
#include "cli/config_flags.h"
#include "os/system.h"

namespace ledge::app {
namespace {

LogLevel level_of(std::string_view name) {
  if (name == "debug") return LogLevel::Debug;
  if (name == "warn") return LogLevel::Warn;
  return name == "error" ? LogLevel::Error : LogLevel::Info;
}

/// Lines go to standard error, as they always do for a service.
void open_log(const config::ServeOptions::Log& options) {
  const bool text = options.format == "text" || (options.format == "auto" && os::is_terminal(2));
  set_log_sink(
      [text](const LogLine& line) {
        os::write_stream(2, text ? log_text(line, os::wall_clock()) : log_json(line, os::wall_clock()));
      },
      level_of(options.level), [] { return os::monotonic_clock().ns; });
}

int run_serve(const cli::Args& args, const cli::Streams& io) {
  const Instant started = os::monotonic_clock();
  auto loaded = cli::load_config(args, io);
  if (!loaded) return cli::kFailed;
  open_log(loaded->options.log);
  Node node{*std::move(loaded)};
  auto done = node.start(started);
  if (done) done = node.run();
  if (!done) LOG_ERROR("not started", {{"why", done.error().text()}});
  return done ? cli::kDone : cli::kFailed;
}

}  // namespace

const cli::Command kServeCommand{
    .words = "serve",
    .summary = "Run the server until SIGTERM or SIGINT",
    .flags = {cli::kConfigFlag, cli::kDataFlag, cli::kSetFlag},
    .details =
        "Without a configuration: data in ./ledge-data, Kafka clients at 127.0.0.1:9092.\n"
        "Flags win over the environment (LEDGE_...), that over the file. ledge config explain KEY tells of "
        "an option.",
    .run = run_serve,
};

}  // namespace ledge::app
