// SPDX-License-Identifier: Apache-2.0
// Bit flips and garbage in every kind of file: everything is detected or harmless, what is lost is named by
// its exact offsets, the rest is served, and no wrong byte ever is.
#include <algorithm>

#include "journal/format.h"
#include "journal/test_box.h"

namespace ledge::journal {
namespace {

using sim::Disk;
using sim::World;

using Expected = std::map<std::uint64_t, std::map<std::int64_t, Box::Batch>>;

struct Image {
  std::map<std::string, Bytes> files;
  Expected batches;
};

// Some segments with many streams, stopped cleanly: every record is durable and a mark says so.
Image make_image() {
  World world(77);
  Disk disk(world);
  Box box(world, disk);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint64_t> streams = {1024u + static_cast<unsigned>(i % 7)};
    if (i % 5 == 0) streams.push_back(1100);
    CHECK(box.append(streams, i % 3 == 0 ? 26000 : 1200, 1 + i % 4, i));
    if (i % 2 == 0) box.settle();
    for (int lone = 0; i % 20 == 0 && lone < 9; ++lone) {  // leave gaps
      CHECK(box.append({1024}, 900));
      box.settle();
    }
  }
  box.settle();
  bool drained = false;
  box.journal->drain([&] { drained = true; });
  world.run_until([&] { return drained; });
  auto names = *box.directory->list();
  Image out;
  out.batches = box.acked;
  box.stop();
  for (auto& name : names) out.files[name] = *disk.content(name);
  return out;
}

/// The file's first bytes, durable.
void overwrite(Disk& disk, const std::string& name, const Bytes& bytes) {
  auto file = disk.open()->open(name);
  CHECK(file);
  const ByteView piece{bytes};
  CHECK((*file)->write_at(0, {&piece, 1}));
  CHECK((*file)->sync());
}

void put(Disk& disk, const Image& image) {
  auto folder = disk.open();
  for (auto& [name, bytes] : image.files) {
    CHECK(folder->create(name));
    overwrite(disk, name, bytes);
  }
  CHECK(folder->sync_names());
}

struct Tally {
  int harmless = 0, repaired = 0, named = 0, refused = 0, unattributed = 0;
};

// Opens the damaged journal, reads everything, and compares with what was written.
void examine(World& world, Disk& disk, const Image& image, Tally* tally, const std::string& what) {
  Box box(world, disk);
  if (!box.journal) {
    ++tally->refused;
    EXPECT_EQ(box.error.code, ErrorCode::JournalDamaged) << what << box.error.text();
    return;
  }
  bool lost_any = false;
  bool unattributed =
      std::ranges::any_of(box.report.damage, [](const Damage& d) { return d.first_offset < 0; });
  std::map<std::uint64_t, std::set<std::int64_t>> named;
  for (const Damage& d : box.report.damage)
    for (auto o = d.first_offset; o >= 0 && o <= d.last_offset; ++o)
      named[static_cast<std::uint64_t>(d.stream)].insert(o);
  for (auto& [stream, batches] : image.batches) {
    auto seen = box.read_all(stream);
    std::set<std::int64_t> gaps;
    for (auto& [from, to] : seen.lost)
      for (auto o = from; o <= to; ++o) gaps.insert(o);
    for (auto& [first, b] : batches) {
      if (seen.batches.contains(first)) {
        EXPECT_EQ(seen.batches[first].last, b.last) << what;
        continue;
      }
      lost_any = true;
      bool reported = true;
      for (auto o = b.first; o <= b.last; ++o)
        reported = reported && (gaps.contains(o) || named[stream].contains(o));
      EXPECT_TRUE(reported || unattributed)
          << what << ": stream " << stream << " offset " << first << " vanished";
    }
    for (auto o : named[stream]) EXPECT_TRUE(!seen.batches.contains(o)) << what << ": named lost but there";
    for (auto& [first, b] : seen.batches)
      EXPECT_TRUE(batches.contains(first)) << what << ": invented a batch";
  }
  if (unattributed)
    ++tally->unattributed;
  else if (lost_any)
    ++tally->named;
  else if (box.report.bits_repaired > 0)
    ++tally->repaired;
  else
    ++tally->harmless;
}

const Image& image() {
  static const Image made = make_image();
  return made;
}

// Weighted: half of the flips hit what is not a body, since bodies are most of the bytes.
std::uint64_t random_bit(sim::Random& random, const Bytes& bytes) {
  if (random.chance(0.4)) return random.below(bytes.size() * 8);
  if (random.chance(0.1)) return random.below(kSegmentHeaderBytes * 8);
  if (random.chance(0.1)) return (bytes.size() - kPageBytes) * 8 + random.below(kFooterBytes * 8);
  if (random.chance(0.3)) return kFirstFrameAt * 8 + random.below(2000 * 8);
  // Somewhere in the header of a frame or of its first entry.
  std::size_t at = align_down(random.below(bytes.size() - 200), kAlignment);
  while (at + 200 < bytes.size() && load_le<std::uint32_t>(bytes.data() + at) != kFrameMagic)
    at += kAlignment;
  return at * 8 + random.below((kFrameHeaderBytes + kEntryHeaderBytes) * 8);
}

TEST(JournalDamage, EveryFlippedBitIsDetectedOrHarmless) {
  int flips = 10000;
#if defined(__SANITIZE_ADDRESS__)
  flips = 1500;
#endif
  sim::Random random(4711);
  Tally tally;
  std::vector<std::string> names;
  for (auto& [name, bytes] : image().files) names.push_back(name);
  World world(5);
  world.options().job_delay = 1us;
  Disk disk(world, {.cache_miss_chance = 0});
  put(disk, image());
  for (int i = 0; i < flips && !::testing::Test::HasFailure(); ++i) {
    const std::string& name = names[random.below(names.size())];
    std::uint64_t bit = random_bit(random, image().files.at(name));
    disk.flip_bit(name, bit);
    examine(world, disk, image(), &tally, name + " byte " + std::to_string(bit / 8));
    // Recovery may have written (renamed nothing, rewritten a tail): put the one bit back, and check that it
    // did not change what was there.
    if (disk.content(name))
      disk.flip_bit(name, bit);
    else
      put(disk, image());
  }
  RecordProperty("named", tally.named);
  std::printf("%d flips: %d harmless, %d put right, %d named by offsets, %d without offsets, %d refused\n",
              flips, tally.harmless, tally.repaired, tally.named, tally.unattributed, tally.refused);
  EXPECT_GT(tally.named, flips / 50);
  EXPECT_GT(tally.repaired, flips / 50);
  EXPECT_EQ(tally.refused, 0);
  EXPECT_EQ(tally.unattributed, 0);
}

TEST(JournalDamage, GarbagePagesAreDetected) {
  sim::Random random(815);
  Tally tally;
  for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) {
    World world(static_cast<std::uint64_t>(i));
    Disk disk(world);
    Image damaged = image();
    auto file = damaged.files.begin();
    std::advance(file, random.below(damaged.files.size()));
    std::size_t at = align_down(random.below(file->second.size()), kPageBytes);
    for (std::size_t b = at; b < at + kPageBytes; ++b)
      file->second[b] = static_cast<std::uint8_t>(random.next());
    put(disk, damaged);
    examine(world, disk, image(), &tally, file->first + " page at " + std::to_string(at));
  }
  EXPECT_GT(tally.named + tally.unattributed, 5);
}

