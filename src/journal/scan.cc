// SPDX-License-Identifier: Apache-2.0
#include "journal/scan.h"

#include <algorithm>
#include <bit>

#include "base/crc32c.h"
#include "base/limits.h"

namespace ledge::journal {

namespace {

constexpr std::size_t kWindowBytes = 1048576;
constexpr std::uint64_t kNearBytes = 262144;
// Up to here CRC-32C keeps a Hamming distance of 6, so that what one flipped bit explains was one flipped
// bit.
constexpr std::size_t kRepairableBodyBytes = 600;

// A moving view of the file: grows only for a frame that is larger.
class Window {
 public:
  Window(const os::File& file, std::uint64_t size) : file_(file), size_(size) {}

  /// The `n` bytes at `at`; fewer at the file's end or at a part that cannot be read.
  ByteView get(std::uint64_t at, std::size_t n) {
    if (at >= size_) return {};
    n = static_cast<std::size_t>(std::min<std::uint64_t>(n, size_ - at));
    if (at < from_ || at + n > from_ + have_) load(at, n);
    if (at >= from_ + have_) return {};
    return ByteView{buffer_}.subspan(at - from_, std::min<std::size_t>(n, from_ + have_ - at));
  }
  /// The same, to be put right in place; nothing reaches the file.
  MutableBytes get_mutable(std::uint64_t at, std::size_t n) {
    const ByteView view = get(at, n);
    if (view.empty()) return {};
    return MutableBytes{buffer_}.subspan(at - from_, view.size());
  }
  /// A look aside that does not move the window. False as well where nothing can be read.
  bool has_something(std::uint64_t at, std::size_t n) {
    Bytes page(n);
    auto got = file_.read_at(at, page);
    if (!got) {
      read_failed_ = true;
      return false;
    }
    bytes_read_ += *got;
    return std::ranges::any_of(ByteView{page}.first(*got), [](std::uint8_t b) { return b != 0; });
  }
  std::uint64_t bytes_read() const { return bytes_read_; }
  bool read_failed() const { return read_failed_; }

 private:
  void load(std::uint64_t at, std::size_t n) {
    from_ = at;
    // The first look is small: most starts find little behind the snapshot.
    std::size_t want = std::max(n, bytes_read_ < kWindowBytes / 4 ? kWindowBytes / 16 : kWindowBytes);
    want = static_cast<std::size_t>(std::min<std::uint64_t>(want, size_ - at));
    buffer_.resize(want);
    have_ = 0;
    auto got = file_.read_at(at, buffer_);
    if (got) {
      have_ = *got;
    } else if (auto less = file_.read_at(at, MutableBytes{buffer_}.first(n)); less) {
      have_ = *less;  // an unreadable sector further on
    } else {
      read_failed_ = true;
    }
    bytes_read_ += have_;
  }

  const os::File& file_;
  std::uint64_t size_;
  Bytes buffer_;
  std::uint64_t from_ = 0;
  std::size_t have_ = 0;
  std::uint64_t bytes_read_ = 0;
  bool read_failed_ = false;
};

class Scan {
 public:
  Scan(const os::File& file, const SegmentHeader& header, const ScanOptions& options, ScanVisitor& visitor)
      : header_(header), options_(options), visitor_(visitor), window_(file, header.size) {}

  Result<ScanEnd> run() {
    end_.chain = SegmentHeader::chain_of(header_);
    end_.mark = std::min(options_.durable_before, header_.base_position + header_.size);
    at_ = kFirstFrameAt;
    end_.data_end = position();
    end_.data_chain = end_.chain;
    for (;;) {
      TRY(bool more, step());
      if (!more || end_.directory_position != 0) break;
    }
    end_.end = position();
    // Index frames without the directory that ends them: the sealing was cut short.
    if (end_.directory_position == 0 && !end_.damaged) {
      end_.torn_bytes += end_.end - end_.data_end;
      end_.end = end_.data_end;
      end_.chain = end_.data_chain;
    }
    end_.bytes_read = window_.bytes_read();
    end_.unreadable = window_.read_failed();
    return end_;
  }

