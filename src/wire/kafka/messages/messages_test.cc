// SPDX-License-Identifier: Apache-2.0
// What holds for every declared message in every version.
#include <gtest/gtest.h>

#include <set>

#include "base/limits.h"
#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/19_create_topics.h"
#include "wire/kafka/messages/all.h"
#include "wire/kafka/messages/random_message.h"

namespace ledge::kafka {
namespace {

Bytes flat(const Chain& chain) {
  Bytes out;
  for (const ChainPiece& piece : chain.pieces()) {
    const ByteView view = std::get<SharedBytes>(piece).view();
    out.insert(out.end(), view.begin(), view.end());
  }
  return out;
}

template <class Do> void for_every_version(Do&& act) {
  for (const MessageInfo& message : all_messages()) {
    for (std::int16_t version = message.api.min_version; version <= message.api.max_version; ++version) {
      SCOPED_TRACE(std::string{message.declaration().name} + " v" + std::to_string(version));
      act(message, version);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

Bytes encoded(const MessageInfo& message, const void* value, std::int16_t version) {
  return flat(declare::encode(message.declaration(), value, message.api.format(version)));
}

Result<void> decode_into(const MessageInfo& message, void* out, Bytes bytes, std::int16_t version,
                         std::size_t* left_over = nullptr) {
  return declare::decode(message.declaration(), out, SharedBytes::take(std::move(bytes)),
                         message.api.format(version), left_over);
}

TEST(EveryMessage, ReadsBackWhatWasWrittenInEveryVersion) {
  int versions = 0;
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    ++versions;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const auto written = message.make();
      RandomMessage(seed).fill(message.declaration(), written.get(), version);
      const Bytes bytes = encoded(message, written.get(), version);
      EXPECT_EQ(bytes.size(),
                declare::encoded_size(message.declaration(), written.get(), message.api.format(version)));
      const auto read = message.make();
      std::size_t left_over = 99;
      const auto done = decode_into(message, read.get(), bytes, version, &left_over);
      ASSERT_TRUE(done) << done.error().text();
      EXPECT_EQ(left_over, 0u);
      ASSERT_TRUE(declare::equal(message.declaration(), read.get(), written.get()))
          << "seed " << seed << "\n"
          << declare::print(message.declaration(), written.get(), version) << "\n"
          << declare::print(message.declaration(), read.get(), version);
    }
  });
  EXPECT_GT(versions, 300);
}

TEST(EveryMessage, RefusesInputThatEndsTooEarlyAtEveryByte) {
  for_every_version([](const MessageInfo& message, std::int16_t version) {
    const auto written = message.make();
    RandomMessage(7).fill(message.declaration(), written.get(), version);
    const Bytes whole = encoded(message, written.get(), version);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const auto done = decode_into(message, message.make().get(), cut, version);
      ASSERT_FALSE(done) << length << " of " << whole.size() << " bytes";
      EXPECT_EQ(done.error().code, ErrorCode::Truncated) << done.error().text();
    }
  });
}

TEST(EveryMessage, SaysHowManyBytesAreLeftBehindIt) {
  for_every_version([](const MessageInfo& message, std::int16_t version) {
    Bytes bytes = encoded(message, message.make().get(), version);
    bytes.insert(bytes.end(), {1, 2, 3});
    std::size_t left_over = 0;
    ASSERT_TRUE(decode_into(message, message.make().get(), bytes, version, &left_over));
    EXPECT_EQ(left_over, 3u);
  });
}

TEST(EveryMessage, SkipsTagsThatItDoesNotKnow) {
  int flexible = 0;
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    if (!message.api.format(version).flexible) return;
    ++flexible;
    const auto written = message.make();
    Bytes bytes = encoded(message, written.get(), version);
    ASSERT_EQ(bytes.back(), 0) << "no tagged field at its default is written";
    bytes.back() = 2;
    bytes.insert(bytes.end(),
                 {0xe8, 0x07, 3, 9, 9, 9, 0xe9, 0x07, 0});  // tags 1000 and 1001 of 3 and 0 bytes
    const auto read = message.make();
    std::size_t left_over = 99;
    const auto done = decode_into(message, read.get(), bytes, version, &left_over);
    ASSERT_TRUE(done) << done.error().text();
    EXPECT_EQ(left_over, 0u);
    EXPECT_TRUE(declare::equal(message.declaration(), read.get(), written.get()));
  });
  EXPECT_GT(flexible, 100);
}

TEST(EveryMessage, RefusesAnUnknownTagThatIsLongerThanTheBytesLeft) {
  for_every_version([](const MessageInfo& message, std::int16_t version) {
    if (!message.api.format(version).flexible) return;
    Bytes bytes = encoded(message, message.make().get(), version);
    bytes.back() = 1;
    bytes.insert(bytes.end(), {0xe8, 0x07, 4, 9, 9, 9});
    const auto done = decode_into(message, message.make().get(), bytes, version);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::Truncated);
  });
}

