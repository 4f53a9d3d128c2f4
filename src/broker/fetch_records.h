// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/chain.h"
#include "broker/call.h"

namespace ledge::broker {

struct FetchedRecords {
  Chain chain;
  std::uint64_t copied = 0;  // bytes of it that are in memory
};
using RecordsFetched = std::move_only_function<void(Result<FetchedRecords>)>;

/// Stored batches in the form in which they go out. Large answers of large batches leave as file ranges,
/// straight from the page cache; the rest is copied, since a sendfile costs more than copying a small batch.
/// At most limits::fetch_copied_bytes_max are copied into an answer, or one batch: what is cut off is asked
/// for again, and memory stays bounded whatever a client asks for. `answer_bytes`: of the whole answer;
/// `copied`: into it so far. `done` may be called before this returns.
void fetch_records(Services& services, std::vector<journal::Slice> slices, std::uint64_t answer_bytes,
                   std::uint64_t copied, RecordsFetched done);

/// Whether batches are so large that they leave as file ranges, if the answer is large enough.
bool large_batches(const std::vector<journal::Slice>& slices);

}  // namespace ledge::broker
