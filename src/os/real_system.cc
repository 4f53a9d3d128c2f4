// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "base/check.h"
#include "os/os_error.h"
#include "os/real_loop.h"
#include "os/real_net.h"
#include "os/real_worker.h"
#include "os/system.h"

extern char** environ;

namespace ledge::os {

namespace {

class RealRandom final : public Random {
 public:
  void fill(MutableBytes into) override {
    while (!into.empty()) {
      const ssize_t n = getrandom(into.data(), into.size(), 0);
      CHECK(n > 0 || errno == EINTR);
      if (n > 0) into = into.subspan(static_cast<std::size_t>(n));
    }
  }
};

class RealFolderLock final : public FolderLock {
 public:
  explicit RealFolderLock(int fd) : fd_(fd) {}
  ~RealFolderLock() override { close(fd_); }

 private:
  int fd_;
};

}  // namespace

Uuid Random::uuid() {
  while (true) {
    std::array<std::uint8_t, 16> bytes;
    fill(bytes);
    if (auto id = Uuid::from_random(bytes)) return *id;
  }
}

std::uint64_t Random::u64() {
  std::array<std::uint8_t, 8> bytes;
  fill(bytes);
  return load_le<std::uint64_t>(bytes.data());
}

RealEnv make_real() {
  RealEnv env;
  auto loop = std::make_unique<RealLoop>();
  env.net = make_real_net(*loop);
  env.random = std::make_unique<RealRandom>();
  env.journal_worker = make_real_worker(*loop, "journal");
  env.read_worker = make_real_worker(*loop, "read");
  env.loop = std::move(loop);
  return env;
}

Result<std::unique_ptr<FolderLock>> lock_folder(const std::string& path) {
  const std::string name = path + "/ledge.lock";
  const int fd = open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (fd < 0) return disk_error(errno, "open", name);
  // Of the open file, not of the process: ends with it, and another open of the same process is refused too.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (fcntl(fd, F_OFD_SETLK, &whole) != 0) {
    const int number = errno;
    char text[32] = "";
    const ssize_t n = pread(fd, text, sizeof text - 1, 0);
    close(fd);
    if (number != EAGAIN && number != EACCES) return disk_error(number, "lock", name);
    std::string holder(text, n > 0 ? static_cast<std::size_t>(n) : 0);
    while (!holder.empty() && (holder.back() < '0' || holder.back() > '9')) holder.pop_back();
    return fail(ErrorCode::InUse, path + " is in use by process " + (holder.empty() ? "(unknown)" : holder));
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(fd, 0) != 0 || pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    // Who holds the lock is a courtesy to people; a full disk must not keep the box from starting.
  }
  return std::make_unique<RealFolderLock>(fd);
}

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return disk_error(errno, "open", path);
  std::string out;
  char part[4096];
  while (true) {
    const ssize_t n = read(fd, part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    const int number = errno;
    if (n <= 0) close(fd);
    if (n < 0) return disk_error(number, "read", path);
    if (n == 0) return out;
    out.append(part, static_cast<std::size_t>(n));
    if (out.size() > bytes_max) {
      close(fd);
      return fail(ErrorCode::LimitExceeded, path + " is larger than " + std::to_string(bytes_max) + " bytes");
    }
  }
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::vector<std::string> environment_all() {
  std::vector<std::string> out;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) out.emplace_back(*each);
  return out;
}

std::string host_name() {
  char name[256] = "";
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

bool is_terminal(int descriptor) { return isatty(descriptor) == 1; }

void write_stream(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nobody listens any more
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::size_t read_stdin(MutableBytes into) {
  while (true) {
    const ssize_t n = read(STDIN_FILENO, into.data(), into.size());
    if (n < 0 && errno == EINTR) continue;
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
}

int process_id() { return getpid(); }

}  // namespace ledge::os
