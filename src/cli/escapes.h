// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge::cli {

/// \n, \t, \r, \0, \\ and \xHH become the bytes they stand for; BadOption for any other.
Result<std::string> unescape(std::string_view text);

}  // namespace ledge::cli
