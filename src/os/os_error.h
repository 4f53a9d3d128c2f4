// SPDX-License-Identifier: Apache-2.0
// Private to os/: errno as an Error.
#pragma once

#include <string>

#include "base/result.h"

namespace ledge::os {

/// The system's text for an errno value. Any thread.
std::string errno_text(int number);
/// For files: "what path: text", NotFound, InUse, DiskFull or DiskFailed by the number.
std::unexpected<Error> disk_error(int number, const char* what, const std::string& path);

}  // namespace ledge::os
