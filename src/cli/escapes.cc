// SPDX-License-Identifier: Apache-2.0
#include "cli/escapes.h"

#include <charconv>

namespace ledge::cli {

Result<std::string> unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '\\') {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const char what = text.size() > 1 ? text[1] : '\0';
    std::size_t used = 2;
    switch (what) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case '0': out += '\0'; break;
      case '\\': out += '\\'; break;
      case 'x': {
        unsigned value = 0;
        const auto digits = text.substr(2, 2);
        const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (bad != std::errc{} || digits.size() != 2 || end != digits.data() + 2)
          return fail(ErrorCode::BadOption, "\\x needs two hexadecimal digits");
        out += static_cast<char>(value);
        used = 4;
        break;
      }
      default:
        return fail(ErrorCode::BadOption,
                    "'" + std::string{text.substr(0, 2)} + "' is no escape (\\n \\t \\r \\0 \\\\ \\xHH)");
    }
    text.remove_prefix(used);
  }
  return out;
}

}  // namespace ledge::cli
