// SPDX-License-Identifier: Apache-2.0
#include "journal/journal.h"

#include "journal/format.h"
#include "journal/test_box.h"

namespace ledge::journal {
namespace {

using sim::Disk;
using sim::World;

TEST(Journal, KeepsWhatWasAckedOverAPowerCut) {
  World world(1);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.journal) << box.error.text();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(box.append({1024, 1025}, 500, 3, i));
  box.settle();
  EXPECT_EQ(box.acked[1024].size(), 20u);
  box.check_acked();
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.journal->stream(StreamId{1024}).next_offset, 60);
  EXPECT_EQ(box.ledger->next().at(1025), 60);
  EXPECT_TRUE(box.report.damage.empty());
  box.check_acked();
}

TEST(Journal, RollsFromSegmentToSegmentAndStartsFromTheNewestSnapshot) {
  World world(2);
  Disk disk(world);
  Box box(world, disk);
  for (int i = 0; i < 400; ++i) {
    ASSERT_TRUE(box.append({1024u + static_cast<unsigned>(i % 5)}, 20000, 10, i)) << box.last_error.text();
    if (i % 7 == 0) box.settle();
  }
  box.settle();
  EXPECT_GE(box.journal->stats().segments_live, 8u);
  box.check_acked();
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.ledger->loads, 1);
  EXPECT_LT(box.ledger->replays, 60);
  EXPECT_TRUE(box.report.damage.empty());
  box.check_acked();
  for (int s = 1024; s < 1029; ++s) EXPECT_EQ(box.journal->stream(StreamId(s)).next_offset, 800);
}

TEST(Journal, FindsBatchesByTimestampAcrossSegments) {
  World world(3);
  Disk disk(world);
  Box box(world, disk);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(box.append({1024}, 20000, 2, 1000 + (i ^ 5)));
  box.settle();
  for (int restarted = 0; restarted < 2; ++restarted) {
    for (std::int64_t ts : {0, 1000, 1003, 1007, 1150, 1299, 1300, 1303, 1304}) {
      std::int64_t want = -1;
      for (auto& [first, b] : box.acked[1024])
        if (b.timestamp >= ts && want < 0) want = first;
      std::optional<std::int64_t> got;
      box.journal->find_by_timestamp(StreamId{1024}, 0, ts, [&](auto r) {
        ASSERT_TRUE(r);
        got = *r ? (*r)->first_offset : -1;
      });
      ASSERT_TRUE(world.run_until([&] { return got.has_value(); }));
      EXPECT_EQ(*got, want) << ts;
    }
    std::optional<std::int64_t> largest;
    box.journal->find_max_timestamp(StreamId{1024}, [&](auto r) { largest = (*r)->first_offset; });
    ASSERT_TRUE(world.run_until([&] { return largest.has_value(); }));
    EXPECT_EQ(box.acked[1024][*largest].timestamp, 1303);
    box.restart();
  }
}

TEST(Journal, ACommitWindowGathersAndIsBounded) {
  World world(5);
  Disk disk(world);
  Options options = Box::small();
  options.commit_window = 100ms;
  options.segment_bytes = 8 << 20;  // a segment's end cuts a commit too
  Box box(world, disk, options);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();  // the first commit of a start does not wait
  const auto acked = [&] { return box.acked[1024].size(); };
  const auto before = box.journal->stats();
  const Instant begun = world.now();
  ASSERT_TRUE(box.append({1024}, 100));
  world.run_for(60ms);
  ASSERT_TRUE(box.append({1024}, 100));
  world.run_for(30ms);
  EXPECT_EQ(acked(), 1u);
  ASSERT_TRUE(world.run_until([&] { return acked() == 3; }, 60s));
  EXPECT_GE(world.now() - begun, 100ms);
  EXPECT_LT(world.now() - begun, 150ms);
  EXPECT_EQ(box.journal->stats().syncs, before.syncs + 1);

  // What comes while a commit is being written has a window of its own.
  ASSERT_TRUE(box.append({1024}, 100));
  ASSERT_TRUE(world.run_until([&] { return box.journal->stats().frames == before.frames + 1; }));
  ASSERT_TRUE(world.run_until([&] { return acked() == 4; }, 60s));

  // A large one is not held.
  const Instant large = world.now();
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(box.append({1024}, 100000));
  ASSERT_TRUE(world.run_until([&] { return acked() == 16; }, 60s));
  EXPECT_LT(world.now() - large, 90ms);

  // A stop does not wait either.
  ASSERT_TRUE(box.append({1024}, 100));
  const Instant stop = world.now();
  bool drained = false;
  box.journal->drain([&] { drained = true; });
  ASSERT_TRUE(world.run_until([&] { return drained; }, 60s));
  EXPECT_LT(world.now() - stop, 90ms);
  EXPECT_EQ(acked(), 17u);
  box.restart();
  box.check_acked();
}

