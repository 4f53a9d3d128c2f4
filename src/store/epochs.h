// SPDX-License-Identifier: Apache-2.0
// Under which leader epoch which offsets of a partition were written (KIP-101): one entry for each epoch that
// has records, in order.
#pragma once

#include <cstdint>
#include <vector>

#include "store/store.h"

namespace ledge::store {

class Epochs {
 public:
  struct Entry {
    std::int32_t epoch = -1;
    std::int64_t start_offset = -1;
  };

  /// A batch of this epoch was appended at `base_offset`.
  void note(std::int32_t epoch, std::int64_t base_offset);
  /// Kafka's OffsetForLeaderEpoch for a leader of epoch `current` whose log ends at `log_end`. A leader's own
  /// epoch begins where the log ended when it took over, whether it has records by now or not.
  Partition::EpochEnd end_of(std::int32_t epoch, std::int32_t current, std::int64_t log_end) const;
  /// -1: from before the oldest entry.
  std::int32_t epoch_of(std::int64_t offset) const;

  std::int32_t newest() const { return entries_.empty() ? -1 : entries_.back().epoch; }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace ledge::store
