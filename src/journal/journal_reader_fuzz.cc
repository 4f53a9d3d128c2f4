// SPDX-License-Identifier: Apache-2.0
// Bytes of a stranger as a segment file: through recovery, inspect and reads. Anything may be refused,
// nothing may crash.
//
// The first byte says how the rest is taken: 1: the whole file, header included; 2: the file is fresh; 4: it
// is the second segment, which has to begin with a snapshot; 8: the checksums, salts and positions are put
// right, so that what is behind them is reached; 16: no file, but the body of an index piece, a directory or
// a snapshot's journal part; 32: a frame may begin at the next page.
#include <algorithm>
#include <map>

#include "base/crc32c.h"
#include "journal/format.h"
#include "journal/reader.h"
#include "journal/recovery.h"
#include "journal/snapshot.h"
#include "sim/sim.h"

using namespace ledge;
using namespace ledge::journal;

namespace {

constexpr std::uint64_t kSize = 65536;

/// Files in memory, without the care for sectors and power that sim::Disk takes: 100 times as fast.
class MemoryFile final : public os::File {
 public:
  Result<std::size_t> read_at(std::uint64_t at, MutableBytes into) const override {
    if (at >= bytes.size()) return 0;
    const std::size_t n = std::min<std::size_t>(into.size(), bytes.size() - at);
    std::copy_n(bytes.data() + at, n, into.data());
    return n;
  }
  Result<std::size_t> read_cached(std::uint64_t at, MutableBytes into) const override {
    return read_at(at, into);
  }
  bool is_cached(std::uint64_t, std::uint64_t) const override { return true; }
  Result<void> write_at(std::uint64_t at, std::span<const ByteView> pieces) override {
    for (const ByteView& piece : pieces) {
      if (at + piece.size() > bytes.size()) bytes.resize(at + piece.size());
      std::ranges::copy(piece, bytes.begin() + static_cast<std::ptrdiff_t>(at));
      at += piece.size();
    }
    return {};
  }
  Result<void> sync() override { return {}; }
  Result<void> allocate(std::uint64_t size) override {
    return truncate(std::max<std::uint64_t>(size, bytes.size()));
  }
  Result<void> truncate(std::uint64_t size) override {
    bytes.resize(size);
    return {};
  }
  Result<std::uint64_t> size() const override { return bytes.size(); }
  int descriptor() const override { return -1; }

  Bytes bytes;
};

class MemoryFolder final : public os::Directory {
 public:
  Result<std::shared_ptr<os::File>> open(const std::string& name) override {
    auto found = files.find(name);
    if (found == files.end()) return fail(ErrorCode::NotFound, name);
    return found->second;
  }
  Result<std::shared_ptr<os::File>> create(const std::string& name) override {
    auto [place, fresh] = files.emplace(name, std::make_shared<MemoryFile>());
    if (!fresh) return fail(ErrorCode::InUse, name);
    return place->second;
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    auto node = files.extract(from);
    if (node.empty()) return fail(ErrorCode::NotFound, from);
    files[to] = node.mapped();
    return {};
  }
  Result<void> remove(const std::string& name) override {
    files.erase(name);
    return {};
  }
  Result<void> sync_names() override { return {}; }
  Result<std::vector<std::string>> list() override {
    std::vector<std::string> out;
    for (const auto& [name, file] : files) out.push_back(name);
    return out;
  }
  Result<os::DiskSpace> space() const override { return os::DiskSpace{1 << 30, 1 << 30}; }
  std::string path() const override { return "/"; }

