// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include "wire/kafka/codec.h"

namespace ledge::kafka {
namespace {

constexpr int kGzipWindow = 15 + 16;  // the largest window; +16: gzip header and trailer (RFC 1952)

class Gzip final : public Inflater {
 public:
  Gzip(ByteView in, std::size_t out_bytes_max) : Inflater(out_bytes_max) {
    CHECK(inflateInit2(&stream_, kGzipWindow) == Z_OK);
    stream_.next_in = const_cast<std::uint8_t*>(in.data());  // zlib only reads there
    stream_.avail_in = static_cast<uInt>(in.size());
  }
  ~Gzip() override { inflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

 private:
  Result<std::size_t> fill(MutableBytes out) override {
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(out.size());
    while (stream_.avail_out == out.size()) {
      if (complete_ && stream_.avail_in == 0) return 0;
      if (complete_) CHECK(inflateReset(&stream_) == Z_OK);  // a further member
      const int answer = inflate(&stream_, Z_NO_FLUSH);
      if (answer != Z_OK && answer != Z_STREAM_END)
        return fail(ErrorCode::InvalidRecord, answer == Z_BUF_ERROR ? "gzip: cut short" : "gzip: malformed");
      complete_ = answer == Z_STREAM_END;
    }
    return out.size() - stream_.avail_out;
  }
  z_stream stream_{};
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Inflater> make_gzip_inflater(ByteView in, std::size_t out_bytes_max) {
  return std::make_unique<Gzip>(in, out_bytes_max);
}

Bytes gzip_compress(ByteView in) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out(deflateBound(&stream, in.size()));
  stream.next_in = const_cast<std::uint8_t*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace ledge::kafka
