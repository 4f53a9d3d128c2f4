// SPDX-License-Identifier: Apache-2.0
// power_disk: a disk in memory whose power can be cut.
//
//   power_disk --size BYTES (--fuse FILE | --nbd SOCKET) [--flush-us LOW:HIGH] [--sector BYTES]
//
// It starts without power and is steered by lines on standard input; each is answered by one line:
//   load PATH         reads an image onto the medium (only without power)
//   save PATH         writes the medium to a file, for a look after a finding
//   on                power; from now on calls are served
//   cut SEED [FATE]   power off: what no finished flush covers is kept in part, by the seed; prints what it
//   did
// The end of standard input ends it. A flush takes a random time between LOW and HIGH; what it covers is safe
// when it has ended, not before. A sector (512 bytes, or 4096) is written whole or not at all.
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>

#include "front.h"
#include "volatile_disk.h"

namespace {

using namespace ledge;
using namespace ledge::power;

std::int64_t now_us() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

class PoweredDisk final : public Port {
 public:
  PoweredDisk(std::uint64_t size, std::uint64_t sector_bytes, std::int64_t flush_low, std::int64_t flush_high)
      : disk_(size, sector_bytes), flush_low_(flush_low), flush_high_(flush_high) {}

  std::uint64_t size() const override { return disk_.size(); }
  bool read(std::uint64_t position, MutableBytes into) override {
    if (!on_ || !disk_.holds(position, into.size())) return false;
    disk_.read(position, into);
    return true;
  }
  bool write(std::uint64_t position, ByteView bytes) override {
    if (!on_ || !disk_.holds(position, bytes.size())) return false;
    disk_.write(position, bytes);
    return true;
  }
  void flush(std::function<void(bool)> done) override {
    if (!on_) return done(false);
    const std::int64_t takes = flush_high_ > 0 ? chance_.between(flush_low_, flush_high_) : 0;
    // One after the other, as a device does it.
    const std::int64_t begin = flushes_.empty() ? now_us() : flushes_.back().due;
    flushes_.push_back({begin + takes, disk_.mark(), std::move(done)});
    end_flushes();
  }

  void end_flushes() {
    while (!flushes_.empty() && flushes_.front().due <= now_us()) {
      const Flush flush = std::move(flushes_.front());
      flushes_.pop_front();
      disk_.durable(flush.mark);
      ++flushed_;
      flush.done(true);
    }
  }
  /// Microseconds until a flush ends, -1 when none is under way.
  std::int64_t next_us() const {
    return flushes_.empty() ? -1 : std::max<std::int64_t>(flushes_.front().due - now_us(), 0);
  }

  bool on() const { return on_; }
  void power_on() { on_ = true; }
  std::string cut(std::uint64_t seed, std::optional<Fate> fate) {
    on_ = false;
    const auto waiting = flushes_.size();
    for (const Flush& flush : std::exchange(flushes_, {})) flush.done(false);
    const CutFigures f = disk_.cut(seed, fate);
    chance_ = sim::Random{seed};
    const auto field = [](const char* name, std::uint64_t value) {
      return ",\"" + std::string{name} + "\":" + std::to_string(value);
    };
    return "{\"fate\":\"" + std::string{kFates[static_cast<int>(f.fate)]} + "\"" +
           field("unflushed_writes", f.writes) + field("unflushed_sectors", f.sectors) +
           field("kept_sectors", f.sectors_kept) + field("torn_writes", f.writes_torn) +
           field("reordered_writes", f.reordered) + field("flushes_cut", waiting) +
           field("flushes", std::exchange(flushed_, 0)) + "}";
  }

  /// Everything that the file does not hold becomes zeros.
  bool load(const char* path) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    disk_.erase();
    Bytes part(1 << 20);
    bool good = true;
    for (off_t hole = 0; good;) {  // sparse: only what is there takes memory
      const off_t data = lseek(fd, hole, SEEK_DATA);
      if (data < 0) break;
      hole = lseek(fd, data, SEEK_HOLE);
      for (off_t at = data; good && at < hole;) {
        const ssize_t n = pread(fd, part.data(),
                                std::min<std::size_t>(part.size(), static_cast<std::size_t>(hole - at)), at);
        good = n > 0 && disk_.holds(static_cast<std::uint64_t>(at), static_cast<std::uint64_t>(n));
        if (!good) break;
        disk_.write(static_cast<std::uint64_t>(at), ByteView{part}.first(static_cast<std::size_t>(n)));
        at += n;
      }
    }
    disk_.durable(disk_.mark());
    close(fd);
    return good;
  }
  bool save(const char* path) {
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    const ByteView medium = disk_.medium();
    const Bytes zeros(4096);
    bool good = ftruncate(fd, static_cast<off_t>(medium.size())) == 0;
    for (std::uint64_t at = 0; good && at < medium.size(); at += zeros.size()) {
      const std::size_t length = std::min<std::uint64_t>(zeros.size(), medium.size() - at);
      if (std::memcmp(medium.data() + at, zeros.data(), length) == 0) continue;
      good = pwrite(fd, medium.data() + at, length, static_cast<off_t>(at)) == static_cast<ssize_t>(length);
    }
    return close(fd) == 0 && good;
  }

