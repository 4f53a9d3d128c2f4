// SPDX-License-Identifier: Apache-2.0
#include "os/os_error.h"

#include <cerrno>
#include <system_error>

namespace ledge::os {

std::string errno_text(int number) { return std::generic_category().message(number); }

std::unexpected<Error> disk_error(int number, const char* what, const std::string& path) {
  ErrorCode code = ErrorCode::DiskFailed;
  switch (number) {
    case ENOENT: code = ErrorCode::NotFound; break;
    case EEXIST: code = ErrorCode::InUse; break;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: code = ErrorCode::DiskFull; break;
    default: break;
  }
  return fail(code, std::string(what) + " " + path + ": " + errno_text(number));
}

}  // namespace ledge::os
