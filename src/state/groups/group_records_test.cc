// SPDX-License-Identifier: Apache-2.0
#include "state/groups/group_records.h"

#include <gtest/gtest.h>

namespace ledge::state {
namespace {

Bytes hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(std::stoi(std::string{text.substr(i, 2)}, nullptr, 16)));
  return out;
}

TEST(GroupRecords, AreKafkasBytes) {
  EXPECT_EQ(encode_key(OffsetKey{"g", "t", 5}), hex("0001"
                                                    "000167"
                                                    "000174"
                                                    "00000005"));
  EXPECT_EQ(encode_key(GroupKey{"g"}), hex("0002"
                                           "000167"));
  EXPECT_EQ(encode_value(CommittedOffset{7, 2, "m", 9, -1}), hex("0003"
                                                                 "0000000000000007"
                                                                 "00000002"
                                                                 "00016d"
                                                                 "0000000000000009"));
  EXPECT_EQ(encode_value(CommittedOffset{7, 2, "", 9, 11}), hex("0001"
                                                                "0000000000000007"
                                                                "0000"
                                                                "0000000000000009"
                                                                "000000000000000b"));
}

TEST(GroupRecords, ComeBackAsTheyWere) {
  const OffsetKey key{"group", "topic", 3};
  EXPECT_EQ(std::get<OffsetKey>(*decode_group_record_key(encode_key(key))), key);
  EXPECT_EQ(std::get<GroupKey>(*decode_group_record_key(encode_key(GroupKey{"g"}))), GroupKey{"g"});
  const CommittedOffset offset{123, 4, "meta", 5, -1};
  EXPECT_EQ(*decode_committed_offset(encode_value(offset)), offset);

  ClassicGroup group{"g", {.initial_rebalance_delay_ms = 0}, 0};
  GroupEffects effects;
  JoinRequest join;
  join.ticket = 1;
  join.instance_id = "i";
  join.session_timeout_ms = 10000;
  join.rebalance_timeout_ms = 20000;
  join.protocol_type = "consumer";
  join.protocols = {{"range", {1, 2}}, {"other", {3}}};
  group.join(join, "m", Instant{0}, 1, effects);
  group.advance(Instant{0}, 2, effects);
  group.sync({2, 1, "m", "i", {}, {}, {{"m", {9}}}}, Instant{0}, 3, effects);
  const auto saved = decode_group(encode_value(group));
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->generation, 1);
  EXPECT_EQ(saved->protocol_name, "range");
  EXPECT_EQ(saved->leader, "m");
  EXPECT_EQ(saved->state_since, 3);
  ASSERT_EQ(saved->members.size(), 1u);
  EXPECT_EQ(saved->members[0].instance_id, "i");
  EXPECT_EQ(saved->members[0].rebalance_timeout_ms, 20000);
  EXPECT_EQ(saved->members[0].assignment, Bytes{9});
}

TEST(GroupRecords, AreRefusedWhenCutAnywhereOrOfAnUnknownVersion) {
  const Bytes key = encode_key(OffsetKey{"group", "topic", 3});
  for (std::size_t n = 0; n < key.size(); ++n)
    EXPECT_FALSE(decode_group_record_key(ByteView{key}.first(n))) << n;
  const Bytes value = encode_value(CommittedOffset{123, 4, "meta", 5, -1});
  for (std::size_t n = 0; n < value.size(); ++n)
    EXPECT_FALSE(decode_committed_offset(ByteView{value}.first(n))) << n;
  EXPECT_FALSE(
      decode_committed_offset(hex("0009"
                                  "0000000000000007")));
  EXPECT_FALSE(
      decode_group(hex("0003"
                       "0000"
                       "00000001"
                       "ffff"
                       "ffff"
                       "0000000000000000"
                       "7fffffff")))
      << "more members than bytes";
}

TEST(GroupRecords, OfKindsThatAreNotKeptAreSkipped) {
  const auto key =
      decode_group_record_key(hex("0009"
                                  "000167"));
  ASSERT_TRUE(key);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*key)) << "a share group's";
}

TEST(GroupRecords, OfConsumerGroupsAreWhatKafkaWrites) {
  using Kind = ConsumerKey::Kind;
  EXPECT_EQ(encode_key(ConsumerKey{Kind::Group, "g", ""}), hex("0003"
                                                               "000167"));
  EXPECT_EQ(encode_key(ConsumerKey{Kind::Current, "g", "m"}), hex("0008"
                                                                  "000167"
                                                                  "00016d"));
  // A hash of 0 is the default of its tagged field, and not written.
  EXPECT_EQ(encode_consumer_value(kafka::ConsumerGroupMetadataValue{7, 0}), hex("0000"
                                                                                "00000007"
                                                                                "00"));
  EXPECT_EQ(encode_consumer_value(kafka::ConsumerGroupMetadataValue{7, 1}), hex("0000"
                                                                                "00000007"
                                                                                "01"
                                                                                "00"
                                                                                "08"
                                                                                "0000000000000001"));
  for (const Kind kind : {Kind::Group, Kind::PartitionMetadata, Kind::Member, Kind::TargetEpoch, Kind::Target,
                          Kind::Current, Kind::Regex}) {
    const bool of_group = kind == Kind::Group || kind == Kind::PartitionMetadata || kind == Kind::TargetEpoch;
    const ConsumerKey key{kind, "group", of_group ? "" : "subject"};
    const Bytes bytes = encode_key(key);
    const auto back = decode_group_record_key(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(std::get<ConsumerKey>(*back), key);
    for (std::size_t n = 2; n < bytes.size(); ++n)
      EXPECT_FALSE(decode_group_record_key({bytes.data(), n})) << n;
  }
  EXPECT_FALSE(
      decode_consumer_value<kafka::ConsumerGroupMetadataValue>(hex("0001"
                                                                   "00000007"
                                                                   "00")))
      << "of a later version";
}

}  // namespace
}  // namespace ledge::state