TEST(JournalDamage, ADiskThatCannotReadNowHasLostNothing) {
  int refused = 0;
  // The index, its pieces, the frames from which a lost one is collected, and what is checked when it is read
  // first; once, or until the disk is well again.
  for (std::uint64_t n = 1; n <= 24; ++n) {
    World world(3);
    Disk disk(world);
    Box box(world, disk);
    ASSERT_TRUE(box.journal) << box.error.text();
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(box.append({1024}, 20000, 3, i));
    box.settle();
    box.restart();
    ASSERT_TRUE(box.journal) << box.error.text();
    disk.fail_at(sim::DiskCall::Read, (n + 1) / 2, ErrorCode::DiskFailed, n % 2 == 0);
    std::optional<Result<std::vector<Slice>>> got;
    box.journal->read(StreamId{1024}, 0, 100000, [&](auto r) { got = std::move(r); });
    world.run_until([&] { return got.has_value(); }, 60s);
    ASSERT_TRUE(got.has_value());
    if (!*got) {
      ++refused;
      EXPECT_EQ(got->error().code, ErrorCode::DiskFailed) << n << ": " << got->error().text();
    }
    EXPECT_EQ(box.journal->stats().segments_quarantined, 0u) << n;
    disk.heal();
    box.check_acked();
  }
  EXPECT_GT(refused, 0);
}

