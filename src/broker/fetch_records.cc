// SPDX-License-Identifier: Apache-2.0
#include "broker/fetch_records.h"

#include <algorithm>

namespace ledge::broker {
namespace {

// Where sendfile begins to pay: below, its system calls cost more than the copy that they save.
constexpr std::uint64_t kAnswerBytesForRanges = 32768;

/// Drops batches from the end until what is left fits; the first one stays if it is all that there is.
std::uint64_t cut(std::vector<journal::Slice>& slices, std::uint64_t bytes_max, bool first_whole) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const std::uint64_t with = bytes + slices[i].bytes.length;
    if (with > bytes_max && !(first_whole && i == 0)) {
      slices.resize(i);
      break;
    }
    bytes = with;
  }
  return bytes;
}

/// Pages that are not there would stall the whole loop inside sendfile: they are read first, by the worker.
void as_ranges(journal::Journal& journal, std::vector<journal::Slice> slices, RecordsFetched done) {
  std::vector<journal::Slice> held = slices;
  journal.warm(held, [slices = std::move(slices), done = std::move(done)]() mutable {
    FetchedRecords out;
    for (journal::Slice& slice : slices) out.chain.add(std::move(slice.bytes));
    done(std::move(out));
  });
}

}  // namespace

bool large_batches(const std::vector<journal::Slice>& slices) {
  constexpr std::uint64_t kBatchBytesForRanges = 4096;
  std::uint64_t bytes = 0;
  for (const journal::Slice& slice : slices) bytes += slice.bytes.length;
  return !slices.empty() && bytes / slices.size() >= kBatchBytesForRanges;
}

void fetch_records(Services& services, std::vector<journal::Slice> slices, std::uint64_t answer_bytes,
                   std::uint64_t copied, RecordsFetched done) {
  journal::Journal& journal = services.store.journal();
  if (answer_bytes >= kAnswerBytesForRanges && large_batches(slices)) {
    return as_ranges(journal, std::move(slices), std::move(done));
  }
  constexpr std::uint64_t kCopiedMax = limits::fetch_copied_bytes_max;
  const std::uint64_t bytes = cut(slices, kCopiedMax - std::min(copied, kCopiedMax), copied == 0);
  if (slices.empty()) return done(FetchedRecords{});
  auto charge = services.copies->take(bytes);
  if (!charge) {
    // Copies wait for peers that do not take them. Ranges cost no memory, only calls: a few, so that reading
    // goes on.
    constexpr std::size_t kRangesWithoutMemory = 64;
    slices.resize(std::min(slices.size(), kRangesWithoutMemory));
    return as_ranges(journal, std::move(slices), std::move(done));
  }
  journal.load(std::move(slices),
               [charge = *std::move(charge), done = std::move(done)](Result<SharedBytes> got) mutable {
                 if (!got) return done(std::unexpected(std::move(got).error()));
                 FetchedRecords out;
                 out.copied = got->size();
                 out.chain.add(charged(*std::move(got), std::move(charge)));
                 done(std::move(out));
               });
}

}  // namespace ledge::broker
