// SPDX-License-Identifier: Apache-2.0
#include "volatile_disk.h"

#include <gtest/gtest.h>

#include <set>

namespace ledge::power {
namespace {

constexpr std::uint64_t kAt = 65536;  // beyond the block that is written whole

Bytes filled(std::size_t size, int with) { return Bytes(size, static_cast<std::uint8_t>(with)); }

Bytes content(const VolatileDisk& disk, std::uint64_t at, std::size_t size) {
  Bytes out(size);
  disk.read(at, out);
  return out;
}

TEST(VolatileDisk, GivesWhatWasWrittenAndKeepsWhatWasFlushed) {
  VolatileDisk disk{1 << 20};
  disk.write(kAt, filled(4096, 1));
  EXPECT_EQ(content(disk, kAt, 4096), filled(4096, 1));
  disk.durable(disk.mark());
  disk.write(kAt, filled(4096, 2));
  EXPECT_EQ(content(disk, kAt, 4096), filled(4096, 2));
  const CutFigures cut = disk.cut(1, Fate::Lose);
  EXPECT_EQ(cut.writes, 1u);
  EXPECT_EQ(cut.sectors, 8u);
  EXPECT_EQ(cut.sectors_kept, 0u);
  EXPECT_EQ(content(disk, kAt, 4096), filled(4096, 1));
}

TEST(VolatileDisk, AFlushCoversWhatCameBeforeItOnly) {
  VolatileDisk disk{1 << 20};
  disk.write(kAt, filled(512, 1));
  const std::uint64_t mark = disk.mark();
  disk.write(kAt + 512, filled(512, 2));
  disk.durable(mark);
  disk.cut(1, Fate::Lose);
  EXPECT_EQ(content(disk, kAt, 512), filled(512, 1));
  EXPECT_EQ(content(disk, kAt + 512, 512), filled(512, 0));
}

TEST(VolatileDisk, NothingFlushedIsEverHarmed) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    VolatileDisk disk{1 << 20};
    for (int i = 0; i < 16; ++i) disk.write(kAt + i * 8192, filled(4096, 1));
    disk.durable(disk.mark());
    for (int i = 0; i < 16; ++i) disk.write(kAt + i * 8192 + 4096, filled(4096, 2));
    disk.cut(seed, std::nullopt);
    for (int i = 0; i < 16; ++i) ASSERT_EQ(content(disk, kAt + i * 8192, 4096), filled(4096, 1)) << seed;
  }
}

TEST(VolatileDisk, EveryFateComesAndDoesWhatItSays) {
  std::set<Fate> seen;
  bool torn = false, reordered = false, some_reorder_keeps_whole_writes = false;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    VolatileDisk disk{1 << 20};
    for (int i = 0; i < 8; ++i) disk.write(kAt + i * 4096, filled(4096, i + 1));
    const CutFigures cut = disk.cut(seed, std::nullopt);
    seen.insert(cut.fate);
    std::uint64_t kept = 0, first_lost = 64;
    for (std::uint64_t s = 0; s < 64; ++s) {
      const Bytes now = content(disk, kAt + s * 512, 512);
      const bool there = now == filled(512, static_cast<int>(s / 8) + 1);
      ASSERT_TRUE(there || now == filled(512, 0));
      kept += there;
      if (!there) first_lost = std::min(first_lost, s);
    }
    EXPECT_EQ(cut.sectors_kept, kept);
    if (cut.fate == Fate::Lose) {
      EXPECT_EQ(kept, 0u);
    }
    if (cut.fate == Fate::Keep) {
      EXPECT_EQ(kept, 64u);
    }
    if (cut.fate == Fate::Prefix) {
      EXPECT_EQ(kept, first_lost);
    }
    if (cut.fate == Fate::Reorder) {
      EXPECT_EQ(cut.writes_torn, 0u);
    }
    torn |= cut.writes_torn > 0;
    reordered |= cut.reordered > 0;
    some_reorder_keeps_whole_writes |= cut.fate == Fate::Reorder && kept > 0 && kept < 64;
  }
  EXPECT_EQ(seen.size(), std::size(kFates));
  EXPECT_TRUE(torn && reordered && some_reorder_keeps_whole_writes);
}

