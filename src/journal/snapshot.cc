// SPDX-License-Identifier: Apache-2.0
#include "journal/snapshot.h"

#include <algorithm>

#include "base/crc32c.h"

namespace ledge::journal {

namespace {
constexpr std::uint32_t kPartVersion = 1;
constexpr std::uint32_t kManifestVersion = 1;
}  // namespace

Bytes encode_journal_part(const Core& core) {
  std::vector<std::uint64_t> ids;
  ids.reserve(core.streams.size());
  for (const auto& [id, stream] : core.streams) ids.push_back(id);
  std::ranges::sort(ids);
  ByteWriter out;
  out.le(kPartVersion);
  out.uvarlong(ids.size());
  std::uint64_t previous = 0;
  for (std::uint64_t id : ids) {
    const Stream& s = core.streams.at(id);
    out.uvarlong(id - previous);
    out.uvarlong(static_cast<std::uint64_t>(s.log_start));
    out.uvarlong(static_cast<std::uint64_t>(s.next_offset));
    out.varlong(s.max_timestamp);
    previous = id;
  }
  // Segments that are sealed but not yet on the disk as such will be by the time this snapshot is.
  out.uvarlong(core.sealed.size() + core.open.size());
  auto row = [&](const auto& s, std::uint64_t salt, std::uint8_t witness_state, StreamId witness,
                 std::int64_t witness_offset) {
    out.uvarlong(s.sequence);
    out.uvarlong(s.base);
    out.uvarlong(s.size);
    out.le(salt);
    out.uvarlong(s.data_end);
    out.uvarlong(s.directory_position);
    out.uvarint(s.directory_bytes);
    std::uint8_t flags = s.flags;
    out.bytes({&flags, 1});
    out.bytes({&witness_state, 1});
    out.uvarlong(static_cast<std::uint64_t>(witness));
    out.varlong(witness_offset);
  };
  for (const auto& [sequence, s] : core.sealed)
    row(s, s.salt, static_cast<std::uint8_t>(s.witness_state), s.witness, s.witness_offset);
  // The salt of a segment that is not even prepared is not known yet: 0, read from its header then.
  for (const OpenSegment& s : core.open)
    row(s, s.state ? s.state->file->salt : 0, 0, StreamId{}, std::int64_t{-1});
  return out.take();
}

Result<void> decode_journal_part(ByteView part, Core* core) {
  ByteReader in{part};
  if (in.le<std::uint32_t>() != kPartVersion)
    return fail(ErrorCode::WrongFormatVersion, "journal part of a snapshot");
  auto count = in.uvarlong();
  std::uint64_t id = 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    id += in.uvarlong();
    Stream s;
    s.log_start = s.durable_log_start = static_cast<std::int64_t>(in.uvarlong());
    s.next_offset = s.durable_offset = static_cast<std::int64_t>(in.uvarlong());
    s.max_timestamp = in.varlong();
    if (in.ok()) core->streams[id] = s;
  }
  count = in.uvarlong();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    Segment s;
    s.sequence = in.uvarlong();
    s.base = in.uvarlong();
    s.size = in.uvarlong();
    s.salt = in.le<std::uint64_t>();
    s.data_end = in.uvarlong();
    s.directory_position = in.uvarlong();
    s.directory_bytes = in.uvarint();
    s.flags = in.le<std::uint8_t>();
    auto witness = in.le<std::uint8_t>();
    if (witness <= 2) s.witness_state = static_cast<Segment::Witness>(witness);
    s.witness = StreamId{in.uvarlong()};
    s.witness_offset = in.varlong();
    if (in.ok()) core->sealed[s.sequence] = s;
  }
  if (!in.ok()) return fail(ErrorCode::Malformed, "journal part of a snapshot");
  return {};
}

std::vector<Entry> snapshot_entries(const SnapshotParts& parts) {
  ByteWriter manifest;
  manifest.le(kManifestVersion);
  manifest.le(static_cast<std::uint32_t>(parts.size()));
  for (const auto& [tag, part] : parts) {
    manifest.le(tag);
    manifest.le(crc32c(part));
    manifest.le(static_cast<std::uint64_t>(part.size()));
  }
  std::vector<Entry> out;
  out.push_back(
      {{.stream = kManifestStream, .kind = EntryKind::SnapshotPiece}, SharedBytes::take(manifest.take())});
  for (const auto& [tag, part] : parts) {
    for (std::size_t at = 0; at < part.size(); at += kSnapshotPieceBytes) {
      auto n = std::min(kSnapshotPieceBytes, part.size() - at);
      out.push_back({{.stream = StreamId{tag},
                      .kind = EntryKind::SnapshotPiece,
                      .first_offset = static_cast<std::int64_t>(at),
                      .last_offset = static_cast<std::int64_t>(at + n - 1)},
                     SharedBytes::copy(ByteView{part}.subspan(at, n))});
    }
  }
  return out;
}

bool SnapshotReader::feed(const EntryHeader& header, ByteView body) {
  if (header.kind != EntryKind::SnapshotPiece) return false;
  if (header.stream == kManifestStream) {
    if (begun_) return false;
    ByteReader in{body};
    if (in.le<std::uint32_t>() != kManifestVersion) return false;
    auto count = in.le<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
      auto tag = in.le<std::uint32_t>();
      auto crc = in.le<std::uint32_t>();
      manifest_[tag] = {in.le<std::uint64_t>(), crc};
      parts_[tag];
    }
    begun_ = in.ok();
    return begun_;
  }
  auto tag = static_cast<std::uint32_t>(header.stream);
  auto part = parts_.find(tag);
  if (!begun_ || part == parts_.end()) return false;
  // Memory grows only with bytes that really came from the disk.
  if (static_cast<std::uint64_t>(header.first_offset) != part->second.size()) return trust_;
  if (part->second.size() + body.size() > manifest_[tag].bytes) return trust_;
  part->second.insert(part->second.end(), body.begin(), body.end());
  return true;
}

bool SnapshotReader::complete() const {
  if (!begun_) return false;
  if (trust_) return true;
  for (const auto& [tag, row] : manifest_) {
    const Bytes& part = parts_.at(tag);
    if (part.size() != row.bytes || crc32c(part) != row.crc) return false;
  }
  return true;
}

}  // namespace ledge::journal
