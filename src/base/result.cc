// SPDX-License-Identifier: Apache-2.0
#include "base/result.h"

#include <cstdio>
#include <cstdlib>

#include "base/check.h"

namespace ledge {

void check_failed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

std::string Error::text() const {
  std::string out{error_name(code)};
  out += ": ";
  out += detail.empty() ? std::string{error_text(code)} : detail;
  return out;
}

}  // namespace ledge
