// SPDX-License-Identifier: Apache-2.0
// Java writes snappy as the stream of the xerial library: a header, then blocks with a length each. Others
// send one raw block. The first eight bytes tell.
#include <snappy-c.h>

#include <algorithm>
#include <array>

#include "wire/kafka/codec.h"

namespace ledge::kafka {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t kStreamHeaderBytes = 16;  // magic, version, oldest compatible version
constexpr std::int32_t kVersion = 1;
constexpr std::size_t kBlockBytes = 32768;  // as the Java library cuts it
/// A block's own claim of its size is believed only as far as its bytes can reach: the densest element makes
/// 64 bytes of 3.
constexpr std::size_t kGrowthMax = 22;

class Snappy final : public Inflater {
 public:
  Snappy(ByteView in, std::size_t out_bytes_max)
      : Inflater(out_bytes_max), in_(in), framed_(starts_with_magic(in)) {}

 private:
  static bool starts_with_magic(ByteView in) {
    return in.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), in.begin());
  }

  Result<std::size_t> fill(MutableBytes out) override {
    while (at_ == block_.size()) {
      TRY(const ByteView next, next_block());
      if (next.empty()) return 0;
      TRY_VOID(unpack(next));
    }
    const std::size_t n = std::min(out.size(), block_.size() - at_);
    std::copy_n(block_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    return n;
  }

  /// The next compressed block, empty at the end.
  Result<ByteView> next_block() {
    if (!framed_) {
      if (started_) return ByteView{};
      started_ = true;
      if (in_.empty()) return fail(ErrorCode::InvalidRecord, "snappy: cut short");
      return std::exchange(in_, {});
    }
    while (starts_with_magic(in_)) TRY_VOID(skip_stream_header());  // streams may follow one another
    if (in_.empty()) return in_;
    ByteReader reader{in_};
    const auto length = reader.be<std::int32_t>();
    if (!reader.ok() || length <= 0 || static_cast<std::size_t>(length) > reader.remaining())
      return fail(ErrorCode::InvalidRecord, "snappy: a block's length is wrong");
    const ByteView block = reader.take(static_cast<std::size_t>(length));
    in_ = in_.subspan(reader.position());
    return block;
  }

  Result<void> skip_stream_header() {
    if (in_.size() < kStreamHeaderBytes) return fail(ErrorCode::InvalidRecord, "snappy: cut short");
    if (load_be<std::int32_t>(in_.data() + 12) > kVersion)
      return fail(ErrorCode::InvalidRecord, "snappy: a stream of a newer version");
    in_ = in_.subspan(kStreamHeaderBytes);
    return {};
  }

  Result<void> unpack(ByteView compressed) {
    const char* from = reinterpret_cast<const char*>(compressed.data());
    std::size_t size = 0;
    if (snappy_uncompressed_length(from, compressed.size(), &size) != SNAPPY_OK ||
        size > compressed.size() * kGrowthMax)
      return fail(ErrorCode::InvalidRecord, "snappy: malformed");
    if (size > left()) return fail(ErrorCode::LimitExceeded, "the records unpack to more than the limit");
    block_.resize(size);
    at_ = 0;
    if (snappy_uncompress(from, compressed.size(), reinterpret_cast<char*>(block_.data()), &size) !=
        SNAPPY_OK)
      return fail(ErrorCode::InvalidRecord, "snappy: malformed");
    return {};
  }

  ByteView in_;
  bool framed_;
  bool started_ = false;
  Bytes block_;  // the current block, unpacked
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Inflater> make_snappy_inflater(ByteView in, std::size_t out_bytes_max) {
  return std::make_unique<Snappy>(in, out_bytes_max);
}

Bytes snappy_compress(ByteView in) {
  ByteWriter out;
  out.bytes(kMagic);
  out.be(kVersion);
  out.be(kVersion);
  Bytes block(snappy_max_compressed_length(kBlockBytes));
  while (!in.empty()) {
    const std::size_t n = std::min(in.size(), kBlockBytes);
    std::size_t size = block.size();
    CHECK(::snappy_compress(reinterpret_cast<const char*>(in.data()), n,
                            reinterpret_cast<char*>(block.data()), &size) == SNAPPY_OK);
    out.be(static_cast<std::int32_t>(size));
    out.bytes(ByteView{block}.first(size));
    in = in.subspan(n);
  }
  return out.take();
}

}  // namespace ledge::kafka
