// SPDX-License-Identifier: Apache-2.0
#include "os/real_net.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/limits.h"
#include "base/log.h"
#include "os/os_error.h"
#include "os/real_connection.h"
#include "os/socket_address.h"

namespace ledge::os {

namespace {

using asio_descriptor = boost::asio::posix::stream_descriptor;

// --- listening

/// The bound sockets of one listener; accept operations in flight share it.
class Accepting final : public std::enable_shared_from_this<Accepting> {
 public:
  Accepting(RealLoop& loop, Net::Accepted accepted)
      : loop_(loop), accepted_(std::move(accepted)), retry_(loop.timer()) {}

  Result<void> bind(const SocketAddress& address, bool both_families);
  std::size_t sockets() const { return sockets_.size(); }
  Endpoint local() { return local_address(sockets_.front().descriptor.native_handle()).endpoint(); }

  void pause() { paused_ = true; }
  void resume() {
    paused_ = false;
    for (std::size_t i = 0; i < sockets_.size(); ++i) wait(i);
  }
  void close() {
    over_ = true;
    retry_.reset();
    boost::system::error_code ignored;
    for (auto& socket : sockets_) socket.descriptor.close(ignored);
  }

 private:
  struct Bound {
    asio_descriptor descriptor;
    bool waiting = false;
  };
  void wait(std::size_t i);
  void accept_round(std::size_t i);

  RealLoop& loop_;
  Net::Accepted accepted_;
  std::unique_ptr<Timer> retry_;
  std::vector<Bound> sockets_;
  bool paused_ = false;
  bool over_ = false;
};

Result<void> Accepting::bind(const SocketAddress& address, bool both_families) {
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const std::string where = address.endpoint().text();
  if (fd < 0) return fail(ErrorCode::ConnectionFailed, where + ": " + errno_text(errno));
  const int yes = 1;
  const int v6_only = both_families ? 0 : 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address.family() == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  if (::bind(fd, address.get(), address.length) != 0 || listen(fd, limits::listen_backlog_max) != 0) {
    const int number = errno;
    ::close(fd);
    return fail(number == EADDRINUSE ? ErrorCode::InUse : ErrorCode::ConnectionFailed,
                where + ": " + errno_text(number));
  }
  sockets_.push_back({asio_descriptor(loop_.context(), fd)});
  return {};
}

void Accepting::wait(std::size_t i) {
  if (over_ || paused_ || std::exchange(sockets_[i].waiting, true)) return;
  sockets_[i].descriptor.async_wait(asio_descriptor::wait_read,
                                    [self = shared_from_this(), i](const auto& error) {
                                      self->sockets_[i].waiting = false;
                                      if (error || self->over_) return;
                                      self->loop_.begin_callback();
                                      self->accept_round(i);
                                    });
}

void Accepting::accept_round(std::size_t i) {
  for (int round = 0; round < limits::accepts_per_round_max && !over_ && !paused_; ++round) {
    SocketAddress peer;
    peer.length = sizeof peer.storage;
    const int fd = accept4(sockets_[i].descriptor.native_handle(), peer.get(), &peer.length,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      accepted_(make_real_connection(loop_, fd, peer.endpoint()));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The waiting connection stays ready: waiting for it would spin.
      LOG_WARN("accepting pauses", {{"why", errno_text(errno)}, {"ms", limits::accept_retry_ms}});
      retry_->set(loop_.now() + std::chrono::milliseconds(limits::accept_retry_ms), [this] { resume(); });
      return;
    }
    // Anything else is the fate of one connection that died in the queue (accept(2), "Error handling").
  }
  wait(i);
}

class RealListener final : public Listener {
 public:
  explicit RealListener(std::shared_ptr<Accepting> accepting) : accepting_(std::move(accepting)) {}
  ~RealListener() override { accepting_->close(); }
  Endpoint local() const override { return accepting_->local(); }
  void pause() override { accepting_->pause(); }
  void resume() override { accepting_->resume(); }

 private:
  std::shared_ptr<Accepting> accepting_;
};

// --- connecting

/// One connect(): owned by its operations in flight, answers once.
class Connecting final : public std::enable_shared_from_this<Connecting> {
 public:
  Connecting(RealLoop& loop, Endpoint to, Net::Connected connected)
      : loop_(loop),
        to_(std::move(to)),
        connected_(std::move(connected)),
        deadline_(loop.timer()),
        resolver_(loop.context()),
        descriptor_(loop.context()) {}

