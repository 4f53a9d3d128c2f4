// SPDX-License-Identifier: Apache-2.0
#include "store/epochs.h"

#include <algorithm>

#include "base/limits.h"

namespace ledge::store {

void Epochs::note(std::int32_t epoch, std::int64_t base_offset) {
  if (epoch <= newest()) return;
  if (std::cmp_greater_equal(entries_.size(), limits::leader_epochs_per_partition_max))
    entries_.erase(entries_.begin());
  if (entries_.empty()) entries_.reserve(1);
  entries_.push_back({epoch, base_offset});
}

Partition::EpochEnd Epochs::end_of(std::int32_t epoch, std::int32_t current, std::int64_t log_end) const {
  if (epoch < 0 || epoch > current) return {};
  if (epoch == current) return {epoch, log_end};
  const auto above = std::ranges::upper_bound(entries_, epoch, {}, &Entry::epoch);
  const std::int64_t end = above != entries_.end() ? above->start_offset : log_end;
  if (above == entries_.begin()) return {epoch, end};
  return {std::prev(above)->epoch, end};
}

std::int32_t Epochs::epoch_of(std::int64_t offset) const {
  const auto above = std::ranges::upper_bound(entries_, offset, {}, &Entry::start_offset);
  return above == entries_.begin() ? -1 : std::prev(above)->epoch;
}

}  // namespace ledge::store