TEST(Journal, ASmallCommitWritesOnePage) {
  World world(11);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();  // and zeros ahead, for all that follow
  const auto written_by = [&](std::size_t body) {
    const auto before = box.journal->stats().bytes_written;
    EXPECT_TRUE(box.append({1024}, body));
    box.settle();
    return box.journal->stats().bytes_written - before;
  };
  int in_two_pages = 0;
  for (const std::size_t body : {170u, 1200u, 2000u, 3970u}) {
    in_two_pages += written_by(body) != kPageBytes;
    for (int i = 0; i < 12; ++i) EXPECT_EQ(written_by(body), kPageBytes) << body;
  }
  EXPECT_EQ(in_two_pages, 0) << "each fits a page by itself";
  EXPECT_EQ(written_by(3980), 2 * kPageBytes) << "and this does not";
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  EXPECT_EQ(box.report.torn_tail_bytes, 0u);
  box.check_acked();
}

TEST(Journal, ACommitThatGathersBeginsWhereOneAsLargeAsTheLastHasRoom) {
  World world(12);
  Disk disk(world);
  Options options = Box::small();
  options.commit_window = 100ms;
  Box box(world, disk, options);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  for (int commit = 0; commit < 10; ++commit) {
    const auto before = box.journal->stats();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(box.append({1024}, 170));
    box.settle();
    EXPECT_EQ(box.journal->stats().syncs - before.syncs, 1u);
    if (commit == 0) continue;  // it knows only of a lone one before it
    EXPECT_EQ(box.journal->stats().bytes_written - before.bytes_written, kPageBytes);
  }
  box.restart();
  box.check_acked();
}

TEST(Journal, AFailedSyncPoisonsItAndARestartRecovers) {
  World world(4);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  disk.fail_at(sim::DiskCall::Sync, 1, ErrorCode::DiskFailed);
  int told = 0;
  box.journal->on_poisoned([&](const Error&) { ++told; });
  ASSERT_TRUE(box.append({1024}, 100));
  ASSERT_TRUE(box.append({1025}, 100));
  world.run_for(1s);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(box.last_error.code, ErrorCode::JournalPoisoned);
  EXPECT_FALSE(box.append({1024}, 100));
  EXPECT_EQ(box.acked[1024].size(), 1u);
  auto syncs = disk.calls();
  world.run_for(1s);
  EXPECT_EQ(disk.calls(), syncs) << "nothing touches the disk after a failed sync";
  box.restart(false);
  ASSERT_TRUE(box.journal) << box.error.text();
  box.check_acked();
  auto next = box.journal->stream(StreamId{1024}).next_offset;
  box.restart(true);  // what recovery showed stays, whatever the page cache said
  EXPECT_EQ(box.journal->stream(StreamId{1024}).next_offset, next);
  box.check_acked();
}

TEST(Journal, RecyclesSegmentsInWhichNothingLivesAndOnlyThose) {
  World world(5);
  Disk disk(world);
  Box box(world, disk);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(box.append({1024u + static_cast<unsigned>(i % 2)}, 20000));
  box.settle();
  auto live = box.journal->stats().segments_live;
  box.control(EntryKind::LogStart, 1024, 150);
  box.settle();
  world.run_for(1s);
  EXPECT_EQ(box.journal->stats().segments_live, live) << "1025 still lives in all of them";
  box.control(EntryKind::LogStart, 1025, 100);
  box.settle();
  world.run_for(1s);
  EXPECT_LE(box.journal->stats().segments_live, live - 3);
  EXPECT_EQ(box.journal->stats().segments_spare, 1u);
  box.check_acked();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(box.append({1026}, 20000));
  box.settle();
  box.check_acked();
  box.control(EntryKind::Drop, 1025);
  box.settle();
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_TRUE(box.report.damage.empty());
  box.check_acked();
}

TEST(Journal, ASliceKeepsItsSegmentFromBeingRecycled) {
  World world(6);
  Disk disk(world);
  Box box(world, disk);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(box.append({1024}, 20000));
  box.settle();
  std::vector<Slice> held;
  box.journal->read(StreamId{1024}, 0, 1, [&](auto r) { held = *r; });
  ASSERT_TRUE(world.run_until([&] { return !held.empty(); }));
  box.control(EntryKind::LogStart, 1024, 200);
  box.settle();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(box.append({1025}, 20000));
  box.settle();
  Box::Seen seen;
  EXPECT_EQ(box.take(1024, held, &seen, 0), 1) << "the bytes are still what they were";
  held.clear();
  auto before = box.journal->stats().segments_recycled;
  ASSERT_TRUE(box.append({1025}, 100));
  box.settle();
  world.run_for(1s);
  EXPECT_GT(box.journal->stats().segments_recycled, before);
}

TEST(Journal, GrowsASegmentForAGroupOrSnapshotThatDoesNotFit) {
  World world(7);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.append({1024}, 5'000'000));
  ASSERT_TRUE(box.append({1024}, 100));
  EXPECT_FALSE(box.append({1024}, 8'388'608));
  EXPECT_EQ(box.last_error.code, ErrorCode::LimitExceeded);
  for (std::uint64_t s = 2000; s < 42000; ++s) ASSERT_TRUE(box.append({s}, 10));
  box.settle();
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  EXPECT_EQ(box.ledger->next().size(), 40001u);
  EXPECT_TRUE(box.report.damage.empty());
}

