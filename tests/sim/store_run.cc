// SPDX-License-Identifier: Apache-2.0
#include "store_run.h"

#include <cstdio>

#include "base/limits.h"

namespace ledge::sim {

StoreRun::StoreRun(std::uint64_t seed, RunOptions options)
    : options_(options), world_(seed), disk_(world_), random_(world_.random()) {
  const std::uint64_t segment_sizes[] = {1048576, 1052672, 1310720};
  store_options_.journal.segment_bytes = segment_sizes[random_.below(3)];
  store_options_.journal.spare_segments = static_cast<int>(random_.below(3));
#ifdef LEDGE_SABOTAGE
  if (options.sabotage != nullptr) {
    app::BoxOptions box;
    options.sabotage(box);
    store_options_.journal.sabotage = box.store.journal.sabotage;
  }
#endif
  // The clocks of a run jump by years; what forgets a producer after a day is another test's matter.
  store_options_.producer_id_expiration_ms = 1'000'000'000'000;
  flips_ = random_.chance(0.25);
  disk_.options().cache_miss_chance = random_.chance(0.5) ? 0.02 : 0.3;
  if (random_.chance(0.3)) world_.options().job_delay = 10ms;  // a slow disk: larger groups
}

StoreRun::~StoreRun() { end_life(false); }

void StoreRun::say(const std::string& what) {
  if (options_.verbose) {
    std::printf("%10lld ms  %s\n", static_cast<long long>(world_.now().ns / 1'000'000), what.c_str());
    std::fflush(stdout);
  }
}

std::string StoreRun::run() {
  const auto lives = random_.between(3, 7);
  for (int i = 0; i < lives && !stopped(); ++i) {
    live();
    if (flips_ && !damaged_ && i >= 1 && !stopped()) flip_a_bit();
  }
  if (!stopped()) finale();
  end_life(false);
  figures_["events"] = world_.events();
  figures_["virtual s"] = static_cast<std::uint64_t>(world_.now().ns / 1'000'000'000);
  figures_["records known"] = oracle_.facts();
  return oracle_.violation();
}

/// Recovery, perhaps with the power going meanwhile. False: it did not come up, for a reason.
bool StoreRun::start() {
  life_ = std::make_unique<Life>();
  life_->node = world_.add_node();
  life_->folder = disk_.open();
  ++figures_["starts"];
  auto opened = store::Store::open(life_->node->env(), *life_->folder, store_options_, &life_->report);
  if (!opened) {
    ++figures_["failed starts"];
    say("no start: " + opened.error().text());
    const bool excused = disk_.stopped() || opened.error().detail.find("injected") != std::string::npos;
    oracle_.require(excused, "the box does not start: " + opened.error().text());
    return false;
  }
  life_->store = *std::move(opened);
  say("started, boot epoch " + std::to_string(life_->store->identity().boot_epoch) + ", torn tail of " +
      std::to_string(life_->report.torn_tail_bytes) + " bytes, " +
      std::to_string(life_->report.damage.size()) + " damages");
  oracle_.require(damaged_ || life_->report.damage.empty(),
                  "damage is reported that nobody did: " +
                      (life_->report.damage.empty()
                           ? ""
                           : life_->report.damage[0].file + ": " + life_->report.damage[0].what));
  reported_.insert(reported_.end(), life_->report.damage.begin(), life_->report.damage.end());
  check_identity();
  return true;
}

void StoreRun::end_life(bool power_cut) {
  if (life_ && life_->store) {
    figures_["segments recycled"] += life_->store->journal().stats().segments_recycled;
    figures_["known duplicates"] += life_->store->stats().duplicates;
  }
  if (life_) life_->node->crash();
  if (life_) life_->store.reset();
  life_.reset();
  if (power_cut) {
    disk_.power_cut();
    ++figures_["power cuts"];
    say("power cut");
  } else {
    disk_.heal();
  }
  disk_.options().capacity_bytes = 1ull << 40;
  forget_in_flight();
}

/// One start of the box, a time of work, and an end of some kind.
void StoreRun::live() {
  bool power_goes_in_recovery = random_.chance(0.25);
  if (power_goes_in_recovery) disk_.stop_after(1 + random_.below(80));
  if (!start()) return end_life(disk_.stopped() || random_.chance(0.5));
  if (!power_goes_in_recovery) {
    check_topics();
    check_logs();
    plan_faults();
  }
  const auto work = random_.between(20, 400);
  for (int i = 0; i < work && !stopped() && !disk_.stopped(); ++i) {
    act();
    for (auto steps = random_.below(12); steps > 0 && !disk_.stopped() && world_.step(); --steps) {
    }
    if (life_->store->health().code != ErrorCode::None && random_.chance(0.3)) break;
  }
  if (stopped()) return;
  const auto end = random_.below(10);
  if (disk_.stopped() || end < 6) return end_life(true);
  if (end < 8) {
    ++figures_["kills"];
    say("killed");
    return end_life(false);
  }
  disk_.heal();
  disk_.options().capacity_bytes = 1ull << 40;
  bool drained = false;
  life_->store->drain([&] { drained = true; });
  const bool in_time = world_.run_until([&] { return drained; }, 120s);
  oracle_.require(in_time || life_->store->health().code != ErrorCode::None, "a clean stop does not end");
  ++figures_["clean stops"];
  say("stopped");
  end_life(random_.chance(0.5));
}

void StoreRun::plan_faults() {
  if (random_.chance(0.4)) disk_.stop_after(1 + random_.below(400));
  if (random_.chance(0.25)) return;
  const auto kind = random_.below(12);
  const auto when = 1 + random_.below(60);
  if (kind < 6) figures_["disk faults"] += 1;
  switch (kind) {
    case 0: disk_.fail_at(DiskCall::Sync, when, ErrorCode::DiskFailed); break;
    case 1: disk_.fail_at(DiskCall::Write, when, ErrorCode::DiskFailed); break;
    case 2: disk_.fail_at(DiskCall::Write, when, ErrorCode::DiskFull, true); break;
    case 3: disk_.options().capacity_bytes = disk_.used_bytes() + random_.below(100000); break;
    case 4: disk_.fail_at(DiskCall::SyncNames, 1 + random_.below(4), ErrorCode::DiskFailed); break;
    case 5: disk_.fail_at(DiskCall::Read, when, ErrorCode::DiskFailed); break;
    default: break;
  }
}

/// Damage where the journal must notice it: in bytes that frames behind them say are durable. What stands in
/// the very last frame nobody can tell from a write that the power interrupted.
void StoreRun::flip_a_bit() {
  if (!start()) return end_life(true);
  check_topics();
  check_logs();
  std::map<std::string, Bytes> before;
  const auto names = life_->folder->list();
  if (!names) return end_life(false);
  for (const std::string& name : *names) before[name] = *disk_.content(name);
  create_topic();
  world_.run_for(60s);
  for (int i = 0; i < 30 && !stopped(); ++i) {
    act();
    world_.run_for(2s);
  }
  end_life(false);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    auto file = std::next(before.begin(), static_cast<std::ptrdiff_t>(random_.below(before.size())));
    if (random_.chance(0.5)) file = std::prev(before.end());
    const Bytes* now = disk_.content(file->first);
    if (now == nullptr || now->size() != file->second.size() || now->size() < 32768) continue;
    // Often where a segment begins: with its header and a snapshot.
    const std::uint64_t at = random_.chance(0.5) ? random_.below(16384) : random_.below(now->size());
    const std::uint64_t sector = at / kSectorBytes * kSectorBytes;
    const ByteView was = ByteView{file->second}.subspan(sector, kSectorBytes);
    if ((*now)[at] == 0 || !std::ranges::equal(was, ByteView{*now}.subspan(sector, kSectorBytes))) continue;
    disk_.flip_bit(file->first, at * 8 + random_.below(8));
    damaged_ = true;
    ++figures_["bits flipped"];
    say("a bit flips in " + file->first + " at " + std::to_string(at));
    return;
  }
}

/// The faults are over: everything must be there, and work.
void StoreRun::finale() {
  disk_.power_cut();
  for (int again = 0; again < 2 && !stopped(); ++again) {
    if (!start()) return oracle_.violate("the box does not start although nothing is wrong any more");
    check_topics();
    check_logs();
    for (std::size_t i = 0; i < 20; ++i) {
      act();
      world_.run_for(5s);
    }
    oracle_.require(life_->store->health().code == ErrorCode::None,
                    "poisoned without a fault: " + life_->store->health().text());
    // Every producer gets through with what it still has.
    for (int i = 0; i < 200 && !stopped(); ++i) {
      for (std::size_t who = 0; who < producers_.size(); ++who)
        if (!producers_[who].window.empty()) produce(who);
      world_.run_for(5s);
    }
    for (const Producer& producer : producers_)
      oracle_.require(producer.retired || producer.window.empty(), "a producer does not get through");
    check_topics();
    check_logs();
    bool drained = false;
    life_->store->drain([&] { drained = true; });
    oracle_.require(world_.run_until([&] { return drained; }, 120s), "the last clean stop does not end");
    end_life(true);
  }
}

}  // namespace ledge::sim