TEST(VolatileDisk, TheSameSeedIsTheSameCut) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    VolatileDisk a{1 << 20}, b{1 << 20};
    for (VolatileDisk* disk : {&a, &b})
      for (int i = 0; i < 20; ++i) disk->write(kAt + i * 2048, filled(4096, i + 1));
    a.cut(seed, std::nullopt);
    b.cut(seed, std::nullopt);
    EXPECT_EQ(content(a, 0, 1 << 20), content(b, 0, 1 << 20));
  }
}

TEST(VolatileDisk, AFullCacheReachesTheMediumOldestFirst) {
  VolatileDisk disk{1 << 20, kSectorBytes, 8192};
  for (int i = 0; i < 4; ++i) disk.write(kAt + i * 4096, filled(4096, i + 1));
  EXPECT_EQ(disk.cut(1, Fate::Lose).writes, 2u);
  EXPECT_EQ(content(disk, kAt, 4096), filled(4096, 1));
  EXPECT_EQ(content(disk, kAt + 4096, 4096), filled(4096, 2));
  EXPECT_EQ(content(disk, kAt + 8192, 8192), filled(8192, 0));
}

TEST(VolatileDisk, ErasedItHoldsNothing) {
  VolatileDisk disk{1 << 20};
  disk.write(kAt, filled(4096, 1));
  disk.durable(disk.mark());
  disk.write(kAt + 4096, filled(4096, 2));
  disk.erase();
  EXPECT_EQ(content(disk, 0, 1 << 20), filled(1 << 20, 0));
  EXPECT_EQ(disk.cut(1, Fate::Keep).writes, 0u);
  EXPECT_EQ(content(disk, 0, 1 << 20), filled(1 << 20, 0));
}

TEST(VolatileDisk, TheFirstBlockIsWrittenWhole) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    VolatileDisk disk{1 << 20};
    disk.write(0, filled(4096, 1));
    disk.cut(seed, std::nullopt);
    const Bytes now = content(disk, 0, 4096);
    ASSERT_TRUE(now == filled(4096, 1) || now == filled(4096, 0));
  }
}

// ext4's commit block is 4 KiB with one checksum; a kernel older than 6.10 does not mount what has a torn
// one.
TEST(VolatileDisk, WithLargeSectorsNoBlockIsTornButALongerWriteIs) {
  bool torn = false;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    VolatileDisk disk{1 << 20, kLargeSectorBytes};
    for (int i = 0; i < 8; ++i) disk.write(kAt + i * 16384, filled(16384, 1));
    const CutFigures cut = disk.cut(seed, std::nullopt);
    EXPECT_EQ(cut.sectors, 32u);
    std::uint64_t kept = 0;
    for (int i = 0; i < 32; ++i) {
      const Bytes now = content(disk, kAt + i * 4096, 4096);
      ASSERT_TRUE(now == filled(4096, 1) || now == filled(4096, 0)) << seed;
      kept += now.front() == 1;
    }
    EXPECT_EQ(cut.sectors_kept, kept);
    torn |= cut.writes_torn > 0;
  }
  EXPECT_TRUE(torn);
}

TEST(VolatileDisk, AWriteIsTornWhereTheDevicesSectorsEnd) {
  bool first = false, second = false;  // kept alone
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    VolatileDisk disk{1 << 20, kLargeSectorBytes};
    disk.write(kAt + 3072, filled(2048, 1));
    const CutFigures cut = disk.cut(seed, Fate::Tear);
    EXPECT_EQ(cut.sectors, 2u);
    const Bytes before = content(disk, kAt + 3072, 1024), after = content(disk, kAt + 4096, 1024);
    ASSERT_TRUE(before == filled(1024, 1) || before == filled(1024, 0)) << seed;
    ASSERT_TRUE(after == filled(1024, 1) || after == filled(1024, 0)) << seed;
    first |= before.front() == 1 && after.front() == 0;
    second |= before.front() == 0 && after.front() == 1;
  }
  EXPECT_TRUE(first && second);
}

}  // namespace
}  // namespace ledge::power
