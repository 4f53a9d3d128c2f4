// SPDX-License-Identifier: Apache-2.0
// Leader epochs as clients ask for them. An epoch begins with leadership, not with its first record: the
// current one covers the end of the log also while it has no records yet.
#pragma once

#include "store/store.h"

namespace ledge::broker {

/// KIP-320: whether the epoch that a client believes in is ours. -1: the client does not say.
inline ErrorCode check_leader_epoch(const store::Partition& partition, std::int32_t claimed) {
  if (claimed < 0 || claimed == partition.leader_epoch()) return ErrorCode::None;
  return claimed < partition.leader_epoch() ? ErrorCode::FencedLeaderEpoch : ErrorCode::UnknownLeaderEpoch;
}

/// Where `epoch` ends, with the epoch that was found; (-1, -1): not known.
inline store::Partition::EpochEnd epoch_end(const store::Partition& partition, std::int32_t epoch) {
  if (epoch == partition.leader_epoch()) return {epoch, partition.log_end()};
  if (epoch < 0 || epoch > partition.leader_epoch()) return {};
  return partition.epoch_end(epoch);
}

/// The epoch of the record at `offset`, or of the next one to come.
inline std::int32_t epoch_at(const store::Partition& partition, std::int64_t offset) {
  return offset == partition.log_end() ? partition.leader_epoch() : partition.epoch_of(offset);
}

}  // namespace ledge::broker
