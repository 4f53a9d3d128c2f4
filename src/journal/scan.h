// SPDX-License-Identifier: Apache-2.0
// Walks the frames of one segment file: what is sound, what is a torn tail, what is damage. Used by recovery,
// by inspect() and for rebuilding an index. Blocks.
#pragma once

#include <functional>

#include "journal/core.h"

namespace ledge::journal {

/// Told what a scan meets, in journal order. An error from a member ends the scan.
class ScanVisitor {
 public:
  virtual ~ScanVisitor() = default;
  /// Header and body are sound.
  virtual Result<void> entry(const StoredEntry& entry, std::uint64_t body_position, ByteView body) = 0;
  /// The header is sound, the body is not.
  virtual void lost_body(const StoredEntry& entry, std::uint64_t position) = 0;
  /// Positions of which nothing can be said.
  virtual void lost_bytes(std::uint64_t from, std::uint64_t to) = 0;
};

struct ScanOptions {
  /// Everything before this position is known to be durable, from elsewhere (a later segment, a footer).
  std::uint64_t durable_before = 0;
  /// Sabotage: do not look for marks behind a bad frame.
  bool ignore_marks = false;
  /// Sabotage: do not check bodies.
  bool trust_bodies = false;
};

struct ScanEnd {
  std::uint64_t end = 0;       // position behind the last frame that counts
  std::uint64_t data_end = 0;  // the same, or where the index frames begin
  std::uint32_t chain = 0;     // checksum of the last frame's header
  std::uint32_t data_chain = 0;
  std::uint64_t mark = 0;        // highest durable-up-to mark
  std::uint64_t torn_bytes = 0;  // cut behind `end`
  std::uint64_t frames = 0, entries = 0, bytes_read = 0, bits_repaired = 0;
  std::uint64_t directory_position = 0;  // of a complete index; 0: none
  std::uint32_t directory_bytes = 0;
  bool damaged = false;
  bool unreadable = false;  // the disk refused a read: what counts as damage may be sound
};

/// The index directory's entry carries this as stream; index pieces carry 0.
inline constexpr StreamId kDirectoryStream{1};

Result<ScanEnd> scan_segment(const os::File& file, const SegmentHeader& header, const ScanOptions& options,
                             ScanVisitor& visitor);

/// Reads and checks a segment's first page.
Result<SegmentHeader> read_segment_header(const os::File& file, std::uint64_t* bits_repaired);

}  // namespace ledge::journal
