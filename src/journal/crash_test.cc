// SPDX-License-Identifier: Apache-2.0
// Power cuts anywhere, by seed: nothing acked is lost, altered or reordered, and groups are whole or absent.
#include <algorithm>

#include "journal/format.h"
#include "journal/test_box.h"

namespace ledge::journal {
namespace {

using sim::Disk;
using sim::World;

struct Run {
  std::uint64_t seed;
  int rounds = 6;
#ifdef LEDGE_SABOTAGE
  Sabotage sabotage = Sabotage::None;
#endif
  bool expect_clean = true;
};

// True: something acked was lost or wrong. With expect_clean such a thing is a test failure.
class Story {
 public:
  explicit Story(const Run& run) : run_(run), world_(run.seed), disk_(world_) {}

  bool play() {
    Options options = Box::small();
#ifdef LEDGE_SABOTAGE
    options.sabotage = run_.sabotage;
#endif
    Box box(world_, disk_, options);
    for (int round = 0; round < run_.rounds && box.journal && !bad_; ++round) {
      if (world_.random().chance(0.7)) disk_.stop_after(1 + world_.random().below(400));
      work(box);
      crash(box);
    }
    return bad_;
  }

 private:
  sim::Random& random() { return world_.random(); }

  void work(Box& box) {
    int steps = static_cast<int>(20 + random().below(200));
    for (int i = 0; i < steps && !disk_.stopped(); ++i) {
      if (random().chance(0.04))
        control(box);
      else
        append(box);
      if (random().chance(0.3))
        world_.run_for(Duration{static_cast<std::int64_t>(random().below(2'000'000))});
      if (random().chance(0.02)) box.settle();
    }
  }

  void append(Box& box) {
    std::vector<std::uint64_t> streams;
    for (auto n = 1 + random().below(3); n > 0; --n) streams.push_back(1024 + random().below(5) + offset_);
    std::size_t size = random().chance(0.1)   ? 60000 + random().below(100000)
                       : random().chance(0.5) ? random().below(20000)
                                              : random().below(300);
    for (auto s : streams)
      if (box.dropping.contains(s)) return;
    groups_.push_back({});
    for (auto s : streams) groups_.back().push_back({s, box.journal->stream(StreamId{s}).next_offset});
    if (!box.append(streams, size, static_cast<std::int64_t>(1 + random().below(4)),
                    static_cast<std::int64_t>(random().below(1000))))
      groups_.pop_back();
  }

  void control(Box& box) {
    std::uint64_t s = 1024 + random().below(5) + offset_;
    auto state = box.journal->stream(StreamId{s});
    if (state.next_offset == 0 || box.dropping.contains(s)) return;
    if (box.journal->stats().poisoned) return;
    if (random().chance(0.15)) {
      box.dropping.insert(s);
      box.control(EntryKind::Drop, s);
    } else {
      auto span = static_cast<std::uint64_t>(state.next_offset - state.log_start + 1);
      box.control(EntryKind::LogStart, s, state.log_start + static_cast<std::int64_t>(random().below(span)));
    }
  }

  void crash(Box& box) {
    box.restart();
    if (!box.journal) {
      fault("does not start: " + box.error.text());
      return;
    }
    if (!box.report.damage.empty())
      fault("damage: " + box.report.damage[0].what + " in " + box.report.damage[0].file);
    for (auto& [stream, acked] : box.acked) {
      if (box.dropping.contains(stream)) continue;
      if (box.log_start.contains(stream) &&
          box.journal->stream(StreamId{stream}).log_start < box.log_start[stream])
        fault("a log start went back");
      check(box, stream, acked);
      if (bad_) return;
    }
    for (auto s : box.dropped)
      if (box.journal->stream(StreamId{s}).next_offset != 0) fault("a dropped stream came back");
    for (auto& [stream, next] : box.ledger->next())
      if (next != box.journal->stream(StreamId{stream}).next_offset)
        fault("participant and journal disagree");
    groups_.clear();
    // What was not acked may have survived: from here on it is a fact.
    offset_ += random().chance(0.2) ? 1 : 0;
  }

