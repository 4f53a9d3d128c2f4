// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "os/loop.h"

namespace ledge::os {

/// One thread that does, in order, what would block the core loop. A job must not touch state of the loop; it
/// owns or shares (SharedBytes, shared_ptr<File>) what it needs. The destructor finishes the jobs that were
/// submitted.
class Worker {
 public:
  virtual ~Worker() = default;
  /// `job` runs on the worker's thread, then `done` on the loop's.
  virtual void submit(Callback job, Callback done) = 0;
};

}  // namespace ledge::os
