// SPDX-License-Identifier: Apache-2.0
// Journals with relocated and truncate entries, which the format allows and nothing writes yet: reads,
// lookups by time, recovery and indexes follow them.
#include <algorithm>
#include <limits>

#include "journal/format.h"
#include "journal/test_box.h"

namespace ledge::journal {
namespace {

using sim::Disk;
using sim::World;

constexpr std::size_t kLarge = 40000;  // some 25 to a segment

/// What must be read: per stream the batches that count, by first offset.
class Model {
 public:
  Model(World& world, Disk& disk) : world_(world), box(world, disk) {}

  void append(std::uint64_t stream, std::size_t size, std::int64_t records, std::int64_t timestamp) {
    const std::int64_t first = box.journal->stream(StreamId{stream}).next_offset;
    ASSERT_TRUE(box.append({stream}, size, records, timestamp)) << box.last_error.text();
    batches[stream][first] = {first, first + records - 1, timestamp, size};
  }
  /// Writes the batches from `first` to `last` (first offsets of batches) again, as one of `size` bytes.
  void relocate(std::uint64_t stream, std::int64_t first, std::int64_t last, std::size_t size) {
    auto& of = batches[stream];
    Box::Batch merged{first, of.at(last).last, -1, size};
    for (auto it = of.find(first); it != of.end() && it->first <= last; it = of.erase(it))
      merged.timestamp = std::max(merged.timestamp, it->second.timestamp);
    of[first] = merged;
    const EntryHeader header{.stream = StreamId{stream},
                             .kind = EntryKind::Relocated,
                             .first_offset = first,
                             .last_offset = merged.last,
                             .max_timestamp = merged.timestamp};
    auto body = SharedBytes::take(body_for(stream, first, merged.last, size));
    ASSERT_TRUE(box.journal->append({{header, std::move(body)}}, {}));
  }
  void truncate(std::uint64_t stream, std::int64_t offset) {
    auto& of = batches[stream];
    of.erase(of.lower_bound(offset), of.end());
    box.control(EntryKind::Truncate, stream, offset);
    ASSERT_EQ(box.journal->stream(StreamId{stream}).next_offset, offset);
  }
  void move_log_start(std::uint64_t stream, std::int64_t offset) {
    box.control(EntryKind::LogStart, stream, offset);
  }
  void settle() {
    box.settle();
    world_.run_for(100ms);
  }
  void restart() {
    settle();
    box.restart();
    ASSERT_TRUE(box.journal) << box.error.text();
    EXPECT_TRUE(box.report.damage.empty()) << box.report.damage[0].what;
  }

  void check() {
    settle();
    for (auto& [stream, of] : batches) {
      const auto state = box.journal->stream(StreamId{stream});
      const std::int64_t end = of.empty() ? state.log_start : of.rbegin()->second.last + 1;
      ASSERT_EQ(state.next_offset, std::max(end, state.log_start)) << "stream " << stream;
      ASSERT_EQ(state.durable_offset, state.next_offset);
      auto seen = box.read_all(stream);
      ASSERT_TRUE(seen.lost.empty()) << "stream " << stream << " from " << seen.lost[0].first;
      for (auto& [first, b] : of) {
        if (b.last < state.log_start) continue;
        ASSERT_TRUE(seen.batches.contains(first)) << "stream " << stream << " at " << first;
        ASSERT_EQ(seen.batches[first].size, b.size) << "an older copy, stream " << stream << " at " << first;
        ASSERT_EQ(seen.batches[first].last, b.last);
        seen.batches.erase(first);
      }
      ASSERT_TRUE(seen.batches.empty()) << "stream " << stream << " has " << seen.batches.begin()->first;
      check_times(stream, state.log_start);
    }
  }

  std::map<std::uint64_t, std::map<std::int64_t, Box::Batch>> batches;

