// SPDX-License-Identifier: Apache-2.0
// FUSE's kernel protocol, as far as a single file needs it: the mount's root is the file.
#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "front.h"

namespace ledge::power {
namespace {

constexpr std::uint32_t kWriteBytesMax = 1 << 20;
constexpr std::uint64_t kAttributesSeconds = 3600;  // nothing about the file ever changes

class FuseFront final : public Front {
 public:
  FuseFront(int fd, std::string path, Port& port) : fd_(fd), path_(std::move(path)), port_(port) {
    request_.resize(kWriteBytesMax + 4096);
  }
  ~FuseFront() override {
    umount2(path_.c_str(), MNT_DETACH);
    close(fd_);
  }

  std::vector<pollfd> wants() const override { return {{fd_, POLLIN, 0}}; }

  Result<void> ready(const std::vector<pollfd>& polled) override {
    if ((polled.front().revents & (POLLIN | POLLERR | POLLHUP)) == 0) return {};
    while (true) {
      const ssize_t n = ::read(fd_, request_.data(), request_.size());
      if (n < 0 && (errno == EINTR || errno == ENOENT)) continue;  // ENOENT: the request was taken back
      if (n < 0 && errno == EAGAIN) return {};
      if (n <= 0) return fail(ErrorCode::DiskFailed, "the FUSE mount is gone");
      handle(ByteView{request_.data(), static_cast<std::size_t>(n)});
    }
  }

 private:
  void answer(std::uint64_t unique, int error, ByteView body = {}) const {
    fuse_out_header head{};
    head.unique = unique;
    head.error = -error;
    head.len = static_cast<std::uint32_t>(sizeof head + (error == 0 ? body.size() : 0));
    const iovec parts[] = {{&head, sizeof head}, {const_cast<std::uint8_t*>(body.data()), body.size()}};
    // ENOENT: the kernel does not wait for it any more.
    (void)!writev(fd_, parts, error == 0 && !body.empty() ? 2 : 1);
  }
  template <typename T> void answer_with(std::uint64_t unique, const T& body) const {
    answer(unique, 0, {reinterpret_cast<const std::uint8_t*>(&body), sizeof body});
  }

  fuse_attr attributes() const {
    fuse_attr out{};
    out.ino = FUSE_ROOT_ID;
    out.size = port_.size();
    out.blocks = port_.size() / 512;
    out.mode = S_IFREG | 0600;
    out.nlink = 1;
    out.blksize = 4096;
    return out;
  }

  void handle(ByteView request) {
    fuse_in_header head;
    std::memcpy(&head, request.data(), sizeof head);
    const ByteView body = request.subspan(sizeof head);
    switch (head.opcode) {
      case FUSE_INIT: return init(head, body);
      case FUSE_GETATTR:
      case FUSE_SETATTR: {
        fuse_attr_out out{};
        out.attr_valid = kAttributesSeconds;
        out.attr = attributes();
        return answer_with(head.unique, out);
      }
      case FUSE_OPEN: {
        fuse_open_out out{};
        out.open_flags = FOPEN_DIRECT_IO;  // no page cache between the loop device and this disk
        return answer_with(head.unique, out);
      }
      case FUSE_READ: return read(head, body);
      case FUSE_WRITE: return write(head, body);
      case FUSE_FSYNC:
        return port_.flush([this, unique = head.unique](bool good) { answer(unique, good ? 0 : EIO); });
      case FUSE_STATFS: return answer_with(head.unique, fuse_statfs_out{});
      case FUSE_FLUSH:
      case FUSE_RELEASE:
      case FUSE_DESTROY: return answer(head.unique, 0);
      case FUSE_FORGET:
      case FUSE_BATCH_FORGET:
      case FUSE_INTERRUPT: return;  // these have no answer
      case FUSE_FALLOCATE: return answer(head.unique, EOPNOTSUPP);
      default: return answer(head.unique, ENOSYS);
    }
  }

  void init(const fuse_in_header& head, ByteView body) const {
    fuse_init_in in{};
    std::memcpy(&in, body.data(), std::min(sizeof in, body.size()));
    fuse_init_out out{};
    out.major = FUSE_KERNEL_VERSION;
    out.minor = std::min<std::uint32_t>(in.minor, FUSE_KERNEL_MINOR_VERSION);
    out.max_readahead = in.max_readahead;
    out.flags = FUSE_BIG_WRITES | FUSE_MAX_PAGES | FUSE_ASYNC_READ;
    out.max_background = 64;
    out.congestion_threshold = 48;
    out.max_write = kWriteBytesMax;
    out.max_pages = kWriteBytesMax / 4096;
    out.time_gran = 1;
    answer_with(head.unique, out);
  }

  void read(const fuse_in_header& head, ByteView body) {
    fuse_read_in in;
    std::memcpy(&in, body.data(), sizeof in);
    if (in.offset >= port_.size()) return answer(head.unique, 0);
    Bytes out(std::min<std::uint64_t>(in.size, port_.size() - in.offset));
    port_.read(in.offset, out) ? answer(head.unique, 0, out) : answer(head.unique, EIO);
  }

  void write(const fuse_in_header& head, ByteView body) {
    fuse_write_in in;
    std::memcpy(&in, body.data(), sizeof in);
    const ByteView data = body.subspan(sizeof in);
    if (data.size() < in.size) return answer(head.unique, EINVAL);
    if (!port_.write(in.offset, data.first(in.size))) return answer(head.unique, EIO);
    fuse_write_out out{};
    out.size = in.size;
    answer_with(head.unique, out);
  }

  int fd_;
  std::string path_;
  Port& port_;
  Bytes request_;
};

}  // namespace

Result<std::unique_ptr<Front>> fuse_front(const std::string& path, Port& port) {
  const int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fail(ErrorCode::DiskFailed, "/dev/fuse: " + std::string{std::strerror(errno)});
  const std::string options =
      "fd=" + std::to_string(fd) + ",rootmode=100600,user_id=0,group_id=0,default_permissions";
  if (mount("power_disk", path.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
    const int number = errno;
    close(fd);
    return fail(ErrorCode::DiskFailed, "mount over " + path + ": " + std::strerror(number));
  }
  return std::make_unique<FuseFront>(fd, path, port);
}

}  // namespace ledge::power
