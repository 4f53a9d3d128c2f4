// SPDX-License-Identifier: Apache-2.0
#include "declare/nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace ledge::declare {
namespace {

const std::vector<std::string_view> kWords{"num.partitions", "num.io.threads", "listeners"};

TEST(Nearest, FindsATypoASwapAndAMissingLetter) {
  EXPECT_EQ(nearest("num.partitons", kWords), "num.partitions");
  EXPECT_EQ(nearest("lisetners", kWords), "listeners");
  EXPECT_EQ(nearest("listener", kWords), "listeners");
}

TEST(Nearest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("zookeeper.connect", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest(std::string(10000, 'l'), kWords), "");
  EXPECT_EQ(did_you_mean("xyz", kWords), "");
}

}  // namespace
}  // namespace ledge::declare
