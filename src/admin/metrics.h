// SPDX-License-Identifier: Apache-2.0
// Every metric: one row in metrics.cc over this snapshot. A new metric is one row, and one field where it is
// counted.
#pragma once

#include <string>
#include <string_view>

#include "broker/broker.h"
#include "journal/journal.h"
#include "os/system.h"
#include "server/server.h"
#include "store/store.h"

namespace ledge::admin {

struct Snapshot {
  std::string_view version, commit;
  bool ready = false;
  std::int32_t boot_epoch = 0;
  double recovery_seconds = 0;
  std::uint64_t recovery_torn_tail_bytes = 0, recovery_damaged_ranges = 0;
  std::uint64_t http_connections = 0;
  os::ProcessStats process;
  os::DiskSpace disk;
  journal::Stats journal;
  store::Store::Stats store;
  broker::Stats broker;
  server::Stats server;
};

/// Prometheus exposition format 0.0.4.
std::string metrics_text(const Snapshot& snapshot);
/// The table of docs/reference/metrics.md.
std::string metrics_reference();

}  // namespace ledge::admin
