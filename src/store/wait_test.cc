// SPDX-License-Identifier: Apache-2.0
// Waiting for a change of a partition.
#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

TEST(Waiting, TellsEveryWaiterOfItsPartitionUntilItEnds) {
  Box box;
  box.create("t", {}, 2);
  int a = 0;
  int b = 0;
  int other = 0;
  auto first = box.store->wait(box.partition(), [&] { ++a; });
  const auto second = box.store->wait(box.partition(), [&] { ++b; });
  const auto third = box.store->wait(box.partition("t", 1), [&] { ++other; });
  send(box, box.partition(), batch_of(1));
  EXPECT_EQ(a, 0);
  box.sync();
  EXPECT_EQ(a, 1);
  first.reset();
  append(box, box.partition(), batch_of(1));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 2);
  EXPECT_EQ(other, 0);
}

TEST(Waiting, AWaiterMayEndItselfAndOthersAndBeginNewOnes) {
  Box box;
  box.create("t");
  int calls = 0;
  std::vector<std::unique_ptr<Waiter>> waiters(3);
  std::vector<std::unique_ptr<Waiter>> late;
  for (auto& waiter : waiters) {
    waiter = box.store->wait(box.partition(), [&] {
      ++calls;
      for (auto& any : waiters) any.reset();
      late.push_back(box.store->wait(box.partition(), [&] { ++calls; }));
    });
  }
  append(box, box.partition(), batch_of(1));
  EXPECT_EQ(calls, 1);
  append(box, box.partition(), batch_of(1));
  EXPECT_EQ(calls, 2);
}

TEST(Waiting, AWaiterMayOutliveItsTopic) {
  Box box;
  const Uuid id = box.create("t");
  auto a = box.store->wait(box.partition(), [] {});
  auto b = box.store->wait(box.partition(), [] {});
  box.store->delete_topics({id}, [](auto) {});
  box.sync();
  a.reset();
  b.reset();
}

}  // namespace
}  // namespace ledge::store
