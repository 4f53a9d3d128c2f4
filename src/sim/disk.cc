// SPDX-License-Identifier: Apache-2.0
#include "sim/disk.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "base/crc32c.h"
#include "sim/export.h"

namespace ledge::sim {

class SimFile final : public os::File {
 public:
  SimFile(Disk& disk, Disk::InodePtr inode, std::string name)
      : disk_(disk), inode_(std::move(inode)), name_(std::move(name)), epoch_(disk.epoch_) {}

  Result<std::size_t> read_at(std::uint64_t position, MutableBytes into) const override {
    TRY_VOID(disk_.begin(DiskCall::Read, name_, epoch_));
    return copy(position, into);
  }
  Result<std::size_t> read_cached(std::uint64_t position, MutableBytes into) const override {
    TRY_VOID(disk_.begin(DiskCall::Read, name_, epoch_));
    Random& random = disk_.world_.random();
    if (random.chance(disk_.options_.cache_miss_chance)) into = into.first(random.below(into.size() + 1));
    return copy(position, into);
  }
  bool is_cached(std::uint64_t, std::uint64_t) const override {
    return !disk_.world_.random().chance(disk_.options_.cache_miss_chance);
  }
  Result<void> write_at(std::uint64_t position, std::span<const ByteView> pieces) override {
    auto begun = disk_.begin(DiskCall::Write, name_, epoch_);
    if (begun) return disk_.write(*inode_, position, pieces);
    // A failed write may have written some of it.
    if (!disk_.stopped_ && epoch_ == disk_.epoch_) {
      for (const ByteView& piece : pieces) {
        const ByteView part = piece.first(disk_.world_.random().below(piece.size() + 1));
        (void)disk_.write(*inode_, position, {&part, 1});
        position += piece.size();
      }
    }
    return begun;
  }
  Result<void> sync() override {
    auto begun = disk_.begin(DiskCall::Sync, name_, epoch_);
    if (!disk_.stopped_ && epoch_ == disk_.epoch_) disk_.sync(*inode_, !begun);
    return begun;
  }
  Result<void> allocate(std::uint64_t size) override {
    TRY_VOID(disk_.begin(DiskCall::Allocate, name_, epoch_));
    if (size <= inode_->bytes.size()) return {};
    if (disk_.used_bytes() + size - inode_->bytes.size() > disk_.options_.capacity_bytes)
      return fail(ErrorCode::DiskFull, "allocate " + name_);
    inode_->bytes.resize(size);
    return {};
  }
  Result<void> truncate(std::uint64_t size) override {
    TRY_VOID(disk_.begin(DiskCall::Truncate, name_, epoch_));
    disk_.truncate(*inode_, size);
    return {};
  }
  Result<std::uint64_t> size() const override {
    TRY_VOID(disk_.begin(DiskCall::Read, name_, epoch_));
    return inode_->bytes.size();
  }
  int descriptor() const override { return -1; }

 private:
  std::size_t copy(std::uint64_t position, MutableBytes into) const {
    const Bytes& bytes = inode_->bytes;
    if (position >= bytes.size()) return 0;
    const std::size_t n = std::min<std::size_t>(into.size(), bytes.size() - position);
    if (n > 0) std::memcpy(into.data(), bytes.data() + position, n);
    return n;
  }

  Disk& disk_;
  Disk::InodePtr inode_;
  std::string name_;
  std::uint64_t epoch_;
};

class SimDirectory final : public os::Directory {
 public:
  explicit SimDirectory(Disk& disk) : disk_(disk), epoch_(disk.epoch_) {}

