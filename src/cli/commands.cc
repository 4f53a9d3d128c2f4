// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace ledge::cli {

// clang-format off
std::vector<const Command*> all_commands() {
  return {
      &kTopicCreateCommand,
      &kTopicListCommand,
      &kTopicDescribeCommand,
      &kTopicAlterCommand,
      &kTopicDeleteCommand,
      &kGroupListCommand,
      &kGroupDescribeCommand,
      &kGroupResetCommand,
      &kGroupDeleteCommand,
      &kProduceCommand,
      &kConsumeCommand,
      &kConfigShowCommand,
      &kConfigValidateCommand,
      &kConfigExplainCommand,
      &kJournalInfoCommand,
      &kJournalDumpCommand,
      &kJournalVerifyCommand,
      &kCompletionCommand,
      &kVersionCommand,
  };
}
// clang-format on

}  // namespace ledge::cli
