// SPDX-License-Identifier: Apache-2.0
// ledge_sim: the real core on simulated disks, networks and clocks. One seed is one run, repeatable bit for
// bit.
//
//   ledge_sim [--rig store|server|groups] [--seeds N] [--from SEED] [--seed SEED] [--twice] [--verbose]
//             [--per-run] [--sabotage NAME]
//
// --twice runs every seed a second time and compares the traces. --sabotage switches a deliberate bug on: the
// run must then find a violation.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "group_run.h"
#include "server_run.h"
#include "store_run.h"

namespace {

using ledge::app::BoxOptions;
using ledge::sim::Run;
using ledge::sim::RunOptions;

template <class R> std::unique_ptr<Run> make(std::uint64_t seed, RunOptions options) {
  return std::make_unique<R>(seed, options);
}

struct Rig {
  std::string_view name;
  std::unique_ptr<Run> (*make)(std::uint64_t seed, RunOptions options);
};
constexpr Rig kRigs[] = {{"store", make<ledge::sim::StoreRun>},
                         {"server", make<ledge::sim::ServerRun>},
                         {"groups", make<ledge::sim::GroupRun>}};

struct Sabotage {
  std::string_view name;
  std::string_view rig;  // which finds it
  void (*apply)(BoxOptions& options);
};
constexpr Sabotage kSabotages[] = {
#ifdef LEDGE_SABOTAGE
#define JOURNAL_BUG(bug) [](BoxOptions& o) { o.store.journal.sabotage = ledge::journal::Sabotage::bug; }
#define BROKER_BUG(bug) [](BoxOptions& o) { o.broker.sabotage = ledge::broker::Sabotage::bug; }
#define SERVER_BUG(bug) [](BoxOptions& o) { o.server.sabotage = ledge::server::Sabotage::bug; }
#define GROUP_BUG(bug) [](BoxOptions& o) { o.store.groups.group.sabotage = ledge::state::GroupSabotage::bug; }
    {ledge::journal::kSabotageNames[1], "store", JOURNAL_BUG(NoSync)},
    {ledge::journal::kSabotageNames[2], "store", JOURNAL_BUG(AckBeforeSync)},
    {ledge::journal::kSabotageNames[3], "store", JOURNAL_BUG(IgnoreDurableMark)},
    {ledge::journal::kSabotageNames[4], "store", JOURNAL_BUG(TrustSnapshot)},
    {ledge::journal::kSabotageNames[5], "store", JOURNAL_BUG(RecycleTooEarly)},
    {"answers-out-of-order", "server", SERVER_BUG(AnswersOutOfOrder)},
    {"lost-answer", "server", SERVER_BUG(LostAnswer)},
    {"produce-before-durable", "server", BROKER_BUG(ProduceBeforeDurable)},
    {"group-records-before-durable", "groups", GROUP_BUG(RecordsBeforeDurable)},
    {"commit-of-old-generation", "groups", GROUP_BUG(CommitOfOldGeneration)},
    {"join-without-waiting", "groups", GROUP_BUG(JoinWithoutWaiting)},
#endif
    {"", "", nullptr}};
std::uint64_t current_seed = 0;

/// A failed CHECK is a finding too: it must name its seed.
void on_abort(int) {
  char text[96];
  const int n = std::snprintf(text, sizeof text, "\nthe program aborted in seed %llu\n",
                              static_cast<unsigned long long>(current_seed));
  (void)!write(2, text, static_cast<std::size_t>(n));
}

double seconds() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

struct Arguments {
  const Rig* rig = &kRigs[0];
  const Sabotage* sabotage = nullptr;
  std::uint64_t from = 1, seeds = 20;
  bool per_run = false, twice = false, list = false;
  RunOptions run;
};

bool parse_named(std::string_view name, const char* value, Arguments* out) {
  if (name == "--seeds") {
    out->seeds = std::strtoull(value, nullptr, 10);
  } else if (name == "--from") {
    out->from = std::strtoull(value, nullptr, 10);
  } else if (name == "--seed") {
    out->from = std::strtoull(value, nullptr, 10);
    out->seeds = 1;
  } else if (name == "--rig") {
    for (const Rig& rig : kRigs)
      if (rig.name == value) return out->rig = &rig, true;
    return false;
  } else if (name == "--sabotage") {
    for (const Sabotage& bug : kSabotages) {
      if (bug.apply == nullptr || bug.name != value) continue;
      out->sabotage = &bug;
      out->run.sabotage = bug.apply;
      for (const Rig& rig : kRigs)
        if (rig.name == bug.rig) out->rig = &rig;
      return true;
    }
    return false;
  } else {
    return false;
  }
  return true;
}

bool parse(int argc, char** argv, Arguments* out) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--verbose") {
      out->run.verbose = true;
    } else if (name == "--per-run") {
      out->per_run = true;
    } else if (name == "--twice") {
      out->twice = true;
    } else if (name == "--list-sabotages") {
      out->list = true;
    } else if (i + 1 == argc || !parse_named(name, argv[i + 1], out)) {
      return false;
    } else {
      ++i;
    }
  }
  return true;
}

void say_violation(const Arguments& arguments, std::uint64_t seeds, double took, const std::string& what) {
  const auto seed = static_cast<unsigned long long>(current_seed);
  std::string repeat = "ledge_sim --rig " + std::string{arguments.rig->name};
  if (arguments.sabotage != nullptr) repeat += " --sabotage " + std::string{arguments.sabotage->name};
  std::printf(
      "VIOLATION in seed %llu after %llu seeds, %.1f s: %s\n  repeat with: %s --seed %llu --verbose\n", seed,
      static_cast<unsigned long long>(seeds), took, what.c_str(), repeat.c_str(), seed);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, &arguments)) {
    std::fprintf(stderr,
                 "usage: ledge_sim [--rig store|server|groups] [--seeds N] [--from SEED] [--seed SEED] "
                 "[--twice] [--verbose] [--per-run] [--sabotage NAME] [--list-sabotages]\n");
    return 2;
  }
  if (arguments.list) {
    for (const Sabotage& bug : kSabotages)
      if (bug.apply != nullptr) std::puts(std::string{bug.name}.c_str());
    return 0;
  }
  signal(SIGABRT, on_abort);
  signal(SIGSEGV, [](int number) {
    on_abort(number);
    _exit(139);
  });
  ledge::sim::Figures sum;
  const double begin = seconds();
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    current_seed = arguments.from + i;
    auto run = arguments.rig->make(current_seed, arguments.run);
    std::string violation = run->run();
    if (violation.empty() && arguments.twice) {
      auto again = arguments.rig->make(current_seed, arguments.run);
      violation = again->run();
      if (violation.empty() && again->trace_hash() != run->trace_hash())
        violation = "the second run of the seed went another way";
    }
    sum.add(run->figures());
    if (arguments.per_run || arguments.run.verbose)
      std::printf("seed %llu, trace %016llx: %s\n", static_cast<unsigned long long>(current_seed),
                  static_cast<unsigned long long>(run->trace_hash()), run->figures().text().c_str());
    if (!violation.empty()) return say_violation(arguments, i + 1, seconds() - begin, violation), 1;
  }
  const double took = seconds() - begin;
  std::printf("%s, all: %s\n%llu seeds, no violation, %.1f s, %.1f seeds/s\n",
              std::string{arguments.rig->name}.c_str(), sum.text().c_str(),
              static_cast<unsigned long long>(arguments.seeds), took,
              static_cast<double>(arguments.seeds) / took);
  return 0;
}
