// SPDX-License-Identifier: Apache-2.0
// The NBD protocol (fixed newstyle), as far as one client at a time needs it. Flush only, no FUA: a guest's
// kernel then follows each write that must be durable with a flush.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "front.h"

namespace ledge::power {
namespace {

constexpr std::uint64_t kMagic = 0x4e42444d41474943, kOption = 0x49484156454f5054;
constexpr std::uint64_t kOptionReply = 0x3e889045565a9;
constexpr std::uint32_t kRequest = 0x25609513, kReply = 0x67446698;
constexpr std::uint32_t kExportName = 1, kAbort = 2, kInfo = 6, kGo = 7;
constexpr std::uint32_t kAck = 1, kInfoReply = 3, kUnsupported = 0x80000001;
constexpr std::uint16_t kHasFlags = 1, kSendFlush = 4;
constexpr std::uint16_t kRead = 0, kWrite = 1, kDisconnect = 2, kFlush = 3;
constexpr std::uint32_t kBytesMax = 32u << 20;

class NbdFront final : public Front {
 public:
  NbdFront(int listening, std::string path, Port& port)
      : listening_(listening), path_(std::move(path)), port_(port) {}
  ~NbdFront() override {
    hang_up();
    close(listening_);
    unlink(path_.c_str());
  }

  std::vector<pollfd> wants() const override { return {{client_ >= 0 ? client_ : listening_, POLLIN, 0}}; }

  Result<void> ready(const std::vector<pollfd>& polled) override {
    if (polled.front().revents == 0) return {};
    if (client_ < 0) {
      client_ = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client_ >= 0) greet();
      return {};
    }
    std::uint8_t some[65536];
    const ssize_t n = recv(client_, some, sizeof some, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (n <= 0) {
      hang_up();
      return {};
    }
    in_.insert(in_.end(), some, some + n);
    std::size_t at = 0;
    while (client_ >= 0) {
      const std::size_t used = step(ByteView{in_}.subspan(at));
      if (used == 0) break;
      at += used;
    }
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(std::min(at, in_.size())));
    return {};
  }

 private:
  void hang_up() {
    if (client_ >= 0) close(client_);
    client_ = -1;
    ++connection_;
    state_ = State::Flags;
    in_.clear();
  }

  void send_all(ByteView bytes) {
    while (!bytes.empty() && client_ >= 0) {
      const ssize_t n = send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return;  // the next recv tells
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }

  void greet() {
    Bytes out(18);
    store_be(out.data(), kMagic);
    store_be(out.data() + 8, kOption);
    store_be<std::uint16_t>(out.data() + 16, 1);  // fixed newstyle
    send_all(out);
  }

  /// Handles what stands at the beginning of `in`; the bytes used, 0 when it is not whole yet.
  std::size_t step(ByteView in) {
    switch (state_) {
      case State::Flags:
        if (in.size() < 4) return 0;
        no_zeroes_ = (load_be<std::uint32_t>(in.data()) & 2) != 0;
        state_ = State::Options;
        return 4;
      case State::Options: return option(in);
      case State::Requests: return request(in);
    }
    return 0;
  }

  void option_reply(std::uint32_t option, std::uint32_t type, ByteView body = {}) {
    Bytes out(20);
    store_be(out.data(), kOptionReply);
    store_be(out.data() + 8, option);
    store_be(out.data() + 12, type);
    store_be(out.data() + 16, static_cast<std::uint32_t>(body.size()));
    out.insert(out.end(), body.begin(), body.end());
    send_all(out);
  }

  std::size_t option(ByteView in) {
    if (in.size() < 16) return 0;
    const auto kind = load_be<std::uint32_t>(in.data() + 8);
    const auto length = load_be<std::uint32_t>(in.data() + 12);
    if (load_be<std::uint64_t>(in.data()) != kOption || length > 4096) {
      hang_up();
      return in.size();
    }
    if (in.size() < 16 + length) return 0;
    Bytes size_and_flags(10);
    store_be(size_and_flags.data(), port_.size());
    store_be<std::uint16_t>(size_and_flags.data() + 8, kHasFlags | kSendFlush);
    if (kind == kExportName) {
      send_all(size_and_flags);
      if (!no_zeroes_) send_all(Bytes(124));
      state_ = State::Requests;
    } else if (kind == kInfo || kind == kGo) {
      Bytes info(2);  // NBD_INFO_EXPORT is 0
      info.insert(info.end(), size_and_flags.begin(), size_and_flags.end());
      option_reply(kind, kInfoReply, info);
      option_reply(kind, kAck);
      if (kind == kGo) state_ = State::Requests;
    } else if (kind == kAbort) {
      option_reply(kind, kAck);
      hang_up();
      return in.size();
    } else {
      option_reply(kind, kUnsupported);
    }
    return 16 + length;
  }

  void reply(std::uint64_t cookie, int error, ByteView body = {}) {
    Bytes out(16);
    store_be(out.data(), kReply);
    store_be(out.data() + 4, static_cast<std::uint32_t>(error));
    store_be(out.data() + 8, cookie);
    out.insert(out.end(), body.begin(), body.end());
    send_all(out);
  }

  std::size_t request(ByteView in) {
    if (in.size() < 28) return 0;
    const auto type = load_be<std::uint16_t>(in.data() + 6);
    const auto cookie = load_be<std::uint64_t>(in.data() + 8);
    const auto from = load_be<std::uint64_t>(in.data() + 16);
    const auto length = load_be<std::uint32_t>(in.data() + 24);
    if (load_be<std::uint32_t>(in.data()) != kRequest || length > kBytesMax || type == kDisconnect) {
      hang_up();
      return in.size();
    }
    const std::size_t whole = 28 + (type == kWrite ? length : 0);
    if (in.size() < whole) return 0;
    if (type == kRead) {
      Bytes out(length);
      port_.read(from, out) ? reply(cookie, 0, out) : reply(cookie, EIO);
    } else if (type == kWrite) {
      reply(cookie, port_.write(from, in.subspan(28, length)) ? 0 : EIO);
    } else if (type == kFlush) {
      port_.flush([this, cookie, connection = connection_](bool good) {
        if (connection == connection_) reply(cookie, good ? 0 : EIO);
      });
    } else {
      reply(cookie, EINVAL);
    }
    return whole;
  }

  enum class State : std::uint8_t { Flags, Options, Requests };
  int listening_;
  std::string path_;
  Port& port_;
  int client_ = -1;
  std::uint64_t connection_ = 0;  // an answer for a client that is gone goes nowhere
  State state_ = State::Flags;
  bool no_zeroes_ = false;
  Bytes in_;
};

}  // namespace

Result<std::unique_ptr<Front>> nbd_front(const std::string& path, Port& port) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (path.size() >= sizeof at.sun_path) return fail(ErrorCode::DiskFailed, "too long for a socket: " + path);
  std::memcpy(at.sun_path, path.c_str(), path.size());
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || listen(fd, 1) != 0) {
    const int number = errno;
    if (fd >= 0) close(fd);
    return fail(ErrorCode::DiskFailed, "socket " + path + ": " + std::strerror(number));
  }
  return std::make_unique<NbdFront>(fd, path, port);
}

}  // namespace ledge::power
