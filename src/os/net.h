// SPDX-License-Identifier: Apache-2.0
// Stream sockets as the core loop sees them. All calls and callbacks are on the loop thread; callbacks never
// come from inside a call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/chain.h"
#include "base/result.h"
#include "base/time.h"

namespace ledge::os {

struct Endpoint {
  std::string host;  // name or literal address, IPv6 without brackets
  std::uint16_t port = 0;
  /// "host:port", with brackets around an IPv6 address.
  std::string text() const;
  bool operator==(const Endpoint&) const = default;
};

/// What the owner of a connection is told.
class ConnectionHandler {
 public:
  virtual ~ConnectionHandler() = default;
  /// Where the next bytes are to be put: a buffer of the handler's choice, at least one byte. Called just
  /// before reading; an empty answer means "not now" and is the same as pause_reading().
  virtual MutableBytes read_buffer() = 0;
  /// `n` bytes were put there, n > 0.
  virtual void on_read(std::size_t n) = 0;
  /// All that was sent has been taken by the kernel.
  virtual void on_drained() {}
  /// The peer closed, the connection broke, or close() was called on it with send still pending and it
  /// failed. Last call.
  virtual void on_closed(const Error& why) = 0;
};

/// An open connection. Owned by its handler's owner; destroying it closes it at once.
class Connection {
 public:
  virtual ~Connection() = default;
  /// Starts reading; the handler must outlive the connection.
  virtual void start(ConnectionHandler* handler) = 0;
  /// Queues bytes; never blocks, never fails at once. File ranges go out by sendfile.
  virtual void send(Chain bytes) = 0;
  /// Bytes queued and not yet taken by the kernel.
  virtual std::size_t backlog() const = 0;
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;
  /// Sends what is queued, then closes; on_closed() follows. No further reads.
  virtual void close_after_send() = 0;
  virtual Endpoint peer() const = 0;
  virtual Endpoint local() const = 0;
};

/// Accepts until destroyed.
class Listener {
 public:
  virtual ~Listener() = default;
  /// With the port that the system chose, if 0 was asked for.
  virtual Endpoint local() const = 0;
  virtual void pause() = 0;
  virtual void resume() = 0;
};

class Net {
 public:
  virtual ~Net() = default;
  using Accepted = std::function<void(std::unique_ptr<Connection>)>;
  /// One listener; an empty host listens on all addresses, IPv6 and IPv4. Fails with InUse when the port is
  /// taken.
  virtual Result<std::unique_ptr<Listener>> listen(const Endpoint& at, Accepted accepted) = 0;
  using Connected = std::move_only_function<void(Result<std::unique_ptr<Connection>>)>;
  /// Resolves and connects; answers once, by `timeout` at the latest.
  virtual void connect(const Endpoint& to, Duration timeout, Connected connected) = 0;
};

}  // namespace ledge::os
