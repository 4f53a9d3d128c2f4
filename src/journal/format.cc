// SPDX-License-Identifier: Apache-2.0
#include "journal/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/crc32c.h"
#include "base/limits.h"

namespace ledge::journal {

namespace {

std::uint32_t crc_field(ByteView bytes) { return load_le<std::uint32_t>(bytes.data() + bytes.size() - 4); }

// What a flipped bit of a header (its checksum in the last four bytes) changes in computed ^ stored checksum.
// The checksum is linear: this depends on where the bit is, not on the other bytes.
template <std::size_t kBytes> const std::array<std::uint32_t, kBytes * 8>& syndromes() {
  static const auto made = [] {
    std::array<std::uint32_t, kBytes * 8> out{};
    std::array<std::uint8_t, kBytes - 4> bytes{};
    const std::uint32_t zero = crc32c(bytes);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
      out[bit] = crc32c(bytes) ^ zero;
      bytes[bit / 8] = 0;
    }
    for (std::size_t bit = 0; bit < 32; ++bit) out[bytes.size() * 8 + bit] = std::uint32_t{1} << bit;
    return out;
  }();
  return made;
}

// Puts one flipped bit of a header right, so that its checksum (continued from `seed`) fits. CRC32C keeps a
// Hamming distance of at least 6 at these lengths, so what one flip mends was one flip
// (docs/formats/journal.md, "Repair").
template <std::size_t kBytes>
bool mend(std::array<std::uint8_t, kBytes>& bytes, std::uint32_t seed, std::uint64_t* bits_repaired) {
  const std::uint32_t syndrome = crc32c(ByteView{bytes}.first(kBytes - 4), seed) ^ crc_field(bytes);
  if (syndrome == 0) return true;
  const auto found = std::ranges::find(syndromes<kBytes>(), syndrome);
  if (found == syndromes<kBytes>().end()) return false;
  const auto bit = static_cast<std::size_t>(found - syndromes<kBytes>().begin());
  bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  if (bits_repaired) ++*bits_repaired;
  return true;
}

std::uint32_t entry_seed(std::uint64_t salt, std::uint64_t position) {
  std::array<std::uint8_t, 16> seed;
  store_le(seed.data(), salt);
  store_le(seed.data() + 8, position);
  return crc32c(seed);
}

}  // namespace

// --- segment header

std::uint32_t SegmentHeader::encode(Bytes* page) const {
  page->assign(kPageBytes, 0);
  std::uint8_t* p = page->data();
  store_le(p, kSegmentMagic);
  store_le(p + 8, version);
  store_le(p + 12, flags);
  store_le(p + 16, features_ignorable);
  store_le(p + 24, features_readable);
  store_le(p + 32, features_required);
  std::ranges::copy(journal_id.bytes, p + 40);
  store_le(p + 56, sequence);
  store_le(p + 64, base_position);
  store_le(p + 72, size);
  store_le(p + 80, salt);
  auto crc = crc32c({p, kSegmentHeaderBytes - 4});
  store_le(p + kSegmentHeaderBytes - 4, crc);
  std::copy_n(p, kSegmentHeaderBytes, p + kSegmentHeaderCopyAt);
  return crc;
}

std::uint32_t SegmentHeader::chain_of(const SegmentHeader& header) {
  Bytes page;
  return header.encode(&page);
}

Result<SegmentHeader> SegmentHeader::decode(ByteView page, std::uint64_t* bits_repaired) {
  if (page.size() < kPageBytes) return fail(ErrorCode::Malformed, "segment shorter than its header");
  std::array<std::uint8_t, kSegmentHeaderBytes> copy;
  auto usable = [&](std::size_t at, bool repair) {
    std::copy_n(page.data() + at, kSegmentHeaderBytes, copy.data());
    std::uint64_t mended = 0;
    if (!mend(copy, 0, &mended) || load_le<std::uint64_t>(copy.data()) != kSegmentMagic ||
        (mended > 0 && !repair))
      return false;
    if (bits_repaired) *bits_repaired += mended;
    return true;
  };
  if (!usable(0, false)) {
    if (usable(kSegmentHeaderCopyAt, false)) {
      if (bits_repaired) ++*bits_repaired;
    } else if (!usable(0, true) && !usable(kSegmentHeaderCopyAt, true)) {
      return fail(ErrorCode::Malformed, "no valid segment header");
    }
  }
  const std::uint8_t* p = copy.data();
  SegmentHeader h;
  h.version = load_le<std::uint32_t>(p + 8);
  h.flags = load_le<std::uint32_t>(p + 12);
  h.features_ignorable = load_le<std::uint64_t>(p + 16);
  h.features_readable = load_le<std::uint64_t>(p + 24);
  h.features_required = load_le<std::uint64_t>(p + 32);
  std::copy_n(p + 40, 16, h.journal_id.bytes.begin());
  h.sequence = load_le<std::uint64_t>(p + 56);
  h.base_position = load_le<std::uint64_t>(p + 64);
  h.size = load_le<std::uint64_t>(p + 72);
  h.salt = load_le<std::uint64_t>(p + 80);
  if (h.version != kFormatVersion || (h.features_required & ~kFeaturesKnown) != 0)
    return fail(
        ErrorCode::WrongFormatVersion,
        fmt::format("segment of format version {}, required features {:#x}", h.version, h.features_required));
  constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 40;
  if (h.size < 2 * kPageBytes || h.size % kPageBytes != 0 || h.size > kSizeMax || h.sequence == 0 ||
      h.base_position > std::uint64_t{1} << 62)
    return fail(ErrorCode::Malformed, "segment header with impossible values");
  return h;
}

