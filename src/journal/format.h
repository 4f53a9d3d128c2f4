// SPDX-License-Identifier: Apache-2.0
// The bytes of the journal: segment headers, frames, entries, footers. Pure; docs/formats/journal.md in code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/uuid.h"
#include "journal/journal.h"

namespace ledge::journal {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint32_t kPageBytes = 4096;  // unit of writing
inline constexpr std::uint32_t kAlignment = 8;     // of frames and entries
inline constexpr std::uint32_t kSegmentHeaderBytes = 128;
inline constexpr std::uint32_t kSegmentHeaderCopyAt = 2048;
inline constexpr std::uint32_t kFirstFrameAt = kPageBytes;
inline constexpr std::uint32_t kFrameHeaderBytes = 64;
inline constexpr std::uint32_t kEntryHeaderBytes = 56;
inline constexpr std::uint32_t kFooterBytes = 64;

inline constexpr std::uint32_t kFrameMagic = 0x46474c01;  // 01 'L' 'G' 'F'
inline constexpr std::uint32_t kFooterMagic = 0x45474c01;
inline constexpr std::uint64_t kSegmentMagic = 0x316c6e4a6764654c;  // "LedgJnl1"

// Frame flags. Both: the frame's bodies cannot be read as they are; this version refuses such a frame.
inline constexpr std::uint8_t kFrameCompressed = 1;
inline constexpr std::uint8_t kFrameEncrypted = 2;

// Features that a reader has to know (SegmentHeader::features_required).
// kGaps: a frame may begin at the page behind the one before it, after zeros.
inline constexpr std::uint64_t kGaps = 1;
inline constexpr std::uint64_t kFeaturesKnown = kGaps;

inline std::uint64_t align_up(std::uint64_t n, std::uint64_t unit) { return (n + unit - 1) / unit * unit; }
inline std::uint64_t align_down(std::uint64_t n, std::uint64_t unit) { return n / unit * unit; }

struct SegmentHeader {
  static constexpr std::uint32_t kFresh = 1;  // flags: never used before, reads as zeros where never written
  std::uint32_t version = kFormatVersion;
  std::uint32_t flags = 0;
  std::uint64_t features_ignorable = 0;  // unknown bits: no matter
  std::uint64_t features_readable = 0;   // unknown bits: read, never write
  std::uint64_t features_required = 0;   // unknown bits: refuse
  Uuid journal_id;
  std::uint64_t sequence = 0;
  std::uint64_t base_position = 0;
  std::uint64_t size = 0;
  std::uint64_t salt = 0;

  /// The whole first page: header and its copy. Returns the header's checksum, to which the first frame is
  /// chained.
  std::uint32_t encode(Bytes* page) const;
  static std::uint32_t chain_of(const SegmentHeader& header);
  /// Takes the copy when the first is damaged, and puts single flipped bits right. Malformed, or
  /// WrongFormatVersion.
  static Result<SegmentHeader> decode(ByteView page, std::uint64_t* bits_repaired);
};

struct FrameHeader {
  std::uint8_t version = kFormatVersion;
  std::uint8_t flags = 0;
  std::uint64_t salt = 0;
  std::uint64_t position = 0;
  std::uint32_t length = 0;  // header and entries with their padding; a multiple of kAlignment
  std::uint32_t entries = 0;
  std::uint64_t durable_mark = 0;  // everything before this position was durable when the frame was made
  std::uint32_t run = 0;           // random per start of the writer
  std::uint32_t previous = 0;      // checksum of the frame (or segment) header before this one
  std::uint32_t entries_crc = 0;   // CRC32C of the entry headers, one behind the other
  std::uint32_t header_crc = 0;    // set by encode and decode

  void encode(std::uint8_t* to);
  /// nullopt: no frame of this salt at this position. A single flipped bit is put right and counted.
  static std::optional<FrameHeader> decode(ByteView at, std::uint64_t salt, std::uint64_t position,
                                           std::uint64_t bytes_left, std::uint64_t* bits_repaired);
};

/// An entry's header with what only the journal needs of it.
struct StoredEntry {
  EntryHeader header;
  std::uint32_t body_bytes = 0;
  std::uint32_t body_crc = 0;
  std::uint32_t run = 0;  // that of its frame: an entry left over from a cut tail has another

  /// All but the checksums, which need the body and the position.
  void encode(std::uint8_t* to) const;
  static void seal(std::uint8_t* at, std::uint64_t salt, std::uint64_t position, std::uint32_t body_crc);
  static std::optional<StoredEntry> decode(ByteView at, std::uint64_t salt, std::uint64_t position,
                                           std::uint64_t bytes_left, std::uint64_t* bits_repaired);
  /// Header, body and padding.
  std::uint64_t stored_bytes() const { return kEntryHeaderBytes + align_up(body_bytes, kAlignment); }
};

struct Footer {
  std::uint64_t salt = 0;
  std::uint64_t data_end = 0;            // position behind the last frame of records; index frames follow
  std::uint64_t end = 0;                 // position behind the last frame
  std::uint64_t directory_position = 0;  // of the directory's body
  std::uint32_t directory_bytes = 0;
  Bytes encode() const;  // one page
  static std::optional<Footer> decode(ByteView at, std::uint64_t salt, std::uint64_t* bits_repaired);
};

// File names. The number is decimal with 20 digits, so that names sort.
std::string segment_name(std::uint64_t sequence);
std::string spare_name(std::uint64_t sequence);
std::string quarantine_name(std::uint64_t sequence);
inline constexpr const char* kPreparingName = "preparing.journal";
enum class NameKind : std::uint8_t { Segment, Spare, Quarantine, Preparing };
struct ParsedName {
  NameKind kind;
  std::uint64_t sequence;
};
std::optional<ParsedName> parse_name(const std::string& name);

}  // namespace ledge::journal
