// SPDX-License-Identifier: Apache-2.0
// Reads a journal folder as recovery would, and every segment of it, without writing.
#include <fmt/format.h>

#include <algorithm>

#include "journal/scan.h"
#include "journal/snapshot.h"

namespace ledge::journal {

namespace {

class InspectVisitor final : public ScanVisitor {
 public:
  InspectVisitor(Inspection* out, const EntrySeen& seen, const IndexSeen& index)
      : out_(*out), seen_(seen), index_(index) {}

  void begin(Inspection::Segment* segment) {
    segment_ = segment;
    file_ = segment->file;
    next_in_file_.clear();
    snapshot_ = SnapshotReader{false};
    in_snapshot_ = true;
  }
  Result<void> entry(const StoredEntry& e, std::uint64_t body_position, ByteView body) override {
    if (seen_) seen_(file_, body_position - kEntryHeaderBytes, e.header, body);
    in_snapshot_ = in_snapshot_ && snapshot_.feed(e.header, body);
    if (e.header.kind == EntryKind::IndexPiece && e.header.stream != kDirectoryStream)
      index_piece(e.header, body_position, body);
    track(e, body_position);
    return {};
  }
  void end() {
    if (!snapshot_.begun()) return;
    using Snapshot = Inspection::Segment::Snapshot;
    segment_->snapshot = snapshot_.complete() ? Snapshot::Whole : Snapshot::Partial;
    for (const auto& [tag, row] : snapshot_.manifest())
      segment_->snapshot_parts.push_back({.tag = tag, .crc = row.crc, .bytes = row.bytes});
  }
  void lost_body(const StoredEntry& e, std::uint64_t position) override {
    track(e, position);
    if (e.header.kind == EntryKind::Append || e.header.kind == EntryKind::Relocated)
      damage(e.header.stream, e.header.first_offset, e.header.last_offset, position,
             "the body's checksum is wrong");
    else if (e.header.kind == EntryKind::SnapshotPiece || e.header.kind == EntryKind::IndexPiece)
      damage({}, -1, -1, position, "a piece of a snapshot or index is damaged; no records are lost");
  }
  void lost_bytes(std::uint64_t from, std::uint64_t to) override {
    damage({}, -1, -1, from, fmt::format("{} bytes are unreadable", to - from));
  }
  void damage(StreamId stream, std::int64_t first, std::int64_t last, std::uint64_t position,
              std::string what) {
    out_.damage.push_back({stream, first, last, file_, position, std::move(what)});
  }

 private:
  void index_piece(const EntryHeader& header, std::uint64_t position, ByteView body) {
    ++segment_->index_pieces;
    std::optional<IndexedStream> section;
    auto give = [&] {
      if (section && index_) index_(*section);
    };
    const bool sound = read_piece(
        body, segment_->base_position,
        [&](const IndexSection& s) {
          give();
          section = {.file = file_,
                     .piece = static_cast<std::uint64_t>(header.first_offset),
                     .stream = s.stream,
                     .flags = s.flags,
                     .next_offset = s.next_offset,
                     .max_timestamp = s.max_timestamp,
                     .truncated_to = s.truncated_to == kNotTruncated ? -1 : s.truncated_to,
                     .rows = {}};
          return true;
        },
        [&](const IndexSection&, const IndexRow& r) {
          ++segment_->index_rows;
          if (index_)
            section->rows.push_back(
                {r.first_offset, r.last_offset, r.max_timestamp, r.position, r.length, r.flags});
        });
    give();
    if (!sound) damage({}, -1, -1, position, "an index piece does not decode; no records are lost");
  }
  // Within a segment a stream has no gaps; between segments one may have been recycled.
  void track(const StoredEntry& e, std::uint64_t position) {
    if (e.header.kind != EntryKind::Append) {
      if (e.header.kind == EntryKind::LogStart || e.header.kind == EntryKind::Truncate)
        next_in_file_.erase(static_cast<std::uint64_t>(e.header.stream));
      return;
    }
    auto [it, fresh] = next_in_file_.try_emplace(static_cast<std::uint64_t>(e.header.stream), 0);
    if (!fresh && e.header.first_offset > it->second)
      damage(e.header.stream, it->second, e.header.first_offset - 1, position,
             "entries before this one are missing");
    it->second = e.header.last_offset + 1;
  }

