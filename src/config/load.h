// SPDX-License-Identifier: Apache-2.0
// From what the operator wrote to checked options: --set over environment over file over default. All
// problems are found in one go, each with its place and, for an unknown key, the nearest one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/listeners.h"
#include "config/options.h"

namespace ledge::config {

struct Sources {
  std::string file_name;                 // as in messages
  std::optional<std::string> file_text;  // nullopt: no file
  std::vector<std::string> environment;  // NAME=value
  std::vector<std::string> sets;         // key=value, from --set
  std::optional<std::string> data_dir;   // from --data
  std::string host_name = "localhost";   // advertised by a listener on all addresses
};

struct Loaded {
  ServeOptions options;
  std::vector<NamedEndpoint> listeners;
  std::vector<NamedEndpoint>
      advertised;  // one per listener, in the order of `listeners`; port 0: the listener's
  std::optional<os::Endpoint> http;
  /// Where each value that is not the default was written: "FILE:LINE", "LEDGE_X", "--set".
  std::map<std::string, std::string, std::less<>> origins;
  /// Not fatal: keys without effect, variables that no option has, listeners open to the network.
  std::vector<std::string> notes;
  /// Not empty: the options must not be used.
  std::vector<std::string> problems;
};

Loaded load(const Sources& sources);

}  // namespace ledge::config
