// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/args.h"

namespace ledge::app {

/// `ledge serve`
extern const cli::Command kServeCommand;

}  // namespace ledge::app
