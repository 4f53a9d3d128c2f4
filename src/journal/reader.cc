// SPDX-License-Identifier: Apache-2.0
// The index side of the reader: pieces, their cache, rebuilding, witnesses.
#include "journal/reader.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/limits.h"
#include "base/log.h"
#include "journal/lookup.h"
#include "journal/scan.h"

namespace ledge::journal {

namespace {

constexpr std::uint32_t kPieceBytesMax = 4194304;
constexpr std::size_t kRowsPerLook = 512;

class RowsVisitor final : public ScanVisitor {
 public:
  Result<void> entry(const StoredEntry& e, std::uint64_t body_position, ByteView) override {
    const EntryHeader& h = e.header;
    auto id = static_cast<std::uint64_t>(h.stream);
    IndexRow row{h.first_offset, h.last_offset, h.max_timestamp, body_position, e.body_bytes, 0};
    if (h.kind == EntryKind::Append && row.first_offset > rows[id].last_offset()) {
      if (!rows[id].empty() && row.first_offset > rows[id].last_offset() + 1)
        row.flags = IndexRow::kAfterLoss;
      rows[id].add(row);
    } else if (h.kind == EntryKind::Relocated) {
      row.flags = IndexRow::kRelocated;
      rows[id].replace(row);
    } else if (h.kind == EntryKind::Truncate) {
      rows[id].truncate(h.first_offset);
    } else if (h.kind == EntryKind::Drop) {
      rows.erase(id);
    }
    return {};
  }
  void lost_body(const StoredEntry&, std::uint64_t) override {}
  void lost_bytes(std::uint64_t, std::uint64_t) override {}
  RowsOfStreams rows;
};

}  // namespace

bool entry_is_sound(ByteView stored, const SegmentFile& file, std::uint64_t header_at,
                    std::uint32_t body_bytes) {
  std::uint64_t mended = 0;
  auto entry =
      StoredEntry::decode(stored, file.salt, file.base + header_at, stored.size() + kAlignment, &mended);
  return entry && entry->body_bytes == body_bytes && stored.size() >= kEntryHeaderBytes + body_bytes &&
         crc32c(stored.subspan(kEntryHeaderBytes, body_bytes)) == entry->body_crc;
}

Slice Reader::slice_of(std::shared_ptr<SegmentFile> file, const IndexRow& row) const {
  Slice out;
  out.bytes.position = row.position - file->base;
  out.bytes.length = row.length;
  out.bytes.file = std::move(file);
  out.first_offset = row.first_offset;
  out.last_offset = row.last_offset;
  out.max_timestamp = row.max_timestamp;
  return out;
}

// --- cache of index pieces

void Reader::keep(Cached cached) {
  if (this->cached(cached.sequence, cached.number)) return;
  cache_bytes_ += cached.bytes.size();
  cache_.push_front(std::move(cached));
  while (cache_bytes_ > static_cast<std::uint64_t>(limits::journal_index_cache_bytes) && cache_.size() > 1) {
    cache_bytes_ -= cache_.back().bytes.size();
    cache_.pop_back();
  }
}

const SharedBytes* Reader::cached(std::uint64_t sequence, std::uint32_t number) {
  for (auto it = cache_.begin(); it != cache_.end(); ++it) {
    if (it->sequence != sequence || it->number != number) continue;
    cache_.splice(cache_.begin(), cache_, it);
    return &cache_.front().bytes;
  }
  return nullptr;
}

void Reader::forget(std::uint64_t sequence) {
  std::erase_if(cache_, [&](const Cached& c) {
    if (c.sequence == sequence) cache_bytes_ -= c.bytes.size();
    return c.sequence == sequence;
  });
}

// --- looking into an index

Reader::Piece Reader::piece(Segment& segment, std::uint32_t number, std::uint64_t position,
                            std::uint32_t length, const std::shared_ptr<Lookup>& who, SharedBytes* out) {
  const SharedBytes* have = cached(segment.sequence, number);
  if (!have) have = who->pinned(segment.sequence, number);
  if (have) {
    *out = *have;
    return out->empty() ? Piece::Damaged : Piece::Ready;  // empty: it was read and is damaged
  }
  std::uint64_t body_at = position - segment.base;
  auto file = core_.file_of(segment);
  if (!file || position < segment.base + kFirstFrameAt + kEntryHeaderBytes || body_at > segment.size ||
      length > segment.size - body_at || length > kPieceBytesMax || length == 0)
    return Piece::Damaged;
  std::uint64_t at = body_at - kEntryHeaderBytes;
  auto buffer = std::make_shared<Bytes>(kEntryHeaderBytes + length);
  auto take = [file = *file, buffer, at, length] {
    if (!entry_is_sound(*buffer, *file, at, length)) return SharedBytes{};
    return SharedBytes{buffer, {buffer->data() + kEntryHeaderBytes, length}};
  };
  auto got = (*file)->read_cached(at, *buffer);
  if (got && *got == buffer->size()) {
    *out = take();
    keep({segment.sequence, number, *out});
    return out->empty() ? Piece::Damaged : Piece::Ready;
  }
  core_.env.read_worker.submit(
      [file = *file, buffer, at] {
        auto read = file->read_at(at, *buffer);
        if (!read || *read != buffer->size()) std::ranges::fill(*buffer, std::uint8_t{0});
      },
      [this, alive = std::weak_ptr<bool>(core_.alive), who, take, sequence = segment.sequence, number] {
        if (alive.expired()) return;
        Cached fresh{sequence, number, take()};
        if (core_.sealed.contains(sequence)) keep(fresh);
        who->arrived(std::move(fresh));
      });
  return Piece::Waiting;
}

void Reader::look_at_rows(const RowsOfStreams& rows, StreamId stream, std::int64_t offset, Look* out) const {
  auto found = rows.find(static_cast<std::uint64_t>(stream));
  if (found == rows.end()) return;
  out->truncated_to = found->second.truncated_to();
  if (found->second.empty()) return;
  out->present = true;
  out->next_offset = found->second.last_offset() + 1;
  out->max_timestamp = found->second.max_timestamp();
  found->second.from(offset, [&](const IndexRow& row) {
    out->more = out->rows.size() == kRowsPerLook;
    if (!out->more) out->rows.push_back(row);
    return !out->more;
  });
}

Reader::Got Reader::look(std::uint64_t sequence, StreamId stream, std::int64_t offset,
                         const std::shared_ptr<Lookup>& who, Look* out) {
  for (auto it = core_.sealed.find(sequence); it != core_.sealed.end(); --it) {
    Segment& s = it->second;
    if (s.rebuilt) {
      *out = {};
      look_at_rows(*s.rebuilt, stream, offset, out);
      // Rows that were collected from frames say nothing of the streams that have none there: those ended
      // where they had ended before.
      const bool old_rows_only = s.flags & Segment::kReordered;  // maybe: relocated ones
      if ((out->present && !old_rows_only) || it == core_.sealed.begin()) return Got::Ready;
      Look before;
      auto got = look(std::prev(it)->first, stream, std::numeric_limits<std::int64_t>::max(), who, &before);
      out->present = out->present || before.present;
      out->next_offset = std::max(out->next_offset, std::min(before.next_offset, out->truncated_to));
      out->max_timestamp = std::max(out->max_timestamp, before.max_timestamp);
      return got;
    }
    SharedBytes directory_bytes;
    auto got = piece(s, kDirectory, s.directory_position, s.directory_bytes, who, &directory_bytes);
    if (got == Piece::Waiting) return Got::Waiting;
    auto directory = got == Piece::Ready ? decode_directory(directory_bytes.view()) : std::nullopt;
    auto number = directory ? find_piece(*directory, stream, offset) : std::nullopt;
    if (directory && !number) return Got::Ready;
    bool damaged = !directory;
    for (bool next = true; next && !damaged;) {
      next = false;
      SharedBytes body;
      const DirectoryRow& row = (*directory)[*number];
      got = piece(s, static_cast<std::uint32_t>(*number), row.position, row.length, who, &body);
      if (got == Piece::Waiting) return Got::Waiting;
      bool continues = false;
      damaged = got == Piece::Damaged || !read_piece(
                                             body.view(), s.base,
                                             [&](const IndexSection& section) {
                                               if (section.stream != stream) return false;
                                               out->present = true;
                                               out->next_offset = section.next_offset;
                                               out->max_timestamp = section.max_timestamp;
                                               out->truncated_to = section.truncated_to;
                                               continues = section.flags & IndexSection::kContinues;
                                               return true;
                                             },
                                             [&](const IndexSection&, const IndexRow& r) {
                                               if (r.last_offset < offset) return;
                                               out->more = out->more || out->rows.size() == kRowsPerLook;
                                               if (out->rows.size() < kRowsPerLook) out->rows.push_back(r);
                                             });
      if (!damaged && continues) {
        if (out->rows.empty())
          next = ++*number < directory->size();
        else
          out->more = true;
      }
    }
    if (!damaged) return Got::Ready;
    return rebuild(s, who);
  }
  return Got::Ready;
}

// A damaged index is derived data: collect its rows from the frames again. What a disk collects that cannot
// read all of them now says nothing of the others.
Reader::Got Reader::rebuild(Segment& segment, const std::shared_ptr<Lookup>& who) {
  if (who->was_refused(segment.sequence)) return Got::Refused;
  LOG_WARN("index of a segment is damaged, collecting it from the frames",
           {{"file", segment_name(segment.sequence)}});
  auto file = core_.file_of(segment);
  auto visitor = std::make_shared<RowsVisitor>();
  auto complete = std::make_shared<bool>(false);
  SegmentHeader header;
  header.sequence = segment.sequence;
  header.base_position = segment.base;
  header.size = segment.size;
  header.salt = segment.salt;
  header.journal_id = core_.id;
  core_.env.read_worker.submit(
      [visitor, complete, header, file, end = segment.data_end] {
        if (!file) return;
        auto own = read_segment_header(**file, nullptr);
        const auto scanned = scan_segment(**file, own ? *own : header, {.durable_before = end}, *visitor);
        *complete = scanned && !scanned->unreadable;
      },
      [this, alive = std::weak_ptr<bool>(core_.alive), visitor, complete, who, sequence = segment.sequence] {
        if (alive.expired()) return;
        if (!*complete) return who->refused(sequence);
        if (auto it = core_.sealed.find(sequence); it != core_.sealed.end() && !it->second.rebuilt)
          it->second.rebuilt = std::make_shared<RowsOfStreams>(std::move(visitor->rows));
        who->run();
      });
  return Got::Waiting;
}

// --- witnesses

namespace {
class WitnessLookup final : public Lookup {
 public:
  WitnessLookup(Reader& reader, std::function<bool(const std::shared_ptr<Lookup>&)> step,
                std::function<void()> done)
      : Lookup(reader), step_(std::move(step)), finish_(std::move(done)) {}

