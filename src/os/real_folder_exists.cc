// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "os/system.h"

namespace ledge::os {

bool folder_exists(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

}  // namespace ledge::os