TEST(JournalDamage, AMissingSegmentIsNamedAndTheRestServed) {
  World world(3);
  Disk disk(world);
  Image damaged = image();
  damaged.files.erase(segment_name(1));
  put(disk, damaged);
  Box box(world, disk);
  ASSERT_TRUE(box.journal) << box.error.text();
  ASSERT_EQ(box.report.damage.size(), 1u);
  EXPECT_EQ(box.report.damage[0].file, segment_name(1));
  for (auto& [stream, batches] : image().batches) {
    auto seen = box.read_all(stream);
    ASSERT_EQ(seen.lost.size(), 1u);
    EXPECT_EQ(seen.lost[0].first, 0);
    EXPECT_EQ(seen.batches.rbegin()->first, batches.rbegin()->first);
  }
}

// Streams of the box's own do not keep a segment alive, so only the rule about snapshots does.
constexpr std::uint64_t kOwnStream = 5;

bool exists(const Box& box, std::uint64_t sequence) {
  const auto names = *box.directory->list();
  return std::ranges::find(names, segment_name(sequence)) != names.end();
}

// Right behind the first frame's header and its first entry's: in the manifest of the snapshot.
constexpr std::uint64_t kBitInSnapshot = (kFirstFrameAt + kFrameHeaderBytes + kEntryHeaderBytes + 1) * 8;

// Makes a snapshot take several frames.
class Bulk final : public Participant {
 public:
  std::uint32_t snapshot_tag() const override { return 8; }
  Bytes take_snapshot() const override { return Bytes(3000000, 7); }
  Result<void> load_snapshot(ByteView) override { return {}; }
  Result<void> replay(const EntryHeader&, ByteView) override { return {}; }
};

bool begun(const Box& box, std::uint64_t sequence) {
  return exists(box, sequence) && (*box.disk.content(segment_name(sequence)))[kFirstFrameAt] != 0;
}

void fill_until_begun(Box& box, std::uint64_t sequence) {
  for (int i = 0; i < 1000 && !begun(box, sequence); ++i) {
    ASSERT_TRUE(box.append({kOwnStream}, 200000));
    box.settle();
  }
  ASSERT_TRUE(begun(box, sequence));
}

TEST(JournalDamage, ASegmentWhoseSnapshotWasCutShortIsBegunAnew) {
  World world(22);
  Disk disk(world);
  Box box(world, disk);
  Bulk bulk;
  box.more_participants = {&bulk};
  box.restart();
  fill_until_begun(box, 3);
  box.stop();
  {  // of the first commit the disk has one frame only
    Bytes bytes = *disk.content(segment_name(3));
    const auto cut = kFirstFrameAt + load_le<std::uint32_t>(bytes.data() + kFirstFrameAt + 24);
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end(), std::uint8_t{0});
    overwrite(disk, segment_name(3), bytes);
  }
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  fill_until_begun(box, 4);
  ASSERT_TRUE(box.append({1024}, 100));
  ASSERT_TRUE(box.append({1024}, 100));
  box.control(EntryKind::LogStart, 1024, 1);  // what is dead is looked for
  box.settle();
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  world.run_for(10s);
  const auto next = box.ledger->next();
  box.stop();
  disk.flip_bit(segment_name(4), kBitInSnapshot);
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.ledger->next(), next);
}

