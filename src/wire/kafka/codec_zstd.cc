// SPDX-License-Identifier: Apache-2.0
#include <zstd.h>

#include "wire/kafka/codec.h"

namespace ledge::kafka {
namespace {

class Zstd final : public Inflater {
 public:
  Zstd(ByteView in, std::size_t out_bytes_max)
      : Inflater(out_bytes_max), stream_(ZSTD_createDStream()), in_{in.data(), in.size(), 0} {
    CHECK(stream_ != nullptr);
  }
  ~Zstd() override { ZSTD_freeDStream(stream_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

 private:
  Result<std::size_t> fill(MutableBytes out) override {
    for (;;) {
      if (complete_ && in_.pos == in_.size) return 0;
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      const std::size_t before = in_.pos;
      const std::size_t answer = ZSTD_decompressStream(stream_, &to, &in_);
      if (ZSTD_isError(answer)) return fail(ErrorCode::InvalidRecord, "zstd: malformed");
      complete_ = answer == 0;  // the end of a frame; another one may follow
      if (to.pos > 0) return to.pos;
      if (in_.pos == before && !complete_) return fail(ErrorCode::InvalidRecord, "zstd: cut short");
    }
  }
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Inflater> make_zstd_inflater(ByteView in, std::size_t out_bytes_max) {
  return std::make_unique<Zstd>(in, out_bytes_max);
}

Bytes zstd_compress(ByteView in) {
  Bytes out(ZSTD_compressBound(in.size()));
  const std::size_t size = ZSTD_compress(out.data(), out.size(), in.data(), in.size(), ZSTD_CLEVEL_DEFAULT);
  CHECK(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

}  // namespace ledge::kafka
