// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "base/check.h"
#include "os/os_error.h"
#include "os/system.h"

namespace ledge::os {

namespace {

/// Leading bytes that the page cache gives without waiting, -1 when there are none.
ssize_t read_nowait(int fd, std::uint64_t position, MutableBytes into) {
  const iovec part{into.data(), into.size()};
  return preadv2(fd, &part, 1, static_cast<off_t>(position), RWF_NOWAIT);
}

/// cachestat(2), Linux 6.5: nullopt where it is missing.
std::optional<bool> cached_by_cachestat(int fd, std::uint64_t position, std::uint64_t length) {
  constexpr long kCachestat = 451;
  struct {
    std::uint64_t off, len;
  } range{position, length};
  struct {
    std::uint64_t cached, dirty, writeback, evicted, recently_evicted;
  } pages{};
  if (syscall(kCachestat, fd, &range, &pages, 0) != 0) return std::nullopt;
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t needed = (position + length + page - 1) / page - position / page;
  return pages.cached >= needed;
}

class RealFile final : public File {
 public:
  RealFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~RealFile() override { close(fd_); }

  Result<std::size_t> read_at(std::uint64_t position, MutableBytes into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t n =
          pread(fd_, into.data() + done, into.size() - done, static_cast<off_t>(position + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return disk_error(errno, "read", path_);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::size_t> read_cached(std::uint64_t position, MutableBytes into) const override {
    std::size_t done = 0;
    while (done < into.size()) {
      const ssize_t n = read_nowait(fd_, position + done, into.subspan(done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EIO) return disk_error(errno, "read", path_);
      if (n <= 0) break;  // not cached, the end, or a file system that cannot tell
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  bool is_cached(std::uint64_t position, std::uint64_t length) const override {
    if (length == 0) return true;
    if (auto known = cached_by_cachestat(fd_, position, length)) return *known;
    // An older kernel: read it, without waiting, and look how far that comes.
    constexpr std::uint64_t kProbeBytesMax = 1 << 20;
    if (length > kProbeBytesMax) return false;
    std::array<std::uint8_t, 16384> scratch;
    while (length > 0) {
      const std::size_t part = std::min<std::uint64_t>(length, scratch.size());
      const ssize_t n = read_nowait(fd_, position, {scratch.data(), part});
      if (n < static_cast<ssize_t>(part)) return false;
      position += part;
      length -= part;
    }
    return true;
  }

  Result<void> write_at(std::uint64_t position, std::span<const ByteView> pieces) override {
    std::array<iovec, 256> parts;
    static_assert(256 <= IOV_MAX);
    std::size_t piece = 0, skip = 0;
    while (piece < pieces.size()) {
      std::size_t count = 0;
      for (std::size_t i = piece; i < pieces.size() && count < parts.size(); ++i, ++count) {
        const std::size_t from = i == piece ? skip : 0;
        parts[count] = {const_cast<std::uint8_t*>(pieces[i].data()) + from, pieces[i].size() - from};
      }
      const ssize_t n = pwritev(fd_, parts.data(), static_cast<int>(count), static_cast<off_t>(position));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return disk_error(errno, "write", path_);
      position += static_cast<std::uint64_t>(n);
      std::size_t taken = skip + static_cast<std::size_t>(n);
      const std::size_t before = piece;
      while (piece < pieces.size() && taken >= pieces[piece].size()) taken -= pieces[piece++].size();
      skip = taken;
      if (n == 0 && piece == before) return disk_error(EIO, "write", path_);  // no way forward
    }
    return {};
  }

  Result<void> sync() override {
    // Not repeated after an error, not even EINTR: a second call may report success for pages that are lost.
    if (fdatasync(fd_) != 0) return disk_error(errno, "fdatasync", path_);
    return {};
  }

  Result<void> allocate(std::uint64_t size) override {
    TRY(const std::uint64_t have, this->size());
    while (fallocate(fd_, 0, 0, static_cast<off_t>(size)) != 0) {
      if (errno == EINTR) continue;
      if (errno != EOPNOTSUPP && errno != ENOSYS) return disk_error(errno, "allocate", path_);
      return have >= size ? Result<void>{} : write_zeros(have, size);
    }
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    while (ftruncate(fd_, static_cast<off_t>(size)) != 0) {
      if (errno != EINTR) return disk_error(errno, "truncate", path_);
    }
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat found {};
    if (fstat(fd_, &found) != 0) return disk_error(errno, "stat", path_);
    return static_cast<std::uint64_t>(found.st_size);
  }

  int descriptor() const override { return fd_; }

 private:
  Result<void> write_zeros(std::uint64_t from, std::uint64_t to) {
    const Bytes zeros(1 << 16);
    while (from < to) {
      const ByteView part{zeros.data(), std::min<std::uint64_t>(zeros.size(), to - from)};
      TRY_VOID(write_at(from, {&part, 1}));
      from += part.size();
    }
    return {};
  }

  int fd_;
  std::string path_;
};

Result<void> sync_folder(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int number = errno;
  if (fd >= 0) close(fd);
  return synced ? Result<void>{} : disk_error(number, "fsync", path);
}

class RealDirectory final : public Directory {
 public:
  /// `unsynced`: folders above that have a new name in them, to be made durable with our own names.
  RealDirectory(int fd, std::string path, std::vector<std::string> unsynced)
      : fd_(fd), path_(std::move(path)), unsynced_(std::move(unsynced)) {}
  ~RealDirectory() override { close(fd_); }

  Result<std::shared_ptr<File>> open(const std::string& name) override {
    return open_file(name, O_RDWR, "open");
  }
  Result<std::shared_ptr<File>> create(const std::string& name) override {
    return open_file(name, O_RDWR | O_CREAT | O_EXCL, "create");
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (renameat(fd_, from.c_str(), fd_, to.c_str()) != 0) return disk_error(errno, "rename", full(from));
    return {};
  }
  Result<void> remove(const std::string& name) override {
    if (unlinkat(fd_, name.c_str(), 0) != 0) return disk_error(errno, "remove", full(name));
    return {};
  }
  Result<void> sync_names() override {
    if (fsync(fd_) != 0) return disk_error(errno, "fsync", path_);
    for (; !unsynced_.empty(); unsynced_.pop_back()) TRY_VOID(sync_folder(unsynced_.back()));
    return {};
  }

  Result<std::vector<std::string>> list() override {
    const int copy = openat(fd_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* folder = copy < 0 ? nullptr : fdopendir(copy);
    if (folder == nullptr) {
      const int number = errno;
      if (copy >= 0) close(copy);
      return disk_error(number, "list", path_);
    }
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = readdir(folder)) {
      if (is_file(*entry)) names.emplace_back(entry->d_name);
      errno = 0;
    }
    const int number = errno;
    closedir(folder);
    if (number != 0) return disk_error(number, "list", path_);
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<DiskSpace> space() const override {
    struct statvfs found {};
    if (fstatvfs(fd_, &found) != 0) return disk_error(errno, "statvfs", path_);
    return DiskSpace{found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize};
  }
  std::string path() const override { return path_; }

 private:
  /// Most file systems say it in the entry; asking each file would read as many inodes at a start.
  bool is_file(const dirent& entry) const {
    if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_REG;
    struct stat found {};
    return fstatat(fd_, entry.d_name, &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(found.st_mode);
  }

  std::string full(const std::string& name) const { return path_ + "/" + name; }

  Result<std::shared_ptr<File>> open_file(const std::string& name, int flags, const char* what) {
    CHECK(!name.empty() && name.find('/') == std::string::npos);
    int fd = -1;
    do {
      fd = openat(fd_, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0640);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return disk_error(errno, what, full(name));
    return std::make_shared<RealFile>(fd, full(name));
  }

  int fd_;
  std::string path_;
  std::vector<std::string> unsynced_;
};

/// Makes the folders of `path` that are missing. Those that have a new name in them, which is not durable
/// yet.
Result<std::vector<std::string>> make_folders(const std::string& path) {
  std::vector<std::string> changed;
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (mkdir(part.c_str(), 0750) == 0) {
      const std::size_t slash = part.rfind('/');
      changed.push_back(slash == std::string::npos ? "." : part.substr(0, std::max<std::size_t>(slash, 1)));
    } else if (errno != EEXIST) {
      return disk_error(errno, "create folder", part);
    }
    if (end == std::string::npos) return changed;
  }
}

}  // namespace

Result<std::unique_ptr<Directory>> open_directory(const std::string& path) {
  if (path.empty()) return fail(ErrorCode::NotFound, "the path of the folder is empty");
  std::vector<std::string> unsynced;
  if (!folder_exists(path)) {
    TRY(unsynced, make_folders(path));
  }
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return disk_error(errno, "open folder", path);
  std::error_code failed;  // the working folder may be gone: then the path stays as it was given
  const auto whole = std::filesystem::absolute(path, failed);
  return std::make_unique<RealDirectory>(fd, failed ? path : whole.lexically_normal().string(),
                                         std::move(unsynced));
}

}  // namespace ledge::os
