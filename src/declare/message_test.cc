// SPDX-License-Identifier: Apache-2.0
// The engine on a message made for it, with every kind of field; what Kafka's messages do not use is tried
// here.
#include "declare/message.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/limits.h"

namespace ledge::declare {
namespace {

struct Everything {
  struct Inner {
    std::int32_t a = 5;
    std::string b;
    std::int8_t late = -1;
    static const Struct& declaration() {
      using T = Inner;
      static constexpr std::array rows{
          field<&T::a>("A", "0+", "A number."),
          field<&T::b>("B", "0+", "A text."),
          field<&T::late>("Late", "2+", "A tag of a nested struct.").tagged(3, "2+"),
      };
      static constexpr auto self = structure<T>("Inner", rows);
      return self;
    }
  };

  bool flag = true;
  std::uint16_t port = 0;
  double rate = 0.5;
  Uuid id;
  Bytes blob;
  std::optional<Bytes> maybe_blob = Bytes{};
  std::optional<std::string> classic_text;
  std::optional<Inner> maybe;
  std::vector<std::optional<std::string>> names;
  std::optional<std::vector<Inner>> inners;
  std::int64_t only_in_middle = 8;
  Inner tagged_struct;
  std::optional<std::string> tagged_text = "t";
  std::vector<std::int64_t> tagged_numbers;

