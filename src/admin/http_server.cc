// SPDX-License-Identifier: Apache-2.0
#include "admin/http_server.h"

#include <array>

#include "base/limits.h"
#include "base/log.h"

namespace ledge::admin {
namespace {

constexpr Duration kIdle = std::chrono::milliseconds{limits::http_connection_idle_ms};

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
  }
}

std::string serialize(const HttpResponse& response, bool keep_alive, bool with_body) {
  std::string out =
      "HTTP/1.1 " + std::to_string(response.status) + " " + std::string{reason(response.status)} + "\r\n";
  out += "Content-Type: " + response.content_type + "\r\n";
  out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  if (response.status == 405) out += "Allow: GET, HEAD\r\n";
  out += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  if (!keep_alive) out += "Connection: close\r\n";
  out += "\r\n";
  if (with_body) out += response.body;
  return out;
}

}  // namespace

class HttpServer::Session final : public os::ConnectionHandler {
 public:
  Session(HttpServer& server, std::uint64_t id, std::unique_ptr<os::Connection> connection)
      : server_(server), id_(id), timer_(server.env_.loop.timer()), connection_(std::move(connection)) {
    wait();
    connection_->start(this);
  }

  MutableBytes read_buffer() override { return closing_ ? MutableBytes{} : MutableBytes{bytes_}; }

  void on_read(std::size_t n) override {
    parser_.add(MutableBytes{bytes_}.first(n));
    answer();
  }

  void on_drained() override {
    if (!closing_) {
      connection_->resume_reading();
      answer();
    }
  }

  void on_closed(const Error&) override { leave(); }

 private:
  void wait() {
    timer_->set(server_.env_.loop.now() + kIdle, [this] { close(); });
  }

  void close() {
    if (std::exchange(closing_, true)) {
      // The peer does not take what is left for it: a second idle time is over.
      leave();
      return;
    }
    connection_->close_after_send();
    wait();
  }

  /// From the loop, since it destroys this session.
  void leave() {
    timer_->cancel();
    server_.env_.loop.post([&server = server_, id = id_, alive = std::weak_ptr<int>{server_.alive_}] {
      if (!alive.expired()) server.forget(id);
    });
  }

  /// One request at a time: the next one is answered when the peer has taken this answer.
  void answer() {
    if (connection_->backlog() > 0) return connection_->pause_reading();
    const auto next = parser_.next();
    if (!next) return;
    wait();
    HttpResponse response;
    bool keep_alive = false, with_body = true;
    if (const auto* refusal = std::get_if<HttpRefusal>(&*next)) {
      response = {.status = refusal->status, .body = std::string{reason(refusal->status)} + "\n"};
    } else {
      const HttpRequest& request = std::get<HttpRequest>(*next);
      keep_alive = request.keep_alive;
      with_body = request.method != "HEAD";
      response = request.method == "GET" || request.method == "HEAD"
                     ? server_.page_(request)
                     : HttpResponse{.status = 405, .body = "only GET and HEAD\n"};
    }
    const std::string text = serialize(response, keep_alive, with_body);
    connection_->send(Chain{SharedBytes::copy(as_bytes(text))});
    if (!keep_alive) close();
  }

  HttpServer& server_;
  const std::uint64_t id_;
  bool closing_ = false;
  HttpParser parser_;
  std::array<std::uint8_t, 2048> bytes_;
  std::unique_ptr<os::Timer> timer_;
  std::unique_ptr<os::Connection> connection_;
};

HttpServer::HttpServer(os::Env env, Page page) : env_(env), page_(std::move(page)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::listen(os::Env env, const os::Endpoint& at, Page page) {
  std::unique_ptr<HttpServer> server{new HttpServer(env, std::move(page))};
  auto accepted = [raw = server.get()](std::unique_ptr<os::Connection> connection) {
    raw->accept(std::move(connection));
  };
  TRY(server->listener_, env.net.listen(at, std::move(accepted)));
  return server;
}

void HttpServer::accept(std::unique_ptr<os::Connection> connection) {
  if (sessions_.size() >= static_cast<std::size_t>(limits::http_connections_max)) {
    LOG_WARN("too many HTTP connections", {{"peer", connection->peer().text()}});
    return;
  }
  const std::uint64_t id = next_id_++;
  sessions_.emplace(id, std::make_unique<Session>(*this, id, std::move(connection)));
}

void HttpServer::forget(std::uint64_t id) { sessions_.erase(id); }
os::Endpoint HttpServer::local() const { return listener_->local(); }
std::size_t HttpServer::connections() const { return sessions_.size(); }

}  // namespace ledge::admin
