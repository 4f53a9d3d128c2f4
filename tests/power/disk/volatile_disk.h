// SPDX-License-Identifier: Apache-2.0
// A disk with a write cache that is lost with the power. What a finished flush covers is there for good; of
// the rest a cut keeps what it likes: nothing, all, a beginning, some writes and not others, some sectors of
// a write and not others. No I/O of its own: fronts bring it to a kernel (FUSE for a loop device, NBD for a
// guest).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "sim/random.h"

namespace ledge::power {

/// What a device writes whole or not at all: the least that any promises, and what flash with sectors of 4
/// KiB does.
inline constexpr std::uint64_t kSectorBytes = 512, kLargeSectorBytes = 4096;
/// The file system's super block is 1024 bytes with one checksum: ext4 relies on its block being written
/// whole, whatever the sectors are.
inline constexpr std::uint64_t kWholeBytes = 4096;

/// What becomes of the writes that no finished flush covers.
enum class Fate : std::uint8_t {
  Lose,     // none is kept
  Keep,     // all are kept: the cut came late
  Prefix,   // kept up to one of them, in which the power failed between two sectors
  Reorder,  // each is kept or not, whatever the others are
  Tear,     // each sector of each is kept or not
};
inline constexpr std::string_view kFates[] = {"lose", "keep", "prefix", "reorder", "tear"};

struct CutFigures {
  Fate fate = Fate::Lose;
  std::uint64_t writes = 0, sectors = 0;            // unflushed at the cut
  std::uint64_t sectors_kept = 0, writes_torn = 0;  // torn: kept in part
  std::uint64_t reordered = 0;                      // kept although an earlier one was not
};

class VolatileDisk {
 public:
  /// `sector_bytes`: divides `size`. `cache_bytes_max`: beyond it the oldest writes reach the medium, as in
  /// any device.
  explicit VolatileDisk(std::uint64_t size, std::uint64_t sector_bytes = kSectorBytes,
                        std::uint64_t cache_bytes_max = 64u << 20);
  ~VolatileDisk();
  VolatileDisk(const VolatileDisk&) = delete;
  VolatileDisk& operator=(const VolatileDisk&) = delete;

  std::uint64_t size() const { return size_; }
  bool holds(std::uint64_t position, std::uint64_t length) const {
    return position <= size_ && length <= size_ - position;
  }

  /// The caller checked holds().
  void read(std::uint64_t position, MutableBytes into) const;
  void write(std::uint64_t position, ByteView bytes);

  /// A flush that comes in now covers every write below mark(); durable(mark) ends it.
  std::uint64_t mark() const { return first_ + cache_.size(); }
  void durable(std::uint64_t mark);

  /// The cache is gone; what reads give from now on is what the medium has. No fate: drawn from the seed.
  CutFigures cut(std::uint64_t seed, std::optional<Fate> fate);

  /// Zeros everywhere, nothing in the cache.
  void erase();
  /// What is there for good, for keeping an image after a finding.
  ByteView medium() const { return {medium_, size_}; }

 private:
  struct Write {
    std::uint64_t position = 0;
    Bytes bytes;
  };
  void to_medium(std::uint64_t position, ByteView bytes);
  void destage_oldest();
  /// The sectors of the device in which a write has bytes.
  std::uint64_t sectors_of(const Write& write) const;
  /// Keeps what a write has in `count` of its sectors, from its `first` one on.
  void keep_sectors(const Write& write, std::uint64_t first, std::uint64_t count);
  /// Keeps a subset of one write; returns the sectors kept.
  std::uint64_t keep(const Write& write, sim::Random& chance, double sector_chance);

  std::uint64_t size_, sector_bytes_, cache_bytes_max_;
  std::uint8_t* medium_;  // both mapped without memory behind them until they are written
  std::uint8_t* seen_;    // the medium with the cache over it: what reads give
  std::deque<Write> cache_;
  std::uint64_t first_ = 0;  // number of the oldest write in the cache
  std::uint64_t cache_bytes_ = 0;
};

}  // namespace ledge::power