 private:
  struct Flush {
    std::int64_t due;
    std::uint64_t mark;
    std::function<void(bool)> done;
  };
  VolatileDisk disk_;
  std::int64_t flush_low_, flush_high_;
  sim::Random chance_{1};
  std::deque<Flush> flushes_;
  std::uint64_t flushed_ = 0;
  bool on_ = false;
};

std::string command(PoweredDisk& disk, std::string_view line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  const std::string rest{space == line.npos ? "" : line.substr(space + 1)};
  if (word == "on") return disk.power_on(), "ok";
  if (word == "load") return !disk.on() && disk.load(rest.c_str()) ? "ok" : "error: not loaded: " + rest;
  if (word == "save") return disk.save(rest.c_str()) ? "ok" : "error: not saved: " + rest;
  if (word != "cut") return "error: what is " + std::string{word} + "?";
  std::optional<Fate> fate;
  const std::size_t second = rest.find(' ');
  if (second != rest.npos) {
    const auto at = std::ranges::find(kFates, std::string_view{rest}.substr(second + 1));
    if (at == std::end(kFates)) return "error: no such fate: " + rest;
    fate = static_cast<Fate>(at - std::begin(kFates));
  }
  return disk.cut(std::strtoull(rest.c_str(), nullptr, 10), fate);
}

int serve(PoweredDisk& disk, Front& front) {
  std::string typed;
  while (true) {
    std::vector<pollfd> polled = front.wants();
    polled.push_back({STDIN_FILENO, POLLIN, 0});
    const std::int64_t wait = disk.next_us();
    const timespec timeout{wait / 1000000, wait % 1000000 * 1000};
    if (ppoll(polled.data(), polled.size(), wait < 0 ? nullptr : &timeout, nullptr) < 0 && errno != EINTR)
      return 1;
    disk.end_flushes();
    const short steered = polled.back().revents;
    polled.pop_back();
    if (const auto served = front.ready(polled); !served) {
      std::fprintf(stderr, "power_disk: %s\n", served.error().text().c_str());
      return 1;
    }
    if (steered == 0) continue;
    char some[4096];
    const ssize_t n = read(STDIN_FILENO, some, sizeof some);
    if (n <= 0) return 0;
    typed.append(some, static_cast<std::size_t>(n));
    for (std::size_t end; (end = typed.find('\n')) != typed.npos; typed.erase(0, end + 1)) {
      const std::string said = command(disk, std::string_view{typed}.substr(0, end)) + "\n";
      (void)!write(STDOUT_FILENO, said.data(), said.size());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t size = 0, sector = kSectorBytes;
  long long low = 0, high = 0;
  std::string fuse, nbd;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--size") size = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--sector") sector = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--fuse") fuse = argv[i + 1];
    if (name == "--nbd") nbd = argv[i + 1];
    if (name == "--flush-us" && std::sscanf(argv[i + 1], "%lld:%lld", &low, &high) != 2) size = 0;
  }
  const bool known_sector = sector == kSectorBytes || sector == kLargeSectorBytes;
  if (size == 0 || size % 4096 != 0 || !known_sector || fuse.empty() == nbd.empty() || low < 0 ||
      high < low) {
    std::fprintf(stderr,
                 "usage: power_disk --size BYTES (--fuse FILE | --nbd SOCKET) [--flush-us LOW:HIGH] "
                 "[--sector 512|4096]\n"
                 "steered by lines on standard input: load PATH, save PATH, on, cut SEED [FATE]\n");
    return 2;
  }
#ifdef PR_SET_IO_FLUSHER
  prctl(PR_SET_IO_FLUSHER, 1, 0, 0,
        0);  // a file system waits for this process: its memory must not wait for it
#endif
  PoweredDisk disk{size, sector, low, high};
  auto front = nbd.empty() ? fuse_front(fuse, disk) : nbd_front(nbd, disk);
  if (!front) {
    std::fprintf(stderr, "power_disk: %s\n", front.error().text().c_str());
    return 1;
  }
  std::printf("ready\n");
  std::fflush(stdout);
  return serve(disk, **front);
}