 private:
  void check_times(std::uint64_t stream, std::int64_t log_start) {
    for (int i = 0; i < 12; ++i) {
      const auto timestamp = static_cast<std::int64_t>(world_.random().below(1100));
      const auto& of = batches[stream];
      const auto want = std::ranges::find_if(
          of, [&](const auto& b) { return b.second.last >= log_start && b.second.timestamp >= timestamp; });
      std::optional<Result<std::optional<Slice>>> got;
      box.journal->find_by_timestamp(StreamId{stream}, log_start, timestamp,
                                     [&](auto r) { got = std::move(r); });
      world_.run_until([&] { return got.has_value(); }, 60s);
      ASSERT_TRUE(got && *got) << (got ? got->error().text() : "no answer");
      ASSERT_EQ((**got).has_value(), want != of.end()) << "stream " << stream << " time " << timestamp;
      if (**got) {
        ASSERT_EQ((**got)->first_offset, want->first) << "stream " << stream << " time " << timestamp;
      }
    }
    std::optional<Result<std::optional<Slice>>> largest;
    box.journal->find_max_timestamp(StreamId{stream}, [&](auto r) { largest = std::move(r); });
    world_.run_until([&] { return largest.has_value(); }, 60s);
    ASSERT_TRUE(largest && *largest);
    const Box::Batch* best = nullptr;
    for (const auto& [first, b] : batches[stream])
      if (b.last >= log_start && (best == nullptr || b.timestamp > best->timestamp)) best = &b;
    ASSERT_EQ((**largest).has_value(), best != nullptr);
    if (best) {
      ASSERT_EQ((**largest)->first_offset, best->first);
    }
  }

  World& world_;

