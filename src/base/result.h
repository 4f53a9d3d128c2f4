// SPDX-License-Identifier: Apache-2.0
// How functions fail. Input errors (bytes from a socket, file, disk or operator) are values of this kind;
// program errors are CHECKs (base/check.h). No exception crosses a folder.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/errors.h"

namespace ledge {

struct Error {
  ErrorCode code = ErrorCode::None;
  std::string detail;  // what and where, for people; may be empty

  /// "KAFKA_NAME: detail", or the code's sentence when there is no detail.
  std::string text() const;
  bool operator==(const Error& other) const { return code == other.code; }
};

template <typename T> using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::string detail = {}) {
  return std::unexpected<Error>(Error{code, std::move(detail)});
}

#define LEDGE_CONCAT_(a, b) a##b
#define LEDGE_CONCAT(a, b) LEDGE_CONCAT_(a, b)

/// TRY(auto x, expression): x is the expression's value, or this function returns its error.
#define TRY(declaration, expression) \
  LEDGE_TRY_(LEDGE_CONCAT(ledge_try_, __COUNTER__), declaration, expression)
#define LEDGE_TRY_(temporary, declaration, expression) \
  auto temporary = (expression); \
  if (!temporary) return std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)

/// TRY_VOID(expression): this function returns the expression's error, if it has one.
#define TRY_VOID(expression) \
  do { \
    if (auto ledge_try_void = (expression); !ledge_try_void) \
      return std::unexpected(std::move(ledge_try_void).error()); \
  } while (false)

}  // namespace ledge