  Result<std::shared_ptr<os::File>> open(const std::string& name) override {
    TRY_VOID(disk_.begin(DiskCall::Names, name, epoch_));
    auto found = disk_.names_.find(name);
    if (found == disk_.names_.end()) return fail(ErrorCode::NotFound, "open " + name);
    return std::make_shared<SimFile>(disk_, found->second, name);
  }
  Result<std::shared_ptr<os::File>> create(const std::string& name) override {
    TRY_VOID(disk_.begin(DiskCall::Names, name, epoch_));
    CHECK(!name.empty() && name.find('/') == std::string::npos);
    auto [place, fresh] = disk_.names_.emplace(name, nullptr);
    if (!fresh) return fail(ErrorCode::InUse, "create " + name);
    place->second = std::make_shared<Disk::Inode>();
    disk_.name_changes_.push_back({Disk::NameChange::Create, name, {}, place->second});
    return std::make_shared<SimFile>(disk_, place->second, name);
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    TRY_VOID(disk_.begin(DiskCall::Names, from, epoch_));
    auto found = disk_.names_.find(from);
    if (found == disk_.names_.end()) return fail(ErrorCode::NotFound, "rename " + from);
    auto inode = found->second;
    disk_.names_.erase(found);
    disk_.names_[to] = inode;
    disk_.name_changes_.push_back({Disk::NameChange::Rename, from, to, inode});
    return {};
  }
  Result<void> remove(const std::string& name) override {
    TRY_VOID(disk_.begin(DiskCall::Names, name, epoch_));
    if (disk_.names_.erase(name) == 0) return fail(ErrorCode::NotFound, "remove " + name);
    disk_.name_changes_.push_back({Disk::NameChange::Remove, name, {}, nullptr});
    return {};
  }
  Result<void> sync_names() override {
    TRY_VOID(disk_.begin(DiskCall::SyncNames, ".", epoch_));
    disk_.durable_names_ = disk_.names_;
    disk_.name_changes_.clear();
    return {};
  }
  Result<std::vector<std::string>> list() override {
    TRY_VOID(disk_.begin(DiskCall::Names, ".", epoch_));
    std::vector<std::string> out;
    for (const auto& [name, inode] : disk_.names_) out.push_back(name);
    return out;
  }
  Result<os::DiskSpace> space() const override {
    const std::uint64_t used = std::min(disk_.used_bytes(), disk_.options_.capacity_bytes);
    return os::DiskSpace{disk_.options_.capacity_bytes, disk_.options_.capacity_bytes - used};
  }
  std::string path() const override { return "/sim"; }

 private:
  Disk& disk_;
  std::uint64_t epoch_;
};

Disk::Disk(World& world, DiskOptions options) : world_(world), options_(options) {}
Disk::~Disk() = default;

std::unique_ptr<os::Directory> Disk::open() {
  if (DiskExport* to = DiskExport::from_environment()) to->take(*this);
  return std::make_unique<SimDirectory>(*this);
}

void Disk::fail_at(DiskCall kind, std::uint64_t n, ErrorCode code, bool sticky) {
  CHECK(n > 0);
  failures_.push_back({kind, n, code, sticky});
}

Result<void> Disk::begin(DiskCall kind, const std::string& name, std::uint64_t epoch) {
  if (epoch != epoch_) return fail(ErrorCode::DiskFailed, name + ": a handle from before the power cut");
  ++calls_;
  world_.trace(static_cast<std::uint64_t>(kind) << 32 ^ crc32c(as_bytes(name)));
  if (stop_at_ != 0 && calls_ >= stop_at_) stopped_ = true;
  if (stopped_) return fail(ErrorCode::DiskFailed, name + ": the power is going");
  for (auto each = failures_.begin(); each != failures_.end(); ++each) {
    if (each->kind != kind || --each->left > 0) continue;
    const ErrorCode code = each->code;
    if (each->sticky) {
      each->left = 1;
    } else {
      failures_.erase(each);
    }
    return fail(code, name + ": injected");
  }
  return {};
}

std::uint64_t Disk::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [name, inode] : names_) used += inode->bytes.size();
  return used;
}

Result<void> Disk::write(Inode& inode, std::uint64_t position, std::span<const ByteView> pieces) {
  std::uint64_t length = 0;
  for (const ByteView& piece : pieces) length += piece.size();
  const std::uint64_t end = position + length;
  if (end > inode.bytes.size()) {
    if (used_bytes() + end - inode.bytes.size() > options_.capacity_bytes)
      return fail(ErrorCode::DiskFull, "write");
    inode.bytes.resize(end);
  }
  ++writes_;
  for (ByteView piece : pieces) {
    world_.trace(position ^ static_cast<std::uint64_t>(crc32c(piece)) << 32);
    while (!piece.empty()) {
      const std::size_t from = position % kSectorBytes;
      const std::size_t n = std::min(piece.size(), kSectorBytes - from);
      write_sector(inode, position / kSectorBytes, from, piece.first(n));
      piece = piece.subspan(n);
      position += n;
    }
  }
  return {};
}

void Disk::write_sector(Inode& inode, std::uint64_t sector, std::size_t from, ByteView bytes) {
  const std::uint64_t begin = sector * kSectorBytes;
  const std::size_t have = std::min<std::size_t>(kSectorBytes, inode.bytes.size() - begin);
  auto [place, fresh] = inode.dirty.try_emplace(sector);
  Dirty& dirty = place->second;
  if (fresh) std::memcpy(dirty.durable.data(), inode.bytes.data() + begin, have);
  std::memcpy(inode.bytes.data() + begin + from, bytes.data(), bytes.size());
  dirty.lost = false;
  if (dirty.versions.empty() || dirty.versions.back().first != writes_)
    dirty.versions.push_back({writes_, {}});
  std::memcpy(dirty.versions.back().second.data(), inode.bytes.data() + begin, have);
}

