// SPDX-License-Identifier: Apache-2.0
#include "journal/index.h"

#include <algorithm>
#include <limits>

namespace ledge::journal {

namespace {
// Disk values may be anything; arithmetic on them wraps instead of overflowing.
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
}  // namespace

void RowCoder::advance(const IndexRow& row) {
  expected_offset = plus(row.last_offset, 1);
  expected_position = row.position + row.length;
  timestamp = row.max_timestamp;
}

void RowCoder::encode(ByteWriter& out, const IndexRow& row) {
  auto span = static_cast<std::uint64_t>(minus(row.last_offset, row.first_offset));
  bool special = row.first_offset != expected_offset || row.position < expected_position || row.flags != 0;
  out.uvarlong(span << 1 | (special ? 1 : 0));
  if (special) {
    out.bytes(ByteView{&row.flags, 1});
    out.varlong(minus(row.first_offset, expected_offset));
    out.varlong(static_cast<std::int64_t>(row.position - expected_position));
  } else {
    out.uvarlong(row.position - expected_position);
  }
  out.uvarint(row.length);
  out.varlong(minus(row.max_timestamp, timestamp));
  advance(row);
}

bool RowCoder::decode(ByteReader& in, IndexRow* row) {
  std::uint64_t head = in.uvarlong();
  row->flags = 0;
  row->first_offset = expected_offset;
  if (head & 1) {
    row->flags = in.le<std::uint8_t>();
    row->first_offset = plus(expected_offset, in.varlong());
    row->position = expected_position + static_cast<std::uint64_t>(in.varlong());
  } else {
    row->position = expected_position + in.uvarlong();
  }
  row->last_offset = plus(row->first_offset, static_cast<std::int64_t>(head >> 1));
  row->length = in.uvarint();
  row->max_timestamp = plus(timestamp, in.varlong());
  advance(*row);
  return in.ok() && row->first_offset >= 0 && row->last_offset >= row->first_offset &&
         row->last_offset < std::numeric_limits<std::int64_t>::max();
}

// --- StreamRows

void StreamRows::add(const IndexRow& row) {
  if (count_ % kRowsPerMark == 0)
    marks_.push_back({coder_, rows_.size(), row.last_offset, row.max_timestamp});
  coder_.encode(rows_, row);
  ++count_;
  last_offset_ = row.last_offset;
  max_timestamp_ = std::max(max_timestamp_, row.max_timestamp);
  marks_.back().last_offset = row.last_offset;
  marks_.back().max_timestamp = std::max(marks_.back().max_timestamp, row.max_timestamp);
}

void StreamRows::rebuild(const std::vector<IndexRow>& rows) {
  const std::int64_t truncated_to = truncated_to_;
  *this = StreamRows{};
  truncated_to_ = truncated_to;
  for (const IndexRow& row : rows) add(row);
}

void StreamRows::replace(const IndexRow& row) {
  std::vector<IndexRow> rows;
  bool placed = false;
  from(0, [&](const IndexRow& old) {
    if (!placed && old.first_offset > row.first_offset) {
      rows.push_back(row);
      placed = true;
    }
    if (old.last_offset < row.first_offset || old.first_offset > row.last_offset) rows.push_back(old);
    return true;
  });
  if (!placed) rows.push_back(row);
  rebuild(rows);
}

void StreamRows::truncate(std::int64_t offset) {
  truncated_to_ = std::min(truncated_to_, offset);
  std::vector<IndexRow> rows;
  from(0, [&](const IndexRow& row) {
    if (row.last_offset >= offset) return false;
    rows.push_back(row);
    return true;
  });
  rebuild(rows);
}

void StreamRows::from(std::int64_t offset, const std::function<bool(const IndexRow&)>& see) const {
  from_with_timestamp(offset, std::numeric_limits<std::int64_t>::min(), see);
}

void StreamRows::from_with_timestamp(std::int64_t offset, std::int64_t timestamp,
                                     const std::function<bool(const IndexRow&)>& see) const {
  auto mark = std::ranges::partition_point(marks_, [&](const Mark& m) { return m.last_offset < offset; });
  for (; mark != marks_.end(); ++mark) {
    if (mark->max_timestamp < timestamp) continue;
    std::size_t end = std::next(mark) == marks_.end() ? rows_.size() : std::next(mark)->byte;
    ByteReader in{rows_.view().subspan(mark->byte, end - mark->byte)};
    RowCoder coder = mark->before;
    IndexRow row;
    while (in.remaining() > 0) {
      CHECK(coder.decode(in, &row));
      if (row.last_offset >= offset && !see(row)) return;
    }
  }
}

// --- pieces

namespace {

class PieceWriter {
 public:
  PieceWriter(BuiltIndex* out, std::uint64_t base) : out_(out), base_(base) {}

