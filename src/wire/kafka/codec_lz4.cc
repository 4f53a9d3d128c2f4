// SPDX-License-Identifier: Apache-2.0
#include <lz4frame.h>

#include "wire/kafka/codec.h"

namespace ledge::kafka {
namespace {

class Lz4 final : public Inflater {
 public:
  Lz4(ByteView in, std::size_t out_bytes_max) : Inflater(out_bytes_max), in_(in) {
    CHECK(!LZ4F_isError(LZ4F_createDecompressionContext(&context_, LZ4F_VERSION)));
  }
  ~Lz4() override { LZ4F_freeDecompressionContext(context_); }
  Lz4(const Lz4&) = delete;
  Lz4& operator=(const Lz4&) = delete;

 private:
  Result<std::size_t> fill(MutableBytes out) override {
    for (;;) {
      if (complete_ && in_.empty()) return 0;
      std::size_t written = out.size();
      std::size_t taken = in_.size();
      const std::size_t answer = LZ4F_decompress(context_, out.data(), &written, in_.data(), &taken, nullptr);
      if (LZ4F_isError(answer)) return fail(ErrorCode::InvalidRecord, "lz4: malformed");
      in_ = in_.subspan(taken);
      complete_ = answer == 0;  // the end of a frame; another one may follow
      if (written > 0) return written;
      if (taken == 0 && !complete_) return fail(ErrorCode::InvalidRecord, "lz4: cut short");
    }
  }
  LZ4F_dctx* context_ = nullptr;
  ByteView in_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Inflater> make_lz4_inflater(ByteView in, std::size_t out_bytes_max) {
  return std::make_unique<Lz4>(in, out_bytes_max);
}

Bytes lz4_compress(ByteView in) {
  LZ4F_preferences_t how{};
  how.frameInfo.blockSizeID = LZ4F_max64KB;
  how.frameInfo.blockMode = LZ4F_blockIndependent;  // all that the Java client reads
  Bytes out(LZ4F_compressFrameBound(in.size(), &how));
  const std::size_t size = LZ4F_compressFrame(out.data(), out.size(), in.data(), in.size(), &how);
  CHECK(!LZ4F_isError(size));
  out.resize(size);
  return out;
}

}  // namespace ledge::kafka
