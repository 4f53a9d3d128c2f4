// SPDX-License-Identifier: Apache-2.0
// ledge_sim: the real store and journal on simulated disks that forget, tear, fail and flip bits. One seed is
// one run, repeatable bit for bit.
//
//   ledge_sim [--seeds N] [--from SEED] [--seed SEED] [--verbose] [--sabotage NAME]
//
// --sabotage switches a deliberate bug on: the run must then find a violation.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "box_run.h"

namespace {

constexpr auto& kSabotages = ledge::journal::kSabotageNames;
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
  std::uint64_t from = 1, seeds = 20;
  bool per_run = false;
  ledge::sim::RunOptions run;
};

bool parse(int argc, char** argv, Arguments* out) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (name == "--verbose") {
      out->run.verbose = true;
      continue;
    }
    if (name == "--per-run") {
      out->per_run = true;
      continue;
    }
    if (value == nullptr) return false;
    ++i;
    if (name == "--seeds") {
      out->seeds = std::strtoull(value, nullptr, 10);
    } else if (name == "--from") {
      out->from = std::strtoull(value, nullptr, 10);
    } else if (name == "--seed") {
      out->from = std::strtoull(value, nullptr, 10);
      out->seeds = 1;
    } else if (name == "--sabotage") {
      for (std::size_t k = 0; k < std::size(kSabotages); ++k)
        if (kSabotages[k] == value) out->run.sabotage = static_cast<int>(k);
      if (out->run.sabotage == 0) return false;
    } else {
      return false;
    }
  }
  return true;
}

void print(const char* head, const ledge::sim::RunFigures& f) {
  const auto n = [](std::uint64_t v) { return static_cast<unsigned long long>(v); };
  std::printf(
      "%s: %llu events, %lld virtual s, %llu starts (%llu failed), %llu power cuts, %llu kills, %llu clean "
      "stops, "
      "%llu disk faults, %llu bits flipped; %llu batches acknowledged, %llu sent again, %llu known "
      "duplicates, "
      "%llu reads, %llu records known; %llu topics created, %llu deleted, %llu segments recycled\n",
      head, n(f.events), static_cast<long long>(f.virtual_ms / 1000), n(f.lives), n(f.failed_starts),
      n(f.power_cuts), n(f.kills), n(f.clean_stops), n(f.disk_faults), n(f.flips), n(f.batches_acked),
      n(f.batches_resent), n(f.duplicates), n(f.reads), n(f.facts), n(f.topics_created), n(f.topics_deleted),
      n(f.segments_recycled));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, &arguments)) {
    std::fprintf(stderr,
                 "usage: ledge_sim [--seeds N] [--from SEED] [--seed SEED] [--verbose] [--per-run] "
                 "[--sabotage NAME]\n");
    return 2;
  }
  signal(SIGABRT, on_abort);
  signal(SIGSEGV, [](int number) {
    on_abort(number);
    _exit(139);
  });
  ledge::sim::RunFigures sum;
  const double begin = seconds();
  for (std::uint64_t i = 0; i < arguments.seeds; ++i) {
    current_seed = arguments.from + i;
    ledge::sim::BoxRun run(current_seed, arguments.run);
    const std::string violation = run.run();
    sum.add(run.figures());
    if (arguments.per_run || arguments.run.verbose) {
      char head[64];
      std::snprintf(head, sizeof head, "seed %llu, trace %016llx",
                    static_cast<unsigned long long>(current_seed),
                    static_cast<unsigned long long>(run.trace_hash()));
      print(head, run.figures());
    }
    if (!violation.empty()) {
      const std::string_view bug = kSabotages[arguments.run.sabotage];
      std::printf(
          "VIOLATION in seed %llu after %llu seeds, %.1f s: %s\n  repeat with: ledge_sim --seed %llu "
          "--verbose%s%.*s\n",
          static_cast<unsigned long long>(current_seed), static_cast<unsigned long long>(i + 1),
          seconds() - begin, violation.c_str(), static_cast<unsigned long long>(current_seed),
          arguments.run.sabotage ? " --sabotage " : "",
          arguments.run.sabotage ? static_cast<int>(bug.size()) : 0, bug.data());
      return 1;
    }
  }
  const double took = seconds() - begin;
  print("all", sum);
  std::printf("%llu seeds, no violation, %.1f s, %.1f seeds/s\n",
              static_cast<unsigned long long>(arguments.seeds), took,
              static_cast<double>(arguments.seeds) / took);
  return 0;
}
