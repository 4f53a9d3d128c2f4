// SPDX-License-Identifier: Apache-2.0
// The core of a server on any Env: store, broker and Kafka listeners, constructed in order and stopped in
// reverse. What belongs to a process (configuration, lock, signals, HTTP, log lines) is Node's; a simulated
// box is this class on simulated disks and networks.
#pragma once

#include <memory>

#include "base/result.h"
#include "broker/broker.h"
#include "os/system.h"
#include "server/server.h"
#include "store/store.h"

namespace ledge::app {

struct BoxOptions {
  store::Options store;
  broker::Options broker;
  server::Options server;
  std::uint64_t request_memory_bytes = limits::request_memory_bytes;
};

class Box {
 public:
  /// `directory` and what `env` names must outlive the box.
  Box(os::Env env, os::Directory& directory, BoxOptions options);
  ~Box();

  /// Recovers; blocks.
  Result<void> open();
  /// Calls `done` when this start is durable and the listeners are open, or with why they are not. No client
  /// may see an identity or an epoch that a power cut could take back.
  void serve(std::move_only_function<void(Result<void>)> done);
  /// A clean end: what was begun is answered (server::Options::stop_grace), what was accepted is durable.
  void stop(os::Callback done);

  store::Store& store() { return *store_; }
  const journal::RecoveryReport& recovery() const { return recovery_; }
  journal::RecoveryReport& recovery() { return recovery_; }
  /// Once serve() has succeeded.
  broker::Broker& broker() { return *broker_; }
  server::Server& server() { return *server_; }

 private:
  Result<void> listen();

  os::Env env_;
  os::Directory& directory_;
  const BoxOptions options_;
  journal::RecoveryReport recovery_;
  std::unique_ptr<store::Store> store_;
  std::shared_ptr<broker::Budget> budget_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<server::Server> server_;
};

}  // namespace ledge::app
