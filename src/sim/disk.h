// SPDX-License-Identifier: Apache-2.0
// A disk that does what disks do: keeps what was synced, and of the rest whatever it likes.
//
// It outlives the nodes that use it. power_cut() makes every handle stale; open() gives a folder on what is
// left.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "os/disk.h"
#include "sim/world.h"

namespace ledge::sim {

inline constexpr std::size_t kSectorBytes = 512;

enum class DiskCall { Read, Write, Sync, Allocate, Truncate, Names, SyncNames };

struct DiskOptions {
  double cache_miss_chance = 0.1;  // a cached read gives less than was asked for
  std::uint64_t capacity_bytes = 1ull << 40;
};

class Disk {
 public:
  explicit Disk(World& world, DiskOptions options = {});
  ~Disk();

  /// The one folder of this disk.
  std::unique_ptr<os::Directory> open();

  /// What was not synced: every sector written is kept, lost, kept in an older version or (the newest write)
  /// torn; names that were not synced are kept or not, each for itself. Ends stop_after() and fail_at().
  void power_cut();

  /// From the n-th call on (1 = the next) nothing reaches the disk and every call fails: what a process sees
  /// that is about to lose power. power_cut() ends it.
  void stop_after(std::uint64_t calls) { stop_at_ = calls_ + calls; }
  bool stopped() const { return stopped_; }

  /// The n-th call of this kind from now on (1 = the next) fails; with `sticky` all further ones too.
  void fail_at(DiskCall kind, std::uint64_t n, ErrorCode code, bool sticky = false);
  void heal() {
    failures_.clear();
    if (!stopped_) stop_at_ = 0;
  }

  /// Damage at rest.
  void flip_bit(const std::string& name, std::uint64_t bit);
  /// The bytes of a file as they are now; nullptr when there is none.
  const Bytes* content(const std::string& name) const;
  std::vector<std::string> names() const;

  DiskOptions& options() { return options_; }
  std::uint64_t calls() const { return calls_; }
  std::uint64_t used_bytes() const;

 private:
  friend class SimFile;
  friend class SimDirectory;

  using Sector = std::array<std::uint8_t, kSectorBytes>;
  /// A sector whose newest bytes are not durable.
  struct Dirty {
    Sector durable{};
    std::vector<std::pair<std::uint64_t, Sector>> versions;  // number of the write, bytes after it
    bool lost = false;  // a sync failed over it: no later sync makes it durable (the kernel thinks it clean)
  };
  struct Inode {
    Bytes bytes;
    std::uint64_t durable_size = 0;
    std::map<std::uint64_t, Dirty> dirty;  // by sector number
  };
  using InodePtr = std::shared_ptr<Inode>;
  struct NameChange {
    enum Kind { Create, Rename, Remove } kind;
    std::string name, to;
    InodePtr inode;
  };
  struct Failure {
    DiskCall kind;
    std::uint64_t left;
    ErrorCode code;
    bool sticky;
  };

  /// Counts the call; an error when it is to fail.
  Result<void> begin(DiskCall kind, const std::string& name, std::uint64_t epoch);
  Result<void> write(Inode& inode, std::uint64_t position, std::span<const ByteView> pieces);
  void write_sector(Inode& inode, std::uint64_t sector, std::size_t from, ByteView bytes);
  void sync(Inode& inode, bool fails);
  void truncate(Inode& inode, std::uint64_t size);
  void cut(Inode& inode);
  void cut_names();

  World& world_;
  DiskOptions options_;
  std::map<std::string, InodePtr> names_, durable_names_;
  std::vector<NameChange> name_changes_;
  std::vector<Failure> failures_;
  std::uint64_t epoch_ = 0;  // number of power cuts
  std::uint64_t calls_ = 0, writes_ = 0;
  std::uint64_t stop_at_ = 0;
  bool stopped_ = false;
};

}  // namespace ledge::sim
