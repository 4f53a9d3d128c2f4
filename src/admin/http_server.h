// SPDX-License-Identifier: Apache-2.0
// A small HTTP/1.1 server for pages about the program itself: GET and HEAD, keep-alive, bounded in
// everything.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "admin/http_parser.h"
#include "base/result.h"
#include "os/system.h"

namespace ledge::admin {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpServer {
 public:
  /// Called for every GET and HEAD, on the loop.
  using Page = std::function<HttpResponse(const HttpRequest&)>;

  static Result<std::unique_ptr<HttpServer>> listen(os::Env env, const os::Endpoint& at, Page page);
  ~HttpServer();

  /// With the port that the system chose.
  os::Endpoint local() const;
  std::size_t connections() const;

 private:
  class Session;
  HttpServer(os::Env env, Page page);
  void accept(std::unique_ptr<os::Connection> connection);
  void forget(std::uint64_t id);

  os::Env env_;
  Page page_;
  std::uint64_t next_id_ = 1;
  std::shared_ptr<int> alive_ =
      std::make_shared<int>();  // calls that were posted for us ask whether we are still there
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
  std::unique_ptr<os::Listener> listener_;
};

}  // namespace ledge::admin
