// SPDX-License-Identifier: Apache-2.0
#include "journal/core.h"

#include <algorithm>
#include <array>

#include "base/log.h"

namespace ledge::journal {

namespace {
// Larger bodies are written from where they are; smaller ones cost less to copy than to gather.
constexpr std::size_t kCopiedBodyBytesMax = 8192;

constexpr std::uint64_t kZeroAheadBytes = 262144;
constexpr std::array<std::uint8_t, 65536> kZeros{};
}  // namespace

void add_zeros(std::vector<ByteView>* pieces, std::uint64_t n) {
  for (; n > 0; n -= pieces->back().size())
    pieces->push_back(ByteView{kZeros}.first(std::min<std::uint64_t>(kZeros.size(), n)));
}

std::uint64_t add_zeros_ahead(std::vector<ByteView>* pieces, std::uint64_t at, std::uint64_t segment_bytes) {
  const std::uint64_t end = std::max(at, std::min(at + kZeroAheadBytes, segment_bytes - kPageBytes));
  add_zeros(pieces, end - at);
  return end - at;
}

std::uint32_t FramePlan::add(Entry entry, std::uint32_t run) {
  EntryAt at{.meta_at = meta.size(),
             .in_frame = static_cast<std::uint32_t>(length),
             .body_bytes = static_cast<std::uint32_t>(entry.body.size()),
             .body_crc = entry.body_crc};
  StoredEntry stored{.header = entry.header, .body_bytes = at.body_bytes, .run = run};
  meta.zeros(kEntryHeaderBytes);
  stored.encode(meta.at(at.meta_at));
  if (entry.body.size() <= kCopiedBodyBytesMax) {
    meta.bytes(entry.body.view());
  } else {
    pieces.push_back({meta_taken, meta.size() - meta_taken, {}});
    meta_taken = meta.size();
    at.piece = pieces.size();
    pieces.push_back({0, 0, std::move(entry.body)});
  }
  meta.zeros(align_up(at.body_bytes, kAlignment) - at.body_bytes);
  length += stored.stored_bytes();
  entries.push_back(at);
  return at.in_frame + kEntryHeaderBytes;
}

Result<std::shared_ptr<SegmentFile>> Core::file_of(Segment& segment) {
  if (!segment.file) {
    TRY(auto file, directory.open(segment_name(segment.sequence)));
    segment.file = std::make_shared<SegmentFile>(std::move(file), segment.base, segment.salt);
  }
  return segment.file;
}

Segment OpenSegment::as_sealed() {
  Segment out;
  out.sequence = sequence;
  out.base = base;
  out.size = size;
  out.salt = state->file->salt;
  out.data_end = data_end;
  out.directory_position = directory_position;
  out.directory_bytes = directory_bytes;
  out.flags = flags;
  out.trusted = true;
  out.file = state->file;
  if (directory_position == 0 || (flags & Segment::kQuarantined))
    out.rebuilt = std::make_shared<RowsOfStreams>(std::move(rows));
  return out;
}

bool Core::live(StreamId stream, std::int64_t last_offset) const {
  if (sabotage(kRecycleTooEarly)) return false;
  auto key = static_cast<std::uint64_t>(stream);
  if (dropping.contains(key)) return true;
  if (stream < kFirstPartitionStream) return false;
  auto it = streams.find(key);
  return it != streams.end() && last_offset >= it->second.durable_log_start;
}

void Core::note_damage(Segment& segment, const Damage& damage) {
  if (!(segment.flags & Segment::kQuarantined)) ++stats.segments_quarantined;
  segment.flags |= Segment::kQuarantined;
  LOG_ERROR("journal damaged, records lost", {{"file", damage.file},
                                              {"position", damage.position},
                                              {"stream", static_cast<std::uint64_t>(damage.stream)},
                                              {"first_offset", damage.first_offset},
                                              {"last_offset", damage.last_offset},
                                              {"what", damage.what}});
}

Applied apply_entry(std::unordered_map<std::uint64_t, Stream>& streams, OpenSegment* segment,
                    const EntryHeader& h, std::uint64_t body_position, std::uint32_t body_bytes) {
  Applied out;
  auto id = static_cast<std::uint64_t>(h.stream);
  auto add_row = [&](std::uint8_t flags) {
    if (!segment || body_position == 0) return;
    StreamRows& rows = segment->rows[id];
    auto before = rows.bytes();
    IndexRow row{h.first_offset, h.last_offset, h.max_timestamp, body_position, body_bytes, flags};
    if (flags & IndexRow::kRelocated) {
      rows.replace(row);
      segment->flags |= Segment::kRelocated;
    } else {
      rows.add(row);
    }
    segment->rows_bytes += rows.bytes() - before;
    ++segment->rows_count;
  };
  switch (h.kind) {
    case EntryKind::Append: {
      Stream& s = streams[id];
      if (h.first_offset < s.next_offset) {
        out.out_of_order = true;
        return out;
      }
      std::uint8_t flags = 0;
      if (h.first_offset > s.next_offset) {
        out.lost_from = s.next_offset;
        out.lost_to = h.first_offset - 1;
        flags = IndexRow::kAfterLoss;
      }
      s.next_offset = h.last_offset + 1;
      s.max_timestamp = std::max(s.max_timestamp, h.max_timestamp);
      add_row(flags);
      return out;
    }
    case EntryKind::Relocated:
      if (streams.contains(id)) add_row(IndexRow::kRelocated);
      return out;
    case EntryKind::LogStart: {
      Stream& s = streams[id];
      s.log_start = std::max(s.log_start, h.first_offset);
      s.next_offset = std::max(s.next_offset, h.first_offset);
      return out;
    }
    case EntryKind::Truncate: {
      auto it = streams.find(id);
      if (it == streams.end()) return out;
      it->second.next_offset = std::min(it->second.next_offset, h.first_offset);
      it->second.durable_offset = std::min(it->second.durable_offset, h.first_offset);
      if (segment) {
        segment->rows[id].truncate(h.first_offset);
        segment->flags |= Segment::kTruncated;
      }
      return out;
    }
    case EntryKind::Drop:
      streams.erase(id);
      if (segment) segment->rows.erase(id);
      return out;
    case EntryKind::SnapshotPiece:
    case EntryKind::IndexPiece: return out;
  }
  return out;  // a kind of a later version that may be read: nothing we know
}

}  // namespace ledge::journal
