// SPDX-License-Identifier: Apache-2.0
// Assertions that stay on in release builds. They state what the program itself guarantees; never use them on
// bytes that came from a client, a disk or an operator. A failed CHECK prints the place and the condition and
// aborts; the process starts again through recovery.
#pragma once

namespace ledge {
[[noreturn]] void check_failed(const char* file, int line, const char* condition);
}

#define CHECK(condition) \
  do { \
    if (!(condition)) [[unlikely]] \
      ::ledge::check_failed(__FILE__, __LINE__, #condition); \
  } while (false)

/// If `a` holds then `b` must.
#define CHECK_IMPLIES(a, b) CHECK(!(a) || (b))
