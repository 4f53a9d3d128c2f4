// SPDX-License-Identifier: Apache-2.0
// The state at a segment's head: the participants' parts by tag, and the journal's own (tag 0).
#pragma once

#include <map>

#include "journal/core.h"

namespace ledge::journal {

inline constexpr std::uint32_t kJournalPartTag = 0;
/// SnapshotPiece entries carry their part's tag as stream; the manifest, always first, carries this.
inline constexpr StreamId kManifestStream{~std::uint64_t{0}};
inline constexpr std::size_t kSnapshotPieceBytes = 262144;

using SnapshotParts = std::map<std::uint32_t, Bytes>;

/// Streams and sealed segments.
Bytes encode_journal_part(const Core& core);
Result<void> decode_journal_part(ByteView part, Core* core);

/// Manifest first, then every part cut into pieces.
std::vector<Entry> snapshot_entries(const SnapshotParts& parts);

/// Puts the pieces together again. Fed in order; complete() once every part of the manifest is whole.
class SnapshotReader {
 public:
  explicit SnapshotReader(bool trust) : trust_(trust) {}
  /// False: this is not a piece of a sound snapshot.
  bool feed(const EntryHeader& header, ByteView body);
  bool begun() const { return begun_; }
  /// All bytes are there and every checksum fits.
  bool complete() const;
  SnapshotParts take() { return std::move(parts_); }
  struct Row {
    std::uint64_t bytes;
    std::uint32_t crc;
  };
  const std::map<std::uint32_t, Row>& manifest() const { return manifest_; }

 private:
  bool trust_;
  bool begun_ = false;
  std::map<std::uint32_t, Row> manifest_;
  SnapshotParts parts_;
};

}  // namespace ledge::journal
