// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/codec.h"

#include <algorithm>

namespace ledge::kafka {
namespace {

class Plain final : public Inflater {
 public:
  Plain(ByteView in, std::size_t out_bytes_max) : Inflater(out_bytes_max), in_(in) {}

 private:
  Result<std::size_t> fill(MutableBytes out) override {
    const std::size_t n = std::min(out.size(), in_.size());
    std::copy_n(in_.begin(), n, out.begin());
    in_ = in_.subspan(n);
    return n;
  }
  ByteView in_;
};

constexpr std::size_t kStepBytes = 16384;

}  // namespace

std::unique_ptr<Inflater> make_inflater(Codec codec, ByteView in, std::size_t out_bytes_max) {
  switch (codec) {
    case Codec::None: return std::make_unique<Plain>(in, out_bytes_max);
    case Codec::Gzip: return make_gzip_inflater(in, out_bytes_max);
    case Codec::Snappy: return make_snappy_inflater(in, out_bytes_max);
    case Codec::Lz4: return make_lz4_inflater(in, out_bytes_max);
    case Codec::Zstd: return make_zstd_inflater(in, out_bytes_max);
  }
  CHECK(false);
}

Result<Bytes> decompress(Codec codec, ByteView in, std::size_t out_bytes_max) {
  if (!codec_known(codec)) return fail(ErrorCode::UnsupportedCompressionType);
  const std::unique_ptr<Inflater> inflater = make_inflater(codec, in, out_bytes_max);
  Bytes out;
  for (;;) {
    const std::size_t have = out.size();
    out.resize(std::max(have + kStepBytes, have * 2));
    std::size_t filled = have;
    while (filled < out.size()) {
      TRY(const std::size_t n, inflater->read(MutableBytes{out}.subspan(filled)));
      if (n == 0) {
        out.resize(filled);
        return out;
      }
      filled += n;
    }
  }
}

Bytes compress(Codec codec, ByteView in) {
  switch (codec) {
    case Codec::None: return {in.begin(), in.end()};
    case Codec::Gzip: return gzip_compress(in);
    case Codec::Snappy: return snappy_compress(in);
    case Codec::Lz4: return lz4_compress(in);
    case Codec::Zstd: return zstd_compress(in);
  }
  CHECK(false);
}

}  // namespace ledge::kafka
