// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace ledge::cli {

/// What this program was built from; filled by cmake/version.cmake.
struct BuildInfo {
  std::string_view version;   // "0.1.0"
  std::string_view commit;    // short hash, "-dirty" when files differed from it, "" outside a repository
  std::string_view compiler;  // "GNU 12.2.0"
  std::string_view build;     // "Release", "Dev"
  std::vector<std::string_view> features;
};
const BuildInfo& build_info();

}  // namespace ledge::cli