  void check(Box& box, std::uint64_t stream, std::map<std::int64_t, Box::Batch>& acked) {
    auto state = box.journal->stream(StreamId{stream});
    std::int64_t end = acked.empty() ? 0 : acked.rbegin()->second.last + 1;
    if (state.next_offset < end) return fault("acked offsets are gone");
    if (!run_.expect_clean) return check_quietly(box, stream, acked);
    auto seen = box.read_all(stream);
    if (!seen.lost.empty()) fault("offsets reported lost");
    for (auto& [first, b] : acked)
      if (b.last >= state.log_start && !seen.batches.contains(first)) fault("an acked batch is gone");
    std::int64_t expected = -1;
    for (auto& [first, b] : seen.batches) {
      if (expected >= 0 && first != expected) fault("out of order");
      expected = b.last + 1;
      acked[first] = b;  // readable now: it must stay so
    }
  }

  // For runs with a deliberate bug: any wrong thing counts, nothing is reported to the test.
  void check_quietly(Box& box, std::uint64_t stream, std::map<std::int64_t, Box::Batch>& acked) {
    for (auto& [first, b] : acked) {
      auto log_start = box.journal->stream(StreamId{stream}).log_start;
      if (b.last < log_start) continue;
      std::optional<Result<std::vector<Slice>>> got;
      box.journal->read(StreamId{stream}, std::max(first, log_start), 1, [&](auto r) { got = std::move(r); });
      world_.run_until([&] { return got.has_value(); }, 60s);
      if (!got || !*got || (*got)->empty() || (*got)->front().last_offset != b.last) return fault("lost");
      std::optional<Result<SharedBytes>> bytes;
      box.journal->load(**got, [&](auto r) { bytes = std::move(r); });
      world_.run_until([&] { return bytes.has_value(); }, 60s);
      if (!bytes || !*bytes) return fault("unreadable");
      if (!std::ranges::equal((*bytes)->view(), body_for(stream, b.first, b.last, (*bytes)->size())))
        return fault("wrong bytes");
    }
  }

  void fault(const std::string& what) {
    bad_ = true;
    if (run_.expect_clean) ADD_FAILURE() << "seed " << run_.seed << ": " << what;
  }

  Run run_;
  World world_;
  Disk disk_;
  std::uint64_t offset_ = 0;
  std::vector<std::vector<std::pair<std::uint64_t, std::int64_t>>> groups_;
  bool bad_ = false;
};

TEST(JournalCrash, NothingAckedIsLostOverPowerCutsAnywhere) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Story({.seed = seed}).play();
    if (HasFailure()) break;
  }
}

TEST(JournalCrash, ACrashDuringRecoveryChangesNothing) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    World world(seed);
    Disk disk(world);
    Box box(world, disk);
    for (int i = 0; i < 120; ++i) {
      ASSERT_TRUE(box.append({1024u + static_cast<unsigned>(i % 3)}, 9000));
      if (i % 3 == 0) world.run_for(200us);
    }
    for (std::uint64_t calls = 1; calls < 30; ++calls) {
      box.stop();
      disk.power_cut();
      disk.stop_after(calls);
      box.start();  // may fail: the disk stops in the middle
    }
    box.restart();
    ASSERT_TRUE(box.journal) << box.error.text();
    EXPECT_TRUE(box.report.damage.empty());
    box.check_acked();
  }
}

#ifdef LEDGE_SABOTAGE
bool some_seed_finds(Sabotage bug, int seeds = 60) {
  for (int seed = 1; seed <= seeds; ++seed) {
    Run run{.seed = static_cast<std::uint64_t>(seed), .rounds = 6, .sabotage = bug, .expect_clean = false};
    if (Story(run).play()) return true;
  }
  return false;
}
TEST(JournalCrash, CatchesAJournalThatDoesNotSync) { EXPECT_TRUE(some_seed_finds(Sabotage::NoSync)); }
TEST(JournalCrash, CatchesAJournalThatAcksBeforeItSyncs) {
  EXPECT_TRUE(some_seed_finds(Sabotage::AckBeforeSync));
}
TEST(JournalCrash, CatchesAJournalThatRecyclesTooEarly) {
  EXPECT_TRUE(some_seed_finds(Sabotage::RecycleTooEarly));
}
TEST(JournalCrash, FindsNothingWrongByTheSameChecksInAJournalWithoutABug) {
  EXPECT_FALSE(some_seed_finds(Sabotage::None, 10));
}

