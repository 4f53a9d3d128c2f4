// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <random>

namespace ledge {
namespace {

Bytes random_bytes(std::size_t n, std::uint32_t seed) {
  std::mt19937 random{seed};
  Bytes out(n);
  for (auto& b : out) b = static_cast<std::uint8_t>(random());
  return out;
}

TEST(Crc32c, AnswersThePublishedTestVectors) {  // RFC 3720, B.4, and the usual check value
  Bytes rising(32);
  Bytes falling(32);
  for (std::size_t i = 0; i < 32; ++i) {
    rising[i] = static_cast<std::uint8_t>(i);
    falling[i] = static_cast<std::uint8_t>(31 - i);
  }
  EXPECT_EQ(crc32c(Bytes(32, 0)), 0x8a9136aau);
  EXPECT_EQ(crc32c(Bytes(32, 0xff)), 0x62a8ab43u);
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
  EXPECT_EQ(crc32c(falling), 0x113fdb5cu);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xe3069283u);
  EXPECT_EQ(crc32c({}), 0u);
  EXPECT_EQ(crc32c_portable(as_bytes("123456789")), 0xe3069283u);
}

TEST(Crc32c, InstructionAndTablesAgreeOnEveryLengthAndAlignment) {
  const Bytes data = random_bytes(4096 + 8, 1);
  for (std::size_t align = 0; align < 8; ++align) {
    const ByteView from = ByteView{data}.subspan(align);
    for (std::size_t n = 0; n <= 4096; ++n)
      ASSERT_EQ(crc32c(from.first(n)), crc32c_portable(from.first(n))) << n << " at " << align;
  }
}

TEST(Crc32c, InstructionAndTablesAgreeOnLongInputs) {
  const Bytes data = random_bytes(200'000, 2);
  for (std::size_t n : {12'287u, 12'288u, 12'289u, 13'056u, 24'576u, 100'001u, 200'000u})
    EXPECT_EQ(crc32c(ByteView{data}.first(n), 77), crc32c_portable(ByteView{data}.first(n), 77)) << n;
}

TEST(Crc32c, ContinuesFromAnEarlierResult) {
  const Bytes data = random_bytes(30'000, 3);
  const std::uint32_t whole = crc32c(data);
  for (std::size_t cut : {0u, 1u, 7u, 8u, 999u, 12'288u, 29'999u, 30'000u})
    EXPECT_EQ(crc32c(ByteView{data}.subspan(cut), crc32c(ByteView{data}.first(cut))), whole) << cut;
}

TEST(Crc32c, JoinsTheChecksumsOfTwoParts) {
  const Bytes data = random_bytes(1'100'000, 5);
  const ByteView all{data};
  for (std::size_t n : {0u, 1u, 21u, 255u, 256u, 4'095u, 4'096u, 4'097u, 30'000u, 1'100'000u})
    for (std::size_t cut : {std::size_t{0}, std::min<std::size_t>(n, 21), n / 3, n})
      EXPECT_EQ(crc32c_joined(crc32c(all.first(cut)), crc32c(all.first(n).subspan(cut)), n - cut),
                crc32c(all.first(n)))
          << n << " cut at " << cut;
}

TEST(Crc32c, NoticesEverySingleBitFlip) {
  Bytes data = random_bytes(300, 4);
  const std::uint32_t right = crc32c(data);
  for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
    data[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    ASSERT_NE(crc32c(data), right) << bit;
    data[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
  }
}

}  // namespace
}  // namespace ledge
