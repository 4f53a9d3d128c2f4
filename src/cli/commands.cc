// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace ledge::cli {

std::vector<const Command*> all_commands() {
  return {
      &kConfigShowCommand,  &kConfigValidateCommand, &kConfigExplainCommand, &kJournalInfoCommand,
      &kJournalDumpCommand, &kJournalVerifyCommand,  &kCompletionCommand,    &kVersionCommand,
  };
}

}  // namespace ledge::cli