  void start(Duration timeout) {
    deadline_->set(loop_.now() + timeout, [self = shared_from_this()] { self->fail_with("timed out"); });
    if (auto numeric = resolve_address(to_, Resolve::Numeric); numeric && !to_.host.empty()) {
      addresses_ = *std::move(numeric);
      return loop_.post([self = shared_from_this()] { self->try_next(); });
    }
    resolver_.async_resolve(to_.host, std::to_string(to_.port),
                            [self = shared_from_this()](const auto& error, const auto& found) {
                              self->loop_.begin_callback();
                              if (error) return self->fail_with(error.message());
                              self->take(found);
                            });
  }

 private:
  void take(const boost::asio::ip::tcp::resolver::results_type& found) {
    for (const auto& each : found) {
      SocketAddress& address = addresses_.emplace_back();
      std::memcpy(&address.storage, each.endpoint().data(), each.endpoint().size());
      address.length = static_cast<socklen_t>(each.endpoint().size());
    }
    try_next();
  }

  void try_next() {
    if (!connected_) return;
    if (tried_ == addresses_.size()) return fail_with(problem_.empty() ? "no address" : problem_);
    const SocketAddress& address = addresses_[tried_++];
    const int fd = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail_with(errno_text(errno));
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    descriptor_.assign(fd, ignored);
    if (connect(fd, address.get(), address.length) == 0) return succeed();
    if (errno != EINPROGRESS) {
      problem_ = errno_text(errno);
      return try_next();
    }
    descriptor_.async_wait(asio_descriptor::wait_write, [self = shared_from_this()](const auto& error) {
      self->loop_.begin_callback();
      if (!error) self->check();
    });
  }

  void check() {
    if (!connected_) return;
    int number = 0;
    socklen_t length = sizeof number;
    getsockopt(descriptor_.native_handle(), SOL_SOCKET, SO_ERROR, &number, &length);
    if (number == 0) return succeed();
    problem_ = errno_text(number);
    try_next();
  }

  void succeed() {
    const int fd = descriptor_.release();
    answer(make_real_connection(loop_, fd, addresses_[tried_ - 1].endpoint()));
  }
  void fail_with(const std::string& why) {
    answer(fail(ErrorCode::ConnectionFailed, to_.text() + ": " + why));
  }

  void answer(Result<std::unique_ptr<Connection>> result) {
    if (!connected_) return;
    auto keep = shared_from_this();
    deadline_->cancel();
    boost::system::error_code ignored;
    resolver_.cancel();
    descriptor_.close(ignored);
    std::exchange(connected_, nullptr)(std::move(result));
  }

  RealLoop& loop_;
  Endpoint to_;
  Net::Connected connected_;
  std::unique_ptr<Timer> deadline_;
  boost::asio::ip::tcp::resolver resolver_;
  asio_descriptor descriptor_;
  std::vector<SocketAddress> addresses_;
  std::size_t tried_ = 0;
  std::string problem_;
};

// --- both

class RealNet final : public Net {
 public:
  explicit RealNet(RealLoop& loop) : loop_(loop) {}

  Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Accepted accepted) override {
    auto accepting = std::make_shared<Accepting>(loop_, std::move(accepted));
    // "[::]" means every address, as it does to a JVM: without this it would be those of IPv6 alone.
    if (at.host.empty() || at.host == "::") {
      TRY(auto any6, resolve_address({"::", at.port}, Resolve::Numeric));
      auto bound = accepting->bind(any6.front(), true);
      if (!bound && bound.error().code == ErrorCode::InUse) return std::unexpected(bound.error());
      if (!bound) {  // a system without IPv6
        TRY(auto any4, resolve_address({"0.0.0.0", at.port}, Resolve::Numeric));
        TRY_VOID(accepting->bind(any4.front(), false));
      }
    } else {
      // A name may stand for several addresses, as localhost does for ::1 and 127.0.0.1.
      TRY(auto addresses, resolve_address(at, Resolve::Listen));
      Error problem;
      for (SocketAddress& address : addresses) {
        if (at.port == 0 && accepting->sockets() > 0) address.set_port(accepting->local().port);
        auto bound = accepting->bind(address, false);
        if (!bound && bound.error().code == ErrorCode::InUse) return std::unexpected(bound.error());
        if (!bound) problem = bound.error();
      }
      if (accepting->sockets() == 0) return std::unexpected(problem);
    }
    accepting->resume();
    return std::make_unique<RealListener>(std::move(accepting));
  }

  void connect(const Endpoint& to, Duration timeout, Connected connected) override {
    std::make_shared<Connecting>(loop_, to, std::move(connected))->start(timeout);
  }

 private:
  RealLoop& loop_;
};

}  // namespace

std::unique_ptr<Net> make_real_net(RealLoop& loop) { return std::make_unique<RealNet>(loop); }

}  // namespace ledge::os