 private:
  bool step() override {
    if (!step_(shared_from_this())) return false;
    done_ = true;
    finish_();
    return false;
  }
  std::function<bool(const std::shared_ptr<Lookup>&)> step_;
  std::function<void()> finish_;
};
}  // namespace

void Reader::find_witness(std::uint64_t sequence, std::function<void(std::uint64_t)> done) {
  if (!asked_.insert(sequence).second) return;
  auto lookup = std::make_shared<WitnessLookup>(
      *this, [this, sequence](const std::shared_ptr<Lookup>& who) { return witness_step(sequence, who); },
      [this, sequence, done = std::move(done)] {
        asked_.erase(sequence);
        done(sequence);
      });
  lookup->run();
}

// False: waits. True: the witness is set, or stays unknown for now. Streams that are dead stay dead, so the
// first live one will do.
bool Reader::witness_step(std::uint64_t sequence, const std::shared_ptr<Lookup>& who) {
  auto it = core_.sealed.find(sequence);
  if (it == core_.sealed.end()) return true;
  Segment& s = it->second;
  s.witness_state = Segment::Witness::Unknown;
  auto found = [&](StreamId stream, std::int64_t last_offset) {
    s.witness_state = Segment::Witness::Live;
    s.witness = stream;
    s.witness_offset = last_offset;
    return true;
  };
  if (!s.rebuilt) {
    SharedBytes bytes;
    auto got = piece(s, kDirectory, s.directory_position, s.directory_bytes, who, &bytes);
    if (got == Piece::Waiting) return false;
    auto directory = got == Piece::Ready ? decode_directory(bytes.view()) : std::nullopt;
    for (std::size_t i = 0; directory && i < directory->size(); ++i) {
      got = piece(s, static_cast<std::uint32_t>(i), (*directory)[i].position, (*directory)[i].length, who,
                  &bytes);
      if (got == Piece::Waiting) return false;
      bool live = false;
      bool sound =
          got == Piece::Ready && read_piece(
                                     bytes.view(), s.base, [&](const IndexSection&) { return !live; },
                                     [&](const IndexSection& section, const IndexRow& row) {
                                       if (!live && core_.live(section.stream, row.last_offset))
                                         live = found(section.stream, row.last_offset);
                                     });
      if (live) return true;
      if (!sound) directory.reset();
    }
    if (directory) {
      s.witness_state = Segment::Witness::None;
      return true;
    }
    return rebuild(s, who) == Got::Refused;
  }
  for (const auto& [id, rows] : *s.rebuilt)
    if (!rows.empty() && core_.live(StreamId{id}, rows.last_offset()))
      return found(StreamId{id}, rows.last_offset());
  s.witness_state = Segment::Witness::None;
  return true;
}

}  // namespace ledge::journal
