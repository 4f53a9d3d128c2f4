// SPDX-License-Identifier: Apache-2.0
#include <time.h>

#include "os/system.h"

namespace ledge::os {

Instant monotonic_clock() {
  timespec at{};
  clock_gettime(CLOCK_BOOTTIME, &at);
  return {at.tv_sec * 1'000'000'000 + at.tv_nsec};
}

WallMs wall_clock() {
  timespec at{};
  clock_gettime(CLOCK_REALTIME, &at);
  return at.tv_sec * 1000 + at.tv_nsec / 1'000'000;
}

}  // namespace ledge::os
