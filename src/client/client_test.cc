// SPDX-License-Identifier: Apache-2.0
#include "client/client.h"

#include "client/client_fixture.h"
#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/02_list_offsets.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/19_create_topics.h"
#include "wire/kafka/messages/20_delete_topics.h"
#include "wire/kafka/messages/22_init_producer_id.h"
#include "wire/kafka/messages/37_create_partitions.h"
#include "wire/kafka/messages/44_incremental_alter_configs.h"
#include "wire/kafka/record_batch.h"

namespace ledge::client {
namespace {

using kafka::FetchRequest;
using kafka::FetchResponse;
using kafka::MetadataRequest;
using kafka::MetadataResponse;
using kafka::ProduceRequest;
using kafka::ProduceResponse;

constexpr std::int16_t kNotLeader = 6;
constexpr std::int16_t kUnknownTopic = 3;

/// Topic "t" with one partition.
class ClientTest : public ClientFixture {
 protected:
  ClientTest() : ClientFixture(5s) {}

  static MetadataResponse metadata(std::int32_t leader, std::int16_t topic_error = 0) {
    MetadataResponse m;
    m.cluster_id = "cluster";
    m.controller_id = 2;
    for (const auto& [id, host, port] : {std::tuple{1, "a", 1}, {2, "b", 2}}) {
      auto& b = m.brokers.emplace_back();
      b.node_id = id;
      b.host = host;
      b.port = port;
    }
    auto& t = m.topics.emplace_back();
    t.name = "t";
    t.error_code = topic_error;
    t.topic_id.bytes[0] = 9;
    if (topic_error != 0) return m;
    auto& p = t.partitions.emplace_back();
    p.leader_id = leader;
    p.leader_epoch = 4;
    p.replica_nodes = {1, 2};
    p.isr_nodes = {leader};
    return m;
  }
  static ProduceResponse produced(std::int64_t offset, std::int16_t error = 0) {
    ProduceResponse r;
    auto& p = r.responses.emplace_back().partition_responses.emplace_back();
    p.base_offset = offset;
    p.error_code = error;
    return r;
  }
  static SharedBytes batch() {
    return SharedBytes::take(kafka::build_batch({kafka::NewRecord{.value = Bytes{'x'}, .timestamp = 5}}, {}));
  }
  void produce(std::int16_t acks = -1) {
    client->produce({"t", 0, acks}, batch(), [this](Result<Produced> r) {
      outcome = r ? "offset " + std::to_string(r->base_offset) : r.error().text();
    });
  }
};

TEST_F(ClientTest, ProducesToTheLeaderThatMetadataNames) {
  produce();
  const auto asked = next_at("a:1", 3);
  const auto request = asked.as<MetadataRequest>();
  ASSERT_TRUE(request.topics);
  EXPECT_EQ(request.topics->at(0).name, "t");
  EXPECT_FALSE(request.allow_auto_topic_creation);
  answer("a:1", asked, metadata(2));

  const auto at_leader = next_at("b:2", 0);
  const auto sent = at_leader.as<ProduceRequest>();
  EXPECT_EQ(sent.acks, -1);
  EXPECT_FALSE(sent.transactional_id);
  EXPECT_EQ(sent.topic_data.at(0).topic_id.bytes[0], 9);  // version 13
  const Chain& records = *sent.topic_data.at(0).partition_data.at(0).records;
  const ByteView bytes = std::get<SharedBytes>(records.pieces().at(0)).view();
  EXPECT_TRUE(kafka::batch_checksum_ok(bytes));
  answer("b:2", at_leader, produced(77));
  EXPECT_EQ(outcome, "offset 77");
}

TEST_F(ClientTest, RemembersTheLeader) {
  produce();
  answer("a:1", next_at("a:1", 3), metadata(2));
  answer("b:2", next_at("b:2", 0), produced(1));
  produce();
  answer("b:2", next_at("b:2", 0), produced(2));
  EXPECT_EQ(outcome, "offset 2");
  EXPECT_EQ(net.attempts.size(), 2u);
}

TEST_F(ClientTest, FollowsALeaderThatMoved) {
  produce();
  answer("a:1", next_at("a:1", 3), metadata(2));
  answer("b:2", next_at("b:2", 0), produced(-1, kNotLeader));
  EXPECT_EQ(outcome, "");
  answer("a:1", next_at("a:1", 3), metadata(1));
  answer("a:1", next_at("a:1", 0), produced(5));
  EXPECT_EQ(outcome, "offset 5");
}

TEST_F(ClientTest, SendsTheSameBatchAgainAfterAConnectionWasLost) {
  produce();
  answer("a:1", next_at("a:1", 3), metadata(2));
  const auto first = next_at("b:2", 0);
  net.to("b:2")->close();
  answer("a:1", next_at("a:1", 3), metadata(2));
  const auto again = next_at("b:2", 0);
  EXPECT_TRUE(std::ranges::equal(first.body.view(), again.body.view()));
  answer("b:2", again, produced(3));
  EXPECT_EQ(outcome, "offset 3");
}

TEST_F(ClientTest, TakesADuplicateForStored) {
  produce();
  answer("a:1", next_at("a:1", 3), metadata(2));
  answer("b:2", next_at("b:2", 0), produced(-1, 46));
  EXPECT_EQ(outcome, "offset -1");
}

TEST_F(ClientTest, DoesNotRepeatWhatWillBeRefusedAgain) {
  produce();
  answer("a:1", next_at("a:1", 3), metadata(2));
  auto refusal = produced(-1, 87);
  refusal.responses[0].partition_responses[0].error_message = "no key";
  answer("b:2", next_at("b:2", 0), refusal);
  EXPECT_EQ(outcome, "INVALID_RECORD: topic t, partition 0: no key");
}

TEST_F(ClientTest, GivesUpWhenTheTimeOfTheOperationIsOver) {
  net.refused.insert("a:1");
  produce();
  loop.pass(15s);
  EXPECT_EQ(outcome, "");
  loop.pass(10s);
  EXPECT_TRUE(outcome.starts_with("CONNECTION_FAILED")) << outcome;
  EXPECT_GT(net.attempts.size(), 3u);
  EXPECT_LT(net.attempts.size(), 30u);  // with growing pauses
}

TEST_F(ClientTest, AnswersWithoutAnAnswerWhenNoneIsAskedFor) {
  produce(0);
  answer("a:1", next_at("a:1", 3), metadata(2));
  (void)next_at("b:2", 0);
  EXPECT_EQ(outcome, "offset -1");
}

TEST_F(ClientTest, RefusesAnAnswerForAnotherPartition) {
  produce();
  answer("a:1", next_at("a:1", 3), metadata(2));
  auto wrong = produced(1);
  wrong.responses[0].partition_responses[0].index = 1;
  answer("b:2", next_at("b:2", 0), wrong);
  EXPECT_TRUE(outcome.starts_with("MALFORMED")) << outcome;
}

TEST_F(ClientTest, FetchesBatchesAndTheirOffsets) {
  Result<Fetched> fetched = fail(ErrorCode::NotFound);
  client->fetch({.topic = "t", .partition = 0, .offset = 40, .read_committed = true},
                [&](Result<Fetched> r) { fetched = std::move(r); });
  answer("a:1", next_at("a:1", 3), metadata(1));
  const auto asked = next_at("a:1", 1);
  const auto request = asked.as<FetchRequest>();
  EXPECT_EQ(request.isolation_level, 1);
  EXPECT_EQ(request.session_epoch, -1);
  EXPECT_EQ(request.max_wait_ms, 500);
  EXPECT_EQ(request.topics.at(0).partitions.at(0).fetch_offset, 40);
  EXPECT_EQ(request.topics.at(0).partitions.at(0).current_leader_epoch, 4);

  FetchResponse response;
  auto& p = response.responses.emplace_back().partitions.emplace_back();
  p.high_watermark = 50;
  p.last_stable_offset = 45;
  p.log_start_offset = 10;
  p.records = Chain{batch()};
  p.aborted_transactions.emplace();
  p.aborted_transactions->emplace_back().producer_id = 3;
  answer("a:1", asked, response);
  ASSERT_TRUE(fetched);
  EXPECT_EQ(fetched->high_watermark, 50);
  EXPECT_EQ(fetched->last_stable_offset, 45);
  EXPECT_EQ(fetched->aborted.at(0).first, 3);
  EXPECT_TRUE(kafka::batch_checksum_ok(fetched->batches.view()));
}

TEST_F(ClientTest, SaysAtOnceThatATopicDoesNotExist) {
  client->topic("t", false, [&](Result<Topic> r) { outcome = r ? "found" : r.error().text(); });
  answer("a:1", next_at("a:1", 3), metadata(1, kUnknownTopic));
  EXPECT_EQ(outcome, "UNKNOWN_TOPIC_OR_PARTITION: topic t");
}

TEST_F(ClientTest, WaitsForATopicThatIsBeingCreated) {
  client->topic("t", true, [&](Result<Topic> r) { outcome = r ? "found" : r.error().text(); });
  const auto asked = next_at("a:1", 3);
  EXPECT_TRUE(asked.as<MetadataRequest>().allow_auto_topic_creation);
  answer("a:1", asked, metadata(1, kUnknownTopic));
  EXPECT_EQ(outcome, "");
  answer("a:1", next_at("a:1", 3), metadata(1));
  EXPECT_EQ(outcome, "found");
}

TEST_F(ClientTest, CreatesAndDeletesTopicsAtTheController) {
  NewTopic topic{.name = "new", .partitions = 3, .configs = {{"retention.ms", "1000"}}};
  client->create_topic(topic, [&](Result<Uuid> r) { outcome = r ? "created" : r.error().text(); });
  answer("a:1", next_at("a:1", 3), metadata(1));
  const auto asked = next_at("b:2", 19);
  const auto request = asked.as<kafka::CreateTopicsRequest>();
  EXPECT_EQ(request.topics.at(0).num_partitions, 3);
  EXPECT_EQ(request.topics.at(0).configs.at(0).value, "1000");
  kafka::CreateTopicsResponse exists;
  exists.topics.emplace_back().error_code = 36;
  answer("b:2", asked, exists);
  EXPECT_TRUE(outcome.starts_with("TOPIC_ALREADY_EXISTS")) << outcome;

  client->delete_topic("new", [&](Result<void> r) { outcome = r ? "deleted" : r.error().text(); });
  const auto deletion = next_at("b:2", 20);
  EXPECT_EQ(deletion.as<kafka::DeleteTopicsRequest>().topics.at(0).name, "new");
  kafka::DeleteTopicsResponse done;
  done.responses.emplace_back();
  answer("b:2", deletion, done);
  EXPECT_EQ(outcome, "deleted");
}

TEST_F(ClientTest, AltersTopics) {
  const auto told = [&](Result<void> r) { outcome = r ? "altered" : r.error().text(); };
  client->create_partitions("t", 7, true, told);
  answer("a:1", next_at("a:1", 3), metadata(1));
  const auto growth = next_at("b:2", 37);
  const auto more = growth.as<kafka::CreatePartitionsRequest>();
  EXPECT_EQ(more.topics.at(0).count, 7);
  EXPECT_FALSE(more.topics.at(0).assignments);
  EXPECT_TRUE(more.validate_only);
  kafka::CreatePartitionsResponse refused;
  refused.results.emplace_back().error_code = 37;
  refused.results[0].error_message = "no increase";
  answer("b:2", growth, refused);
  EXPECT_EQ(outcome, "INVALID_PARTITIONS: topic t: no increase");

  client->change_topic_configs("t", {{"retention.ms", "5"}, {"segment.ms", std::nullopt}}, false, told);
  const auto change = next_at("a:1", 44);
  const auto steps = change.as<kafka::IncrementalAlterConfigsRequest>().resources.at(0).configs;
  EXPECT_EQ(steps.at(0).config_operation, 0);
  EXPECT_EQ(steps.at(0).value, "5");
  EXPECT_EQ(steps.at(1).config_operation, 1);
  kafka::IncrementalAlterConfigsResponse done;
  done.responses.emplace_back();
  answer("a:1", change, done);
  EXPECT_EQ(outcome, "altered");
}

TEST_F(ClientTest, ListsOffsets) {
  client->list_offset("t", 0, Client::kEarliest, false, [&](Result<ListedOffset> r) {
    outcome = r ? std::to_string(r->offset) : r.error().text();
  });
  answer("a:1", next_at("a:1", 3), metadata(1));
  const auto asked = next_at("a:1", 2);
  EXPECT_EQ(asked.as<kafka::ListOffsetsRequest>().topics.at(0).partitions.at(0).timestamp, -2);
  kafka::ListOffsetsResponse response;
  response.topics.emplace_back().partitions.emplace_back().offset = 12;
  answer("a:1", asked, response);
  EXPECT_EQ(outcome, "12");
}

TEST_F(ClientTest, GetsAProducerId) {
  client->init_producer_id(
      [&](Result<ProducerIdentity> r) { outcome = r ? std::to_string(r->id) : r.error().text(); });
  kafka::InitProducerIdResponse response;
  response.producer_id = 4000;
  answer("a:1", next_at("a:1", 22), response);
  EXPECT_EQ(outcome, "4000");
}

TEST_F(ClientTest, DropsWhatIsUnderWayWhenItIsDestroyed) {
  produce();
  loop.settle();
  client.reset();
  loop.pass(60s);
  EXPECT_EQ(outcome, "");
}

TEST_F(ClientTest, NeverAnswersFromInsideACall) {
  produce();
  client->cluster(std::nullopt, false, [&](Result<Cluster>) { outcome = "answered"; });
  EXPECT_EQ(outcome, "");
}

}  // namespace
}  // namespace ledge::client