TEST(EveryMessage, SurvivesBytesThatAreFlippedAtRandom) {
  std::size_t refused = 0;
  std::size_t read_anyway = 0;
  for_every_version([&](const MessageInfo& message, std::int16_t version) {
    std::mt19937_64 random(static_cast<std::uint64_t>(version));
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const auto written = message.make();
      RandomMessage(seed).fill(message.declaration(), written.get(), version);
      Bytes bytes = encoded(message, written.get(), version);
      if (bytes.empty()) return;
      for (std::uint64_t flips = 1 + seed % 3; flips > 0; --flips)
        bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
      const auto read = message.make();
      std::size_t left_over = 0;
      const std::size_t size = bytes.size();
      if (!decode_into(message, read.get(), bytes, version, &left_over)) {
        ++refused;
        continue;
      }
      ++read_anyway;
      // What was read can be written, and takes no more than it was read from but for null flags that were
      // not 1 or 0.
      EXPECT_LE(encoded(message, read.get(), version).size(), size - left_over);
    }
  });
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(read_anyway, 1000u);
}

TEST(EveryMessage, HasALineForTheLogThatIsBounded) {
  for_every_version([](const MessageInfo& message, std::int16_t version) {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto written = message.make();
      RandomMessage(seed).fill(message.declaration(), written.get(), version);
      const std::string line = declare::print(message.declaration(), written.get(), version);
      EXPECT_TRUE(line.starts_with(message.declaration().name)) << line;
      EXPECT_LE(line.size(), static_cast<std::size_t>(limits::log_message_bytes_max) + 3);
    }
  });
}

TEST(EveryMessage, IsInTheReferenceWithItsFields) {
  const std::string page = wire_reference();
  for (const MessageInfo& message : all_messages()) {
    EXPECT_NE(page.find(std::string{message.declaration().name}), std::string::npos);
    for (const declare::Field& f : message.declaration().fields)
      EXPECT_NE(page.find("| " + std::string{f.name} + " |"), std::string::npos) << f.name;
  }
}

TEST(EveryMessage, HasARequestAndAResponseOfTheSameVersions) {
  std::set<std::int16_t> keys;
  for (const MessageInfo& message : all_messages()) {
    if (message.kind == MessageKind::Header) continue;
    keys.insert(message.api.key);
    ASSERT_NE(find_api(message.api.key), nullptr);
    EXPECT_EQ(find_api(message.api.key)->name, message.api.name);
    EXPECT_EQ(find_api(message.api.key)->max_version, message.api.max_version);
  }
  EXPECT_EQ(all_messages().size(), keys.size() * 2 + 2);
  EXPECT_EQ(find_api(-1), nullptr);
  EXPECT_EQ(find_api(4), nullptr);
  EXPECT_EQ(find_api(32767), nullptr);
}

/// The frame of a Produce request of version 9 up to the number of topics.
Bytes produce_until_topics() { return {0, 0xff, 0xff, 0, 0, 0x75, 0x30}; }

TEST(HostileMessage, CountBeyondTheBytesLeftIsRefusedBeforeMemoryIsTaken) {
  Bytes bytes = produce_until_topics();
  bytes.insert(bytes.end(), {0xff, 0xff, 0xff, 0xff, 0x0f});  // 2^32 - 2 topics
  auto done = decode<ProduceRequest>(SharedBytes::copy(bytes), 9);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::LimitExceeded);
  EXPECT_EQ(done.error().detail, "TopicData: too many elements");

  bytes = produce_until_topics();
  bytes.insert(bytes.end(), {0x80, 0x80, 0x04});  // 65535 topics
  bytes.resize(bytes.size() + 1000);
  done = decode<ProduceRequest>(SharedBytes::copy(bytes), 9);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::Truncated);
}

TEST(HostileMessage, MillionsOfEmptyElementsInATruthfulFrameAreRefused) {
  Bytes bytes = produce_until_topics();
  ByteWriter count;
  count.uvarint(limits::array_elements_max + 2);
  bytes.insert(bytes.end(), count.view().begin(), count.view().end());
  bytes.resize(bytes.size() + 4 * (limits::array_elements_max + 2));
  const auto done = decode<ProduceRequest>(SharedBytes::take(std::move(bytes)), 9);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::LimitExceeded);
}

TEST(HostileMessage, ALargeFrameOfTinyElementsDoesNotTakeManyTimesItsSize) {
  // Configuration entries of three bytes each, in a frame as large as memory for requests allows.
  ByteWriter bytes;
  constexpr std::uint32_t kTopics = 20;
  constexpr std::uint32_t kConfigs = 500000;
  bytes.uvarint(kTopics + 1);
  for (std::uint32_t i = 0; i < kTopics; ++i) {
    bytes.uvarint(1);  // name
    bytes.zeros(6);    // partitions, replicas
    bytes.uvarint(1);  // assignments
    bytes.uvarint(kConfigs + 1);
    for (std::uint32_t j = 0; j < kConfigs; ++j) bytes.bytes(Bytes{1, 1, 0});
    bytes.zeros(1);
  }
  bytes.zeros(6);
  const std::size_t size = bytes.size();
  ASSERT_LT(size, static_cast<std::size_t>(limits::request_memory_bytes));
  const auto done = decode<CreateTopicsRequest>(SharedBytes::take(bytes.take()), 7);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "Topics[1].Configs: takes more memory than a frame may");
}