 private:
  std::uint64_t position() const { return header_.base_position + at_; }
  std::uint64_t room() const { return header_.size - kPageBytes - at_; }

  std::optional<FrameHeader> frame_at(std::uint64_t at, bool mend) {
    if (at + kPageBytes + kFrameHeaderBytes > header_.size) return std::nullopt;
    std::uint64_t mended = 0;
    auto frame = FrameHeader::decode(window_.get(at, kFrameHeaderBytes), header_.salt,
                                     header_.base_position + at, header_.size - kPageBytes - at, &mended);
    if (mended && !mend) return std::nullopt;
    if (frame) end_.bits_repaired += mended;
    return frame;
  }

  /// The frame that goes on here: any behind a hole, else the one that is chained to the frame before it.
  /// It may begin at the next page, behind zeros; at_ is then moved there.
  std::optional<FrameHeader> next_frame() {
    auto frame = frame_at(at_, true);
    if (frame && (after_hole_ || frame->previous == end_.chain)) return frame;
    const std::uint64_t page = align_up(at_, kPageBytes);
    if (!(header_.features_required & kGaps) || after_hole_ || page == at_) return std::nullopt;
    const ByteView gap = window_.get(at_, page - at_);
    if (gap.size() != page - at_) return std::nullopt;
    std::uint64_t ones = 0;
    // Frames are aligned, so a gap is whole words; nearly all are zero, and counting bits is slow without
    // popcnt.
    for (std::size_t i = 0; i < gap.size(); i += sizeof(std::uint64_t))
      if (const auto word = load_le<std::uint64_t>(gap.data() + i); word != 0)
        ones += static_cast<unsigned>(std::popcount(word));
    if (ones > 1) return std::nullopt;
    frame = frame_at(page, true);
    if (!frame || frame->previous != end_.chain) return std::nullopt;
    end_.bits_repaired += ones;
    at_ = page;
    return frame;
  }

  Result<bool> step() {
    const std::uint64_t before = at_;
    auto frame = next_frame();
    if (frame) {
      if (frame->version != kFormatVersion || frame->flags != 0)
        return fail(ErrorCode::WrongFormatVersion, "a frame of a later format");
      if (sound(*frame)) {
        TRY_VOID(accept(*frame));
        return true;
      }
      if (durable(position())) {
        end_.damaged = true;
        TRY_VOID(salvage(*frame));
        pass(*frame);
        return true;
      }
      const std::uint64_t behind = at_ + frame->length;
      at_ = before;
      torn(behind);
      return false;
    }
    if (!durable(position())) {
      torn(at_);
      return false;
    }
    return hole();
  }

  // Damage with no usable frame header: on with the next good frame before the mark.
  Result<bool> hole() {
    end_.damaged = true;
    std::uint64_t from = at_;
    std::uint64_t limit = std::min(end_.mark - header_.base_position, header_.size - kPageBytes);
    for (std::uint64_t at = at_ + kAlignment; (at = next_magic(at, limit)) < limit; at += kAlignment) {
      if (!frame_at(at, false)) continue;
      at_ = at;
      after_hole_ = true;
      visitor_.lost_bytes(header_.base_position + from, position());
      return true;
    }
    // Nothing readable up to the mark. What follows it cannot be chained to anything: it ends here.
    at_ = align_up(limit, kAlignment);
    visitor_.lost_bytes(header_.base_position + from, position());
    return false;
  }

  // The first place in [from, to) that begins like a frame; `to` when there is none.
  std::uint64_t next_magic(std::uint64_t from, std::uint64_t to) {
    constexpr std::size_t kChunkBytes = 65536;
    while (from < to) {
      auto bytes = window_.get(from, std::min<std::uint64_t>(kChunkBytes, to - from));
      for (std::size_t i = 0; i + 4 <= bytes.size(); i += kAlignment)
        if (load_le<std::uint32_t>(bytes.data() + i) == kFrameMagic) return from + i;
      from += kChunkBytes;
    }
    return to;
  }

