// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/limits.h"
#include "state/topic_machine.h"

namespace ledge::state {
namespace {

/// A machine whose records are applied as the store would.
struct Dialogue {
  TopicMachine machine{TopicDefaults{}, 1, 1024};
  std::uint8_t ids = 1;

  TopicMachine::NewUuid new_uuid() {
    return [this] {
      Uuid id;
      id.bytes[15] = ++ids;
      return id;
    };
  }
  Result<TopicMachine::Change> apply(ByteView record) {
    RecordReader reader{record};
    const auto type = static_cast<RecordType>(reader.le<std::uint8_t>());
    const auto version = reader.le<std::uint8_t>();
    return machine.apply(type, version, reader);
  }
  TopicView create(std::string name, std::int32_t partitions) {
    NewTopic request;
    request.name = std::move(name);
    request.partitions = partitions;
    return *apply(machine.decide_create(request, 0, new_uuid()).record)->created;
  }
  Result<TopicMachine::ChangeDecision> more(std::string topic, std::int32_t count,
                                            std::optional<std::vector<std::vector<std::int32_t>>> to = {}) {
    return machine.decide_partitions({std::move(topic), count, std::move(to)}, new_uuid());
  }
  Result<TopicMachine::ChangeDecision> configs(std::vector<ConfigStep> steps, bool from_nothing = false,
                                               std::string topic = "t") {
    return machine.decide_configs({std::move(topic), from_nothing, std::move(steps)});
  }
};

TEST(TopicChanges, NewPartitionsFollowTheOldOnesAndHaveStreamsOfTheirOwn) {
  Dialogue d;
  const TopicView before = d.create("t", 2);
  d.create("other", 1);  // takes the stream behind
  const auto decision = d.more("t", 4);
  ASSERT_TRUE(decision.has_value());
  EXPECT_EQ(decision->id, before.id);
  const auto change = d.apply(decision->record);
  ASSERT_TRUE(change.has_value());
  const TopicView& after = *change->changed;
  EXPECT_EQ(after.partitions, 4);
  EXPECT_EQ(after.streams, (std::vector<std::uint64_t>{1024, 1025, 1027, 1028}));
  EXPECT_EQ(after.incarnations[1], before.incarnations[1]);
  EXPECT_NE(after.incarnations[2], after.incarnations[3]);
  EXPECT_EQ(d.machine.find("t"), change->changed.get());
  EXPECT_EQ(d.machine.find(before.id), change->changed.get());
  EXPECT_EQ(d.machine.partition_count(), 5u);
  EXPECT_EQ(d.create("next", 1).streams.front(), 1029u);
}

TEST(TopicChanges, CountsAndAssignmentsAreRefusedAsByKafka) {
  Dialogue d;
  d.create("t", 3);
  EXPECT_EQ(d.more("none", 4).error().code, ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(d.more("t", 3).error().detail, "Topic already has 3 partition(s).");
  EXPECT_EQ(d.more("t", 2).error().detail,
            "The topic t currently has 3 partition(s); 2 would not be an increase.");
  EXPECT_EQ(d.more("t", -1).error().code, ErrorCode::InvalidPartitions);
  EXPECT_EQ(d.more("t", 5, {{{1}}}).error().code, ErrorCode::InvalidReplicaAssignment);
  EXPECT_EQ(d.more("t", 4, {{{2}}}).error().code, ErrorCode::InvalidReplicaAssignment);
  EXPECT_EQ(d.more("t", 4, {{std::vector<std::int32_t>{}}}).error().code,
            ErrorCode::InvalidReplicaAssignment);
  EXPECT_TRUE(d.more("t", 4, {{{1}}}).has_value());
  EXPECT_EQ(d.more("t", limits::partitions_per_topic_max + 1).error().code, ErrorCode::PolicyViolation);
}

TEST(TopicChanges, TheBoundOnAllPartitionsHoldsForGrowthToo) {
  Dialogue d;
  const auto most = static_cast<std::int32_t>(limits::partitions_per_topic_max);
  for (int i = 0; i < limits::partitions_max / limits::partitions_per_topic_max - 1; ++i)
    d.create("filler" + std::to_string(i), most);
  d.create("t", most - 5);
  d.create("u", 1);
  EXPECT_EQ(d.more("t", most).error().code, ErrorCode::PolicyViolation);
  EXPECT_TRUE(d.more("t", most - 1).has_value());
}

TEST(TopicChanges, OverridesAreChangedOrReplacedAndTakeEffect) {
  using enum ConfigOperation;
  Dialogue d;
  d.create("t", 1);
  auto change = d.apply(d.configs({{"retention.ms", Set, "5"}, {"cleanup.policy", Set, "compact"}})->record);
  ASSERT_TRUE(change.has_value());
  EXPECT_TRUE(d.machine.find("t")->config.compacted);
  EXPECT_FALSE(d.machine.find("t")->config.deletes);
  change = d.apply(d.configs({{"cleanup.policy", Append, "delete"}})->record);
  EXPECT_EQ(d.machine.find("t")->overrides.at("cleanup.policy"), "compact,delete");
  EXPECT_EQ(d.machine.find("t")->overrides.at("retention.ms"), "5");
  change = d.apply(d.configs({{"segment.ms", Set, "7"}}, true)->record);
  EXPECT_EQ(d.machine.find("t")->overrides, (TopicOverrides{{"segment.ms", "7"}}));
  EXPECT_FALSE(d.machine.find("t")->config.compacted);
  EXPECT_TRUE(d.configs({{"segment.ms", Set, "7"}})->record.empty());  // nothing changes
}

TEST(TopicChanges, WhatCannotBeIsRefusedAsAWholeAndBeforeTheTopicIsLookedFor) {
  using enum ConfigOperation;
  Dialogue d;
  d.create("t", 1);
  EXPECT_EQ(d.configs({{"retention.ms", Set, "5"}, {"no.such.key", Set, "1"}}).error().code,
            ErrorCode::InvalidConfig);
  EXPECT_EQ(d.configs({{"retention.ms", Set, "long"}}, false, "none").error().code, ErrorCode::InvalidConfig);
  EXPECT_EQ(d.configs({{"retention.ms", Set, "5"}}, false, "none").error().code,
            ErrorCode::UnknownTopicOrPartition);
  EXPECT_TRUE(d.machine.find("t")->overrides.empty());
}

TEST(TopicChanges, WhatIsNotDurableIsNotShownChangeByChange) {
  Dialogue d;
  const TopicView topic = d.create("t", 1);
  const auto grow = [&](std::int32_t count) {
    const auto record = d.more("t", count)->record;
    auto before = d.machine.share(topic.id);
    ASSERT_TRUE(d.apply(record).has_value());
    d.machine.hold(topic.id, std::move(before));
  };
  grow(2);
  grow(3);
  EXPECT_EQ(d.machine.find("t")->partitions, 1);
  EXPECT_EQ(d.machine.all().front()->partitions, 1);
  d.machine.release(topic.id);
  EXPECT_EQ(d.machine.find(topic.id)->partitions, 2);
  d.machine.release(topic.id);
  EXPECT_EQ(d.machine.find("t")->partitions, 3);
}

TEST(TopicChanges, AChangeOfADeletedTopicMayBecomeDurableLater) {
  Dialogue d;
  const TopicView topic = d.create("t", 1);
  const auto record = d.more("t", 2)->record;
  auto before = d.machine.share(topic.id);
  ASSERT_TRUE(d.apply(record).has_value());
  d.machine.hold(topic.id, std::move(before));
  ASSERT_TRUE(d.apply(*d.machine.decide_delete(topic.id)).has_value());
  d.machine.release(topic.id);
  EXPECT_EQ(d.machine.find("t"), nullptr);
  EXPECT_EQ(d.machine.partition_count(), 0u);
}

TEST(TopicChanges, ASnapshotHoldsWhatChanged) {
  using enum ConfigOperation;
  Dialogue d;
  d.create("t", 1);
  d.create("u", 1);
  ASSERT_TRUE(d.apply(d.more("t", 3)->record).has_value());
  ASSERT_TRUE(d.apply(d.configs({{"retention.ms", Set, "5"}})->record).has_value());
  RecordWriter out;
  d.machine.save(out);
  Dialogue copy;
  RecordReader in{out.view()};
  ASSERT_TRUE(copy.machine.load(in).has_value());
  EXPECT_EQ(copy.machine.find("t")->streams, d.machine.find("t")->streams);
  EXPECT_EQ(copy.machine.find("t")->overrides, d.machine.find("t")->overrides);
}

TEST(TopicChanges, RecordsThatCannotFollowAreRefusedAndCutOnesTooAtEveryByte) {
  using enum ConfigOperation;
  Dialogue d;
  d.create("t", 1);
  const Bytes grown = d.more("t", 3)->record;
  const Bytes altered = d.configs({{"retention.ms", Set, "5"}})->record;
  Dialogue empty;
  EXPECT_EQ(empty.apply(grown).error().code, ErrorCode::Malformed);
  EXPECT_EQ(empty.apply(altered).error().code, ErrorCode::Malformed);
  for (const Bytes& whole : {grown, altered}) {
    for (std::size_t n = 2; n < whole.size(); ++n) {
      Dialogue other;
      other.create("t", 1);
      EXPECT_FALSE(other.apply(ByteView{whole}.first(n)).has_value()) << n;
      EXPECT_EQ(other.machine.find("t")->partitions, 1);
    }
  }
  ASSERT_TRUE(d.apply(grown).has_value());
  EXPECT_EQ(d.apply(grown).error().code, ErrorCode::Malformed);  // its streams are in use
}

}  // namespace
}  // namespace ledge::state
