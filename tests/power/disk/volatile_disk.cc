// SPDX-License-Identifier: Apache-2.0
#include "volatile_disk.h"

#include <sys/mman.h>

#include <algorithm>

namespace ledge::power {
namespace {

std::uint8_t* map_zeros(std::uint64_t size) {
  void* const at =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CHECK(at != MAP_FAILED);
  return static_cast<std::uint8_t*>(at);
}

Fate draw(sim::Random& chance) {
  const std::uint64_t n = chance.below(100);
  if (n < 25) return Fate::Lose;
  if (n < 35) return Fate::Keep;
  if (n < 50) return Fate::Prefix;
  return n < 75 ? Fate::Reorder : Fate::Tear;
}

}  // namespace

VolatileDisk::VolatileDisk(std::uint64_t size, std::uint64_t sector_bytes, std::uint64_t cache_bytes_max)
    : size_(size),
      sector_bytes_(sector_bytes),
      cache_bytes_max_(cache_bytes_max),
      medium_(map_zeros(size)),
      seen_(map_zeros(size)) {
  CHECK(sector_bytes > 0 && size % sector_bytes == 0);
}

VolatileDisk::~VolatileDisk() {
  munmap(medium_, size_);
  munmap(seen_, size_);
}

void VolatileDisk::erase() {
  // Private anonymous memory that is given back is zeros when it is touched again.
  CHECK(madvise(medium_, size_, MADV_DONTNEED) == 0 && madvise(seen_, size_, MADV_DONTNEED) == 0);
  first_ += cache_.size();
  cache_.clear();
  cache_bytes_ = 0;
}

void VolatileDisk::read(std::uint64_t position, MutableBytes into) const {
  CHECK(holds(position, into.size()));
  std::memcpy(into.data(), seen_ + position, into.size());
}

void VolatileDisk::write(std::uint64_t position, ByteView bytes) {
  CHECK(holds(position, bytes.size()));
  if (bytes.empty()) return;
  std::memcpy(seen_ + position, bytes.data(), bytes.size());
  cache_.push_back({position, {bytes.begin(), bytes.end()}});
  cache_bytes_ += bytes.size();
  while (cache_bytes_ > cache_bytes_max_) destage_oldest();
}

void VolatileDisk::to_medium(std::uint64_t position, ByteView bytes) {
  std::memcpy(medium_ + position, bytes.data(), bytes.size());
}

void VolatileDisk::destage_oldest() {
  const Write& oldest = cache_.front();
  to_medium(oldest.position, oldest.bytes);
  cache_bytes_ -= oldest.bytes.size();
  cache_.pop_front();
  ++first_;
}

void VolatileDisk::durable(std::uint64_t mark) {
  while (!cache_.empty() && first_ < mark) destage_oldest();
}

std::uint64_t VolatileDisk::sectors_of(const Write& write) const {
  return (write.position + write.bytes.size() - 1) / sector_bytes_ - write.position / sector_bytes_ + 1;
}

void VolatileDisk::keep_sectors(const Write& write, std::uint64_t first, std::uint64_t count) {
  const std::uint64_t begin = (write.position / sector_bytes_ + first) * sector_bytes_;
  const std::uint64_t from = std::max(begin, write.position);
  const std::uint64_t to =
      std::min(begin + count * sector_bytes_, write.position + std::uint64_t{write.bytes.size()});
  if (from < to) to_medium(from, ByteView{write.bytes}.subspan(from - write.position, to - from));
}

std::uint64_t VolatileDisk::keep(const Write& write, sim::Random& chance, double sector_chance) {
  const std::uint64_t count = sectors_of(write);
  if (sector_chance >= 1 || write.position < kWholeBytes) {
    if (!chance.chance(sector_chance)) return 0;
    to_medium(write.position, write.bytes);
    return count;
  }
  std::uint64_t kept = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!chance.chance(sector_chance)) continue;
    keep_sectors(write, i, 1);
    ++kept;
  }
  return kept;
}

CutFigures VolatileDisk::cut(std::uint64_t seed, std::optional<Fate> wanted) {
  sim::Random chance{seed};
  CutFigures out{.fate = wanted ? *wanted : draw(chance), .writes = cache_.size()};
  const std::uint64_t end = cache_.empty() ? 0 : chance.below(cache_.size());
  const double write_chance = 0.1 + 0.8 * static_cast<double>(chance.below(1001)) / 1000;
  bool hole = false;
  for (std::uint64_t i = 0; i < cache_.size(); ++i) {
    const Write& write = cache_[i];
    const std::uint64_t count = sectors_of(write);
    std::uint64_t kept = 0;
    switch (out.fate) {
      case Fate::Lose: break;
      case Fate::Keep: kept = keep(write, chance, 1); break;
      case Fate::Prefix:
        if (i < end) {
          kept = keep(write, chance, 1);
        } else if (i == end && write.position >= kWholeBytes) {
          kept = chance.below(count + 1);
          keep_sectors(write, 0, kept);
        }
        break;
      case Fate::Reorder: kept = chance.chance(write_chance) ? keep(write, chance, 1) : 0; break;
      case Fate::Tear: kept = keep(write, chance, write_chance); break;
    }
    out.sectors += count;
    out.sectors_kept += kept;
    out.writes_torn += kept > 0 && kept < count;
    out.reordered += hole && kept > 0;
    hole = hole || kept < count;
  }
  for (const Write& write : cache_) {
    std::memcpy(seen_ + write.position, medium_ + write.position, write.bytes.size());
  }
  first_ += cache_.size();
  cache_.clear();
  cache_bytes_ = 0;
  return out;
}

}  // namespace ledge::power