  void stream(const StreamEnd& end, const StreamRows* rows) {
    if (piece_.size() > kIndexPieceBytes) close();
    std::size_t left = rows ? rows->count() : 0;
    truncated_to_ = rows ? rows->truncated_to() : kNotTruncated;
    if (left == 0) {
      section(end, 0, {}, 0);
      return;
    }
    ByteWriter chunk;
    RowCoder coder;
    std::uint32_t in_chunk = 0;
    std::uint8_t flags = 0;
    std::int64_t chunk_first = 0;
    rows->from(0, [&](const IndexRow& row) {
      if (in_chunk == 0) {
        coder = RowCoder{.expected_offset = 0, .expected_position = base_, .timestamp = 0};
        chunk_first = row.first_offset;
      }
      coder.encode(chunk, row);
      ++in_chunk;
      --left;
      if (row.flags & IndexRow::kRelocated) flags |= IndexSection::kRelocated;
      if (left == 0 || piece_.size() + chunk.size() > kIndexPieceBytes) {
        section(end, static_cast<std::uint8_t>(flags | (left ? IndexSection::kContinues : 0)), chunk.view(),
                in_chunk, flags & IndexSection::kContinued ? chunk_first : 0);
        chunk = ByteWriter{};
        in_chunk = 0;
        flags = IndexSection::kContinued;
        if (left) close();
      }
      return true;
    });
  }

  void close() {
    if (piece_.size() == 0) return;
    directory_row_.length = static_cast<std::uint32_t>(piece_.size());
    out_->directory.push_back(directory_row_);
    out_->pieces.push_back(piece_.take());
    piece_ = ByteWriter{};
    previous_ = 0;
  }

 private:
  void section(const StreamEnd& end, std::uint8_t flags, ByteView rows, std::uint32_t count,
               std::int64_t first_offset = 0) {
    auto id = static_cast<std::uint64_t>(end.stream);
    if (piece_.size() == 0) directory_row_ = {end.stream, first_offset, 0, 0};
    if (truncated_to_ != kNotTruncated) flags |= IndexSection::kTruncated;
    piece_.uvarlong(id - previous_);
    piece_.bytes(ByteView{&flags, 1});
    piece_.uvarlong(static_cast<std::uint64_t>(end.next_offset));
    piece_.varlong(end.max_timestamp);
    if (truncated_to_ != kNotTruncated) piece_.uvarlong(static_cast<std::uint64_t>(truncated_to_));
    piece_.uvarint(count);
    piece_.uvarint(static_cast<std::uint32_t>(rows.size()));
    piece_.bytes(rows);
    previous_ = id;
  }

  BuiltIndex* out_;
  std::uint64_t base_;
  ByteWriter piece_;
  DirectoryRow directory_row_;
  std::uint64_t previous_ = 0;
  std::int64_t truncated_to_ = kNotTruncated;  // of the stream that is being written
};

}  // namespace

BuiltIndex build_index(const std::vector<StreamEnd>& ends,
                       const std::unordered_map<std::uint64_t, StreamRows>& rows,
                       std::uint64_t base_position) {
  BuiltIndex out;
  PieceWriter writer{&out, base_position};
  for (const StreamEnd& end : ends) {
    auto found = rows.find(static_cast<std::uint64_t>(end.stream));
    writer.stream(end, found == rows.end() ? nullptr : &found->second);
  }
  writer.close();
  return out;
}

bool read_piece(ByteView body, std::uint64_t base_position,
                const std::function<bool(const IndexSection&)>& section,
                const std::function<void(const IndexSection&, const IndexRow&)>& row) {
  ByteReader in{body};
  std::uint64_t previous = 0;
  while (in.remaining() > 0) {
    IndexSection s;
    previous += in.uvarlong();
    s.stream = StreamId{previous};
    s.flags = in.le<std::uint8_t>();
    s.next_offset = static_cast<std::int64_t>(in.uvarlong());
    s.max_timestamp = in.varlong();
    if (s.flags & IndexSection::kTruncated) s.truncated_to = static_cast<std::int64_t>(in.uvarlong());
    s.rows = in.uvarint();
    ByteReader rows{in.take(in.uvarint())};
    if (!in.ok()) return false;
    if (!section(s)) continue;
    RowCoder coder{.expected_offset = 0, .expected_position = base_position, .timestamp = 0};
    for (std::uint32_t i = 0; i < s.rows; ++i) {
      IndexRow r;
      if (!coder.decode(rows, &r)) return false;
      row(s, r);
    }
  }
  return in.ok();
}

// --- directory

Bytes encode_directory(const std::vector<DirectoryRow>& rows) {
  ByteWriter out;
  out.le(static_cast<std::uint32_t>(rows.size()));
  out.le(std::uint32_t{0});
  for (const DirectoryRow& row : rows) {
    out.le(static_cast<std::uint64_t>(row.stream));
    out.le(row.first_offset);
    out.le(row.position);
    out.le(row.length);
  }
  return out.take();
}

std::optional<std::vector<DirectoryRow>> decode_directory(ByteView body) {
  ByteReader in{body};
  auto count = in.le<std::uint32_t>();
  in.le<std::uint32_t>();
  if (count > in.remaining() / kDirectoryRowBytes) return std::nullopt;
  std::vector<DirectoryRow> rows(count);
  for (DirectoryRow& row : rows) {
    row.stream = StreamId{in.le<std::uint64_t>()};
    row.first_offset = in.le<std::int64_t>();
    row.position = in.le<std::uint64_t>();
    row.length = in.le<std::uint32_t>();
  }
  if (!in.ok()) return std::nullopt;
  return rows;
}

std::optional<std::size_t> find_piece(const std::vector<DirectoryRow>& directory, StreamId stream,
                                      std::int64_t offset) {
  auto after = std::ranges::partition_point(directory, [&](const DirectoryRow& row) {
    return row.stream < stream || (row.stream == stream && row.first_offset <= offset);
  });
  if (after == directory.begin()) return std::nullopt;
  return static_cast<std::size_t>(std::distance(directory.begin(), after) - 1);
}

}  // namespace ledge::journal
