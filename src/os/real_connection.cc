// SPDX-License-Identifier: Apache-2.0
#include "os/real_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <deque>
#include <utility>

#include "base/limits.h"
#include "os/disk.h"
#include "os/os_error.h"
#include "os/socket_address.h"

namespace ledge::os {

namespace {

using asio_descriptor = boost::asio::posix::stream_descriptor;

void set_option(int socket, int level, int name, int value) {
  // A socket that does not know an option works without it.
  (void)setsockopt(socket, level, name, &value, sizeof value);
}

/// What outlives the Connection object: operations in flight share it, so that the object may be destroyed
/// inside its own callback.
class Socket final : public Flushable, public std::enable_shared_from_this<Socket> {
 public:
  Socket(RealLoop& loop, int socket, Endpoint peer)
      : loop_(loop), descriptor_(loop.context(), socket), peer_(std::move(peer)) {
    constexpr int second_ms = 1000;
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, limits::socket_keepalive_idle_ms / second_ms);
    set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 10);
    set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 6);
    set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, limits::socket_unacknowledged_ms_max);
  }

  void start(ConnectionHandler* handler) {
    handler_ = handler;
    wait_to_read();
  }

  void send(Chain bytes) {
    if (over_ || closing_) return;
    backlog_ += bytes.size();
    for (ChainPiece& piece : bytes.take()) queue_.push_back(std::move(piece));
    plan_flush();
  }

  void pause_reading() { paused_ = true; }
  void resume_reading() {
    paused_ = false;
    wait_to_read();
  }

  void close_after_send() {
    closing_ = true;
    plan_flush();
  }

  /// The owner is gone: no more callbacks.
  void abandon() {
    handler_ = nullptr;
    over_ = true;
    close();
  }

  void flush() override {
    flush_planned_ = false;
    if (!over_ && !waiting_to_write_) transmit();
  }

  std::size_t backlog() const { return backlog_; }
  const Endpoint& peer() const { return peer_; }
  Endpoint local() { return over_ ? Endpoint{} : local_address(descriptor_.native_handle()).endpoint(); }

 private:
  void wait_to_read();
  void wait_to_write();
  void read_round();
  void transmit();
  /// Bytes taken by the kernel, 0 when it takes none now, -1 when the connection is finished with.
  ssize_t transmit_memory();
  ssize_t transmit_file(const FileRange& range, std::size_t most);
  void consume(std::size_t taken);
  void peer_closed();
  void finish(std::string why);

  void plan_flush() {
    if (over_ || waiting_to_write_ || std::exchange(flush_planned_, true)) return;
    loop_.flush_later(shared_from_this());
  }
  void close() {
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    queue_.clear();
  }

  RealLoop& loop_;
  asio_descriptor descriptor_;
  Endpoint peer_;
  ConnectionHandler* handler_ = nullptr;
  std::deque<ChainPiece> queue_;
  std::size_t front_taken_ = 0;  // bytes of the first piece that the kernel has
  std::size_t backlog_ = 0;
  bool paused_ = false;
  bool waiting_to_read_ = false;
  bool waiting_to_write_ = false;
  bool flush_planned_ = false;
  bool closing_ = false;  // once the queue is empty
  bool over_ = false;     // on_closed was called, or the owner is gone
};

void Socket::wait_to_read() {
  if (over_ || closing_ || paused_ || handler_ == nullptr || std::exchange(waiting_to_read_, true)) return;
  descriptor_.async_wait(asio_descriptor::wait_read, [self = shared_from_this()](const auto& error) {
    self->waiting_to_read_ = false;
    if (error || self->over_) return;
    const RealLoop::Turn turn{self->loop_};
    self->read_round();
  });
}

void Socket::wait_to_write() {
  if (over_ || std::exchange(waiting_to_write_, true)) return;
  descriptor_.async_wait(asio_descriptor::wait_write, [self = shared_from_this()](const auto& error) {
    self->waiting_to_write_ = false;
    if (error || self->over_) return;
    const RealLoop::Turn turn{self->loop_};
    self->transmit();
  });
}