/// A failed sync leaves pages that look clean and are not on the disk (the kernel reports the error once).
void Disk::sync(Inode& inode, bool fails) {
  for (auto each = inode.dirty.begin(); each != inode.dirty.end();) {
    Dirty& dirty = each->second;
    if (fails && world_.random().chance(0.5)) dirty.lost = true;
    if (dirty.lost) {
      ++each;
    } else {
      each = inode.dirty.erase(each);
    }
  }
  if (!fails) inode.durable_size = inode.bytes.size();
}

void Disk::truncate(Inode& inode, std::uint64_t size) {
  ++writes_;
  for (std::uint64_t at = size; at < inode.bytes.size();) {
    const std::size_t from = at % kSectorBytes;
    const std::size_t n = std::min<std::size_t>(kSectorBytes - from, inode.bytes.size() - at);
    const Bytes zeros(n);
    write_sector(inode, at / kSectorBytes, from, zeros);
    at += n;
  }
  inode.bytes.resize(size);
}

void Disk::power_cut() {
  ++epoch_;
  stop_at_ = 0;
  stopped_ = false;
  failures_.clear();
  std::set<InodePtr> inodes;
  for (const auto* names : {&names_, &durable_names_})
    for (const auto& [name, inode] : *names) inodes.insert(inode);
  // In the order of names, not of addresses, so that a seed repeats.
  std::vector<InodePtr> ordered;
  for (const auto* names : {&names_, &durable_names_})
    for (const auto& [name, inode] : *names)
      if (inodes.erase(inode) > 0) ordered.push_back(inode);
  for (const InodePtr& inode : ordered) cut(*inode);
  cut_names();
}

void Disk::cut(Inode& inode) {
  Random& random = world_.random();
  // Real disks fail in patterns more often than by the throw of a die per sector.
  enum Mode { AllLost, AllKept, OldestKept, EachForItself };
  const auto mode = static_cast<Mode>(random.below(4));
  const std::uint64_t kept_until = writes_ - std::min<std::uint64_t>(writes_, random.below(8));
  const std::uint64_t size = inode.bytes.size() == inode.durable_size || random.chance(0.5)
                                 ? inode.bytes.size()
                                 : inode.durable_size;
  inode.bytes.resize(std::max(size, static_cast<std::uint64_t>(inode.bytes.size())));
  for (auto& [sector, dirty] : inode.dirty) {
    Sector chosen = dirty.durable;
    std::size_t version = 0;  // how many of the versions happened
    if (dirty.lost || mode == AllLost) {
      version = 0;
    } else if (mode == AllKept) {
      version = dirty.versions.size();
    } else if (mode == OldestKept) {
      while (version < dirty.versions.size() && dirty.versions[version].first <= kept_until) ++version;
    } else {
      version = random.below(dirty.versions.size() + 1);
    }
    if (version > 0) chosen = dirty.versions[version - 1].second;
    const bool newest = version > 0 && dirty.versions[version - 1].first == writes_;
    if (newest && random.chance(0.2)) {
      const Sector& before = version > 1 ? dirty.versions[version - 2].second : dirty.durable;
      const std::size_t torn = random.below(kSectorBytes);
      std::copy(before.begin() + static_cast<std::ptrdiff_t>(torn), before.end(),
                chosen.begin() + static_cast<std::ptrdiff_t>(torn));
    }
    const std::uint64_t begin = sector * kSectorBytes;
    if (begin >= size) continue;
    std::memcpy(inode.bytes.data() + begin, chosen.data(),
                std::min<std::uint64_t>(kSectorBytes, size - begin));
  }
  inode.bytes.resize(size);
  inode.durable_size = size;
  inode.dirty.clear();
}

void Disk::cut_names() {
  Random& random = world_.random();
  const bool all = random.chance(0.25), none = random.chance(0.25);
  auto names = durable_names_;
  for (const NameChange& change : name_changes_) {
    if (none || (!all && random.chance(0.5))) continue;
    switch (change.kind) {
      case NameChange::Create: names[change.name] = change.inode; break;
      case NameChange::Remove: names.erase(change.name); break;
      case NameChange::Rename:
        // The folder still says `from` when the change that put the file there was lost: then this one is,
        // too.
        if (auto found = names.find(change.name); found != names.end() && found->second == change.inode) {
          names.erase(found);
          names[change.to] = change.inode;
        }
        break;
    }
  }
  names_ = durable_names_ = std::move(names);
  name_changes_.clear();
}

void Disk::flip_bit(const std::string& name, std::uint64_t bit) {
  auto found = names_.find(name);
  CHECK(found != names_.end());
  CHECK(bit / 8 < found->second->bytes.size());
  found->second->bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
}

std::vector<std::string> Disk::names() const {
  std::vector<std::string> out;
  for (const auto& [name, inode] : names_) out.push_back(name);
  return out;
}

const Bytes* Disk::content(const std::string& name) const {
  auto found = names_.find(name);
  return found == names_.end() ? nullptr : &found->second->bytes;
}

}  // namespace ledge::sim
