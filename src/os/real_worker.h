// SPDX-License-Identifier: Apache-2.0
// Private to os/.
#pragma once

#include <memory>

#include "os/worker.h"

namespace ledge::os {
/// `name` (a literal, 15 characters at most) is what the system's tools show for the thread.
std::unique_ptr<Worker> make_real_worker(Loop& loop, const char* name);
}  // namespace ledge::os
