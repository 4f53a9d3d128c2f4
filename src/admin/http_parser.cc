// SPDX-License-Identifier: Apache-2.0
// The only user of Boost.Beast: its request parser, fed with bytes. Beast does no I/O here.
#include "admin/http_parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "base/limits.h"

namespace ledge::admin {
namespace {

namespace http = boost::beast::http;
constexpr std::size_t kBytesMax = limits::http_request_bytes_max;

int status_of(boost::system::error_code why) {
  if (why == http::error::header_limit) return 431;
  if (why == http::error::body_limit) return 413;
  if (why == http::error::bad_version) return 505;
  return 400;
}

HttpRequest to_request(const http::request<http::string_body>& message) {
  const std::string_view target{message.target().data(), message.target().size()};
  const std::size_t question = target.find('?');
  return {.method = std::string{message.method_string()},
          .path = std::string{target.substr(0, question)},
          .query = question == target.npos ? std::string{} : std::string{target.substr(question + 1)},
          .keep_alive = message.keep_alive()};
}

}  // namespace

std::optional<std::variant<HttpRequest, HttpRefusal>> HttpParser::next() {
  if (buffer_.empty()) return std::nullopt;
  // The buffer is small, so a request in pieces is parsed again from its start; no parser state outlives this
  // call.
  http::request_parser<http::string_body> parser;
  parser.eager(true);
  parser.header_limit(kBytesMax);
  parser.body_limit(kBytesMax);
  boost::system::error_code why;
  std::size_t used = 0;
  while (!parser.is_done() && used < buffer_.size()) {
    const std::size_t n = parser.put(boost::asio::buffer(buffer_.data() + used, buffer_.size() - used), why);
    used += n;
    if (why == http::error::need_more || (!why && n == 0)) break;
    if (why) return HttpRefusal{status_of(why)};
  }
  if (!parser.is_done()) {
    if (buffer_.size() < kBytesMax) return std::nullopt;
    return HttpRefusal{parser.is_header_done() ? 413 : 431};
  }
  HttpRequest request = to_request(parser.get());
  buffer_.erase(0, used);
  return request;
}

}  // namespace ledge::admin