void Socket::read_round() {
  std::int64_t left = limits::socket_read_round_bytes;
  while (!over_ && !paused_ && !closing_ && left > 0) {
    const MutableBytes into = handler_->read_buffer();
    if (over_) return;
    if (into.empty()) {
      paused_ = true;
      return;
    }
    const ssize_t n = recv(descriptor_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (n < 0) return finish(errno_text(errno));
    if (n == 0) return peer_closed();
    loop_.moved(static_cast<std::size_t>(n));
    handler_->on_read(static_cast<std::size_t>(n));
    if (static_cast<std::size_t>(n) < into.size()) break;  // all there was: no second call to be told so
    left -= n;
  }
  wait_to_read();
}

/// A peer that has only ended its own direction still gets what is queued for it.
void Socket::peer_closed() {
  if (queue_.empty()) return finish("the peer closed the connection");
  closing_ = true;
}

void Socket::transmit() {
  std::int64_t left = limits::socket_write_round_bytes;
  while (!queue_.empty() && left > 0) {
    const auto* range = std::get_if<FileRange>(&queue_.front());
    const ssize_t taken =
        range != nullptr ? transmit_file(*range, static_cast<std::size_t>(left)) : transmit_memory();
    if (taken < 0) return;
    if (taken == 0) return wait_to_write();
    loop_.moved(static_cast<std::size_t>(taken));
    consume(static_cast<std::size_t>(taken));
    left -= taken;
  }
  if (!queue_.empty()) return wait_to_write();
  if (closing_) {
    shutdown(descriptor_.native_handle(), SHUT_WR);
    return finish("closed");
  }
  if (handler_ != nullptr) handler_->on_drained();
}

ssize_t Socket::transmit_memory() {
  iovec parts[limits::socket_pieces_per_call_max];
  std::size_t count = 0;
  std::size_t skip = front_taken_;
  for (const ChainPiece& piece : queue_) {
    const auto* bytes = std::get_if<SharedBytes>(&piece);
    if (bytes == nullptr || count == std::size(parts)) break;
    parts[count++] = {bytes->mutable_view().data() + skip, bytes->size() - skip};
    skip = 0;
  }
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = count;
  const int more =
      count < queue_.size() ? MSG_MORE : 0;  // the head of an answer shares its packet with the records
  while (true) {
    const ssize_t n = sendmsg(descriptor_.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL | more);
    if (n >= 0) return n;
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) return 0;
    finish(errno_text(errno));
    return -1;
  }
}

ssize_t Socket::transmit_file(const FileRange& range, std::size_t most) {
  const std::size_t length = std::min<std::size_t>(range.length - front_taken_, most);
  auto position = static_cast<off_t>(range.position + front_taken_);
  while (true) {
    const ssize_t n = sendfile(descriptor_.native_handle(), range.file->descriptor(), &position, length);
    if (n > 0) return n;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
    // The announced length cannot be kept any more: the peer must not take other bytes for the missing ones.
    finish(n == 0 ? "the file ends before the range that was to be sent" : errno_text(errno));
    return -1;
  }
}

void Socket::consume(std::size_t taken) {
  backlog_ -= taken;
  taken += front_taken_;
  while (!queue_.empty()) {
    const std::size_t size = std::visit(
        [](const auto& piece) -> std::size_t {
          if constexpr (requires { piece.length; })
            return piece.length;
          else
            return piece.size();
        },
        queue_.front());
    if (taken < size) break;
    taken -= size;
    queue_.pop_front();
  }
  front_taken_ = taken;
}

void Socket::finish(std::string why) {
  if (std::exchange(over_, true)) return;
  close();
  ConnectionHandler* handler = std::exchange(handler_, nullptr);
  if (handler != nullptr) handler->on_closed({ErrorCode::ConnectionFailed, peer_.text() + ": " + why});
}

class RealConnection final : public Connection {
 public:
  RealConnection(RealLoop& loop, int socket, Endpoint peer)
      : socket_(std::make_shared<Socket>(loop, socket, std::move(peer))) {}
  ~RealConnection() override { socket_->abandon(); }

  void start(ConnectionHandler* handler) override { socket_->start(handler); }
  void send(Chain bytes) override { socket_->send(std::move(bytes)); }
  std::size_t backlog() const override { return socket_->backlog(); }
  void pause_reading() override { socket_->pause_reading(); }
  void resume_reading() override { socket_->resume_reading(); }
  void close_after_send() override { socket_->close_after_send(); }
  Endpoint peer() const override { return socket_->peer(); }
  Endpoint local() const override { return socket_->local(); }

 private:
  std::shared_ptr<Socket> socket_;
};

}  // namespace

std::unique_ptr<Connection> make_real_connection(RealLoop& loop, int socket, Endpoint peer) {
  return std::make_unique<RealConnection>(loop, socket, std::move(peer));
}

}  // namespace ledge::os
