// SPDX-License-Identifier: Apache-2.0
#include "admin/http_parser.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ledge::admin {
namespace {

using Next = std::optional<std::variant<HttpRequest, HttpRefusal>>;

Next parse(std::string_view text) {
  HttpParser parser;
  parser.add(as_bytes(text));
  return parser.next();
}

int refused(std::string_view text) {
  const Next next = parse(text);
  const auto* refusal = next ? std::get_if<HttpRefusal>(&*next) : nullptr;
  return refusal ? refusal->status : 0;
}

TEST(HttpParser, ReadsARequestThatArrivesByteByByte) {
  const std::string_view text = "GET /metrics?a=1 HTTP/1.1\r\nHost: x\r\n\r\n";
  HttpParser parser;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    parser.add(as_bytes(text.substr(i, 1)));
    EXPECT_FALSE(parser.next()) << i;
  }
  parser.add(as_bytes(text.substr(text.size() - 1)));
  const Next next = parser.next();
  ASSERT_TRUE(next);
  const auto& request = std::get<HttpRequest>(*next);
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_EQ(request.query, "a=1");
  EXPECT_TRUE(request.keep_alive);
  EXPECT_FALSE(parser.next());
}

TEST(HttpParser, KeepsPipelinedRequestsApart) {
  HttpParser parser;
  parser.add(as_bytes("GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n"));
  EXPECT_EQ(std::get<HttpRequest>(*parser.next()).path, "/a");
  const auto second = std::get<HttpRequest>(*parser.next());
  EXPECT_EQ(second.method, "HEAD");
  EXPECT_FALSE(second.keep_alive);
  EXPECT_FALSE(parser.next());
}

TEST(HttpParser, ReadsOverABodySoThatTheNextRequestStartsBehindIt) {
  HttpParser parser;
  parser.add(as_bytes("POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nGET GET /b HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(std::get<HttpRequest>(*parser.next()).method, "POST");
  EXPECT_EQ(std::get<HttpRequest>(*parser.next()).path, "/b");
}

TEST(HttpParser, ClosesAfterAnHttp10Request) {
  EXPECT_FALSE(std::get<HttpRequest>(*parse("GET / HTTP/1.0\r\n\r\n")).keep_alive);
}

TEST(HttpParser, RefusesWhatIsNotHttp) {
  EXPECT_EQ(refused("\x16\x03\x01\x02\r\n\r\n"), 400);  // a TLS client
  EXPECT_EQ(refused("GET\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/9.9\r\n\r\n"), 505);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"), 400);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
}

TEST(HttpParser, IsBounded) {
  const auto most = static_cast<std::size_t>(limits::http_request_bytes_max);
  EXPECT_EQ(refused("GET /" + std::string(most, 'a')), 431);
  EXPECT_EQ(refused("GET / HTTP/1.1\r\nX: " + std::string(most, 'a')), 431);
  EXPECT_EQ(refused("POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n"), 413);
  EXPECT_EQ(
      refused("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n" + std::string(most, 'a')),
      413);
}

}  // namespace
}  // namespace ledge::admin