TEST(Journal, AFullDiskRefusesAppendsAndGoesOnWhenThereIsRoom) {
  World world(8);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.append({1024}, 100));
  box.settle();
  disk.fail_at(sim::DiskCall::Allocate, 1, ErrorCode::DiskFull, true);
  bool refused = false;
  for (int i = 0; i < 100 && !refused; ++i) {
    refused = !box.append({1024}, 20000);
    box.settle();
  }
  EXPECT_TRUE(refused);
  EXPECT_EQ(box.last_error.code, ErrorCode::DiskFull);
  box.check_acked();
  disk.heal();
  world.run_for(3s);
  EXPECT_TRUE(box.append({1024}, 20000)) << box.last_error.text();
  box.settle();
  box.check_acked();
}

TEST(Journal, OnAFullDiskNothingSmallOvertakesWhatWasRefused) {
  World world(8);
  Disk disk(world);
  Box box(world, disk);
  disk.fail_at(sim::DiskCall::Allocate, 1, ErrorCode::DiskFull, true);
  while (box.append({1024}, 20000)) box.settle();
  EXPECT_FALSE(box.append({1024}, 10)) << "there is room for it, but it was sent after what was refused";
  EXPECT_EQ(box.last_error.code, ErrorCode::DiskFull);
  EXPECT_TRUE(box.append({1}, 10)) << box.last_error.text();  // of the program itself
  world.run_for(3s);
  EXPECT_FALSE(box.append({1024}, 10)) << "the attempts to make a segment failed";
  disk.heal();
  world.run_for(3s);
  EXPECT_TRUE(box.append({1024}, 20000)) << box.last_error.text();
  EXPECT_TRUE(box.append({1024}, 10)) << box.last_error.text();
  box.settle();
  box.check_acked();
}

TEST(Journal, OnAFullDiskThereIsRoomForTheProgramsOwnRecordsOverManyStarts) {
  World world(9);
  Disk disk(world);
  Box box(world, disk);
  for (int start = 0; start < 20; ++start) {
    disk.fail_at(sim::DiskCall::Allocate, 1, ErrorCode::DiskFull, true);
    ASSERT_TRUE(box.append({1}, 300)) << "start " << start << ": " << box.last_error.text();
    box.settle();
    bool refused = false;
    for (int i = 0; i < 1000 && !refused; ++i) {
      refused = !box.append({1024}, 3000);
      box.settle();
    }
    ASSERT_TRUE(refused);
    world.run_for(3s);  // attempts to make a segment come and fail
    EXPECT_FALSE(box.append({1024}, 3000));
    ASSERT_TRUE(box.append({1}, 300)) << "start " << start << ": " << box.last_error.text();
    box.settle();
    box.check_acked();
    box.restart();
    ASSERT_TRUE(box.journal) << box.error.text();
  }
  disk.heal();
  world.run_for(3s);
  EXPECT_TRUE(box.append({1024}, 3000)) << box.last_error.text();
  box.settle();
  box.check_acked();
}

// A fresh segment ends where zeros begin; of a used one every start has to read what is left of it.
TEST(Journal, ASegmentThatWasPreparedAndNeverUsedIsStillFreshAtTheNextStart) {
  World world(10);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.append({1024}, 700000));  // more than half: the next segment is prepared
  box.settle();
  world.run_for(1s);
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  const auto at_first = box.report.bytes_scanned;
  for (int start = 0; start < 3; ++start) {
    ASSERT_TRUE(box.append({1024}, 100));
    box.settle();
    world.run_for(1s);
    ASSERT_TRUE(disk.open()->open(segment_name(2))) << "prepared again";
    box.restart();
    ASSERT_TRUE(box.journal) << box.error.text();
    EXPECT_LT(box.report.bytes_scanned, at_first + 100000);
    EXPECT_TRUE(box.report.damage.empty());
    box.check_acked();
  }
}

TEST(Journal, ACleanStopLeavesNothingThatOnlyTheTailKnows) {
  World world(9);
  Disk disk(world);
  Box box(world, disk);
  ASSERT_TRUE(box.append({1024}, 3000));
  bool drained = false;
  box.journal->drain([&] { drained = true; });
  ASSERT_TRUE(world.run_until([&] { return drained; }));
  // The last record's body, damaged after a clean stop, is damage and not a torn tail.
  disk.flip_bit(segment_name(1), (kFirstFrameAt + kFrameHeaderBytes + kEntryHeaderBytes + 1000) * 8);
  box.restart();
  ASSERT_TRUE(box.journal) << box.error.text();
  ASSERT_EQ(box.report.damage.size(), 1u);
  EXPECT_EQ(box.report.damage[0].stream, StreamId{1024});
  EXPECT_EQ(box.report.damage[0].first_offset, 0);
  EXPECT_EQ(box.report.damage[0].last_offset, 0);
  EXPECT_EQ(box.journal->stream(StreamId{1024}).next_offset, 1) << "the offset is not given again";
}

}  // namespace
}  // namespace ledge::journal