/// Remembers the bodies of one stream.
class Bodies final : public Participant {
 public:
  std::uint32_t snapshot_tag() const override { return 9; }
  Bytes take_snapshot() const override { return {}; }
  Result<void> load_snapshot(ByteView) override { return {}; }
  Result<void> replay(const EntryHeader& h, ByteView body) override {
    if (h.stream == StreamId{kOwnStream}) seen.emplace_back(body.begin(), body.end());
    return {};
  }
  std::vector<Bytes> seen;
};

TEST(JournalDamage, AFlippedBitInARecordOfTheBoxItselfIsPutRight) {
  for (const std::size_t bytes : {std::size_t{40}, std::size_t{600}, std::size_t{601}}) {
    World world(24);
    Disk disk(world);
    Box box(world, disk);
    ASSERT_TRUE(box.append({kOwnStream}, bytes));
    box.settle();
    ASSERT_TRUE(box.append({1024}, 100));
    box.settle();
    box.stop();
    constexpr std::uint64_t kBody = kFirstFrameAt + kFrameHeaderBytes + kEntryHeaderBytes;
    disk.flip_bit(segment_name(1), (kBody + 17) * 8 + 3);
    Bodies bodies;
    box.more_participants = {&bodies};
    box.start();
    ASSERT_TRUE(box.journal) << box.error.text();
    if (bytes > 600) {
      EXPECT_EQ(box.report.damage.size(), 1u);
      continue;
    }
    EXPECT_TRUE(box.report.damage.empty());
    EXPECT_EQ(box.report.bits_repaired, 1u);
    ASSERT_EQ(bodies.seen.size(), 1u);
    EXPECT_EQ(bodies.seen[0], body_for(kOwnStream, 0, 0, bytes));
    box.stop();
    disk.flip_bit(segment_name(1), (kBody + 30) * 8);  // a second one: nobody can tell which two
    box.start();
    EXPECT_EQ(box.report.damage.size(), 1u);
  }
}

/// Where the last frame of the segment begins that has a gap before it, and where that gap does.
std::pair<std::uint64_t, std::uint64_t> last_gap(const Disk& disk, std::uint64_t sequence) {
  const Bytes bytes = *disk.content(segment_name(sequence));
  std::pair<std::uint64_t, std::uint64_t> found;
  const auto is_frame = [&](std::uint64_t at) {
    return load_le<std::uint32_t>(bytes.data() + at) == kFrameMagic;
  };
  for (std::uint64_t at = kFirstFrameAt; is_frame(at);) {
    at += load_le<std::uint32_t>(bytes.data() + at + 24);
    const std::uint64_t page = align_up(at, kPageBytes);
    if (is_frame(at) || !is_frame(page)) continue;
    found = {at, page};
    at = page;
  }
  return found;
}

/// Lone commits until the newest one has a gap before it.
void fill_until_gap(Box& box) {
  for (std::uint64_t gap = 0; gap == 0;) {
    ASSERT_TRUE(box.append({1024}, 1200));
    box.settle();
    gap = last_gap(box.disk, 1).second;
  }
}

