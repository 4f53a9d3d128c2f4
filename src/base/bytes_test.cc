// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/errors.h"
#include "base/uuid.h"

namespace ledge {
namespace {

TEST(ByteReader, NeverReadsPastTheEndAndStaysBadAfterTheFirstShortRead) {
  const Bytes bytes{1, 2, 3};
  ByteReader in{bytes};
  EXPECT_EQ(in.be<std::uint16_t>(), 0x0102);
  EXPECT_EQ(in.be<std::uint16_t>(), 0);
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.be<std::uint8_t>(), 0) << "the last byte is not given out after a failure";
  EXPECT_EQ(in.remaining(), 0u);
}

TEST(ByteReader, RefusesATakeWhoseLengthWouldWrapAround) {
  const Bytes bytes{1, 2, 3};
  ByteReader in{bytes};
  in.take(1);
  EXPECT_TRUE(in.take(std::numeric_limits<std::size_t>::max()).empty());
  EXPECT_FALSE(in.ok());
}

TEST(Varint, RoundTripsEveryBoundaryInBothWidths) {
  for (int shift = 0; shift < 64; ++shift) {
    for (std::int64_t near : {-1, 0, 1}) {
      const auto value =
          static_cast<std::int64_t>((std::uint64_t{1} << shift) + static_cast<std::uint64_t>(near));
      ByteWriter out;
      out.varlong(value);
      out.uvarlong(static_cast<std::uint64_t>(value));
      EXPECT_EQ(out.size(), static_cast<std::size_t>(varint_size(value) +
                                                     uvarint_size(static_cast<std::uint64_t>(value))));
      const Bytes bytes = out.take();
      ByteReader in{bytes};
      EXPECT_EQ(in.varlong(), value);
      EXPECT_EQ(in.uvarlong(), static_cast<std::uint64_t>(value));
      EXPECT_TRUE(in.ok());
      EXPECT_EQ(in.remaining(), 0u);
    }
  }
  for (std::int32_t value :
       {0, -1, 1, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()}) {
    ByteWriter out;
    out.varint(value);
    const Bytes bytes = out.take();
    ByteReader in{bytes};
    EXPECT_EQ(in.varint(), value);
    EXPECT_TRUE(in.ok());
  }
}

TEST(Varint, RefusesOneThatIsTooLongOrTooLarge) {
  const Bytes six_groups{0x80, 0x80, 0x80, 0x80, 0x80, 0x01};
  ByteReader six{six_groups};
  six.uvarint();
  EXPECT_FALSE(six.ok());
  const Bytes beyond_32{0xff, 0xff, 0xff, 0xff, 0x10};
  ByteReader large{beyond_32};
  large.uvarint();
  EXPECT_FALSE(large.ok());
  const Bytes beyond_64(10, 0xff);
  ByteReader larger{beyond_64};
  larger.uvarlong();
  EXPECT_FALSE(larger.ok());
}

TEST(SharedBytes, KeepTheirBufferAliveThroughAnyPiece) {
  SharedBytes piece;
  {
    SharedBytes whole = SharedBytes::take({1, 2, 3, 4});
    piece = whole.sub(1, 2);
  }
  EXPECT_EQ(piece.size(), 2u);
  EXPECT_EQ(piece.view()[0], 2);
  EXPECT_EQ(piece.view()[1], 3);
}

TEST(Uuid, PrintsAndParsesAsKafkasToolsDo) {
  Uuid id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<std::uint8_t>(i * 17);
  EXPECT_EQ(id.text(), "ABEiM0RVZneImaq7zN3u_w");
  EXPECT_EQ(Uuid::parse(id.text()), id);
  EXPECT_EQ(id.hyphenated(), "00112233-4455-6677-8899-aabbccddeeff");
  EXPECT_EQ(Uuid{}.text(), "AAAAAAAAAAAAAAAAAAAAAA");
  EXPECT_FALSE(Uuid::parse("ABEiM0RVZneImaq7zN3u_").has_value()) << "too short";
  EXPECT_FALSE(Uuid::parse("ABEiM0RVZneImaq7zN3u+w").has_value()) << "not the URL-safe alphabet";
}

TEST(Uuid, IsDrawnAgainWhenItWouldLookLikeACommandLineOption) {
  std::array<std::uint8_t, 16> random{};
  random[0] = 0xf8;  // the first six bits are 62, which is '-'
  EXPECT_FALSE(Uuid::from_random(random).has_value());
  random[0] = 0x10;
  EXPECT_TRUE(Uuid::from_random(random).has_value());
}

TEST(Errors, HaveKafkasNamesAndCodesAndMapOursToOneOfTheirs) {
  EXPECT_EQ(error_name(ErrorCode::UnknownTopicOrPartition), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(wire_code(ErrorCode::UnknownTopicOrPartition), 3);
  EXPECT_EQ(wire_code(ErrorCode::JournalPoisoned), 56);
  EXPECT_EQ(error_from_wire(56), ErrorCode::KafkaStorageError);
  EXPECT_EQ(error_from_wire(9999), ErrorCode::UnknownServerError);
  EXPECT_EQ(error_from_wire(1003), ErrorCode::UnknownServerError) << "our own codes are not on the wire";
}

}  // namespace
}  // namespace ledge
