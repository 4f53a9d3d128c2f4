// SPDX-License-Identifier: Apache-2.0
// Every command of the program but `serve`, which app/ adds. A new command: its file, its declaration here,
// its line in commands.cc.
#pragma once

#include <vector>

#include "cli/args.h"

namespace ledge::cli {

extern const Command kTopicCreateCommand;
extern const Command kTopicListCommand;
extern const Command kTopicDescribeCommand;
extern const Command kTopicAlterCommand;
extern const Command kTopicDeleteCommand;
extern const Command kGroupListCommand;
extern const Command kGroupDescribeCommand;
extern const Command kGroupResetCommand;
extern const Command kGroupDeleteCommand;
extern const Command kProduceCommand;
extern const Command kConsumeCommand;
extern const Command kConfigShowCommand;
extern const Command kConfigValidateCommand;
extern const Command kConfigExplainCommand;
extern const Command kJournalInfoCommand;
extern const Command kJournalDumpCommand;
extern const Command kJournalVerifyCommand;
extern const Command kCompletionCommand;
extern const Command kVersionCommand;

/// In the order of the help.
std::vector<const Command*> all_commands();

}  // namespace ledge::cli
