// SPDX-License-Identifier: Apache-2.0
// Kafka listeners and their sessions. Bytes come in, frames go to the broker, answers go out in the order of
// the requests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "base/result.h"
#include "base/time.h"
#include "broker/broker.h"
#include "os/system.h"

namespace ledge::server {

struct ListenerOptions {
  std::string name;     // as in Kafka's listeners, e.g. PLAINTEXT
  os::Endpoint listen;  // an empty host: all addresses; port 0: one that is free
  os::Endpoint
      advertised;  // an empty host: that of `listen`, or the host's name; port 0: the one listened on
};

#ifdef LEDGE_SABOTAGE
/// Deliberate bugs: the simulation switches one on to prove that it would find it.
enum class Sabotage : std::uint8_t {
  None,
  AnswersOutOfOrder,  // an answer leaves when it is there, not when it is its turn
  LostAnswer,         // now and then one does not leave at all
};
#endif

struct Options {
  std::vector<ListenerOptions> listeners;
  std::int64_t request_bytes_max = limits::request_bytes_max;
  std::int64_t connections_max = limits::connections_max;
  std::int64_t connections_per_ip_max = limits::connections_per_ip_max;
  std::int64_t requests_in_flight_max = limits::requests_in_flight_per_connection_max;
  std::int64_t response_backlog_bytes_max = limits::response_backlog_bytes_max;
  std::chrono::milliseconds idle{limits::connection_idle_ms};
  std::chrono::milliseconds stall{limits::request_stall_ms};
  std::chrono::milliseconds stop_grace{limits::stop_grace_ms};
#ifdef LEDGE_SABOTAGE
  Sabotage sabotage = Sabotage::None;
#endif
};

struct Stats {
  std::uint64_t connections = 0;  // open now
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections_max = 0, refused_per_ip = 0;
  std::uint64_t closed_idle = 0, closed_stalled = 0, closed_bad_frame = 0, closed_refused = 0;
  std::uint64_t requests = 0, answers = 0;
  std::uint64_t replies_dropped = 0;  // program errors
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t request_memory_used = 0, request_memory_max = 0;
  std::uint64_t memory_waits = 0;  // times a connection was not read because the memory was used up
};

class Server {
 public:
  struct Bound {
    std::string name;
    os::Endpoint listening;
    os::Endpoint advertised;
  };

  /// `handler` must outlive the server.
  Server(os::Env env, Options options, broker::Handler& handler, std::shared_ptr<broker::Budget> budget);
  ~Server();

  /// Opens all listeners, or none. InUse when a port is taken.
  Result<void> listen();
  /// Once listen() has succeeded.
  const std::vector<Bound>& bound() const;

  /// A clean end: accepts and reads nothing more, has the broker answer what is parked, lets the answers of
  /// what was begun leave, closes; then calls `done`, after Options::stop_grace at the latest.
  void stop(os::Callback done);

  Stats stats() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ledge::server
