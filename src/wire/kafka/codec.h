// SPDX-License-Identifier: Apache-2.0
// Undoing a codec as a stream, so that a batch is looked through with a small buffer however much it unpacks
// to. Private to the record batch files.
#pragma once

#include <memory>

#include "wire/kafka/record_batch.h"

namespace ledge::kafka {

inline bool codec_known(Codec codec) { return codec <= Codec::Zstd; }

/// One compressed block, read from its start to its end. Never holds more than a codec's own window (zstd:
/// 2^27 bytes at most, of which only what was written is touched) and never sizes anything by what the block
/// claims about itself alone.
class Inflater {
 public:
  virtual ~Inflater() = default;

  /// Puts 1..out.size() bytes at the start of `out`; 0 when the block is complete and used up. Errors:
  /// InvalidRecord (not this codec's format, cut short, something behind it), LimitExceeded.
  Result<std::size_t> read(MutableBytes out) {
    TRY(const std::size_t n, fill(out));
    if (n > left_) return fail(ErrorCode::LimitExceeded, "the records unpack to more than the limit");
    left_ -= n;
    return n;
  }

 protected:
  explicit Inflater(std::size_t out_bytes_max) : left_(out_bytes_max) {}
  virtual Result<std::size_t> fill(MutableBytes out) = 0;
  std::size_t left() const { return left_; }

 private:
  std::size_t left_;
};

/// `in` outlives the inflater. The codec is one of the five; None reads `in` itself.
std::unique_ptr<Inflater> make_inflater(Codec codec, ByteView in, std::size_t out_bytes_max);

std::unique_ptr<Inflater> make_gzip_inflater(ByteView in, std::size_t out_bytes_max);
std::unique_ptr<Inflater> make_snappy_inflater(ByteView in, std::size_t out_bytes_max);
std::unique_ptr<Inflater> make_lz4_inflater(ByteView in, std::size_t out_bytes_max);
std::unique_ptr<Inflater> make_zstd_inflater(ByteView in, std::size_t out_bytes_max);

Bytes gzip_compress(ByteView in);
Bytes snappy_compress(ByteView in);
Bytes lz4_compress(ByteView in);
Bytes zstd_compress(ByteView in);

}  // namespace ledge::kafka
