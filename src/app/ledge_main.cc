// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "app/serve.h"
#include "cli/commands.h"
#include "os/system.h"

int main(int argc, char** argv) {
  using namespace ledge;
  std::vector<const cli::Command*> commands{&app::kServeCommand};
  for (const cli::Command* command : cli::all_commands()) commands.push_back(command);
  const cli::Streams io{.out = [](std::string_view text) { os::write_stream(1, text); },
                        .err = [](std::string_view text) { os::write_stream(2, text); },
                        .out_is_terminal = os::is_terminal(1)};
  const std::vector<std::string> words(argv + 1, argv + argc);
  return cli::run_command_line(commands, words, io);
}
