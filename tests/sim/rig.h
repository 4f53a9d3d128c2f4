// SPDX-License-Identifier: Apache-2.0
// What every rig of the simulation is: one seed, one run, a verdict, and figures to add up.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "app/box.h"

namespace ledge::sim {

struct RunOptions {
  bool verbose = false;
  /// Switches a deliberate bug on; nullptr for none.
  void (*sabotage)(app::BoxOptions& options) = nullptr;
};

/// Counters by name, printed in the order in which they first came.
class Figures {
 public:
  std::uint64_t& operator[](const char* name) {
    for (auto& [known, count] : counts_)
      if (known == name) return count;
    return counts_.emplace_back(name, 0).second;
  }
  void add(const Figures& other) {
    for (const auto& [name, count] : other.counts_) (*this)[name.c_str()] += count;
  }
  std::string text() const {
    std::string out;
    for (const auto& [name, count] : counts_)
      out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + name;
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::uint64_t>> counts_;
};

class Run {
 public:
  virtual ~Run() = default;
  /// Empty, or what was violated.
  virtual std::string run() = 0;
  virtual std::uint64_t trace_hash() const = 0;
  const Figures& figures() const { return figures_; }

 protected:
  Figures figures_;
};

}  // namespace ledge::sim
