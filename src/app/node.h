// SPDX-License-Identifier: Apache-2.0
// The running server: a Box in a process, with its configuration, lock, signals and HTTP. No logic of its
// own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "admin/http_server.h"
#include "admin/metrics.h"
#include "app/box.h"
#include "base/result.h"
#include "config/load.h"
#include "os/system.h"

namespace ledge::app {

class Node {
 public:
  /// `loaded` has no problems. Nothing is opened yet.
  explicit Node(config::Loaded loaded);
  ~Node();

  /// Locks the data folder and recovers; the listeners open once run() has made this start durable. After an
  /// error the node must be destroyed.
  Result<void> start(Instant process_started);
  /// Until a stop signal, or the loop's end by other means. What was begun is answered, what was accepted is
  /// durable. The error is why the listeners did not open.
  Result<void> run();

 private:
  Result<void> open_box();
  Result<void> open_http();
  admin::Snapshot snapshot() const;
  void say_ready(Instant process_started);
  void say_damage() const;
  void stop();

  config::Loaded loaded_;
  os::RealEnv world_;
  std::unique_ptr<os::FolderLock> lock_;
  std::unique_ptr<os::Directory> directory_;
  std::unique_ptr<Box> box_;
  std::unique_ptr<admin::HttpServer> http_;
  std::unique_ptr<os::Timer> stop_deadline_;
  Result<void> started_;
  bool stopping_ = false;
};

}  // namespace ledge::app
