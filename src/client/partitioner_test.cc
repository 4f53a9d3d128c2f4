// SPDX-License-Identifier: Apache-2.0
#include "client/partitioner.h"

#include <gtest/gtest.h>

#include "client/backoff.h"

namespace ledge::client {
namespace {

std::int32_t hash(std::string_view text) { return static_cast<std::int32_t>(murmur2(as_bytes(text))); }

TEST(Partitioner, HashesAsKafkasClientsDo) {  // the vectors of Apache Kafka's UtilsTest
  EXPECT_EQ(hash("21"), -973932308);
  EXPECT_EQ(hash("foobar"), -790332482);
  EXPECT_EQ(hash("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(hash("a-little-bit-longer-string"), -1486304829);
  EXPECT_EQ(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
  EXPECT_EQ(hash("abc"), 479470107);
}

TEST(Partitioner, NeverLeavesThePartitionsThatThereAre) {
  for (int i = 0; i < 1000; ++i) {
    const std::int32_t p = partition_of_key(as_bytes("key" + std::to_string(i)), 7);
    EXPECT_TRUE(p >= 0 && p < 7);
  }
  EXPECT_EQ(partition_of_key({}, 1), 0);
}

TEST(Backoff, DoublesUpToTheLongestPauseAndJittersByAFifth) {
  constexpr std::uint64_t kMiddle = 512;
  EXPECT_EQ(backoff(1, 100ms, 1s, kMiddle), 100ms);
  EXPECT_EQ(backoff(2, 100ms, 1s, kMiddle), 200ms);
  EXPECT_EQ(backoff(4, 100ms, 1s, kMiddle), 800ms);
  EXPECT_EQ(backoff(5, 100ms, 1s, kMiddle), 1s);
  EXPECT_EQ(backoff(1'000'000, 100ms, 1s, kMiddle), 1s);
  for (std::uint64_t random : {0ull, 1ull, 77'777ull, ~0ull}) {
    EXPECT_GE(backoff(1, 100ms, 1s, random), 80ms);
    EXPECT_LE(backoff(1, 100ms, 1s, random), 120ms);
  }
}

}  // namespace
}  // namespace ledge::client