  static const Struct& declaration() {
    using T = Everything;
    static constexpr std::array rows{
        field<&T::flag>("Flag", "0+", "True or false."),
        field<&T::port>("Port", "0+", "Not negative."),
        field<&T::rate>("Rate", "0+", "A fraction."),
        field<&T::id>("Id", "0+", "An id."),
        field<&T::blob>("Blob", "0+", "Bytes."),
        field<&T::maybe_blob>("MaybeBlob", "0+", "Bytes or null.").nullable("1+"),
        field<&T::classic_text>("ClassicText", "0+", "Never compact.").nullable("0+").classic(),
        field<&T::maybe>("Maybe", "1+", "A struct or null.").nullable("2+"),
        field<&T::names>("Names", "0+", "Texts."),
        field<&T::inners>("Inners", "0+", "Structs or null.").nullable("0+"),
        field<&T::only_in_middle>("OnlyInMiddle", "1-2", "Of two versions.").ignorable(),
        field<&T::tagged_struct>("TaggedStruct", "2+", "A tagged struct.").tagged(0, "2+"),
        field<&T::tagged_text>("TaggedText", "0+", "Plain at first, tagged later.")
            .nullable("2+")
            .tagged(1, "3+"),
        field<&T::tagged_numbers>("TaggedNumbers", "2+", "Tagged numbers.").tagged(9, "2+"),
    };
    static constexpr auto self = structure<T>("Everything", rows);
    return self;
  }
};

constexpr std::int16_t kFlexibleFrom = 2;
Format format(std::int16_t version) { return {version, version >= kFlexibleFrom}; }

Bytes encoded(const Everything& message, std::int16_t version) {
  Bytes out;
  const Chain chain = encode(Everything::declaration(), &message, format(version));
  for (const ChainPiece& piece : chain.pieces()) {
    const ByteView view = std::get<SharedBytes>(piece).view();
    out.insert(out.end(), view.begin(), view.end());
  }
  return out;
}

Result<Everything> decoded(Bytes bytes, std::int16_t version) {
  Result<Everything> out{std::in_place};
  TRY_VOID(decode(Everything::declaration(), &*out, SharedBytes::take(std::move(bytes)), format(version),
                  nullptr));
  return out;
}

bool same(const Everything& a, const Everything& b) { return equal(Everything::declaration(), &a, &b); }

Everything sample() {
  Everything e;
  e.flag = false;
  e.port = 65535;
  e.rate = -1.25;
  e.id.bytes[0] = 0xaa;
  e.blob = {1, 2, 3};
  e.maybe_blob = std::nullopt;
  e.classic_text = "xyz";
  e.names = {"a", "", "ccc"};
  e.inners.emplace().push_back({.a = -1, .b = "in", .late = 4});
  e.only_in_middle = 99;
  e.maybe = Everything::Inner{.a = 1, .b = "m", .late = -1};
  e.tagged_struct.b = "set";
  e.tagged_text = std::nullopt;
  e.tagged_numbers = {1, -1};
  return e;
}

TEST(MessageEngine, WritesClassicVersionsByteForByte) {
  Everything e;
  e.port = 0xfffe;
  e.rate = 1.0;
  e.blob = {7};
  e.names = {"n"};
  e.inners = std::nullopt;
  const Bytes expected{1,    0xff, 0xfe, 0x3f, 0xf0, 0, 0,  0, 0,   0, 0,                 // flag, port, rate
                       0,    0,    0,    0,    0,    0, 0,  0, 0,   0, 0, 0, 0, 0, 0, 0,  // id
                       0,    0,    0,    1,    7,    0, 0,  0, 0,                         // blob, empty blob
                       0xff, 0xff, 0,    0,    0,    1, 0,  1, 'n',  // classic text, names
                       0xff, 0xff, 0xff, 0xff, 0,    1, 't'};        // inners, text that is not tagged yet
  EXPECT_EQ(encoded(e, 0), expected);
  EXPECT_TRUE(same(*decoded(expected, 0), e));
}

TEST(MessageEngine, KeepsEveryKindOfFieldInItsVersions) {
  const Everything e = sample();
  for (std::int16_t version = 3; version <= 4; ++version) {
    const auto back = decoded(encoded(e, version), version);
    ASSERT_TRUE(back) << back.error().text();
    EXPECT_EQ(back->only_in_middle, 8) << "not of this version: its default";
    Everything expected = e;
    expected.only_in_middle = 8;
    EXPECT_TRUE(same(*back, expected));
  }
  EXPECT_EQ(decoded(encoded(e, 2), 2)->only_in_middle, 99);
}

TEST(MessageEngine, DropsWhatTheVersionDoesNotHave) {
  const auto back = decoded(encoded(sample(), 0), 0);
  ASSERT_TRUE(back);
  EXPECT_FALSE(back->maybe);
  EXPECT_EQ((*back->inners)[0].late, -1);
  EXPECT_TRUE(back->tagged_numbers.empty());
}

TEST(MessageEngine, WritesNullAsEmptyWhereTheVersionHasNoNull) {
  const auto back = decoded(encoded(sample(), 0), 0);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->maybe_blob, Bytes{});
  EXPECT_EQ(back->tagged_text, "");
  Everything e = sample();
  e.maybe = std::nullopt;
  ASSERT_TRUE(decoded(encoded(e, 1), 1));
  EXPECT_EQ(decoded(encoded(e, 1), 1)->maybe->a, 5) << "a struct that cannot be null has its defaults";
  EXPECT_FALSE(decoded(encoded(e, 2), 2)->maybe);
}

TEST(MessageEngine, WritesTaggedFieldsOnlyWhenTheyDifferAndInTheOrderOfTheirTags) {
  Everything e;
  const std::size_t plain = encoded(e, 3).size();
  e.tagged_text = std::nullopt;
  EXPECT_EQ(encoded(e, 3).size(), plain + 3) << "tag, size, null";
  e.tagged_struct.late = 1;
  e.tagged_numbers = {1};
  const Bytes bytes = encoded(e, 3);
  const Bytes tail(bytes.end() - 26, bytes.end());
  EXPECT_EQ(tail, (Bytes{3, 0, 9, 0, 0, 0, 5, 1, 1, 3, 1, 1, 1, 1, 0, 9, 9, 2, 0, 0, 0, 0, 0, 0, 0, 1}));
}

TEST(MessageEngine, ReadsTaggedFieldsInAnyOrder) {
  Bytes bytes = encoded(Everything{}, 3);
  ASSERT_EQ(bytes.back(), 0);
  bytes.pop_back();
  bytes.insert(bytes.end(), {2, 9, 1, 1, 1, 2, 2, 'z'});
  const auto back = decoded(bytes, 3);
  ASSERT_TRUE(back) << back.error().text();
  EXPECT_EQ(back->tagged_text, "z");
}

TEST(MessageEngine, RefusesAPresenceByteThatIsNeitherOneNorMinusOne) {
  Everything e;
  Bytes bytes = encoded(e, 2);
  const std::size_t at = 1 + 2 + 8 + 16 + 1 + 1 + 2;
  ASSERT_EQ(bytes[at], 0xff);
  bytes[at] = 2;
  EXPECT_EQ(decoded(bytes, 2).error().detail, "Maybe: a struct is there (1) or not (-1)");
}

TEST(MessageEngine, NumbersThatAreNoNumbersCompareBitForBit) {
  Everything a;
  a.rate = std::nan("");
  Everything b = a;
  EXPECT_TRUE(same(a, b));
  a.rate = 0.0;
  b.rate = -0.0;
  EXPECT_FALSE(same(a, b));
}

TEST(MessageEngine, MemoryIsBoundedByTheFrame) {
  // Each empty name is one byte and takes a whole std::optional<std::string>: allowed while below the factor.
  Everything e;
  const Bytes front = encoded(e, 2);
  static_assert(sizeof(std::optional<std::string>) < limits::decode_memory_factor);
  e.names.assign(100000, "");
  EXPECT_TRUE(decoded(encoded(e, 2), 2));
  // Tagged fields that are not known hold no memory at all, however many there are.
  Bytes many = front;
  many.pop_back();
  ByteWriter count;
  count.uvarint(200000);
  many.insert(many.end(), count.view().begin(), count.view().end());
  for (int i = 0; i < 200000; ++i) many.insert(many.end(), {100, 0});
  EXPECT_TRUE(decoded(many, 2));
}

TEST(MessageEngine, AMessageThatTakesMoreMemoryThanItsFrameAllowsIsRefused) {
  struct Wide {
    std::array<std::uint8_t, 4096> room{};
    std::int8_t small = 0;
    static const Struct& declaration() {
      static constexpr std::array rows{field<&Wide::small>("Small", "0+", "One byte.")};
      static constexpr auto self = structure<Wide>("Wide", rows);
      return self;
    }
  };
  struct Many {
    std::vector<Wide> wides;
    static const Struct& declaration() {
      static constexpr std::array rows{field<&Many::wides>("Wides", "0+", "Many.")};
      static constexpr auto self = structure<Many>("Many", rows);
      return self;
    }
  };
  ByteWriter bytes;
  bytes.be<std::int32_t>(100000);
  bytes.zeros(100000);
  Many many;
  const auto done = decode(Many::declaration(), &many, SharedBytes::take(bytes.take()), {0, false}, nullptr);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(many.wides.capacity(), 0u);
}

TEST(MessageEngine, PrintsAMessageOnOneLineWithoutItsBytes) {
  EXPECT_EQ(print(Everything::Inner::declaration(), std::make_unique<Everything::Inner>().get(), 0),
            "Inner v0 {A: 5, B: \"\"}");
  Everything e = sample();
  EXPECT_EQ(
      print(Everything::declaration(), &e, 2),
      "Everything v2 {Flag: false, Port: 65535, Rate: -1.25, Id: qgAAAAAAAAAAAAAAAAAAAA, Blob: <3 bytes>, "
      "MaybeBlob: null, ClassicText: \"xyz\", Maybe: {A: 1, B: \"m\", Late: -1}, Names: [\"a\", \"\", "
      "\"ccc\"], "
      "Inners: [{A: -1, B: \"in\", Late: 4}], OnlyInMiddle: 99, TaggedStruct: {A: 5, B: \"set\", Late: -1}, "
      "TaggedText: null, TaggedNumbers: [1, -1]}");
  e.names.assign(100000, std::string(1000, '\n'));
  EXPECT_EQ(print(Everything::declaration(), &e, 2).size(),
            static_cast<std::size_t>(limits::log_message_bytes_max) + 3);
}

TEST(MessageEngine, WritesDefinitionsAsKafkaDoes) {
  std::string out;
  append_definition(out, Everything::Inner::declaration());
  EXPECT_EQ(out,
            "[\n"
            "{\"name\": \"A\", \"type\": \"int32\", \"versions\": \"0+\", \"default\": \"5\", \"about\": \"A "
            "number.\"},\n"
            "{\"name\": \"B\", \"type\": \"string\", \"versions\": \"0+\", \"default\": \"\", \"about\": \"A "
            "text.\"},\n"
            "{\"name\": \"Late\", \"type\": \"int8\", \"versions\": \"2+\", \"tag\": 3, \"taggedVersions\": "
            "\"2+\", "
            "\"default\": \"-1\", \"about\": \"A tag of a nested struct.\"}]");
}

TEST(MessageEngine, VersionsAreSpelledAsInKafka) {
  for (const char* text : {"none", "0+", "3", "0-12"}) {
    const Versions versions = std::string_view{text} == "none" ? Versions("none")
                              : std::string_view{text} == "0+" ? Versions("0+")
                              : std::string_view{text} == "3"  ? Versions("3")
                                                               : Versions("0-12");
    EXPECT_EQ(versions.text(), text);
  }
  EXPECT_TRUE(Versions("3").has(3));
  EXPECT_FALSE(Versions("3").has(4));
  EXPECT_FALSE(Versions("0-12").has(13));
  EXPECT_TRUE(Versions("4+").has(32767));
  EXPECT_FALSE(Versions("none").has(0));
}

}  // namespace
}  // namespace ledge::declare
