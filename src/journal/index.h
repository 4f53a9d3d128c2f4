// SPDX-License-Identifier: Apache-2.0
// Where a stream's batches lie in one segment: delta-coded rows, in memory for the segments being written, in
// checksummed pieces at the end of a sealed one. Pure.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "journal/journal.h"

namespace ledge::journal {

/// One batch.
struct IndexRow {
  static constexpr std::uint8_t kAfterLoss = 1;  // offsets before it are missing because they were lost
  static constexpr std::uint8_t kRelocated = 2;
  std::int64_t first_offset = 0;
  std::int64_t last_offset = 0;
  std::int64_t max_timestamp = -1;
  std::uint64_t position = 0;  // of the body
  std::uint32_t length = 0;
  std::uint8_t flags = 0;
};

/// Each row against the one before it.
struct RowCoder {
  std::int64_t expected_offset = 0;
  std::uint64_t expected_position = 0;
  std::int64_t timestamp = 0;
  void encode(ByteWriter& out, const IndexRow& row);
  /// False at damaged bytes.
  bool decode(ByteReader& in, IndexRow* row);

 private:
  void advance(const IndexRow& row);
};

inline constexpr std::int64_t kNotTruncated = std::numeric_limits<std::int64_t>::max();

/// The rows of one stream in one segment, in offset order, a few bytes each.
class StreamRows {
 public:
  void add(const IndexRow& row);
  /// Puts a relocated row in its place, instead of those that it covers wholly or in part. Slow; rare.
  void replace(const IndexRow& row);
  /// Forgets rows at and above `offset`, and remembers that older segments have to, too.
  void truncate(std::int64_t offset);
  /// The lowest offset that the stream was truncated to in this segment; kNotTruncated when it was not.
  std::int64_t truncated_to() const { return truncated_to_; }
  bool empty() const { return count_ == 0; }
  std::size_t count() const { return count_; }
  std::size_t bytes() const { return rows_.view().size(); }
  std::int64_t last_offset() const { return last_offset_; }
  std::int64_t max_timestamp() const { return max_timestamp_; }
  /// Rows from the first whose last_offset >= offset, until `see` returns false.
  void from(std::int64_t offset, const std::function<bool(const IndexRow&)>& see) const;
  /// Like from(), but may leave out rows of the smaller timestamps.
  void from_with_timestamp(std::int64_t offset, std::int64_t timestamp,
                           const std::function<bool(const IndexRow&)>& see) const;

 private:
  static constexpr std::size_t kRowsPerMark = 64;
  struct Mark {
    RowCoder before;
    std::size_t byte;
    std::int64_t last_offset;
    std::int64_t max_timestamp;
  };
  void rebuild(const std::vector<IndexRow>& rows);

  ByteWriter rows_;
  std::vector<Mark> marks_;
  RowCoder coder_;
  std::size_t count_ = 0;
  std::int64_t last_offset_ = -1;
  std::int64_t max_timestamp_ = -1;
  std::int64_t truncated_to_ = kNotTruncated;
};

/// What the index says about a stream at the segment's end.
struct IndexSection {
  static constexpr std::uint8_t kContinues = 1;  // more rows of it in the next piece
  static constexpr std::uint8_t kContinued = 2;  // began in the piece before
  static constexpr std::uint8_t kRelocated = 4;  // rows with IndexRow::kRelocated among them
  static constexpr std::uint8_t kTruncated = 8;  // `truncated_to` is there
  StreamId stream{};
  std::uint8_t flags = 0;
  std::int64_t next_offset = 0;
  std::int64_t max_timestamp = -1;            // of the whole stream so far
  std::int64_t truncated_to = kNotTruncated;  // lowest offset that it was truncated to in this segment
  std::uint32_t rows = 0;
};

struct StreamEnd {
  StreamId stream{};
  std::int64_t next_offset = 0;
  std::int64_t max_timestamp = -1;
};

struct DirectoryRow {
  StreamId stream{};              // of the piece's first section
  std::int64_t first_offset = 0;  // of its first row when it continues an earlier piece, else 0
  std::uint64_t position = 0;     // of the piece's body
  std::uint32_t length = 0;
};
inline constexpr std::size_t kDirectoryRowBytes = 28;
inline constexpr std::size_t kIndexPieceBytes = 16384;  // a piece is ended when it gets larger

struct BuiltIndex {
  std::vector<Bytes> pieces;
  std::vector<DirectoryRow> directory;  // position not set yet
};
/// `ends` sorted by stream: every live one. Rows of streams that are not among them are left out.
BuiltIndex build_index(const std::vector<StreamEnd>& ends,
                       const std::unordered_map<std::uint64_t, StreamRows>& rows,
                       std::uint64_t base_position);

Bytes encode_directory(const std::vector<DirectoryRow>& rows);
/// nullopt when damaged.
std::optional<std::vector<DirectoryRow>> decode_directory(ByteView body);
/// The piece to look at for `offset` of `stream`; nullopt: the index knows nothing of it.
std::optional<std::size_t> find_piece(const std::vector<DirectoryRow>& directory, StreamId stream,
                                      std::int64_t offset);

/// Calls `section` for each, and `row` for the rows of those for which it returned true. False: damaged.
bool read_piece(ByteView body, std::uint64_t base_position,
                const std::function<bool(const IndexSection&)>& section,
                const std::function<void(const IndexSection&, const IndexRow&)>& row);

/// An upper bound for what a section's header takes.
inline constexpr std::size_t kSectionBytesMax = 72;

}  // namespace ledge::journal
