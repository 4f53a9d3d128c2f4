// SPDX-License-Identifier: Apache-2.0
// The part of the writer that runs on the journal worker: checksums, one gathered write, one fdatasync.
#include <utility>

#include "base/crc32c.h"
#include "journal/writer.h"

namespace ledge::journal {

namespace {

constexpr std::uint64_t kZeroAheadBelow = 12288;  // a job of less writes zeros ahead of itself

ByteView body_of(const FramePlan& frame, const FramePlan::EntryAt& entry) {
  if (entry.piece == FramePlan::kInMeta)
    return frame.meta.view().subspan(entry.meta_at + kEntryHeaderBytes, entry.body_bytes);
  return frame.pieces[entry.piece].body.view();
}

void finish_frame(FramePlan& frame, WriteState& state, std::uint64_t mark, std::uint32_t run) {
  std::uint64_t salt = state.file->salt;
  std::uint32_t crc = 0;
  for (const auto& entry : frame.entries) {
    StoredEntry::seal(frame.meta.at(entry.meta_at), salt, frame.position + entry.in_frame,
                      entry.body_crc ? *entry.body_crc : crc32c(body_of(frame, entry)));
    crc = crc32c({frame.meta.at(entry.meta_at), kEntryHeaderBytes}, crc);
  }
  FrameHeader header;
  header.salt = salt;
  header.position = frame.position;
  header.length = static_cast<std::uint32_t>(frame.length);
  header.entries = static_cast<std::uint32_t>(frame.entries.size());
  header.durable_mark = mark;
  header.run = run;
  header.previous = state.chain;
  header.entries_crc = crc;
  header.encode(frame.meta.at(0));
  state.chain = header.header_crc;
}

void add_pieces(const FramePlan& frame, std::vector<ByteView>* out) {
  for (const auto& piece : frame.pieces)
    out->push_back(piece.body.empty() ? frame.meta.view().subspan(piece.meta_from, piece.meta_bytes)
                                      : piece.body.view());
  if (frame.meta.size() > frame.meta_taken) out->push_back(frame.meta.view().subspan(frame.meta_taken));
}

// The last `n` bytes of the pieces.
Bytes last_bytes(const std::vector<ByteView>& pieces, std::size_t n) {
  Bytes out(n);
  for (auto piece = pieces.rbegin(); n > 0 && piece != pieces.rend(); ++piece) {
    std::size_t take = std::min(n, piece->size());
    std::memcpy(out.data() + n - take, piece->data() + piece->size() - take, take);
    n -= take;
  }
  CHECK(n == 0);
  return out;
}

}  // namespace

Result<void> Writer::run_job(Job& job) {
  const Instant begun = os::monotonic_clock();  // for the figures alone: nothing is decided by it
  WriteState& state = *job.state;
  std::uint64_t base = state.file->base;
  if (!job.frames.empty()) {
    std::uint64_t start = job.frames.front().position - base;
    std::uint64_t from = align_down(start, kPageBytes);
    Bytes tail = std::exchange(state.tail, {});
    // One job at a time: everything up to the end of the one before is durable. A gap behind it is not, for
    // after a cut the next frame may stand there.
    std::uint64_t mark = base + start;
    if (start == from && !tail.empty()) {
      mark -= kPageBytes - tail.size();
      tail.clear();
    }
    CHECK(start - from == tail.size());
    std::vector<ByteView> pieces;
    pieces.push_back(tail);
    std::uint64_t end = start;
    for (FramePlan& frame : job.frames) {
      CHECK(frame.position - base == end);
      finish_frame(frame, state, mark, job.run);
      add_pieces(frame, &pieces);
      end += frame.length;
    }
    Bytes next_tail = last_bytes(pieces, end % kPageBytes);
    std::uint64_t padded = align_up(end, kPageBytes);
    add_zeros(&pieces, padded - end);
    if (padded > state.written_end && padded - from < kZeroAheadBelow)
      padded += add_zeros_ahead(&pieces, padded, state.size);
    state.written_end = std::max(state.written_end, padded);
    state.tail = std::move(next_tail);
    TRY_VOID(state.file->write_at(from, pieces));
    job.bytes_written += padded - from;
  }
  if (!job.footer.empty()) {
    ByteView piece{job.footer};
    TRY_VOID(state.file->write_at(state.size - kPageBytes, {&piece, 1}));
    job.bytes_written += kPageBytes;
  }
  Result<void> synced = job.sync ? state.file->sync() : Result<void>{};
  job.took = os::monotonic_clock() - begun;
  return synced;
}

}  // namespace ledge::journal