// --- frame header

void FrameHeader::encode(std::uint8_t* to) {
  std::fill_n(to, kFrameHeaderBytes, std::uint8_t{0});
  store_le(to, kFrameMagic);
  to[4] = version;
  to[5] = flags;
  store_le(to + 8, salt);
  store_le(to + 16, position);
  store_le(to + 24, length);
  store_le(to + 28, entries);
  store_le(to + 32, durable_mark);
  store_le(to + 40, run);
  store_le(to + 44, previous);
  store_le(to + 56, entries_crc);
  header_crc = crc32c({to, kFrameHeaderBytes - 4});
  store_le(to + 60, header_crc);
}

std::optional<FrameHeader> FrameHeader::decode(ByteView at, std::uint64_t salt, std::uint64_t position,
                                               std::uint64_t bytes_left, std::uint64_t* bits_repaired) {
  if (at.size() < kFrameHeaderBytes || bytes_left < kFrameHeaderBytes) return std::nullopt;
  // Cheap refusal first: of magic, salt and position, a single flipped bit can spoil only one.
  int odd = (load_le<std::uint32_t>(at.data()) != kFrameMagic) +
            (load_le<std::uint64_t>(at.data() + 8) != salt) +
            (load_le<std::uint64_t>(at.data() + 16) != position);
  if (odd > 1) return std::nullopt;
  std::array<std::uint8_t, kFrameHeaderBytes> copy;
  std::copy_n(at.data(), kFrameHeaderBytes, copy.data());
  std::uint64_t mended = 0;
  if (!mend(copy, 0, &mended) || load_le<std::uint32_t>(copy.data()) != kFrameMagic ||
      load_le<std::uint64_t>(copy.data() + 8) != salt || load_le<std::uint64_t>(copy.data() + 16) != position)
    return std::nullopt;
  if (bits_repaired) *bits_repaired += mended;
  FrameHeader h;
  h.version = copy[4];
  h.flags = copy[5];
  h.salt = salt;
  h.position = position;
  h.length = load_le<std::uint32_t>(copy.data() + 24);
  h.entries = load_le<std::uint32_t>(copy.data() + 28);
  h.durable_mark = load_le<std::uint64_t>(copy.data() + 32);
  h.run = load_le<std::uint32_t>(copy.data() + 40);
  h.previous = load_le<std::uint32_t>(copy.data() + 44);
  h.entries_crc = load_le<std::uint32_t>(copy.data() + 56);
  h.header_crc = crc_field(copy);
  if (h.length < kFrameHeaderBytes || h.length % kAlignment != 0 || h.length > bytes_left ||
      h.length > limits::journal_frame_bytes_max || h.durable_mark > position ||
      h.entries > (h.length - kFrameHeaderBytes) / kEntryHeaderBytes)
    return std::nullopt;
  return h;
}

// --- entry header

void StoredEntry::encode(std::uint8_t* to) const {
  store_le(to, static_cast<std::uint64_t>(header.stream));
  to[8] = static_cast<std::uint8_t>(header.kind);
  to[9] = to[10] = to[11] = 0;
  store_le(to + 12, header.leader_epoch);
  store_le(to + 16, header.first_offset);
  store_le(to + 24, header.last_offset);
  store_le(to + 32, header.max_timestamp);
  store_le(to + 40, body_bytes);
  store_le(to + 44, std::uint32_t{0});
  store_le(to + 48, run);
  store_le(to + 52, std::uint32_t{0});
}

void StoredEntry::seal(std::uint8_t* at, std::uint64_t salt, std::uint64_t position, std::uint32_t body_crc) {
  store_le(at + 44, body_crc);
  store_le(at + 52, crc32c({at, kEntryHeaderBytes - 4}, entry_seed(salt, position)));
}

