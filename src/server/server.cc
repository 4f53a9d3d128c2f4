// SPDX-License-Identifier: Apache-2.0
#include "server/server.h"

#include <unordered_map>

#include "base/log.h"
#include "server/session.h"

namespace ledge::server {

class Server::Parts {
 public:
  Parts(os::Env env, Options options, broker::Handler& handler, std::shared_ptr<broker::Budget> budget)
      : env_(env), options_(std::move(options)), shared_(env.loop, options_, handler, std::move(budget)) {
    shared_.gone = [this](Session& session) { gone(session); };
    shared_.budget->on_freed([this] { shared_.memory_freed(); });
  }
  ~Parts() {
    shared_.budget->on_freed({});
    listeners_.clear();
    auto sessions = std::move(sessions_);
  }

  Result<void> listen() {
    for (const ListenerOptions& wanted : options_.listeners) {
      auto opened = open(wanted);
      if (opened) continue;
      listeners_.clear();
      bound_.clear();
      return std::unexpected(std::move(opened).error());
    }
    return {};
  }

  void stop(os::Callback done) {
    done_ = std::move(done);
    listeners_.clear();
    shared_.handler.stop_waiting();
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [id, session] : sessions_) all.push_back(session);
    for (const auto& session : all) session->stop();
    grace_ = env_.loop.timer();
    grace_->set(env_.loop.now() + options_.stop_grace, [this] {
      LOG_WARN("connections cut at the stop", {{"connections", sessions_.size()}});
      while (!sessions_.empty()) gone(*sessions_.begin()->second);
    });
    stopped_if_empty();
  }

  Stats stats() const {
    Stats out = shared_.stats;
    out.connections = sessions_.size();
    out.request_memory_used = shared_.budget->used();
    out.request_memory_max = shared_.budget->bytes_max();
    return out;
  }
  const std::vector<Bound>& bound() const { return bound_; }

 private:
  Result<void> open(const ListenerOptions& wanted) {
    auto listener = std::make_shared<broker::Listener>();
    listener->name = wanted.name;
    TRY(auto opened,
        env_.net.listen(wanted.listen, [this, listener](std::unique_ptr<os::Connection> connection) {
          accept(listener, std::move(connection));
        }));
    const os::Endpoint listening = opened->local();
    listener->advertised = wanted.advertised;
    if (listener->advertised.port == 0) listener->advertised.port = listening.port;
    if (listener->advertised.host.empty()) {
      const std::string& host = wanted.listen.host;
      const bool all = host.empty() || host == "0.0.0.0" || host == "::";
      listener->advertised.host = all ? os::host_name() : host;  // clients cannot connect to "all addresses"
    }
    bound_.push_back({wanted.name, listening, listener->advertised});
    listeners_.push_back(std::move(opened));
    return {};
  }

  void accept(const std::shared_ptr<const broker::Listener>& listener,
              std::unique_ptr<os::Connection> connection) {
    const std::string host = connection->peer().host;
    if (static_cast<std::int64_t>(sessions_.size()) >= options_.connections_max) {
      ++shared_.stats.refused_connections_max;
      LOG_WARN("connection refused", {{"why", "max.connections"}, {"peer", host}});
      return;
    }
    if (const auto held = per_ip_.find(host);
        held != per_ip_.end() && held->second >= options_.connections_per_ip_max) {
      ++shared_.stats.refused_per_ip;
      LOG_WARN("connection refused", {{"why", "max.connections.per.ip"}, {"peer", host}});
      return;
    }
    ++shared_.stats.accepted;
    ++per_ip_[host];
    auto session = std::make_shared<Session>(shared_, ++last_id_, listener, std::move(connection));
    sessions_.emplace(session->id(), session);
    session->start();
  }

  /// The caller may be the session's own connection: both live on until the loop's next turn.
  void gone(Session& session) {
    const auto found = sessions_.find(session.id());
    if (found == sessions_.end()) return;
    if (const auto held = per_ip_.find(session.peer().host); held != per_ip_.end() && --held->second == 0) {
      per_ip_.erase(held);
    }
    ending_.push_back(std::move(found->second));
    sessions_.erase(found);
    if (ending_.size() > 1) return;  // on its way
    env_.loop.post([this, alive = std::weak_ptr<int>(alive_)] {
      if (alive.expired()) return;
      const auto ended = std::exchange(ending_, {});
      stopped_if_empty();
    });
  }

  void stopped_if_empty() {
    if (!done_ || !sessions_.empty()) return;
    grace_.reset();
    env_.loop.post(std::exchange(done_, nullptr));
  }

  os::Env env_;
  const Options options_;
  std::vector<Bound> bound_;
  std::unordered_map<std::string, std::int64_t> per_ip_;
  Shared shared_;
  std::unordered_map<broker::ConnectionId, std::shared_ptr<Session>> sessions_;
  std::vector<std::shared_ptr<Session>> ending_;
  std::vector<std::unique_ptr<os::Listener>> listeners_;
  broker::ConnectionId last_id_ = 0;
  os::Callback done_;
  std::unique_ptr<os::Timer> grace_;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
};

Server::Server(os::Env env, Options options, broker::Handler& handler, std::shared_ptr<broker::Budget> budget)
    : parts_(std::make_unique<Parts>(env, std::move(options), handler, std::move(budget))) {}
Server::~Server() = default;

Result<void> Server::listen() { return parts_->listen(); }
const std::vector<Server::Bound>& Server::bound() const { return parts_->bound(); }
void Server::stop(os::Callback done) { parts_->stop(std::move(done)); }
Stats Server::stats() const { return parts_->stats(); }

}  // namespace ledge::server
