// SPDX-License-Identifier: Apache-2.0
#include "state/identity.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace ledge::state {
namespace {

Uuid id(std::uint8_t n) {
  Uuid out;
  out.bytes[0] = n;
  out.bytes[15] = 1;
  return out;
}

Result<void> replay(IdentityMachine& machine, const Bytes& record) {
  RecordReader in{record};
  const auto type = static_cast<RecordType>(in.le<std::uint8_t>());
  const auto version = in.le<std::uint8_t>();
  return machine.apply(type, version, in);
}

Result<void> replay(ProducerIdMachine& machine, const Bytes& record) {
  RecordReader in{record};
  in.take(1);
  const auto version = in.le<std::uint8_t>();
  return machine.apply(version, in);
}

TEST(Identity, EveryStartHasTheNextEpochAndItsOwnId) {
  IdentityMachine machine;
  EXPECT_TRUE(machine.cluster_id().is_zero());
  ASSERT_TRUE(replay(machine, machine.decide_identity(id(1))).has_value());
  for (std::uint8_t n = 0; n < 5; ++n) {
    ASSERT_TRUE(replay(machine, machine.decide_boot(id(n), 0)).has_value());
    EXPECT_EQ(machine.boot().epoch, n);
    EXPECT_EQ(machine.boot().id, id(n));
  }
  EXPECT_EQ(machine.boot_id(3), id(3));
  EXPECT_TRUE(machine.boot_id(9).is_zero());
  EXPECT_EQ(machine.cluster_id(), id(1));
}

TEST(Identity, AStartWhoseRecordWasLostIsNotRepeated) {
  IdentityMachine machine;
  ASSERT_TRUE(replay(machine, machine.decide_identity(id(1))).has_value());
  ASSERT_TRUE(replay(machine, machine.decide_boot(id(2), 0)).has_value());
  ASSERT_TRUE(replay(machine, machine.decide_boot(id(3), 7)).has_value());
  EXPECT_EQ(machine.boot().epoch, 7);
}

TEST(Identity, NeitherTheClusterNorAStartIsMadeTwice) {
  IdentityMachine machine;
  const Bytes identity = machine.decide_identity(id(1));
  ASSERT_TRUE(replay(machine, identity).has_value());
  EXPECT_EQ(replay(machine, identity).error().code, ErrorCode::Malformed);
  const Bytes boot = machine.decide_boot(id(2), 0);
  ASSERT_TRUE(replay(machine, boot).has_value());
  EXPECT_EQ(replay(machine, boot).error().code, ErrorCode::Malformed);
}

TEST(Identity, TheIdsOfOldStartsAreBounded) {
  IdentityMachine machine;
  ASSERT_TRUE(replay(machine, machine.decide_identity(id(1))).has_value());
  for (std::int64_t n = 0; n < limits::boots_kept + 10; ++n)
    ASSERT_TRUE(replay(machine, machine.decide_boot(id(9), 0)).has_value());
  EXPECT_EQ(machine.boot().epoch, limits::boots_kept + 9);
  EXPECT_TRUE(machine.boot_id(9).is_zero());
  EXPECT_EQ(machine.boot_id(10), id(9));
}

TEST(Identity, ASnapshotHoldsItAll) {
  IdentityMachine machine;
  ASSERT_TRUE(replay(machine, machine.decide_identity(id(1))).has_value());
  ASSERT_TRUE(replay(machine, machine.decide_boot(id(2), 0)).has_value());
  ASSERT_TRUE(replay(machine, machine.decide_boot(id(3), 0)).has_value());
  RecordWriter out;
  machine.save(out);
  IdentityMachine copy;
  RecordReader in{out.view()};
  ASSERT_TRUE(copy.load(in).has_value());
  EXPECT_EQ(copy.cluster_id(), id(1));
  EXPECT_EQ(copy.boot().epoch, 1);
  EXPECT_EQ(copy.boot_id(0), id(2));
  for (std::size_t n = 0; n < out.size(); ++n) {
    IdentityMachine cut;
    RecordReader part{out.view().first(n)};
    EXPECT_FALSE(cut.load(part).has_value()) << n;
  }
}

TEST(ProducerIds, AnIdIsNeverGivenTwiceWhateverIsForgotten) {
  ProducerIdMachine machine;
  EXPECT_TRUE(machine.empty());
  ASSERT_TRUE(replay(machine, machine.decide_block()).has_value());
  machine.open_block(0);
  for (std::int64_t n = 0; n < 10; ++n) EXPECT_EQ(machine.take(), n);

  ProducerIdMachine after_a_cut;  // knows the record, not what was handed out of it
  ASSERT_TRUE(replay(after_a_cut, ProducerIdMachine{}.decide_block()).has_value());
  EXPECT_TRUE(after_a_cut.empty());
  ASSERT_TRUE(replay(after_a_cut, after_a_cut.decide_block()).has_value());
  after_a_cut.open_block(ProducerIdMachine::kBlock);
  EXPECT_EQ(after_a_cut.take(), ProducerIdMachine::kBlock);

  RecordWriter out;
  after_a_cut.save(out);
  ProducerIdMachine copy;
  RecordReader in{out.view()};
  ASSERT_TRUE(copy.load(in).has_value());
  EXPECT_TRUE(copy.empty());
  EXPECT_EQ(copy.reserved_end(), 2 * ProducerIdMachine::kBlock);
}

TEST(ProducerIds, ABlockIsReservedOnce) {
  ProducerIdMachine machine;
  const Bytes block = machine.decide_block();
  ASSERT_TRUE(replay(machine, block).has_value());
  EXPECT_EQ(replay(machine, block).error().code, ErrorCode::Malformed);
}

}  // namespace
}  // namespace ledge::state
