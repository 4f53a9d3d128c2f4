// SPDX-License-Identifier: Apache-2.0
// Any bytes as a configuration file: read or refused with a place, never a crash.
#include <cstdint>

#include "base/check.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ledge::config::Sources sources;
  sources.file_name = "f";
  sources.file_text = std::string(reinterpret_cast<const char*>(data), size);
  const ledge::config::Loaded loaded = ledge::config::load(sources);
  for (const std::string& problem : loaded.problems)
    CHECK(problem.starts_with("f:") || problem.contains(": "));
  CHECK(!loaded.problems.empty() || loaded.listeners.size() == loaded.advertised.size());
  return 0;
}