  /// Whether what stands at `position` had been durable: a mark beyond it says so.
  bool durable(std::uint64_t position) {
    if (position < end_.mark) return true;
    if (!looked_ahead_ && !options_.ignore_marks) {
      looked_ahead_ = true;
      look_ahead();
    }
    return position < end_.mark;
  }

  // Looks behind a bad frame for frames of later commits. What a segment holds is contiguous, so in a fresh
  // one, which reads as zeros where it was never written, a few probes tell that nothing follows.
  void look_ahead() {
    std::uint64_t limit = header_.size - kPageBytes;
    std::uint64_t near = std::min(at_ + kNearBytes, limit);
    window_.get(at_, near - at_);  // one read for both passes over it
    collect(at_ + kAlignment, near);
    // Zeros all the way, where something had been durable, are zeros of a body at the most.
    if ((header_.flags & SegmentHeader::kFresh) && zeros(at_, near) && !something_behind(near, limit)) return;
    collect(near, limit);
  }

  bool zeros(std::uint64_t from, std::uint64_t to) {
    constexpr std::size_t kChunkBytes = 65536;
    for (; from < to; from += kChunkBytes)
      if (std::ranges::any_of(window_.get(from, std::min<std::uint64_t>(kChunkBytes, to - from)),
                              [](std::uint8_t b) { return b != 0; }))
        return false;
    return true;
  }

  bool something_behind(std::uint64_t near, std::uint64_t limit) {
    for (std::uint64_t distance = 0; near + distance < limit; distance = distance ? distance * 2 : kNearBytes)
      if (window_.has_something(align_down(near + distance, kPageBytes), kPageBytes)) return true;
    return false;
  }

  void collect(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t at = from; (at = next_magic(at, to)) < to; at += kAlignment) {
      auto frame = frame_at(at, false);
      if (!frame) continue;
      end_.mark = std::max(end_.mark, frame->durable_mark);
      furthest_ = std::max(furthest_, at + frame->length);
    }
  }

  /// What follows does not count; `behind`: where it ends, as far as is known without looking further.
  void torn(std::uint64_t behind) { end_.torn_bytes += std::max(behind, furthest_) - at_; }

  /// Every checksum of the frame fits (single flipped bits in entry headers are put right).
  bool sound(const FrameHeader& frame) {
    ByteView bytes = window_.get(at_, frame.length);
    if (bytes.size() != frame.length) return false;
    std::uint64_t at = kFrameHeaderBytes;
    std::uint32_t crc = 0;
    for (std::uint32_t i = 0; i < frame.entries; ++i) {
      std::uint64_t mended = 0;
      if (at > frame.length) return false;
      auto entry =
          StoredEntry::decode(bytes.subspan(at), header_.salt, position() + at, frame.length - at, &mended);
      if (!entry || entry->run != frame.run) return false;
      crc = crc32c(bytes.subspan(at, kEntryHeaderBytes), crc);
      if (mended) {
        end_.bits_repaired += mended;
        repaired_in_frame_ = true;
      }
      if (!options_.trust_bodies && !body_fits(*entry, at)) return false;
      at += entry->stored_bytes();
    }
    bool fits = crc == frame.entries_crc || repaired_in_frame_;
    repaired_in_frame_ = false;
    return fits && at == frame.length;
  }

  /// `in_frame`: where its header is. A single flipped bit in a small record of the program's own is put
  /// right: there may be no second copy of it yet, and what it says (a topic was created) everything else
  /// hangs on.
  bool body_fits(const StoredEntry& entry, std::uint64_t in_frame) {
    MutableBytes body = window_.get_mutable(at_ + in_frame + kEntryHeaderBytes, entry.body_bytes);
    if (body.size() != entry.body_bytes) return false;
    if (crc32c(body) == entry.body_crc) return true;
    if (entry.header.stream >= kFirstPartitionStream || body.size() > kRepairableBodyBytes) return false;
    for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
      const auto flip = static_cast<std::uint8_t>(1U << bit % 8);
      body[bit / 8] ^= flip;
      if (crc32c(body) == entry.body_crc) {
        ++end_.bits_repaired;
        return true;
      }
      body[bit / 8] ^= flip;
    }
    return false;
  }

