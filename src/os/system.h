// SPDX-License-Identifier: Apache-2.0
// The rest of the system that ledge touches: random bytes, the process, its environment. Everything above os/
// gets these through an Env, so that a simulation can stand in for all of it at once.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/uuid.h"
#include "os/disk.h"
#include "os/loop.h"
#include "os/net.h"
#include "os/worker.h"

namespace ledge::os {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableBytes into) = 0;
  /// A new id that is neither reserved nor awkward on a command line.
  Uuid uuid();
  std::uint64_t u64();
};

/// Everything that the server's folders need of the world.
struct Env {
  Loop& loop;
  Net& net;
  Random& random;
  /// Journal writes and syncs, and nothing else.
  Worker& journal_worker;
  /// Reads that miss the page cache, decompression for lookups.
  Worker& read_worker;
};

/// The real ones. `make_real` owns them; stop the loop before destroying it.
struct RealEnv {
  std::unique_ptr<Loop> loop;
  std::unique_ptr<Net> net;
  std::unique_ptr<Random> random;
  std::unique_ptr<Worker> journal_worker;
  std::unique_ptr<Worker> read_worker;
  Env env() { return {*loop, *net, *random, *journal_worker, *read_worker}; }
};
RealEnv make_real();

/// Opens a folder, creating it (and its parents) when it is missing.
Result<std::unique_ptr<Directory>> open_directory(const std::string& path);
/// For those who only want to look.
bool folder_exists(const std::string& path);

/// A lock on a data folder that ends with the process. While another process holds it: InUse, and the error's
/// detail names that process's pid.
class FolderLock {
 public:
  virtual ~FolderLock() = default;
};
Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path);

/// Calls `stop` on the loop thread at SIGTERM or SIGINT (a second one ends the process at once), and ignores
/// SIGPIPE, SIGXFSZ.
void on_stop_signal(Loop& loop, std::function<void(int signal)> stop);

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);
std::optional<std::string> environment(const std::string& name);
/// All variables as NAME=value.
std::vector<std::string> environment_all();
/// The clocks of Loop for those who have no loop: log lines, commands. Any thread.
Instant monotonic_clock();
WallMs wall_clock();
/// The host's name, "localhost" when it has none.
std::string host_name();
bool is_terminal(int descriptor);
/// Blocking write of all bytes to a standard stream (1 or 2), for logs and command output.
void write_stream(int descriptor, std::string_view text);
/// Blocking read of the next bytes of standard input; 0 at its end.
std::size_t read_stdin(MutableBytes into);
/// Resident memory, CPU time, open descriptors, threads of this process.
struct ProcessStats {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t descriptors_max = 0;
  std::uint64_t threads = 0;
  double start_time_seconds = 0;  // since 1970
};
ProcessStats process_stats();
int process_id();

}  // namespace ledge::os
