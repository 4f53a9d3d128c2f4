// SPDX-License-Identifier: Apache-2.0
#include "broker/memory.h"

#include <gtest/gtest.h>

#include "broker/testing.h"

namespace ledge::broker {
namespace {

TEST(Budget, GrantsUntilItIsUsedUpAndTellsWhenBytesComeBack) {
  testing::ManualLoop loop;
  auto budget = Budget::make(loop, 100);
  int told = 0;
  budget->on_freed([&] { ++told; });
  auto first = budget->take(60);
  ASSERT_TRUE(first);
  EXPECT_FALSE(budget->take(41));
  EXPECT_TRUE(budget->take(40));  // given back at once: somebody had asked in vain
  loop.turn();
  EXPECT_EQ(told, 1);
  first.reset();
  loop.turn();
  EXPECT_EQ(told, 1) << "nobody asked in vain since";
  EXPECT_EQ(budget->used(), 0u);
}

TEST(Budget, AdmitsWhatIsLargerThanItselfWhenNothingElseIsTaken) {
  testing::ManualLoop loop;
  auto budget = Budget::make(loop, 100);
  auto small = budget->take(1);
  EXPECT_FALSE(budget->take(101));
  small.reset();
  EXPECT_TRUE(budget->take(101));
}

TEST(Budget, CountsWhatIsHeldAnyway) {
  testing::ManualLoop loop;
  auto budget = Budget::make(loop, 100);
  const Charge over = budget->take_anyway(150);
  EXPECT_EQ(budget->used(), 150u);
  EXPECT_FALSE(budget->take(1));
}

TEST(Budget, IsHeldByABufferUntilItsLastUserIsGone) {
  testing::ManualLoop loop;
  auto budget = Budget::make(loop, 100);
  SharedBytes part;
  {
    const SharedBytes whole = charged_buffer(80, *budget->take(80));
    part = whole.sub(10, 20);
  }
  EXPECT_EQ(budget->used(), 80u);
  part = {};
  EXPECT_EQ(budget->used(), 0u);
}

}  // namespace
}  // namespace ledge::broker
