// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/codec.h"

#include <gtest/gtest.h>
#include <lz4frame.h>

#include <random>

namespace ledge::kafka {
namespace {

constexpr std::size_t kPlenty = 64 << 20;
constexpr std::string_view kHello = "hello hello hello hello";
constexpr Codec kPacking[] = {Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd};

Bytes from_hex(std::string_view hex) {
  Bytes out;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string{hex.substr(i, 2)}, nullptr, 16)));
  return out;
}

std::string unpacked(Codec codec, ByteView in, std::size_t out_bytes_max = kPlenty) {
  const auto out = decompress(codec, in, out_bytes_max);
  return out ? std::string{as_text(*out)} : "ERROR " + out.error().text();
}

ErrorCode refusal(Codec codec, ByteView in, std::size_t out_bytes_max = kPlenty) {
  const auto out = decompress(codec, in, out_bytes_max);
  return out ? ErrorCode::None : out.error().code;
}

/// Half of it repeats, so that every codec finds both matches and literals.
Bytes sample(std::size_t n) {
  std::mt19937 random{static_cast<std::uint32_t>(n)};
  Bytes out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = i % 64 < 32 ? static_cast<std::uint8_t>(random()) : static_cast<std::uint8_t>(i % 64);
  return out;
}

Bytes joined(const Bytes& a, const Bytes& b) {
  Bytes out = a;
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

const Bytes kGzipHello = from_hex("1f8b0800000000000203cb48cdc9c957c8402701e3513d8d17000000");
const Bytes kZstdHello = from_hex("28b52ffd04586500003068656c6c6f200100994b11175eae0d");
const Bytes kLz4Hello = from_hex("04224d186440a70f0000006868656c6c6f2006005068656c6c6f00000000f26b940b");

TEST(Codec, ReadsWhatTheToolsOfEachFormatWrote) {
  EXPECT_EQ(unpacked(Codec::Gzip, kGzipHello), kHello);
  EXPECT_EQ(unpacked(Codec::Zstd, kZstdHello), kHello);
  EXPECT_EQ(unpacked(Codec::Lz4, kLz4Hello), kHello);
  EXPECT_EQ(unpacked(Codec::Snappy, from_hex("171468656c6c6f20420600")), kHello);
}

TEST(Codec, ReadsItsOwnOutputAtEverySize) {
  for (const Codec codec : kPacking)
    for (std::size_t n : {0u, 1u, 100u, 16'383u, 16'384u, 32'768u, 32'769u, 300'000u}) {
      const Bytes in = sample(n);
      const auto out = decompress(codec, compress(codec, in), n);
      ASSERT_TRUE(out) << static_cast<int>(codec) << " " << n << " " << out.error().text();
      EXPECT_EQ(*out, in);
    }
}

TEST(Codec, ReadsSeveralGzipMembersLz4FramesZstdFramesAndSnappyStreamsInARow) {
  for (const Codec codec : kPacking) {
    const Bytes a = sample(40'000);
    const Bytes b = sample(100);
    const auto out = decompress(codec, joined(compress(codec, a), compress(codec, b)), kPlenty);
    ASSERT_TRUE(out) << static_cast<int>(codec) << out.error().text();
    EXPECT_EQ(*out, joined(a, b));
  }
}

TEST(Codec, ReadsLz4FramesWithLinkedBlocksAndAllChecksums) {
  const Bytes in = sample(400'000);
  LZ4F_preferences_t how{};
  how.frameInfo.blockSizeID = LZ4F_max256KB;
  how.frameInfo.blockMode = LZ4F_blockLinked;
  how.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
  how.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
  how.frameInfo.contentSize = in.size();
  Bytes packed(LZ4F_compressFrameBound(in.size(), &how));
  packed.resize(LZ4F_compressFrame(packed.data(), packed.size(), in.data(), in.size(), &how));
  const auto out = decompress(Codec::Lz4, packed, kPlenty);
  ASSERT_TRUE(out) << out.error().text();
  EXPECT_EQ(*out, in);
}

TEST(Codec, WritesSnappyAsTheStreamThatJavaReads) {
  const Bytes packed = compress(Codec::Snappy, sample(40'000));
  EXPECT_EQ(Bytes(packed.begin(), packed.begin() + 16), from_hex("82534e4150505900"
                                                                 "00000001"
                                                                 "00000001"));
  const auto first = static_cast<std::size_t>(load_be<std::int32_t>(packed.data() + 16));
  const auto second = static_cast<std::size_t>(load_be<std::int32_t>(packed.data() + 20 + first));
  EXPECT_EQ(24 + first + second, packed.size());
}

TEST(Codec, RefusesEveryTruncation) {
  for (const Codec codec : kPacking) {
    const Bytes packed = compress(codec, sample(500));
    for (std::size_t n = 0; n < packed.size(); ++n) {
      if (codec == Codec::Snappy && n == 16) continue;  // the stream header alone is a stream of nothing
      EXPECT_EQ(refusal(codec, ByteView{packed}.first(n)), ErrorCode::InvalidRecord)
          << static_cast<int>(codec) << " cut at " << n;
    }
  }
}

TEST(Codec, RefusesBytesBehindTheEnd) {
  for (const Codec codec : kPacking) {
    Bytes packed = compress(codec, sample(500));
    packed.push_back('x');
    EXPECT_EQ(refusal(codec, packed), ErrorCode::InvalidRecord) << static_cast<int>(codec);
  }
}

TEST(Codec, StopsAtTheLimitAndNotOneByteBefore) {
  for (const Codec codec : kPacking) {
    const Bytes packed = compress(codec, Bytes(1'000'000, 0));
    EXPECT_LT(packed.size(), 60'000u);
    EXPECT_EQ(refusal(codec, packed, 1'000'000), ErrorCode::None) << static_cast<int>(codec);
    EXPECT_EQ(refusal(codec, packed, 999'999), ErrorCode::LimitExceeded) << static_cast<int>(codec);
    EXPECT_EQ(refusal(codec, packed, 0), ErrorCode::LimitExceeded) << static_cast<int>(codec);
  }
}

TEST(Codec, DoesNotBelieveTheSizeThatASnappyBlockClaims) {  // the shape of CVE-2023-34455
  EXPECT_EQ(refusal(Codec::Snappy, from_hex("ffffffff0f"
                                            "0061")),
            ErrorCode::InvalidRecord);
  EXPECT_EQ(refusal(Codec::Snappy, from_hex("80808008"
                                            "0061")),
            ErrorCode::InvalidRecord);
  EXPECT_EQ(refusal(Codec::Snappy, from_hex("82534e4150505900"
                                            "00000001"
                                            "00000001"
                                            "7fffffff"
                                            "00")),
            ErrorCode::InvalidRecord);
  EXPECT_EQ(refusal(Codec::Snappy, from_hex("82534e4150505900"
                                            "00000001"
                                            "00000001"
                                            "ffffffff"
                                            "00")),
            ErrorCode::InvalidRecord);
  EXPECT_EQ(refusal(Codec::Snappy, from_hex("82534e4150505900"
                                            "00000002"
                                            "00000002")),
            ErrorCode::InvalidRecord);
}

TEST(Codec, RefusesOneCodecsBytesAsAnothers) {
  for (const Codec codec : kPacking)
    for (const Codec other : kPacking)
      if (codec != other) {
        EXPECT_EQ(refusal(other, compress(codec, sample(5'000))), ErrorCode::InvalidRecord)
            << static_cast<int>(codec) << " as " << static_cast<int>(other);
      }
}

TEST(Codec, RefusesACodecThatDoesNotExist) {
  EXPECT_EQ(refusal(static_cast<Codec>(5), sample(10)), ErrorCode::UnsupportedCompressionType);
}

}  // namespace
}  // namespace ledge::kafka
