// SPDX-License-Identifier: Apache-2.0
// Bytes of a stranger as a segment file: through recovery and inspect. The input is written over a sound
// header (its first byte 0), or is the whole file; either may be refused, neither may crash.
#include <algorithm>

#include "journal/format.h"
#include "sim/sim.h"

using namespace ledge;
using namespace ledge::journal;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 262144) return 0;
  constexpr std::uint64_t kSize = 1048576;
  SegmentHeader header;
  header.flags = data[0] & 2 ? SegmentHeader::kFresh : 0;
  header.journal_id.bytes[0] = 1;
  header.sequence = 1 + (data[0] & 4) / 4;
  header.size = kSize;
  header.salt = 1;
  Bytes file;
  header.encode(&file);
  file.resize(kSize);
  std::copy_n(data + 1, size - 1, file.data() + (data[0] & 1 ? 0 : kFirstFrameAt));

  sim::World world(1);
  sim::Disk disk(world, {.cache_miss_chance = 0});
  auto folder = disk.open();
  auto made = folder->create(segment_name(header.sequence));
  ByteView piece{file};
  if (!made || !(*made)->write_at(0, {&piece, 1})) return 0;
  (void)inspect(*folder, {});
  Options options;
  options.segment_bytes = kSize;
  RecoveryReport report;
  auto opened = Journal::open(world.env(), *folder, options, {}, &report);
  if (!opened) return 0;
  for (std::uint64_t stream : {0, 1, 1024}) {
    auto state = (*opened)->stream(StreamId{stream});
    (*opened)->read(StreamId{stream}, state.log_start, 100000, [&](Result<std::vector<Slice>> slices) {
      if (slices) (*opened)->load(std::move(*slices), [](Result<SharedBytes>) {});
    });
  }
  world.run_for(1s);
  return 0;
}
