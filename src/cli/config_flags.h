// SPDX-License-Identifier: Apache-2.0
// How `serve` and `config` are told their configuration.
#pragma once

#include <optional>
#include <vector>

#include "cli/args.h"
#include "config/load.h"

namespace ledge::cli {

inline constexpr Flag kConfigFlag{.name = "config",
                                  .letter = 'c',
                                  .kind = FlagKind::Text,
                                  .value = "FILE",
                                  .help = "Configuration in YAML; also by LEDGE_CONFIG"};
inline constexpr Flag kDataFlag{.name = "data",
                                .letter = 'd',
                                .kind = FlagKind::Text,
                                .value = "DIR",
                                .help = "The data folder (log.dirs)"};
inline constexpr Flag kSetFlag{.name = "set",
                               .letter = 's',
                               .kind = FlagKind::Text,
                               .value = "KEY=VALUE",
                               .help = "One option, over file and environment",
                               .repeats = true};

/// Reads the file, the environment and the flags. Problems go to io.err, one line each; nullopt then.
std::optional<config::Loaded> load_config(const Args& args, const Streams& io);

}  // namespace ledge::cli