  std::map<std::string, std::shared_ptr<MemoryFile>> files;
};

// Makes frames of entries out of the bytes: lengths, kinds, offsets, marks and bodies stay what they are as
// far as they can, and the checksums follow them.
void put_right(Bytes& file, const SegmentHeader& header) {
  std::uint32_t chain = SegmentHeader::chain_of(header);
  std::uint64_t at = kFirstFrameAt;
  while (at + kFrameHeaderBytes + kEntryHeaderBytes <= kSize - kPageBytes) {
    std::uint8_t* frame = file.data() + at;
    const std::uint64_t room = kSize - kPageBytes - at;
    const auto wanted = load_le<std::uint32_t>(frame + 24);
    if (wanted == 0) {
      const std::uint64_t page = align_up(at, kPageBytes);
      if (page == at) return;
      at = page;
      continue;
    }
    FrameHeader h;
    h.salt = header.salt;
    h.position = header.base_position + at;
    h.length = static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(align_down(wanted % 8192, kAlignment), kFrameHeaderBytes, room));
    h.durable_mark = std::min(load_le<std::uint64_t>(frame + 32), h.position);
    h.run = load_le<std::uint32_t>(frame + 40);
    h.previous = chain;
    for (std::uint64_t in = kFrameHeaderBytes; in + kEntryHeaderBytes <= h.length;) {
      std::uint8_t* entry = frame + in;
      const std::uint64_t left = h.length - in - kEntryHeaderBytes;
      auto body = load_le<std::uint32_t>(entry + 40);
      if (body > left) body = static_cast<std::uint32_t>(body % (left + 1));
      // What is left over is too short for a further entry: it belongs to this one.
      if (left - align_up(body, kAlignment) < kEntryHeaderBytes) body = static_cast<std::uint32_t>(left);
      store_le(entry + 40, body);
      store_le(entry + 48, h.run);
      StoredEntry::seal(entry, header.salt, h.position + in, crc32c({entry + kEntryHeaderBytes, body}));
      h.entries_crc = crc32c({entry, kEntryHeaderBytes}, h.entries_crc);
      ++h.entries;
      in += kEntryHeaderBytes + align_up(body, kAlignment);
    }
    h.encode(frame);
    chain = h.header_crc;
    at += h.length;
  }
}

void read_bodies(ByteView body) {
  sim::World world(1);
  MemoryFolder folder;
  Core core{world.env(), folder, {}};
  (void)decode_journal_part(body, &core);
  if (auto directory = decode_directory(body)) (void)find_piece(*directory, StreamId{1024}, 7);
  StreamRows rows;
  (void)read_piece(
      body, 4096, [](const IndexSection&) { return true; },
      [&](const IndexSection&, const IndexRow& row) {
        if (row.first_offset > rows.last_offset())
          rows.add(row);
        else
          rows.replace(row);
      });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 32768) return 0;
  const std::uint8_t how = data[0];
  if (how & 16) {
    read_bodies({data + 1, size - 1});
    return 0;
  }
  SegmentHeader header;
  header.flags = how & 2 ? SegmentHeader::kFresh : 0;
  header.features_required = how & 32 ? kGaps : 0;
  header.journal_id.bytes[0] = 1;
  header.sequence = how & 4 ? 2 : 1;
  header.size = kSize;
  header.salt = 1;
  auto file = std::make_shared<MemoryFile>();
  header.encode(&file->bytes);
  file->bytes.resize(kSize);
  std::copy_n(data + 1, size - 1, file->bytes.data() + (how & 1 ? 0 : kFirstFrameAt));
  if ((how & 9) == 8) put_right(file->bytes, header);

  MemoryFolder folder;
  folder.files[segment_name(header.sequence)] = file;
  (void)inspect(folder, {}, [](const IndexedStream&) {});
  sim::World world(1);
  Core core{world.env(), folder, {}};
  RecoveryReport report;
  if (!recover(&core, &report)) return 0;
  Reader reader{core};
  std::vector<std::uint64_t> streams;
  for (const auto& [id, stream] : core.streams)
    if (streams.size() < 8) streams.push_back(id);
  for (const std::uint64_t id : streams) {
    reader.read(StreamId{id}, core.streams[id].log_start, 100000, [&](Result<std::vector<Slice>> slices) {
      if (slices) reader.load(std::move(*slices), [](const Result<SharedBytes>&) {});
    });
    reader.find_max_timestamp(StreamId{id}, [](const Result<std::optional<Slice>>&) {});
  }
  world.run_for(1s);
  return 0;
}
