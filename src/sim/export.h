// SPDX-License-Identifier: Apache-2.0
// Copies of simulated disks as real folders, for readers that are not part of this program (tests/formats).
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/bytes.h"

namespace ledge::sim {

class Disk;

/// Switched on by the environment: LEDGE_EXPORT_DISKS=FOLDER copies what a disk holds whenever a box opens
/// it, to FOLDER/N, states that were seen before left out; of those, each LEDGE_EXPORT_EVERY-th (1) and at
/// most LEDGE_EXPORT_MAX (50) of one process.
class DiskExport {
 public:
  /// nullptr when it is off.
  static DiskExport* from_environment();
  void take(const Disk& disk);

 private:
  DiskExport(std::string folder, std::uint64_t every, std::uint64_t max)
      : folder_(std::move(folder)), every_(every), max_(max) {}

  const std::string folder_;
  const std::uint64_t every_, max_;
  std::uint64_t taken_ = 0;
  std::set<std::uint32_t> seen_;
};

}  // namespace ledge::sim