  void pass(const FrameHeader& frame) {
    ++end_.frames;
    end_.mark = std::max(end_.mark, frame.durable_mark);
    end_.chain = frame.header_crc;
    after_hole_ = false;
    at_ += frame.length;
    if (!index_seen_) {
      end_.data_end = position();
      end_.data_chain = end_.chain;
    }
  }

  Result<void> accept(const FrameHeader& frame) {
    std::uint64_t at = kFrameHeaderBytes;
    for (std::uint32_t i = 0; i < frame.entries; ++i) {
      ByteView bytes = window_.get(at_, frame.length);  // the visitor may have moved nothing, but be plain
      std::uint64_t ignored = 0;
      auto entry =
          StoredEntry::decode(bytes.subspan(at), header_.salt, position() + at, frame.length - at, &ignored);
      CHECK(entry.has_value());
      TRY_VOID(see(*entry, at, bytes.subspan(at + kEntryHeaderBytes, entry->body_bytes)));
      at += entry->stored_bytes();
    }
    pass(frame);
    return {};
  }

  Result<void> see(const StoredEntry& entry, std::uint64_t in_frame, ByteView body) {
    ++end_.entries;
    std::uint64_t body_position = position() + in_frame + kEntryHeaderBytes;
    if (entry.header.kind == EntryKind::IndexPiece) {
      index_seen_ = true;
      if (entry.header.stream == kDirectoryStream) {
        end_.directory_position = body_position;
        end_.directory_bytes = entry.body_bytes;
      }
    }
    return visitor_.entry(entry, body_position, body);
  }

  // A damaged frame with a good header: every entry whose own checksums fit is kept.
  Result<void> salvage(const FrameHeader& frame) {
    std::uint64_t lost_from = 0;
    auto close_gap = [&](std::uint64_t to) {
      if (lost_from) visitor_.lost_bytes(position() + lost_from, position() + to);
      lost_from = 0;
    };
    for (std::uint64_t at = kFrameHeaderBytes; at + kEntryHeaderBytes <= frame.length;) {
      ByteView bytes = window_.get(at_, frame.length);
      if (at >= bytes.size()) {
        if (!lost_from) lost_from = at;
        break;
      }
      std::uint64_t mended = 0;
      // Where the last entry ended, a flipped bit may be put right; elsewhere only an untouched header
      // counts.
      auto entry = StoredEntry::decode(bytes.subspan(at), header_.salt, position() + at, frame.length - at,
                                       lost_from ? nullptr : &mended);
      if (!entry || entry->run != frame.run) {
        if (!lost_from) lost_from = at;
        at += kAlignment;
        continue;
      }
      close_gap(at);
      if (body_fits(*entry, at)) {
        TRY_VOID(see(*entry, at, bytes.subspan(at + kEntryHeaderBytes, entry->body_bytes)));
      } else {
        visitor_.lost_body(*entry, position() + at);
      }
      at += entry->stored_bytes();
    }
    close_gap(frame.length);
    return {};
  }

  const SegmentHeader& header_;
  const ScanOptions& options_;
  ScanVisitor& visitor_;
  Window window_;
  ScanEnd end_;
  std::uint64_t at_ = 0;  // file offset
  std::uint64_t furthest_ = 0;
  bool looked_ahead_ = false;
  bool after_hole_ = false;
  bool index_seen_ = false;
  bool repaired_in_frame_ = false;
};

}  // namespace

Result<ScanEnd> scan_segment(const os::File& file, const SegmentHeader& header, const ScanOptions& options,
                             ScanVisitor& visitor) {
  return Scan{file, header, options, visitor}.run();
}

Result<SegmentHeader> read_segment_header(const os::File& file, std::uint64_t* bits_repaired) {
  Bytes page(kPageBytes);
  TRY(auto got, file.read_at(0, page));
  return SegmentHeader::decode(ByteView{page}.first(got), bits_repaired);
}

}  // namespace ledge::journal
