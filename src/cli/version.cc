// SPDX-License-Identifier: Apache-2.0
#include "cli/version.h"

#include "base/json.h"
#include "build_info.h"  // written by cmake/version.cmake
#include "cli/commands.h"

namespace ledge::cli {
namespace {

int run_version(const Args& args, const Streams& io) {
  const BuildInfo& info = build_info();
  std::string features;
  if (args.has("json")) {
    for (std::string_view f : info.features) features += (features.empty() ? "" : ",") + json_string(f);
    io.out("{\"version\":" + json_string(info.version) + ",\"commit\":" + json_string(info.commit) +
           ",\"compiler\":" + json_string(info.compiler) + ",\"build\":" + json_string(info.build) +
           ",\"features\":[" + features + "]}\n");
    return kDone;
  }
  for (std::string_view f : info.features) features += " " + std::string{f};
  io.out("ledge " + std::string{info.version} + "\n");
  io.out("commit    " + std::string{info.commit.empty() ? "unknown" : info.commit} + "\n");
  io.out("compiler  " + std::string{info.compiler} + ", " + std::string{info.build} + "\n");
  io.out("features " + features + "\n");
  return kDone;
}

}  // namespace

const BuildInfo& build_info() {
  static const BuildInfo info{LEDGE_VERSION,
                              LEDGE_COMMIT,
                              LEDGE_COMPILER,
                              LEDGE_BUILD,
#ifdef LEDGE_SABOTAGE
                              {"gzip", "snappy", "lz4", "zstd", "sabotage"}
#else
                              {"gzip", "snappy", "lz4", "zstd"}
#endif
  };
  return info;
}

const Command kVersionCommand{
    .words = "version",
    .summary = "Print version, commit and compiler",
    .flags = {{.name = "json", .help = "One JSON object"}},
    .run = run_version,
};

}  // namespace ledge::cli