 public:
  Box box;
};

TEST(JournalReordered, RelocatedBatchesAreReadInsteadOfThoseTheyReplace) {
  World world(1);
  Disk disk(world);
  Model m(world, disk);
  for (int i = 0; i < 120; ++i) m.append(1024u + static_cast<unsigned>(i % 2), kLarge, 2, 10 * i);
  m.check();
  for (std::int64_t first = 0; first < 60; first += 6) m.relocate(1024, first, first, 300);
  m.relocate(1024, 62, 70, 700);  // five in one
  m.check();
  for (int i = 0; i < 80; ++i) m.append(1025, kLarge, 1, 500);  // they are in sealed segments now
  m.check();
  m.restart();
  m.check();
  m.relocate(1024, 0, 12, 900);  // replaces relocated ones, too
  m.check();
  for (int i = 0; i < 60; ++i) m.append(1025, kLarge, 1, 500);
  m.restart();
  m.check();
  EXPECT_GE(m.box.journal->stats().segments_live, 9u);
}

TEST(JournalReordered, WhatWasTruncatedDoesNotComeBack) {
  World world(2);
  Disk disk(world);
  Model m(world, disk);
  for (int i = 0; i < 100; ++i) m.append(1024, kLarge, 2, i);
  m.truncate(1024, 120);
  m.check();
  m.append(1024, 400, 7, 990);
  m.check();
  for (int i = 0; i < 60; ++i) m.append(1025, kLarge, 1, 5);
  m.check();
  m.restart();
  m.check();
  m.truncate(1024, 60);  // over segments that are sealed
  m.restart();
  m.check();
  for (int i = 0; i < 60; ++i) m.append(1024, kLarge, 3, 2 * i);
  m.restart();
  m.check();
}

TEST(JournalReordered, ATruncationThatIsNotDurableYetHoldsForWhatIsOnItsWay) {
  World world(3);
  Disk disk(world);
  Model m(world, disk);
  for (int i = 0; i < 10; ++i) m.append(1024, 200, 2, i);
  m.truncate(1024, 8);
  EXPECT_LE(m.box.journal->stream(StreamId{1024}).durable_offset, 8);
  m.append(1024, 300, 1, 3);
  m.check();
}

TEST(JournalReordered, ASegmentThatTruncatesOutlivesThoseBeforeIt) {
  World world(4);
  Disk disk(world);
  Model m(world, disk);
  m.append(1024, 200, 1, 1);  // keeps segment 1 alive
  for (int i = 0; i < 20; ++i) m.append(1025, kLarge, 2, i);
  for (int i = 0; i < 10; ++i) m.append(1026, kLarge, 2, i);
  m.truncate(1025, 10);  // in segment 2, of which the rest is filled with stream 1026
  while (m.box.journal->stats().segments_live < 3) {
    m.append(1026, kLarge, 2, 5);
    m.settle();
  }
  const auto live = [&](std::uint64_t sequence) {
    const auto names = *m.box.directory->list();
    return std::ranges::find(names, segment_name(sequence)) != names.end();
  };
  for (int i = 0; i < 130; ++i) m.append(1027, kLarge, 2, i);
  m.move_log_start(1026, m.box.journal->stream(StreamId{1026}).next_offset);
  m.batches.erase(1026);
  m.settle();
  m.append(1027, 100, 1, 1);
  m.settle();
  world.run_for(10s);
  EXPECT_TRUE(live(1));
  EXPECT_TRUE(live(2)) << "it says that stream 1025 was truncated, and segment 1 has what was";
  m.restart();
  m.check();
  for (int i = 0; i < 20; ++i) m.append(1025, 100, 2, i);  // beyond the offsets that were truncated
  m.move_log_start(1024, 1);
  m.move_log_start(1025, m.box.journal->stream(StreamId{1025}).next_offset);
  m.batches.erase(1024);
  m.batches.erase(1025);
  m.settle();
  m.append(1027, 100, 1, 1);
  m.settle();
  world.run_for(10s);
  EXPECT_FALSE(live(1));
  EXPECT_FALSE(live(2));
  m.restart();
  m.check();
}

// Half of the seeds damage the index of a sealed segment, so that its rows are collected from the frames.
TEST(JournalReordered, AnythingInAnyOrder) {
  for (std::uint64_t seed = 1; seed <= 16; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    Disk disk(world);
    Model m(world, disk);
    auto& random = world.random();
    for (int step = 0; step < 220; ++step) {
      const std::uint64_t stream = 1024 + random.below(3);
      auto& of = m.batches[stream];
      const auto pick = [&] {
        auto it = of.begin();
        std::advance(it, random.below(of.size()));
        return it;
      };
      const auto dice = random.below(100);
      if (dice < 70 || of.empty()) {
        const std::size_t size = random.chance(0.7) ? 20000 + random.below(60000) : random.below(400);
        m.append(stream, size, static_cast<std::int64_t>(1 + random.below(5)),
                 static_cast<std::int64_t>(random.below(1000)));
      } else if (dice < 88) {
        auto from = pick(), to = from;
        for (auto n = random.below(3); n > 0 && std::next(to) != of.end(); --n) ++to;
        m.relocate(stream, from->first, to->first, 8 + random.below(30000));
      } else if (dice < 92) {
        auto at = pick();
        if (at->first >= m.box.journal->stream(StreamId{stream}).log_start) m.truncate(stream, at->first);
      } else if (dice < 94) {
        m.move_log_start(stream, pick()->first);
      } else if (dice < 97) {
        m.restart();
      } else {
        m.check();
      }
      if (HasFailure()) return;
    }
    m.check();
    m.settle();
    m.box.stop();
    disk.power_cut();
    if (const Bytes* bytes = disk.content(segment_name(2)); bytes && seed % 2 == 0) {
      const auto base = load_le<std::uint64_t>(bytes->data() + 64);
      const auto directory = load_le<std::uint64_t>(bytes->data() + bytes->size() - kPageBytes + 32);
      if (directory > base && directory - base < bytes->size())
        disk.flip_bit(segment_name(2), (directory - base) * 8);
    }
    m.box.start();
    ASSERT_TRUE(m.box.journal) << m.box.error.text();
    m.check();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace ledge::journal