  Inspection& out_;
  const EntrySeen& seen_;
  const IndexSeen& index_;
  Inspection::Segment* segment_ = nullptr;
  SnapshotReader snapshot_{false};
  bool in_snapshot_ = true;
  std::string file_;
  std::map<std::uint64_t, std::int64_t> next_in_file_;
};

struct Opened {
  std::string name;
  NameKind kind;
  std::shared_ptr<os::File> file;
  std::optional<SegmentHeader> header;
  std::string problem;
};

// A segment whose successor has frames is durable to its end.
std::uint64_t known_durable(const Opened& s, const Opened* next) {
  if (!next || !next->header || next->header->sequence != s.header->sequence + 1) return 0;
  Bytes bytes(kFrameHeaderBytes);
  auto got = next->file->read_at(kFirstFrameAt, bytes);
  std::uint64_t mended = 0;
  if (!got || !FrameHeader::decode(bytes, next->header->salt, next->header->base_position + kFirstFrameAt,
                                   next->header->size, &mended))
    return 0;
  Bytes page(kPageBytes);
  got = s.file->read_at(s.header->size - kPageBytes, page);
  auto footer = got ? Footer::decode(page, s.header->salt, &mended) : std::nullopt;
  return footer ? footer->end : 0;
}

}  // namespace

Result<Inspection> inspect(os::Directory& directory, const EntrySeen& seen, const IndexSeen& index) {
  Inspection out;
  TRY(auto names, directory.list());
  std::vector<Opened> files;
  for (const std::string& name : names) {
    auto parsed = parse_name(name);
    if (!parsed || parsed->kind == NameKind::Preparing) continue;
    TRY(auto file, directory.open(name));
    Opened o{name, parsed->kind, std::move(file), std::nullopt, {}};
    auto header = read_segment_header(*o.file, nullptr);
    if (header)
      o.header = *header;
    else
      o.problem = header.error().text();
    if (header && parsed->kind == NameKind::Segment && header->sequence != parsed->sequence)
      o.problem = "the header names another segment";
    files.push_back(std::move(o));
  }
  InspectVisitor visitor{&out, seen, index};
  for (std::size_t i = 0; i < files.size(); ++i) {
    Opened& o = files[i];
    Inspection::Segment s;
    s.file = o.name;
    s.problem = o.problem;
    s.spare = o.kind == NameKind::Spare;
    s.quarantined = o.kind == NameKind::Quarantine;
    visitor.begin(&s);
    if (o.header) {
      s.sequence = o.header->sequence;
      s.base_position = o.header->base_position;
      if (out.id.is_zero()) out.id = o.header->journal_id;
    }
    if (o.kind == NameKind::Segment && !o.problem.empty())
      visitor.damage({}, -1, -1, s.base_position, o.problem);
    if (o.header && o.problem.empty() && !s.spare) {
      const Opened* next =
          i + 1 < files.size() && files[i + 1].kind == NameKind::Segment ? &files[i + 1] : nullptr;
      auto had = out.damage.size();
      auto end = scan_segment(*o.file, *o.header, {.durable_before = known_durable(o, next)}, visitor);
      if (!end) {
        s.problem = end.error().text();
      } else {
        s.used_bytes = end->end - o.header->base_position;
        s.frames = end->frames;
        s.entries = end->entries;
        s.sealed = end->directory_position != 0;
        out.torn_tail_bytes += end->torn_bytes;
        if (out.damage.size() > had) s.problem = out.damage[had].what;
        visitor.end();
      }
    }
    out.segments.push_back(std::move(s));
  }
  return out;
}

}  // namespace ledge::journal