// Damage of durable bytes: what a correct recovery names, a bugged one cuts or believes.
TEST(JournalCrash, ADurableMarkThatIsNotLookedAtMakesSilentLoss) {
  for (Sabotage bug : {Sabotage::None, Sabotage::IgnoreDurableMark}) {
    World world(5);
    Disk disk(world);
    Options options = Box::small();
    options.sabotage = bug;
    Box box(world, disk, options);
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(box.append({1024}, 3000));
      box.settle();
    }
    disk.flip_bit(segment_name(1), (kFirstFrameAt + 200) * 8);
    box.restart();
    bool right = box.report.damage.size() == 1 && box.journal->stream(StreamId{1024}).next_offset == 10;
    EXPECT_EQ(right, bug == Sabotage::None);
  }
}

TEST(JournalCrash, ASnapshotThatIsTrustedBlindlyGivesAWrongState) {
  int wrong = 0;
  for (Sabotage bug : {Sabotage::None, Sabotage::TrustSnapshot}) {
    World world(6);
    Disk disk(world);
    Options options = Box::small();
    options.sabotage = bug;
    Box box(world, disk, options);
    for (int i = 0; i < 80; ++i) {
      ASSERT_TRUE(box.append({1024}, 20000));
      box.settle();
    }
    auto before = box.ledger->next();
    // A byte of the participant's part: in the manifest frame's segment, behind the journal's own part.
    const Bytes* segment = disk.content(segment_name(2));
    ASSERT_TRUE(segment);
    Bytes part = {0, 4, 0, 0, 0, 0, 0, 0};  // stream 1024
    auto found = std::search(segment->begin() + kFirstFrameAt, segment->end(), part.begin(), part.end());
    ASSERT_NE(found, segment->end());
    disk.flip_bit(segment_name(2), static_cast<std::uint64_t>(found - segment->begin()) * 8 + 3);
    box.restart();
    ASSERT_TRUE(box.journal) << box.error.text();
    if (box.ledger->next() != before) ++wrong;
    if (bug == Sabotage::None) {
      EXPECT_EQ(wrong, 0);
    }
  }
  EXPECT_EQ(wrong, 1);
}
#endif

TEST(JournalCrash, CutsAtEveryByteOfTheLastFrames) {
  World world(11);
  Disk disk(world);
  Box box(world, disk);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(box.append({1024, 1025}, 150, 2));
    box.settle();
  }
  box.stop();
  Bytes whole = *disk.content(segment_name(1));
  std::size_t end = whole.size();
  while (whole[end - 1] == 0) --end;
  for (std::size_t cut = end; cut > kFirstFrameAt; cut -= end - cut < 600 ? 1 : 13) {
    World other(12);
    Disk torn(other);
    auto folder = torn.open();
    auto file = folder->create(segment_name(1));
    ASSERT_TRUE(file);
    Bytes bytes = whole;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(cut), bytes.end(), std::uint8_t{0});
    ByteView piece{bytes};
    ASSERT_TRUE((*file)->write_at(0, {&piece, 1}));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(folder->sync_names());
    Box again(other, torn);
    ASSERT_TRUE(again.journal) << again.error.text();
    EXPECT_TRUE(again.report.damage.empty()) << "a cut tail is no damage";
    auto a = again.journal->stream(StreamId{1024});
    ASSERT_EQ(a.next_offset, again.journal->stream(StreamId{1025}).next_offset) << "groups are whole";
    ASSERT_EQ(again.read_all(1024).batches.size(), static_cast<std::size_t>(a.next_offset / 2));
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace ledge::journal
