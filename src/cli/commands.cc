// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace ledge::cli {

std::vector<const Command*> all_commands() {
  return {
      &kVersionCommand,
  };
}

}  // namespace ledge::cli