TEST(HostileMessage, NegativeLengthsAndNullsThatAreNotAllowedAreMalformed) {
  // Version 3: transactional id, acks, timeout, topics.
  const Bytes front{0xff, 0xff, 0, 1, 0, 0, 0, 9};
  const auto decoded = [&](std::initializer_list<std::uint8_t> rest) {
    Bytes bytes = front;
    bytes.insert(bytes.end(), rest);
    return decode<ProduceRequest>(SharedBytes::take(std::move(bytes)), 3);
  };
  EXPECT_EQ(decoded({0xff, 0xff, 0xff, 0xff}).error().detail,
            "TopicData: null, which this version does not allow");
  EXPECT_EQ(decoded({0xff, 0xff, 0xff, 0xfe}).error().detail, "TopicData: a negative length");
  EXPECT_EQ(decoded({0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0}).error().detail,
            "TopicData[0].Name: null, which this version does not allow");
  EXPECT_EQ(decoded({0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xf0}).error().detail,
            "TopicData[0].PartitionData[0].Records: a negative length");
  EXPECT_EQ(decoded({0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9}).error().code,
            ErrorCode::Truncated);
  EXPECT_EQ(decode<ProduceRequest>(SharedBytes::copy(Bytes{0xff, 0xfe, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0}), 3)
                .error()
                .code,
            ErrorCode::Malformed);
}

TEST(HostileMessage, StringsOfCompactVersionsHaveTheClassicBound) {
  CreateTopicsRequest request;
  request.topics.emplace_back().name = std::string(40000, 'x');
  const auto fits = decode<CreateTopicsRequest>(SharedBytes::take(flat(encode(request, 7))), 7);
  ASSERT_TRUE(fits) << "a string too long is cut when written";
  EXPECT_EQ(fits->topics[0].name.size(), static_cast<std::size_t>(limits::string_bytes_max));

  ByteWriter bytes;
  bytes.uvarint(2);
  bytes.uvarint(40001);
  bytes.zeros(40100);
  const auto done = decode<CreateTopicsRequest>(SharedBytes::take(bytes.take()), 7);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().detail, "Topics[0].Name: a string too long");
}

TEST(HostileMessage, AKnownTagHasToFillItsSizeAndToComeOnce) {
  const FetchRequest request;
  Bytes bytes = flat(encode(request, 16));
  ASSERT_EQ(bytes.back(), 0);
  const auto with_tags = [&](std::initializer_list<std::uint8_t> tags) {
    Bytes out(bytes.begin(), bytes.end() - 1);
    out.insert(out.end(), tags);
    return decode<FetchRequest>(SharedBytes::take(std::move(out)), 16);
  };
  EXPECT_EQ(with_tags({1, 0, 3, 3, 'a', 'b'})->cluster_id, "ab");
  EXPECT_EQ(with_tags({1, 0, 4, 3, 'a', 'b', 0}).error().detail,
            "ClusterId: a tagged field does not fill its size");
  EXPECT_EQ(with_tags({1, 0, 2, 3, 'a', 'b'}).error().detail,
            "ClusterId: a tagged field does not fill its size");
  EXPECT_EQ(with_tags({2, 0, 3, 3, 'a', 'b', 0, 1, 1}).error().detail,
            "ClusterId: a tag that was there before");
}

TEST(ProduceAndFetch, RecordsAreNeverCopied) {
  FetchResponse response;
  auto& topic = response.responses.emplace_back();
  const SharedBytes batch = SharedBytes::take(Bytes(1000, 0xab));
  for (int i = 0; i < 3; ++i) topic.partitions.emplace_back().records = Chain{batch};
  Chain& mixed = *topic.partitions.back().records;
  mixed.add(FileRange{.file = nullptr, .position = 4096, .length = 500000});
  for (std::int16_t version = FetchResponse::api.min_version; version <= FetchResponse::api.max_version;
       ++version) {
    const Chain chain = encode(response, version);
    EXPECT_EQ(chain.size(), encoded_size(response, version));
    ASSERT_EQ(chain.pieces().size(), 8u - (version < 12 ? 1 : 0))
        << "between records, and the tags behind the last";
    EXPECT_EQ(std::get<SharedBytes>(chain.pieces()[1]).view().data(), batch.view().data());
    EXPECT_EQ(std::get<FileRange>(chain.pieces()[6]).position, 4096u);
  }
}

TEST(ProduceAndFetch, WhatIsPutInFrontSharesTheFirstBuffer) {
  const Bytes front{1, 2, 3};
  const Chain chain = encode(ProduceResponse{}, 9, front);
  ASSERT_EQ(chain.pieces().size(), 1u);
  EXPECT_EQ(flat(chain), (Bytes{1, 2, 3, 1, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace ledge::kafka
