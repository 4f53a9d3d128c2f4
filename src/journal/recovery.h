// SPDX-License-Identifier: Apache-2.0
// The only way to start: newest valid snapshot, then every frame behind it.
#pragma once

#include "journal/core.h"
#include "journal/scan.h"

namespace ledge::journal {

/// Fills `core` from the folder, or makes a new journal in an empty one. Blocks. What it writes is what is
/// there already (the unsynced tail, again), so a crash at any point of it changes nothing.
Result<void> recover(Core* core, RecoveryReport* report);

/// Makes the file of a segment ready to be written: header, blocks, name; all durable. Blocks.
struct Preparation {
  Uuid journal_id;
  std::uint64_t sequence = 0, base = 0, size = 0, salt = 0;
  std::optional<Spare> spare = {};  // the file to reuse
  bool zeros_ahead = false;         // small commits are to follow: with the zeros that the first would write
};
Result<std::shared_ptr<WriteState>> prepare_segment(os::Directory& directory, const Preparation& what);

}  // namespace ledge::journal