std::optional<StoredEntry> StoredEntry::decode(ByteView at, std::uint64_t salt, std::uint64_t position,
                                               std::uint64_t bytes_left, std::uint64_t* bits_repaired) {
  if (at.size() < kEntryHeaderBytes || bytes_left < kEntryHeaderBytes) return std::nullopt;
  std::array<std::uint8_t, kEntryHeaderBytes> copy;
  std::copy_n(at.data(), kEntryHeaderBytes, copy.data());
  std::uint64_t mended = 0;
  if (!mend(copy, entry_seed(salt, position), &mended) || (mended > 0 && !bits_repaired)) return std::nullopt;
  if (bits_repaired) *bits_repaired += mended;
  StoredEntry e;
  e.header.stream = StreamId{load_le<std::uint64_t>(copy.data())};
  e.header.kind = static_cast<EntryKind>(copy[8]);
  e.header.leader_epoch = load_le<std::int32_t>(copy.data() + 12);
  e.header.first_offset = load_le<std::int64_t>(copy.data() + 16);
  e.header.last_offset = load_le<std::int64_t>(copy.data() + 24);
  e.header.max_timestamp = load_le<std::int64_t>(copy.data() + 32);
  e.body_bytes = load_le<std::uint32_t>(copy.data() + 40);
  e.body_crc = load_le<std::uint32_t>(copy.data() + 44);
  e.run = load_le<std::uint32_t>(copy.data() + 48);
  bool batch = e.header.kind == EntryKind::Append || e.header.kind == EntryKind::Relocated;
  if (e.stored_bytes() > bytes_left || e.header.first_offset < 0) return std::nullopt;
  constexpr auto kOffsetMax = std::numeric_limits<std::int64_t>::max() - 1;
  if (batch && (e.header.last_offset < e.header.first_offset || e.header.last_offset > kOffsetMax))
    return std::nullopt;
  return e;
}

// --- footer

Bytes Footer::encode() const {
  Bytes page(kPageBytes);
  std::uint8_t* p = page.data();
  store_le(p, kFooterMagic);
  store_le(p + 4, kFormatVersion);
  store_le(p + 8, salt);
  store_le(p + 16, data_end);
  store_le(p + 24, end);
  store_le(p + 32, directory_position);
  store_le(p + 40, directory_bytes);
  store_le(p + kFooterBytes - 4, crc32c({p, kFooterBytes - 4}));
  return page;
}

std::optional<Footer> Footer::decode(ByteView at, std::uint64_t salt, std::uint64_t* bits_repaired) {
  if (at.size() < kFooterBytes) return std::nullopt;
  int odd =
      (load_le<std::uint32_t>(at.data()) != kFooterMagic) + (load_le<std::uint64_t>(at.data() + 8) != salt);
  if (odd > 1) return std::nullopt;
  std::array<std::uint8_t, kFooterBytes> copy;
  std::copy_n(at.data(), kFooterBytes, copy.data());
  std::uint64_t mended = 0;
  if (!mend(copy, 0, &mended) || load_le<std::uint32_t>(copy.data()) != kFooterMagic ||
      load_le<std::uint64_t>(copy.data() + 8) != salt)
    return std::nullopt;
  if (bits_repaired) *bits_repaired += mended;
  Footer f;
  f.salt = salt;
  f.data_end = load_le<std::uint64_t>(copy.data() + 16);
  f.end = load_le<std::uint64_t>(copy.data() + 24);
  f.directory_position = load_le<std::uint64_t>(copy.data() + 32);
  f.directory_bytes = load_le<std::uint32_t>(copy.data() + 40);
  return f;
}

// --- names

std::string segment_name(std::uint64_t sequence) { return fmt::format("segment-{:020}.journal", sequence); }
std::string spare_name(std::uint64_t sequence) { return fmt::format("spare-{:020}.journal", sequence); }
std::string quarantine_name(std::uint64_t sequence) {
  return fmt::format("quarantine-{:020}.journal", sequence);
}

std::optional<ParsedName> parse_name(const std::string& name) {
  if (name == kPreparingName) return ParsedName{NameKind::Preparing, 0};
  constexpr std::string_view kEnd = ".journal";
  auto dash = name.find('-');
  if (dash == std::string::npos || name.size() != dash + 1 + 20 + kEnd.size() || !name.ends_with(kEnd))
    return std::nullopt;
  std::uint64_t sequence = 0;
  for (char c : std::string_view{name}.substr(dash + 1, 20)) {
    if (c < '0' || c > '9') return std::nullopt;
    sequence = sequence * 10 + static_cast<std::uint64_t>(c - '0');
  }
  auto kind = std::string_view{name}.substr(0, dash);
  if (kind == "segment") return ParsedName{NameKind::Segment, sequence};
  if (kind == "spare") return ParsedName{NameKind::Spare, sequence};
  if (kind == "quarantine") return ParsedName{NameKind::Quarantine, sequence};
  return std::nullopt;
}

}  // namespace ledge::journal
