// SPDX-License-Identifier: Apache-2.0
#include "state/topic_machine.h"

#include <gtest/gtest.h>

namespace ledge::state {
namespace {

constexpr std::uint64_t kFirstStream = 1024;

/// A machine and its world: ids that count up, and records that are applied as the store would.
struct Dialogue {
  explicit Dialogue(TopicDefaults defaults = {}) : machine(std::move(defaults), 1, kFirstStream) {}

  CreateDecision ask(const NewTopic& request) {
    return machine.decide_create(request, boot_epoch, [this] {
      Uuid id;
      id.bytes[15] = ++ids;
      id.bytes[0] = 7;
      return id;
    });
  }
  Result<TopicMachine::Change> apply(ByteView record) {
    RecordReader reader{record};
    const auto type = static_cast<RecordType>(reader.le<std::uint8_t>());
    const auto version = reader.le<std::uint8_t>();
    return machine.apply(type, version, reader);
  }
  TopicView create(const NewTopic& request) {
    const CreateDecision decision = ask(request);
    EXPECT_EQ(decision.error.text(), Error{}.text());
    const auto change = apply(decision.record);
    EXPECT_TRUE(change.has_value());
    return *change->created;
  }
  Error refusal(const NewTopic& request) { return ask(request).error; }

  TopicMachine machine;
  std::int32_t boot_epoch = 0;
  std::uint8_t ids = 1;
};

NewTopic named(std::string name, std::int32_t partitions = -1, std::int16_t replication = -1) {
  NewTopic request;
  request.name = std::move(name);
  request.partitions = partitions;
  request.replication_factor = replication;
  return request;
}

void expect_error(const Error& error, ErrorCode code, std::string_view detail) {
  EXPECT_EQ(error_name(error.code), error_name(code));
  EXPECT_EQ(error.detail, detail);
}

TEST(Topics, ACreatedTopicIsAsTheRecordSays) {
  Dialogue d;
  d.boot_epoch = 4;
  NewTopic request = named("edge-topic", 3);
  request.configs = {{"cleanup.policy", "compact"}};
  const TopicView topic = d.create(request);
  EXPECT_EQ(topic.partitions, 3);
  EXPECT_EQ(topic.replication_factor, 1);
  EXPECT_EQ(topic.created_boot_epoch, 4);
  EXPECT_TRUE(topic.config.compacted);
  EXPECT_EQ(topic.streams, (std::vector<std::uint64_t>{1024, 1025, 1026}));
  EXPECT_EQ(topic.incarnations.size(), 3u);
  EXPECT_NE(topic.incarnations[0], topic.incarnations[1]);
  EXPECT_EQ(d.machine.find("edge-topic"), d.machine.find(topic.id));
  EXPECT_EQ(d.machine.partition_count(), 3u);
}

TEST(Topics, ATopicThatSaysNothingGetsTheDefaults) {
  TopicDefaults defaults;
  defaults.partitions = 6;
  defaults.config.max_message_bytes = 5000;
  Dialogue d{defaults};
  const TopicView topic = d.create(named("t"));
  EXPECT_EQ(topic.partitions, 6);
  EXPECT_EQ(topic.config.max_message_bytes, 5000);
}

TEST(Topics, NamesFollowKafkasRules) {
  Dialogue d;
  constexpr auto kCode = ErrorCode::InvalidTopicException;
  expect_error(d.refusal(named("")), kCode, "Topic name is invalid: the empty string is not allowed");
  expect_error(d.refusal(named(".")), kCode, "Topic name is invalid: '.' is not allowed");
  expect_error(d.refusal(named("..")), kCode, "Topic name is invalid: '..' is not allowed");
  expect_error(d.refusal(named("a/b")), kCode,
               "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, "
               "'.', '_' and '-'");
  const std::string long_name(250, 'x');
  expect_error(
      d.refusal(named(long_name)), kCode,
      "Topic name is invalid: the length of '" + long_name + "' is longer than the max allowed length 249");
  d.create(named(std::string(249, 'x')));
  expect_error(d.refusal(named("__cluster_metadata")), ErrorCode::InvalidRequest,
               "Creation of internal topic __cluster_metadata is prohibited.");
}

TEST(Topics, NamesThatDifferOnlyInDotAndUnderscoreCollide) {
  Dialogue d;
  d.create(named("a.b_c"));
  expect_error(d.refusal(named("a_b_c")), ErrorCode::InvalidTopicException,
               "Topic 'a_b_c' collides with existing topic: a.b_c");
  expect_error(d.refusal(named("a.b_c")), ErrorCode::TopicAlreadyExists, "Topic 'a.b_c' already exists.");
}

TEST(Topics, CountsThatCannotBeAreRefused) {
  Dialogue d;
  constexpr auto kPartitions = "Number of partitions was set to an invalid non-positive value.";
  constexpr auto kFactor = "Replication factor must be larger than 0, or -1 to use the default value.";
  expect_error(d.refusal(named("t", 0)), ErrorCode::InvalidPartitions, kPartitions);
  expect_error(d.refusal(named("t", -2)), ErrorCode::InvalidPartitions, kPartitions);
  expect_error(d.refusal(named("t", 1, 0)), ErrorCode::InvalidReplicationFactor, kFactor);
  expect_error(d.refusal(named("t", 1, -2)), ErrorCode::InvalidReplicationFactor, kFactor);
  expect_error(d.refusal(named("t", 10001)), ErrorCode::PolicyViolation,
               "Excessively large number of partitions per request.");
}

TEST(Topics, AReplicationFactorAboveOneIsLoweredOrRefused) {
  Dialogue clamping;
  EXPECT_EQ(clamping.create(named("t", 1, 3)).replication_factor, 1);
  TopicDefaults defaults;
  defaults.clamp_replication_factor = false;
  Dialogue strict{defaults};
  EXPECT_EQ(strict.refusal(named("t", 1, 3)).code, ErrorCode::InvalidReplicationFactor);
  strict.create(named("t", 1, 1));
}

TEST(Topics, AssignmentsHaveToBeWholeAndNameThisNode) {
  Dialogue d;
  const auto assigned = [](std::map<std::int32_t, std::vector<std::int32_t>> to) {
    NewTopic request = named("t");
    request.has_assignments = true;
    request.assignments = std::move(to);
    return request;
  };
  constexpr auto kCode = ErrorCode::InvalidReplicaAssignment;
  expect_error(d.refusal(assigned({{0, {5}}})), kCode,
               "The manual partition assignment includes broker 5, but no such broker is registered.");
  expect_error(d.refusal(assigned({{0, {1, 1}}})), kCode,
               "The manual partition assignment includes the broker 1 more than once.");
  expect_error(d.refusal(assigned({{0, {}}})), kCode,
               "The manual partition assignment includes an empty replica list.");
  expect_error(d.refusal(assigned({{0, {1}}, {2, {1}}})), kCode,
               "partitions should be a consecutive 0-based integer sequence");
  NewTopic both = assigned({{0, {1}}});
  both.partitions = 1;
  expect_error(d.refusal(both), ErrorCode::InvalidRequest,
               "A manual partition assignment was specified, but numPartitions was not set to -1.");
  both.replication_factor = 1;
  expect_error(d.refusal(both), ErrorCode::InvalidRequest,
               "A manual partition assignment was specified, but replication factor was not set to -1.");
  EXPECT_EQ(d.create(assigned({{0, {1}}, {1, {1}}})).partitions, 2);
}

TEST(Topics, ADeletedTopicIsGoneAndItsStreamsAreNeverUsedAgain) {
  Dialogue d;
  const TopicView first = d.create(named("a.b", 2));
  EXPECT_EQ(d.machine.decide_delete(Uuid{}).error().code, ErrorCode::UnknownTopicId);
  const auto record = d.machine.decide_delete(first.id);
  ASSERT_TRUE(record.has_value());
  const auto change = d.apply(*record);
  ASSERT_TRUE(change.has_value());
  EXPECT_EQ(change->deleted->name, "a.b");
  EXPECT_EQ(d.machine.find("a.b"), nullptr);
  EXPECT_EQ(d.machine.partition_count(), 0u);
  const TopicView second = d.create(named("a_b", 1));  // the collision went with the topic
  EXPECT_EQ(second.streams.front(), 1026u);
  EXPECT_NE(second.id, first.id);
}

TEST(Topics, AHiddenTopicIsNotShownButItsNameIsTaken) {
  Dialogue d;
  const TopicView topic = d.create(named("t"));
  d.machine.hold(topic.id, nullptr);
  EXPECT_EQ(d.machine.find("t"), nullptr);
  EXPECT_EQ(d.machine.find(topic.id), nullptr);
  EXPECT_TRUE(d.machine.all().empty());
  EXPECT_EQ(d.refusal(named("t")).code, ErrorCode::TopicAlreadyExists);
  d.machine.release(topic.id);
  EXPECT_NE(d.machine.find("t"), nullptr);
}

TEST(Topics, InternalTopicsAreThoseOfKafka) {
  Dialogue d;
  EXPECT_TRUE(d.create(named("__consumer_offsets")).internal);
  EXPECT_FALSE(d.create(named("__mine")).internal);
}

TEST(Topics, ASnapshotHoldsEverything) {
  Dialogue d;
  NewTopic request = named("b", 2);
  request.configs = {{"retention.ms", "7"}};
  d.create(request);
  d.create(named("a"));
  const TopicView gone = d.create(named("gone"));
  ASSERT_TRUE(d.apply(*d.machine.decide_delete(gone.id)).has_value());
  RecordWriter out;
  d.machine.save(out);

  Dialogue copy;
  copy.ids = 100;
  RecordReader in{out.view()};
  ASSERT_TRUE(copy.machine.load(in).has_value());
  EXPECT_TRUE(in.finish("topics").has_value());
  ASSERT_NE(copy.machine.find("b"), nullptr);
  EXPECT_EQ(copy.machine.find("b")->overrides.at("retention.ms"), "7");
  EXPECT_EQ(copy.machine.find("b")->streams, d.machine.find("b")->streams);
  EXPECT_EQ(copy.machine.find("b")->incarnations, d.machine.find("b")->incarnations);
  EXPECT_EQ(copy.machine.find("gone"), nullptr);
  EXPECT_EQ(copy.create(named("new")).streams.front(), gone.streams.front() + 1);
  RecordWriter again;
  Dialogue third;
  RecordReader in_again{out.view()};
  ASSERT_TRUE(third.machine.load(in_again).has_value());
  third.machine.save(again);
  EXPECT_TRUE(std::ranges::equal(again.view(), out.view()));
}

TEST(Topics, ADamagedSnapshotIsAnErrorWhateverIsCutOrFlipped) {
  Dialogue d;
  d.create(named("a.b", 2));
  d.create(named("c"));
  RecordWriter out;
  d.machine.save(out);
  const Bytes good{out.view().begin(), out.view().end()};
  for (std::size_t n = 0; n < good.size(); ++n) {
    Dialogue copy;
    RecordReader in{ByteView{good}.first(n)};
    EXPECT_FALSE(copy.machine.load(in).has_value()) << n;
  }
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes bad = good;
    bad[i / 8] ^= static_cast<std::uint8_t>(1u << i % 8);
    Dialogue copy;
    RecordReader in{bad};
    (void)copy.machine.load(in);  // an error or another state, but no crash
  }
}

TEST(Topics, ARecordOfAnUnknownVersionIsRefused) {
  Dialogue d;
  Bytes record = d.ask(named("t")).record;
  record[1] = 1;
  EXPECT_EQ(d.apply(record).error().code, ErrorCode::WrongFormatVersion);
}

TEST(Topics, ARecordThatCannotFollowIsRefused) {
  Dialogue d;
  const Bytes record = d.ask(named("t")).record;
  ASSERT_TRUE(d.apply(record).has_value());
  EXPECT_EQ(d.apply(record).error().code, ErrorCode::Malformed);
}

}  // namespace
}  // namespace ledge::state