TEST(JournalDamage, WhatACutLeavesBehindAGapSaysNothingOfWhatIsWrittenBeforeIt) {
  World world(25);
  Disk disk(world);
  Box box(world, disk);
  fill_until_gap(box);
  const auto [gap, frame] = last_gap(disk, 1);
  box.stop();
  for (const std::uint64_t bit : {0, 1})  // torn, with a header as good as new
    disk.flip_bit(segment_name(1), (frame + kFrameHeaderBytes + kEntryHeaderBytes + 500) * 8 + bit);
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  EXPECT_EQ(box.report.torn_tail_bytes,
            frame + kFrameHeaderBytes + kEntryHeaderBytes + align_up(1200, kAlignment) - gap);
  box.acked[1024].erase(box.journal->stream(StreamId{1024}).next_offset);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  box.check_acked();
}

TEST(JournalDamage, ASegmentOfAnEarlierVersionGetsNoGaps) {
  World world(27);
  Disk disk(world);
  Box box(world, disk);
  box.stop();
  {
    Bytes page = *disk.content(segment_name(1));
    page.resize(kPageBytes);
    SegmentHeader header = *SegmentHeader::decode(page, nullptr);
    header.features_required = 0;
    header.encode(&page);
    overwrite(disk, segment_name(1), page);
  }
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(box.append({1024}, 1200));
    box.settle();
  }
  EXPECT_EQ(last_gap(disk, 1).second, 0u);
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  box.check_acked();
}

TEST(JournalDamage, AFlippedBitInAGapIsPutRight) {
  World world(26);
  Disk disk(world);
  Box box(world, disk);
  fill_until_gap(box);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  const std::uint64_t gap = last_gap(disk, 1).first;
  box.stop();
  disk.flip_bit(segment_name(1), (gap + 9) * 8 + 3);
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  EXPECT_EQ(box.report.bits_repaired, 1u);
  box.stop();
  disk.flip_bit(segment_name(1), (gap + 90) * 8);  // a second one: there might have been a frame
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.report.damage.size(), 1u);
  box.check_acked();
}

// A fresh segment reads as zeros where it was never written, and a look for what follows stops early there; a
// body of zeros is not that.
TEST(JournalDamage, DamageBeforeALongRunOfZerosIsNoTornTail) {
  World world(23);
  Disk disk(world);
  Options options;
  options.segment_bytes = 16777216;
  Box box(world, disk, options);
  for (const std::size_t bytes : {3000000u, 100u, 100u}) {
    const std::int64_t first = box.journal->stream(StreamId{1024}).next_offset;
    const EntryHeader header{.stream = StreamId{1024}, .first_offset = first, .last_offset = first};
    ASSERT_TRUE(box.journal->append({{header, SharedBytes::take(Bytes(bytes))}}, {}));
    box.settle();
  }
  box.stop();
  for (const std::uint64_t byte : {20, 21}) disk.flip_bit(segment_name(1), (kFirstFrameAt + byte) * 8);
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.journal->stream(StreamId{1024}).next_offset, 3);
  ASSERT_EQ(box.report.damage.size(), 2u);
  EXPECT_EQ(box.report.damage[1].first_offset, 0);
  EXPECT_EQ(box.report.torn_tail_bytes, 0u);
}

TEST(JournalDamage, AfterAStartThereIsStillASnapshotToFallBackTo) {
  World world(21);
  Disk disk(world);
  Box box(world, disk);
  // Up to where segment 4 is prepared and holds nothing yet: the start finds one snapshot in the last two.
  for (int i = 0; i < 1000 && !exists(box, 4); ++i) {
    ASSERT_TRUE(box.append({kOwnStream}, 20000));
    box.settle();
  }
  ASSERT_TRUE(exists(box, 4));
  box.restart();
  ASSERT_TRUE(box.append({1024}, 100));
  ASSERT_TRUE(box.append({1024}, 100));
  box.control(EntryKind::LogStart, 1024, 1);  // what is dead is looked for
  box.settle();
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  world.run_for(10s);
  const auto next = box.ledger->next();
  box.stop();
  disk.flip_bit(segment_name(3), kBitInSnapshot);
  box.start();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.ledger->next(), next);
  box.acked.erase(kOwnStream);
  box.check_acked();
}

}  // namespace
}  // namespace ledge::journal
