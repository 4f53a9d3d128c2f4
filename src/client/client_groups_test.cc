// SPDX-License-Identifier: Apache-2.0
#include "client/client_fixture.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/08_offset_commit.h"
#include "wire/kafka/messages/09_offset_fetch.h"
#include "wire/kafka/messages/10_find_coordinator.h"
#include "wire/kafka/messages/15_describe_groups.h"
#include "wire/kafka/messages/16_list_groups.h"
#include "wire/kafka/messages/42_delete_groups.h"
#include "wire/kafka/messages/69_consumer_group_describe.h"

namespace ledge::client {
namespace {

constexpr std::int16_t kNotCoordinator = 16;

/// The group "g" is kept by b:2.
class ClientGroupsTest : public ClientFixture {
 protected:
  kafka::ApiVersionsResponse known() const override {
    return versions({{3, 0, 13},
                     {8, 2, 10},
                     {9, 1, fetch_version},
                     {10, 0, 6},
                     {15, 0, 6},
                     {69, 0, 1},
                     {16, 0, 5},
                     {18, 0, 4},
                     {42, 0, 2}});
  }
  void find_coordinator() {
    const auto asked = next_at("a:1", 10);
    EXPECT_EQ(asked.as<kafka::FindCoordinatorRequest>().coordinator_keys, std::vector<std::string>{"g"});
    kafka::FindCoordinatorResponse response;
    response.coordinators.push_back({"g", 2, "b", 2, 0, std::nullopt});
    answer("a:1", asked, response);
  }

