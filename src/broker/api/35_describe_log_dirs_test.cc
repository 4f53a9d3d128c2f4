// SPDX-License-Identifier: Apache-2.0
// DescribeLogDirs.
#include "wire/kafka/messages/35_describe_log_dirs.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;

TEST_F(BrokerTest, DescribeLogDirsTellsTheSizesAndLeavesOutWhatIsNotHere) {
  store_.add_topic("t", 2);
  store_.add_topic("u", 1);
  fill("t", 1, 2);
  DescribeLogDirsRequest request;
  request.topics = std::nullopt;
  const auto all = ask<DescribeLogDirsResponse>(request, 4);
  ASSERT_EQ(all.results.size(), 1u);
  EXPECT_EQ(all.results[0].log_dir, "/data/of/the/test");
  EXPECT_EQ(all.results[0].total_bytes, 1000);
  EXPECT_EQ(all.results[0].usable_bytes, 400);
  ASSERT_EQ(all.results[0].topics.size(), 2u);
  EXPECT_EQ(all.results[0].topics[0].partitions[0].partition_size, 0);
  EXPECT_EQ(all.results[0].topics[0].partitions[1].partition_size,
            static_cast<std::int64_t>(store_.at("t", 1).log_bytes()));
  EXPECT_GT(all.results[0].topics[0].partitions[1].partition_size, 0);

  request.topics.emplace().push_back({"t", {1, 1, 7, -1}});
  request.topics->push_back({"none", {0}});
  request.topics->push_back({"u", {3}});
  const auto some = ask<DescribeLogDirsResponse>(request, 1);
  ASSERT_EQ(some.results[0].topics.size(), 1u);
  ASSERT_EQ(some.results[0].topics[0].partitions.size(), 1u);
  EXPECT_EQ(some.results[0].topics[0].partitions[0].partition_index, 1);
}

}  // namespace
}  // namespace ledge::broker
