// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/bytes.h"

namespace ledge::admin {

struct HttpRequest {
  std::string method;      // "GET"
  std::string path;        // without the query
  std::string query = {};  // after '?', may be empty
  bool keep_alive = true;
};

/// What a malformed or too large request is answered with before the connection closes.
struct HttpRefusal {
  int status = 400;
};

/// One connection's requests, one after another, out of bytes in any pieces. Bounded: a request larger than
/// limits::http_request_bytes_max, body included, is refused.
class HttpParser {
 public:
  void add(ByteView bytes) { buffer_.append(as_text(bytes)); }
  /// The next whole request; nullopt: more bytes are needed. After a refusal the connection is of no more
  /// use.
  std::optional<std::variant<HttpRequest, HttpRefusal>> next();

 private:
  std::string buffer_;  // what is not parsed yet
};

}  // namespace ledge::admin