  std::int16_t fetch_version = 10;
};

TEST_F(ClientGroupsTest, ListsTheGroupsOfEveryBroker) {
  client->list_groups([this](Result<std::vector<ListedGroup>> groups) {
    for (const auto& g : *groups) outcome += g.id + "/" + g.state + " ";
  });
  const auto asked = next_at("a:1", 3);
  kafka::MetadataResponse metadata;
  for (const auto& [id, host, port] : {std::tuple{1, "a", 1}, {2, "b", 2}}) {
    auto& b = metadata.brokers.emplace_back();
    b.node_id = id;
    b.host = host;
    b.port = port;
  }
  answer("a:1", asked, metadata);
  kafka::ListGroupsResponse response;
  response.groups = {{"z", "consumer", "Stable", "classic"}};
  answer("a:1", next_at("a:1", 16), response);
  EXPECT_EQ(outcome, "");
  response.groups = {{"g", "consumer", "Empty", "classic"}};
  answer("b:2", next_at("b:2", 16), response);
  EXPECT_EQ(outcome, "g/Empty z/Stable ");
}

TEST_F(ClientGroupsTest, DescribesAGroupAndItsMembersPartitions) {
  client->describe_group("g", [this](Result<GroupDescription> group) {
    outcome = group->state + " " + group->members.at(0).client_id;
    for (const auto& of : group->members.at(0).assigned)
      outcome += " " + of.topic + std::to_string(of.partition);
  });
  find_coordinator();
  kafka::DescribeGroupsResponse response;
  auto& group = response.groups.emplace_back();
  group.group_id = "g";
  group.group_state = "Stable";
  group.protocol_type = "consumer";
  auto& member = group.members.emplace_back();
  member.client_id = "c";
  member.member_assignment = {0, 1, 0, 0, 0, 1, 0, 1, 't', 0,   0,   0,  2,
                              0, 0, 0, 7, 0, 0, 0, 3, 255, 255, 255, 255};
  answer("b:2", next_at("b:2", 15), response);
  EXPECT_EQ(outcome, "Stable c t3 t7");
}

TEST_F(ClientGroupsTest, AnAssignmentThatIsCutShortIsNone) {
  std::size_t assigned = 99;
  client->describe_group(
      "g", [&](Result<GroupDescription> group) { assigned = group->members.at(0).assigned.size(); });
  find_coordinator();
  kafka::DescribeGroupsResponse response;
  auto& group = response.groups.emplace_back();
  group.group_id = "g";
  group.group_state = "Stable";
  group.protocol_type = "consumer";
  group.members.emplace_back().member_assignment = {0,   1,   0,   0,   0, 1, 0, 1, 't',
                                                    127, 255, 255, 255, 0, 0, 0, 7};
  answer("b:2", next_at("b:2", 15), response);
  EXPECT_EQ(assigned, 0U);
}

TEST_F(ClientGroupsTest, AGroupThatIsOfNoKindIsNotFound) {
  client->describe_group("g", [this](Result<GroupDescription> group) { outcome = group.error().text(); });
  find_coordinator();
  kafka::DescribeGroupsResponse response;
  auto& group = response.groups.emplace_back();
  group.group_id = "g";
  group.group_state = "Dead";
  answer("b:2", next_at("b:2", 15), response);
  kafka::ConsumerGroupDescribeResponse none;
  auto& missing = none.groups.emplace_back();
  missing.group_id = "g";
  missing.error_code = 69;
  answer("b:2", next_at("b:2", 69), none);
  EXPECT_NE(outcome.find("group g"), std::string::npos);
}

TEST_F(ClientGroupsTest, ReadsOffsetsInOldAndNewVersions) {
  for (const std::int16_t version : {std::int16_t{7}, std::int16_t{10}}) {
    fetch_version = version;
    outcome.clear();
    net.peers.clear();
    Options options;
    options.bootstrap = {{"a", 1}};
    client = std::make_unique<Client>(loop, net, random, options);
    client->group_offsets("g", [this](Result<std::vector<GroupOffset>> offsets) {
      for (const auto& o : *offsets)
        outcome += o.of.topic + std::to_string(o.of.partition) + "=" + std::to_string(o.offset) + " ";
    });
    find_coordinator();
    const auto asked = next_at("b:2", 9);
    EXPECT_EQ(asked.header.api_version, std::min<std::int16_t>(version, 9));
    kafka::OffsetFetchResponse response;
    if (version >= 8) {
      auto& group = response.groups.emplace_back();
      group.group_id = "g";
      auto& topic = group.topics.emplace_back();
      topic.name = "t";
      topic.partitions = {{1, 5, 0, "", 0}, {0, 4, 0, "", 0}, {2, -1, -1, "", 0}};
    } else {
      auto& topic = response.topics.emplace_back();
      topic.name = "t";
      topic.partitions = {{1, 5, 0, "", 0}, {0, 4, 0, "", 0}, {2, -1, -1, "", 0}};
    }
    answer("b:2", asked, response);
    EXPECT_EQ(outcome, "t0=4 t1=5 ") << version;
  }
}

TEST_F(ClientGroupsTest, AsksAnewForTheCoordinatorThatHasMoved) {
  client->delete_group("g",
                       [this](Result<void> deleted) { outcome = deleted ? "done" : deleted.error().text(); });
  find_coordinator();
  kafka::DeleteGroupsResponse response;
  response.results = {{"g", kNotCoordinator}};
  answer("b:2", next_at("b:2", 42), response);
  EXPECT_EQ(outcome, "");
  const auto asked = next_at("a:1", 10);
  kafka::FindCoordinatorResponse moved;
  moved.coordinators.push_back({"g", 1, "a", 1, 0, std::nullopt});
  answer("a:1", asked, moved);
  response.results = {{"g", 0}};
  answer("a:1", next_at("a:1", 42), response);
  EXPECT_EQ(outcome, "done");
}

TEST_F(ClientGroupsTest, CommitsForAGroupWithoutMembersAndTellsTheFirstError) {
  client->commit_group_offsets("g", {{{"t", 0}, 4}, {{"t", 1}, 5}, {{"u", 0}, 6}},
                               [this](Result<void> done) { outcome = done ? "done" : done.error().text(); });
  find_coordinator();
  const auto asked = next_at("b:2", 8);
  const auto request = asked.as<kafka::OffsetCommitRequest>();
  EXPECT_EQ(asked.header.api_version, 9);
  EXPECT_EQ(request.generation_id_or_member_epoch, -1);
  EXPECT_EQ(request.member_id, "");
  ASSERT_EQ(request.topics.size(), 2U);
  EXPECT_EQ(request.topics[0].partitions.at(1).committed_offset, 5);
  kafka::OffsetCommitResponse response;
  for (const auto& t : request.topics) {
    auto& topic = response.topics.emplace_back();
    topic.name = t.name;
    for (const auto& p : t.partitions) topic.partitions.push_back({p.partition_index, 0});
  }
  response.topics[0].partitions[1].error_code = 12;
  answer("b:2", asked, response);
  EXPECT_NE(outcome.find("group g, topic t, partition 1"), std::string::npos) << outcome;
}

}  // namespace
}  // namespace ledge::client
