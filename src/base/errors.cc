// SPDX-License-Identifier: Apache-2.0
#include "base/errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace ledge {
namespace {

struct Row {
  ErrorCode code;
  std::int16_t wire;
  bool retriable;
  std::string_view text;
  std::string name;  // Kafka's spelling
};

std::string kafka_spelling(std::string_view camel) {
  std::string out;
  for (char c : camel) {
    if (std::isupper(static_cast<unsigned char>(c)) && !out.empty()) out += '_';
    out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return out;
}

const auto& rows() {
  static const auto table = std::to_array<Row>({
#define LEDGE_ERROR_ROW(name, code, wire, retriable, text) \
  {ErrorCode::name, wire, retriable, text, kafka_spelling(#name)},
      LEDGE_ERRORS(LEDGE_ERROR_ROW)
#undef LEDGE_ERROR_ROW
  });
  return table;
}

const Row& row(ErrorCode code) {
  auto it = std::ranges::lower_bound(rows(), code, {}, &Row::code);
  return it != rows().end() && it->code == code ? *it : rows().front();
}

}  // namespace

std::int16_t wire_code(ErrorCode code) { return row(code).wire; }
std::string_view error_name(ErrorCode code) { return row(code).name; }
std::string_view error_text(ErrorCode code) { return row(code).text; }
bool error_retriable(ErrorCode code) { return row(code).retriable; }

ErrorCode error_from_wire(std::int16_t wire) {
  const Row& found = row(static_cast<ErrorCode>(wire));
  return wire < 1000 ? found.code : ErrorCode::UnknownServerError;
}

}  // namespace ledge
