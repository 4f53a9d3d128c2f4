// SPDX-License-Identifier: Apache-2.0
// The handlers, by requests as bytes and answers as bytes, over a store in memory.
#include "broker/broker.h"

#include <gtest/gtest.h>

#include "broker/api/table.h"
#include "broker/fake_store.h"
#include "broker/testing.h"
#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/02_list_offsets.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/19_create_topics.h"
#include "wire/kafka/messages/20_delete_topics.h"
#include "wire/kafka/messages/22_init_producer_id.h"
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"
#include "wire/kafka/messages/32_describe_configs.h"
#include "wire/kafka/messages/60_describe_cluster.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;

class FakeRandom final : public os::Random {
 public:
  void fill(MutableBytes into) override { std::ranges::fill(into, std::uint8_t{++last_}); }

 private:
  std::uint8_t last_ = 0;
};

class NoNet final : public os::Net {
 public:
  Result<std::unique_ptr<os::Listener>> listen(const os::Endpoint&, Accepted) override {
    return fail(ErrorCode::InUse);
  }
  void connect(const os::Endpoint&, Duration, Connected) override {}
};

class NoWorker final : public os::Worker {
 public:
  void submit(os::Callback, os::Callback) override {}
};

Bytes flat(const Chain& chain) {
  Bytes out;
  for (const ChainPiece& piece : chain.pieces()) {
    if (const auto* bytes = std::get_if<SharedBytes>(&piece)) {
      out.insert(out.end(), bytes->view().begin(), bytes->view().end());
      continue;
    }
    const auto& range = std::get<FileRange>(piece);
    Bytes read(range.length);
    EXPECT_TRUE(range.file->read_at(range.position, read));
    out.insert(out.end(), read.begin(), read.end());
  }
  return out;
}

/// What a session would see.
class FakeSink final : public AnswerSink {
 public:
  void answered(std::uint64_t, Chain response) override { answers.push_back(std::move(response)); }
  void refused(std::uint64_t, std::string_view why, const std::string& detail) override {
    refusals.push_back(std::string{why} + ": " + detail);
  }
  os::Endpoint peer() const override { return {"10.0.0.9", 4711}; }

  std::vector<Chain> answers;
  std::vector<std::string> refusals;
};

class BrokerTest : public ::testing::Test {
 protected:
  /// A frame as a client would send it.
  static SharedBytes frame(std::int16_t key, std::int16_t version, bool flexible, const Chain& body) {
    ByteWriter out;
    out.be(key);
    out.be(version);
    out.be(std::int32_t{4711});
    out.be(std::int16_t{2});
    out.text("me");
    if (flexible) out.be(std::uint8_t{0});
    out.bytes(flat(body));
    return SharedBytes::take(out.take());
  }
  void give(SharedBytes bytes) { broker_.handle({std::move(bytes), 1, listener_}, {sink_, 0}); }
  template <class Request> void give(const Request& request, std::int16_t version) {
    give(frame(Request::api.key, version, version >= Request::api.first_flexible, encode(request, version)));
  }
  template <class Response> Response take(std::int16_t version, bool header_can_be_flexible = true) {
    EXPECT_TRUE(sink_->refusals.empty()) << sink_->refusals.front();
    if (sink_->answers.empty()) {
      ADD_FAILURE() << "no answer";
      return {};
    }
    last_ = std::move(sink_->answers.front());
    sink_->answers.erase(sink_->answers.begin());
    const Bytes bytes = flat(last_);
    ByteReader reader(bytes);
    EXPECT_EQ(reader.be<std::int32_t>(), static_cast<std::int32_t>(bytes.size() - 4));
    EXPECT_EQ(reader.be<std::int32_t>(), 4711);
    if (header_can_be_flexible && version >= Response::api.first_flexible) {
      EXPECT_EQ(reader.be<std::uint8_t>(), 0);
    }
    std::size_t left = 0;
    auto response =
        decode<Response>(SharedBytes::copy(ByteView{bytes}.subspan(reader.position())), version, &left);
    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(left, 0u);
    return response ? *std::move(response) : Response{};
  }
  template <class Response, class Request> Response ask(const Request& request, std::int16_t version) {
    give(request, version);
    return take<Response>(version);
  }

  static Chain batch(int records = 1, std::size_t value_bytes = 10, BatchFields fields = {}) {
    std::vector<NewRecord> list(static_cast<std::size_t>(records));
    for (NewRecord& record : list) {
      record.value = Bytes(value_bytes, 'v');
      record.timestamp = 1'700'000'000'000;
    }
    return Chain{SharedBytes::take(build_batch(list, fields))};
  }
  static ProduceRequest produce_to(const std::string& topic,
                                   std::vector<std::pair<std::int32_t, std::optional<Chain>>> parts,
                                   std::int16_t acks = -1) {
    ProduceRequest request;
    request.transactional_id = std::nullopt;
    request.acks = acks;
    request.timeout_ms = 1000;
    auto& data = request.topic_data.emplace_back();
    data.name = topic;
    for (auto& [index, records] : parts) {
      auto& partition = data.partition_data.emplace_back();
      partition.index = index;
      partition.records = std::move(records);
    }
    return request;
  }
  void fill(const std::string& topic, std::int32_t partition, int batches, std::size_t value_bytes = 10) {
    for (int i = 0; i < batches; ++i) {
      ask<ProduceResponse>(produce_to(topic, {{partition, batch(1, value_bytes)}}), 9);
    }
  }
  struct Want {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int32_t bytes_max = 1 << 20;
    std::int32_t epoch = -1;
    std::int32_t last_epoch = -1;
  };
  static FetchRequest fetch_of(const std::string& topic, const std::vector<Want>& wants,
                               std::int32_t wait_ms = 0) {
    FetchRequest request;
    request.max_wait_ms = wait_ms;
    request.min_bytes = 1;
    request.max_bytes = 1 << 24;
    auto& data = request.topics.emplace_back();
    data.topic = topic;
    for (const Want& want : wants) {
      auto& partition = data.partitions.emplace_back();
      partition.partition = want.partition;
      partition.fetch_offset = want.offset;
      partition.partition_max_bytes = want.bytes_max;
      partition.current_leader_epoch = want.epoch;
      partition.last_fetched_epoch = want.last_epoch;
    }
    return request;
  }
  static std::size_t bytes_of(const FetchResponse::PartitionData& partition) {
    return partition.records ? partition.records->size() : 0;
  }

  testing::ManualLoop loop_;
  NoNet net_;
  FakeRandom random_;
  NoWorker worker_;
  testing::FakeStore store_;
  std::shared_ptr<Budget> budget_ = Budget::make(loop_, 1 << 26);
  std::shared_ptr<const Listener> listener_ =
      std::make_shared<Listener>(Listener{"INSIDE", {"edge-broker", 19092}});
  std::shared_ptr<FakeSink> sink_ = std::make_shared<FakeSink>();
  Chain last_;
  Broker broker_{{loop_, net_, random_, worker_, worker_}, store_, Options{}, budget_};
};

// --- what all requests have in common
// -------------------------------------------------------------------------------

TEST_F(BrokerTest, RefusesAnApiThatIsNotServed) {
  give(frame(999, 0, false, {}));
  ASSERT_EQ(sink_->refusals.size(), 1u);
  EXPECT_EQ(sink_->refusals[0], "an API that is not served was asked for: api 999 v0");
  EXPECT_EQ(broker_.stats().unknown_apis, 1u);
}

TEST_F(BrokerTest, RefusesAVersionThatIsNotServed) {
  for (const std::int16_t version : {std::int16_t{0}, std::int16_t{2}, std::int16_t{14}, std::int16_t{-1}}) {
    sink_->refusals.clear();
    give(frame(ProduceRequest::api.key, version, false, {}));
    EXPECT_EQ(sink_->refusals.size(), 1u) << version;
  }
  EXPECT_EQ(broker_.stats().unsupported_versions, 4u);
}

TEST_F(BrokerTest, RefusesEveryRequestThatEndsTooEarly) {
  store_.add_topic("t", 1);
  const SharedBytes whole = frame(1, 12, true, encode(fetch_of("t", {{0, 0}}), 12));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    sink_->refusals.clear();
    give(SharedBytes::copy(whole.view().first(length)));
    EXPECT_EQ(sink_->refusals.size(), 1u) << length;
  }
  EXPECT_TRUE(sink_->answers.empty());
}

TEST_F(BrokerTest, TakesNoOffenceAtBytesBehindTheBody) {
  Chain body = encode(MetadataRequest{}, 9);
  body.add(SharedBytes::copy(as_bytes("more")));
  give(frame(3, 9, true, body));
  take<MetadataResponse>(9);
}

TEST_F(BrokerTest, CountsRequestsAndErrors) {
  ask<ProduceResponse>(produce_to("nope", {{0, batch()}}), 9);
  const Stats stats = broker_.stats();
  EXPECT_EQ(stats.apis[0].key, 0);
  EXPECT_EQ(stats.apis[0].requests, 1u);
  EXPECT_EQ(stats.apis[0].seconds_count, 1u);
  EXPECT_EQ(stats.errors.at(wire_code(ErrorCode::UnknownTopicOrPartition)), 1u);
}

// --- ApiVersions
// ----------------------------------------------------------------------------------------------------

TEST_F(BrokerTest, ApiVersionsNamesWhatTheTableServes) {
  ApiVersionsRequest request;
  request.client_software_name = "test";
  request.client_software_version = "1.0";
  give(request, 4);
  const auto response = take<ApiVersionsResponse>(4, false);
  EXPECT_EQ(response.error_code, 0);
  ASSERT_EQ(response.api_keys.size(), api_rows().size());
  EXPECT_EQ(response.api_keys[0].min_version, 0) << "produce is named from 0 on, for old clients";
  EXPECT_EQ(response.api_keys[0].max_version, 13);
  EXPECT_EQ(response.api_keys[1].min_version, 4);
  ASSERT_EQ(response.finalized_features.size(), 1u);
  EXPECT_EQ(response.finalized_features[0].name, "metadata.version");
}

TEST_F(BrokerTest, ApiVersionsOfTheFutureIsAnsweredInVersionZeroWithItsOwnRange) {
  give(frame(18, 99, true, Chain{SharedBytes::copy(as_bytes("who knows what"))}));
  ASSERT_EQ(sink_->answers.size(), 1u);
  const Bytes expected = {0, 0, 0, 16, 0, 0, 0x12, 0x67, 0, 35, 0, 0, 0, 1, 0, 18, 0, 0, 0, 4};
  EXPECT_EQ(flat(sink_->answers[0]), expected);
}

TEST_F(BrokerTest, ApiVersionsRefusesSoftwareNamesThatCouldHarmALog) {
  ApiVersionsRequest request;
  request.client_software_version = "1";
  for (const char* name : {"", "-x", "x-", "a b", "x\n", "\xc3\xa9"}) {
    request.client_software_name = name;
    give(request, 3);
    const auto response = take<ApiVersionsResponse>(3, false);
    EXPECT_EQ(response.error_code, 42) << name;
    EXPECT_TRUE(response.api_keys.empty());
  }
}

// --- Metadata, DescribeCluster
// --------------------------------------------------------------------------------------

TEST_F(BrokerTest, MetadataAnswersWithTheListenersAddressInEveryVersion) {
  store_.add_topic("t", 2);
  store_.at("t", 1).epoch = 3;
  for (std::int16_t version = MetadataRequest::api.min_version; version <= MetadataRequest::api.max_version;
       ++version) {
    MetadataRequest request;
    request.topics.emplace().emplace_back().name = "t";
    const auto response = ask<MetadataResponse>(request, version);
    ASSERT_EQ(response.brokers.size(), 1u);
    EXPECT_EQ(response.brokers[0].host, "edge-broker");
    EXPECT_EQ(response.brokers[0].port, 19092);
    ASSERT_EQ(response.topics.size(), 1u);
    ASSERT_EQ(response.topics[0].partitions.size(), 2u);
    EXPECT_EQ(response.topics[0].partitions[1].leader_id, 1);
    EXPECT_EQ(response.topics[0].partitions[1].leader_epoch, version >= 7 ? 3 : -1);
    EXPECT_EQ(response.topics[0].topic_id, version >= 10 ? store_.topic_views["t"].id : Uuid{});
  }
}

TEST_F(BrokerTest, MetadataTellsAllNoneAndSomeApart) {
  store_.add_topic("a", 1);
  store_.add_topic("b", 1);
  MetadataRequest request;
  request.topics.emplace();
  EXPECT_EQ(ask<MetadataResponse>(request, 0).topics.size(), 2u) << "version 0: empty is all";
  EXPECT_EQ(ask<MetadataResponse>(request, 1).topics.size(), 0u);
  request.topics.reset();
  EXPECT_EQ(ask<MetadataResponse>(request, 1).topics.size(), 2u);
  request.topics.emplace().emplace_back().name = "b";
  EXPECT_EQ(ask<MetadataResponse>(request, 1).topics.at(0).name, "b");
}

TEST_F(BrokerTest, MetadataCreatesMissingTopicsOnlyWhenAsked) {
  MetadataRequest request;
  request.topics.emplace().emplace_back().name = "new";
  request.allow_auto_topic_creation = false;
  EXPECT_EQ(ask<MetadataResponse>(request, 9).topics.at(0).error_code, 3);
  EXPECT_TRUE(store_.topic_views.empty());
  request.allow_auto_topic_creation = true;
  const auto made = ask<MetadataResponse>(request, 9);
  EXPECT_EQ(made.topics.at(0).error_code, 0);
  EXPECT_EQ(made.topics.at(0).partitions.size(), 1u);
}

TEST_F(BrokerTest, MetadataReportsBadNamesAndUnknownIdsInTheOrderOfTheRequest) {
  store_.add_topic("t", 1);
  MetadataRequest request;
  request.allow_auto_topic_creation = true;
  auto& topics = request.topics.emplace();
  topics.emplace_back().name = "a/b";
  topics.emplace_back().topic_id.bytes[3] = 9;
  topics.emplace_back().topic_id = store_.topic_views["t"].id;
  topics.emplace_back().name = "t";
  const auto response = ask<MetadataResponse>(request, 12);
  ASSERT_EQ(response.topics.size(), 4u);
  EXPECT_EQ(response.topics[0].error_code, 17);
  EXPECT_EQ(response.topics[1].error_code, 100);
  EXPECT_FALSE(response.topics[1].name);
  EXPECT_EQ(response.topics[2].name, "t");
  EXPECT_EQ(response.topics[3].error_code, 0);
}

TEST_F(BrokerTest, MetadataRefusesIdsBeforeVersionTwelveAsAWhole) {
  MetadataRequest request;
  auto& topic = request.topics.emplace().emplace_back();
  topic.name = "t";
  topic.topic_id.bytes[0] = 1;
  const auto response = ask<MetadataResponse>(request, 10);
  EXPECT_EQ(response.topics.at(0).error_code, 42);
  EXPECT_TRUE(response.brokers.empty());
}

TEST_F(BrokerTest, DescribeClusterTellsEndpointTypesApart) {
  DescribeClusterRequest request;
  request.include_cluster_authorized_operations = true;
  auto response = ask<DescribeClusterResponse>(request, 2);
  EXPECT_EQ(response.brokers.at(0).host, "edge-broker");
  EXPECT_EQ(response.cluster_authorized_operations, 8096);
  request.endpoint_type = 2;
  EXPECT_EQ(ask<DescribeClusterResponse>(request, 2).error_code, 114);
  request.endpoint_type = 9;
  EXPECT_EQ(ask<DescribeClusterResponse>(request, 2).error_code, 115);
}

// --- Produce
// --------------------------------------------------------------------------------------------------------

TEST_F(BrokerTest, ProduceAnswersEveryPartitionOnceAllAreDurable) {
  store_.add_topic("t", 2);
  store_.hold_appends = true;
  give(produce_to("t", {{0, batch(2)}, {7, batch()}, {1, batch()}, {0, batch()}}), 9);
  EXPECT_TRUE(sink_->answers.empty());
  store_.sync();
  const auto response = take<ProduceResponse>(9);
  const auto& parts = response.responses.at(0).partition_responses;
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(parts[0].base_offset, 0);
  EXPECT_EQ(parts[1].error_code, 3);
  EXPECT_EQ(parts[1].base_offset, -1);
  EXPECT_EQ(parts[2].base_offset, 0);
  EXPECT_EQ(parts[3].base_offset, 2) << "a partition that stands twice is appended to twice, and told twice";
}

TEST_F(BrokerTest, ProduceRefusesAcksThatDoNotExist) {
  store_.add_topic("t", 1);
  for (const std::int16_t acks : {std::int16_t{2}, std::int16_t{-2}}) {
    const auto response = ask<ProduceResponse>(produce_to("t", {{0, batch()}}, acks), 9);
    EXPECT_EQ(response.responses.at(0).partition_responses.at(0).error_code, 21);
  }
  EXPECT_EQ(store_.at("t", 0).end, 0);
}

TEST_F(BrokerTest, ProduceRefusesWhatIsNotOneBatchOfMagicTwo) {
  store_.add_topic("t", 1);
  Chain two = batch();
  Bytes both = flat(two);
  const Bytes one = both;
  both.insert(both.end(), one.begin(), one.end());
  Bytes old = one;
  old[16] = 1;
  std::vector<std::optional<Chain>> bad = {std::nullopt, Chain{}, Chain{SharedBytes::take(both)},
                                           Chain{SharedBytes::take(old)},
                                           Chain{SharedBytes::copy(ByteView{one}.first(one.size() - 1))}};
  for (auto& records : bad) {
    const auto response = ask<ProduceResponse>(produce_to("t", {{0, std::move(records)}}), 9);
    EXPECT_EQ(response.responses.at(0).partition_responses.at(0).error_code, 87);
  }
}

TEST_F(BrokerTest, ProduceRefusesTransactionalRecords) {
  store_.add_topic("t", 1);
  auto request = produce_to(
      "t", {{0, batch(1, 10,
                      {.producer_id = 1, .producer_epoch = 0, .base_sequence = 0, .transactional = true})}});
  EXPECT_EQ(ask<ProduceResponse>(request, 9).responses[0].partition_responses[0].error_code, 53);
  request.transactional_id = "tx";
  EXPECT_EQ(ask<ProduceResponse>(request, 9).responses[0].partition_responses[0].error_code, 48);
}

TEST_F(BrokerTest, ProduceByTopicIdTellsUnknownIdsFromUnknownPartitions) {
  store_.add_topic("t", 1);
  auto request = produce_to("", {{0, batch()}});
  request.topic_data[0].topic_id.bytes[5] = 5;
  EXPECT_EQ(ask<ProduceResponse>(request, 13).responses[0].partition_responses[0].error_code, 100);
  request.topic_data[0].topic_id = store_.topic_views["t"].id;
  EXPECT_EQ(ask<ProduceResponse>(request, 13).responses[0].partition_responses[0].error_code, 0);
  request.topic_data[0].partition_data[0].index = 1;
  EXPECT_EQ(ask<ProduceResponse>(request, 13).responses[0].partition_responses[0].error_code, 3);
}

TEST_F(BrokerTest, ProduceWithoutAcksHasNoAnswerAndClosesOnFailure) {
  store_.add_topic("t", 1);
  give(produce_to("t", {{0, batch()}}, 0), 9);
  ASSERT_EQ(sink_->answers.size(), 1u);
  EXPECT_TRUE(sink_->answers[0].empty());
  EXPECT_TRUE(sink_->refusals.empty());
  give(produce_to("nope", {{0, batch()}, {1, batch()}}, 0), 9);
  EXPECT_EQ(sink_->refusals.size(), 1u);
}

TEST_F(BrokerTest, ProducePassesOnWhichRecordsWereRefused) {
  store_.add_topic("t", 1);
  store_.append_error = {ErrorCode::MessageTooLarge, "too large"};
  auto response = ask<ProduceResponse>(produce_to("t", {{0, batch()}}), 8);
  const auto& part = response.responses[0].partition_responses[0];
  EXPECT_EQ(part.error_code, 10);
  EXPECT_EQ(part.log_start_offset, -1);
  EXPECT_FALSE(part.error_message);
}

// --- Fetch
// ----------------------------------------------------------------------------------------------------------

TEST_F(BrokerTest, FetchGivesWholeBatchesWithinTheLimits) {
  store_.add_topic("t", 2);
  fill("t", 0, 3);
  fill("t", 1, 3);
  const std::size_t one = batch().size();
  const auto all = static_cast<std::int32_t>(3 * one);
  struct Row {
    const char* what;
    std::int32_t answer_max, first_max, second_max;
    std::size_t first, second;
  };
  const Row rows[] = {
      {"everything fits", 1 << 20, 1 << 20, 1 << 20, 3, 3},
      {"the first batch comes even when nothing is allowed", 0, 0, 0, 1, 0},
      {"a partition's limit cuts at a batch", 1 << 20, all - 1, 1 << 20, 2, 3},
      {"the answer's limit cuts the second partition", all + 1, 1 << 20, 1 << 20, 3, 0},
      {"a second partition gets no batch that does not fit", 1 << 20, 1 << 20, 1, 3, 0},
      {"the first partition's limit is ignored for its first batch only", 1 << 20, 1, 1 << 20, 1, 3},
  };
  for (const Row& row : rows) {
    auto request = fetch_of("t", {{0, 0, row.first_max}, {1, 0, row.second_max}});
    request.max_bytes = row.answer_max;
    const auto response = ask<FetchResponse>(request, 12);
    const auto& parts = response.responses.at(0).partitions;
    EXPECT_EQ(bytes_of(parts.at(0)), row.first * one) << row.what;
    EXPECT_EQ(bytes_of(parts.at(1)), row.second * one) << row.what;
  }
}

TEST_F(BrokerTest, FetchGivesAWholeBatchThatIsLargerThanEveryLimitFromTheFirstPartitionThatHasRecords) {
  store_.add_topic("t", 3);
  fill("t", 1, 1, 5000);
  fill("t", 2, 1);
  auto request = fetch_of("t", {{0, 0, 10}, {1, 0, 10}, {2, 0, 1000}});
  request.max_bytes = 100;
  const auto response = ask<FetchResponse>(request, 12);
  EXPECT_EQ(bytes_of(response.responses[0].partitions[1]), batch(1, 5000).size());
  EXPECT_EQ(bytes_of(response.responses[0].partitions[2]), 0u);
}

TEST_F(BrokerTest, FetchServesEveryVersion) {
  store_.add_topic("t", 1);
  fill("t", 0, 2);
  for (std::int16_t version = FetchRequest::api.min_version; version <= FetchRequest::api.max_version;
       ++version) {
    auto request = fetch_of(version < 13 ? "t" : "", {{0, 1}});
    if (version >= 13) request.topics[0].topic_id = store_.topic_views["t"].id;
    const auto response = ask<FetchResponse>(request, version);
    const auto& part = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(part.error_code, 0);
    EXPECT_EQ(part.high_watermark, 2);
    EXPECT_EQ(bytes_of(part), batch().size()) << version;
    EXPECT_FALSE(part.aborted_transactions);
  }
}

TEST_F(BrokerTest, FetchReportsErrorsPerPartition) {
  store_.add_topic("t", 1);
  store_.at("t", 0).epoch = 4;
  fill("t", 0, 2);
  struct Row {
    Want want;
    std::int16_t error;
  };
  const Row rows[] = {
      {{.partition = 9}, 3},
      {{.offset = 3}, 1},
      {{.offset = -1}, 1},
      {{.offset = 2}, 0},
      {{.offset = 0, .epoch = 3}, 74},
      {{.offset = 0, .epoch = 5}, 75},
      {{.offset = 0, .epoch = 4}, 0},
      {{.offset = 0, .last_epoch = 9}, 1},
  };
  for (const Row& row : rows) {
    const auto response = ask<FetchResponse>(fetch_of("t", {row.want}), 12);
    const auto& part = response.responses.at(0).partitions.at(0);
    EXPECT_EQ(part.error_code, row.error) << row.want.offset << " " << row.want.epoch;
    EXPECT_EQ(part.high_watermark, row.error == 0 ? 2 : -1);
  }
  EXPECT_EQ(ask<FetchResponse>(fetch_of("nope", {{}}), 12).responses[0].partitions[0].error_code, 3);
  EXPECT_EQ(ask<FetchResponse>(fetch_of("nope", {{}}), 13).responses[0].partitions[0].error_code, 100);
}

TEST_F(BrokerTest, FetchTellsAReaderWhereItsLogParts) {
  store_.add_topic("t", 1);
  store_.at("t", 0).epoch = 4;
  fill("t", 0, 2);
  const auto response = ask<FetchResponse>(fetch_of("t", {{.offset = 2, .last_epoch = 3}}, 1000), 12);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).diverging_epoch.epoch, 3);
  EXPECT_EQ(response.responses.at(0).partitions.at(0).diverging_epoch.end_offset, 0);
}

TEST_F(BrokerTest, FetchOfReadCommittedHasAListOfAbortedTransactions) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{}});
  request.isolation_level = 1;
  EXPECT_TRUE(ask<FetchResponse>(request, 12).responses[0].partitions[0].aborted_transactions);
}

TEST_F(BrokerTest, FetchWaitsForRecordsAndIsWokenByThem) {
  store_.add_topic("t", 2);
  give(fetch_of("t", {{0, 0}, {1, 0}}, 1000), 12);
  EXPECT_TRUE(sink_->answers.empty());
  EXPECT_EQ(broker_.stats().parked, 1u);
  EXPECT_EQ(store_.waiters(), 2u);
  give(produce_to("t", {{1, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.turn();
  const auto response = take<FetchResponse>(12);
  EXPECT_EQ(bytes_of(response.responses[0].partitions[1]), batch().size());
  EXPECT_EQ(store_.waiters(), 0u);
  EXPECT_EQ(broker_.stats().parked, 0u);
  EXPECT_EQ(loop_.timers_set(), 0u);
}

TEST_F(BrokerTest, FetchWaitsForItsLeastBytes) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{0, 0}}, 1000);
  request.min_bytes = static_cast<std::int32_t>(2 * batch().size());
  give(request, 12);
  give(produce_to("t", {{0, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.turn();
  EXPECT_TRUE(sink_->answers.empty());
  give(produce_to("t", {{0, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.turn();
  EXPECT_EQ(bytes_of(take<FetchResponse>(12).responses[0].partitions[0]), 2 * batch().size());
}

TEST_F(BrokerTest, FetchAnswersAtItsDeadlineWithWhatThereIs) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{0, 0}}, 500);
  request.min_bytes = 1 << 20;
  give(request, 12);
  give(produce_to("t", {{0, batch()}}, 0), 9);
  sink_->answers.clear();
  loop_.pass(499ms);
  EXPECT_TRUE(sink_->answers.empty());
  loop_.pass(1ms);
  EXPECT_EQ(bytes_of(take<FetchResponse>(12).responses[0].partitions[0]), batch().size());
}

TEST_F(BrokerTest, FetchWokenByTheEndOfItsTopicSaysSo) {
  store_.add_topic("t", 1);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  store_.delete_topics({store_.topic_views["t"].id}, [](auto) {});
  loop_.turn();
  EXPECT_EQ(take<FetchResponse>(12).responses[0].partitions[0].error_code, 3);
}

TEST_F(BrokerTest, FetchSeesWhatArrivesWhileAnotherPartitionIsRead) {
  store_.add_topic("t", 2);
  fill("t", 0, 1);
  auto request = fetch_of("t", {{1, 0}, {0, 0}}, 1000);
  request.min_bytes = static_cast<std::int32_t>(2 * batch().size());
  store_.hold_reads = true;
  give(request, 12);
  give(produce_to("t", {{1, batch()}}, 0), 9);
  sink_->answers.clear();
  store_.hold_reads = false;
  store_.answer_reads();
  loop_.turn();
  EXPECT_EQ(take<FetchResponse>(12).responses[0].partitions.size(), 2u);
}

TEST_F(BrokerTest, AParkedFetchIsForgottenWithItsConnection) {
  store_.add_topic("t", 1);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  broker_.disconnected(1);
  EXPECT_EQ(broker_.stats().parked, 0u);
  EXPECT_EQ(store_.waiters(), 0u);
  loop_.pass(2s);
  EXPECT_TRUE(sink_->answers.empty());
  EXPECT_TRUE(sink_->refusals.empty());
}

TEST_F(BrokerTest, AStopAnswersParkedFetchesAndParksNoMore) {
  store_.add_topic("t", 1);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  broker_.stop_waiting();
  EXPECT_EQ(take<FetchResponse>(12).responses[0].partitions[0].error_code, 0);
  give(fetch_of("t", {{0, 0}}, 1000), 12);
  EXPECT_EQ(sink_->answers.size(), 1u);
}

TEST_F(BrokerTest, FetchSendsLargeBatchesFromTheFileAndCopiesSmallOnes) {
  store_.add_topic("t", 2);
  fill("t", 0, 8, 10000);
  fill("t", 1, 8);
  const auto ranges = [](const Chain& chain) {
    return std::ranges::count_if(chain.pieces(),
                                 [](const auto& p) { return std::holds_alternative<FileRange>(p); });
  };
  ask<FetchResponse>(fetch_of("t", {{0, 0}}), 12);
  EXPECT_EQ(ranges(last_), 8);
  EXPECT_EQ(store_.fake_journal.warms, 1);
  EXPECT_EQ(broker_.stats().copied_bytes, 0u);
  ask<FetchResponse>(fetch_of("t", {{1, 0}}), 12);
  EXPECT_EQ(ranges(last_), 0);
  EXPECT_EQ(broker_.stats().copied_bytes, 8 * batch().size()) << "charged until they have left";
  last_ = {};
  EXPECT_EQ(broker_.stats().copied_bytes, 0u);
}

TEST_F(BrokerTest, FetchSendsFileRangesWhenPeersLeaveNoMemoryForCopies) {
  store_.add_topic("t", 1);
  fill("t", 0, 900, 1000);
  std::vector<Chain> not_taken;
  std::size_t ranges = 0;
  for (int i = 0; i < 100 && ranges == 0; ++i) {
    const auto response = ask<FetchResponse>(fetch_of("t", {{0, 0}}), 12);
    EXPECT_GT(bytes_of(response.responses[0].partitions[0]), 0u);
    for (const ChainPiece& piece : last_.pieces()) ranges += std::holds_alternative<FileRange>(piece) ? 1 : 0;
    not_taken.push_back(std::move(last_));
  }
  EXPECT_EQ(ranges, 64u);
  EXPECT_LE(broker_.stats().copied_bytes, budget_->bytes_max() / 4);
}

TEST_F(BrokerTest, FetchCopiesNoMoreThanItsBoundWhateverIsAskedFor) {
  store_.add_topic("t", 3);
  fill("t", 0, 600, 1000);
  fill("t", 1, 600, 1000);
  fill("t", 2, 1, 1000);
  const auto response =
      ask<FetchResponse>(fetch_of("t", {{0, 0, 1 << 24}, {1, 0, 1 << 24}, {2, 0, 1 << 24}}), 12);
  const auto& parts = response.responses[0].partitions;
  std::size_t sum = 0;
  for (const auto& part : parts) sum += bytes_of(part);
  EXPECT_LE(sum, static_cast<std::size_t>(limits::fetch_copied_bytes_max));
  EXPECT_GT(sum, static_cast<std::size_t>(limits::fetch_copied_bytes_max) - 2000);
  EXPECT_EQ(bytes_of(parts[2]), 0u);
}

TEST_F(BrokerTest, FetchReadsOnWhereBatchesAreLarge) {
  store_.add_topic("t", 1);
  fill("t", 0, 30, 100000);
  const auto response = ask<FetchResponse>(fetch_of("t", {{0, 0, 1 << 24}}), 12);
  EXPECT_EQ(bytes_of(response.responses[0].partitions[0]), 30 * batch(1, 100000).size());
}

TEST_F(BrokerTest, FetchSessionSaysOnlyWhatChanged) {
  store_.add_topic("t", 3);
  fill("t", 0, 1);
  auto request = fetch_of("t", {{0, 1}, {1, 0}, {2, 0}});
  request.session_epoch = 0;
  const auto opened = ask<FetchResponse>(request, 12);
  ASSERT_NE(opened.session_id, 0);
  EXPECT_EQ(opened.responses[0].partitions.size(), 3u);

  FetchRequest next;
  next.max_bytes = 1 << 20;
  next.min_bytes = 1;
  next.session_id = opened.session_id;
  next.session_epoch = 1;
  EXPECT_TRUE(ask<FetchResponse>(next, 12).responses.empty());

  fill("t", 1, 1);
  next.session_epoch = 2;
  const auto changed = ask<FetchResponse>(next, 12);
  ASSERT_EQ(changed.responses.size(), 1u);
  ASSERT_EQ(changed.responses[0].partitions.size(), 1u);
  EXPECT_EQ(changed.responses[0].partitions[0].partition_index, 1);

  auto& forgotten = next.forgotten_topics_data.emplace_back();
  forgotten.topic = "t";
  forgotten.partitions = {0, 1};
  next.session_epoch = 3;
  ask<FetchResponse>(next, 12);
  EXPECT_EQ(broker_.stats().fetch_session_partitions, 1u);

  const auto wrong_epoch = ask<FetchResponse>(next, 12);
  EXPECT_EQ(wrong_epoch.error_code, 71);
  EXPECT_EQ(wrong_epoch.session_id, 0);
  EXPECT_TRUE(wrong_epoch.responses.empty());

  next.session_epoch = -1;
  ask<FetchResponse>(next, 12);
  EXPECT_EQ(broker_.stats().fetch_sessions, 0u);
  next.session_epoch = 4;
  EXPECT_EQ(ask<FetchResponse>(next, 12).error_code, 70);
}

TEST_F(BrokerTest, FetchOfAReplicaIsRefused) {
  store_.add_topic("t", 1);
  auto request = fetch_of("t", {{}});
  request.replica_id = 3;
  EXPECT_EQ(ask<FetchResponse>(request, 12).responses[0].partitions[0].error_code, 6);
}

// --- offsets
// --------------------------------------------------------------------------------------------------------

TEST_F(BrokerTest, ListOffsetsKnowsSpecialTimestampsFromTheirVersionsOn) {
  store_.add_topic("t", 1);
  fill("t", 0, 3);
  struct Row {
    std::int16_t version;
    std::int64_t timestamp;
    std::int16_t error;
    std::int64_t offset;
  };
  const Row rows[] = {{1, -1, 0, 3},    {1, -2, 0, 0},   {6, -3, 35, -1},  {7, -3, 0, 2},
                      {7, -4, 35, -1},  {8, -4, 0, 0},   {8, -5, 35, -1},  {9, -5, 0, -1},
                      {10, -6, 35, -1}, {11, -6, 0, -1}, {11, -7, 35, -1}, {1, 0, 0, 0}};
  for (const Row& row : rows) {
    ListOffsetsRequest request;
    auto& topic = request.topics.emplace_back();
    topic.name = "t";
    topic.partitions.emplace_back().timestamp = row.timestamp;
    const auto response = ask<ListOffsetsResponse>(request, row.version);
    EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, row.error)
        << row.version << " " << row.timestamp;
    EXPECT_EQ(response.topics.at(0).partitions.at(0).offset, row.offset)
        << row.version << " " << row.timestamp;
  }
}

TEST_F(BrokerTest, ListOffsetsRefusesAPartitionThatStandsTwiceOnce) {
  store_.add_topic("t", 2);
  ListOffsetsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  for (const std::int32_t index : {0, 1, 0}) {
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = index;
    partition.timestamp = -1;
  }
  const auto response = ask<ListOffsetsResponse>(request, 7);
  ASSERT_EQ(response.topics.at(0).partitions.size(), 2u);
  EXPECT_EQ(response.topics[0].partitions[0].error_code, 42);
  EXPECT_EQ(response.topics[0].partitions[1].error_code, 0);
}

TEST_F(BrokerTest, OffsetForLeaderEpochKnowsTheCurrentEpochBeforeItHasRecords) {
  store_.add_topic("t", 1);
  store_.at("t", 0).epoch = 2;
  const auto of = [&](std::int32_t epoch) {
    OffsetForLeaderEpochRequest request;
    auto& topic = request.topics.emplace_back();
    topic.topic = "t";
    topic.partitions.emplace_back().leader_epoch = epoch;
    return ask<OffsetForLeaderEpochResponse>(request, 4).topics.at(0).partitions.at(0);
  };
  EXPECT_EQ(of(2).leader_epoch, 2);
  EXPECT_EQ(of(2).end_offset, 0);
  EXPECT_EQ(of(3).leader_epoch, -1);
  EXPECT_EQ(of(-1).end_offset, -1);
}

// --- topics, configs, producers
// -------------------------------------------------------------------------------------

TEST_F(BrokerTest, CreateTopicsAnswersADuplicateOnceAndTheOthersInOrder) {
  CreateTopicsRequest request;
  for (const char* name : {"a", "b", "a", "c"}) {
    auto& topic = request.topics.emplace_back();
    topic.name = name;
    topic.num_partitions = name[0] == 'c' ? 0 : 2;
    topic.replication_factor = 1;
  }
  const auto response = ask<CreateTopicsResponse>(request, 7);
  ASSERT_EQ(response.topics.size(), 3u);
  EXPECT_EQ(response.topics[0].error_code, 42);
  EXPECT_EQ(response.topics[0].error_message, "Duplicate topic name.");
  EXPECT_EQ(response.topics[1].error_code, 0);
  EXPECT_EQ(response.topics[1].num_partitions, 2);
  EXPECT_EQ(response.topics[1].configs->size(), state::topic_config_rows().size());
  EXPECT_EQ(response.topics[2].error_code, 37);
  EXPECT_FALSE(store_.topic_views.contains("a"));
}

TEST_F(BrokerTest, DeleteTopicsDeletesNothingThatStandsTwice) {
  store_.add_topic("a", 1);
  store_.add_topic("b", 1);
  store_.add_topic("c", 1);
  DeleteTopicsRequest request;
  request.topics.emplace_back().name = "a";
  request.topics.emplace_back().topic_id = store_.topic_views["a"].id;
  request.topics.emplace_back().name = "b";
  request.topics.emplace_back().name = "b";
  request.topics.emplace_back().topic_id = store_.topic_views["c"].id;
  request.topics.emplace_back();
  const auto response = ask<DeleteTopicsResponse>(request, 6);
  ASSERT_EQ(response.responses.size(), 4u);
  EXPECT_EQ(response.responses[0].error_message,
            "The provided topic name maps to an ID that was already supplied.");
  EXPECT_EQ(response.responses[1].error_message, "Duplicate topic name.");
  EXPECT_EQ(response.responses[2].error_code, 0);
  EXPECT_EQ(response.responses[2].name, "c");
  EXPECT_EQ(response.responses[3].error_code, 42);
  EXPECT_EQ(store_.topic_views.size(), 2u);
}

TEST_F(BrokerTest, DescribeConfigsListsEveryKeyWithItsSourceAndSynonyms) {
  store_.add_topic("t", 1);
  store_.topic_views["t"].overrides["cleanup.policy"] = "compact";
  DescribeConfigsRequest request;
  request.include_synonyms = true;
  auto& topic = request.resources.emplace_back();
  topic.resource_type = 2;
  topic.resource_name = "t";
  auto& node = request.resources.emplace_back();
  node.resource_type = 4;
  node.resource_name = "1";
  const auto response = ask<DescribeConfigsResponse>(request, 4);
  ASSERT_EQ(response.results.size(), 2u);
  ASSERT_EQ(response.results[0].configs.size(), state::topic_config_rows().size());
  for (const auto& config : response.results[0].configs) {
    if (config.name == "cleanup.policy") {
      EXPECT_EQ(config.value, "compact");
      EXPECT_EQ(config.config_source, 1);
      ASSERT_EQ(config.synonyms.size(), 2u);
      EXPECT_EQ(config.synonyms[1].name, "log.cleanup.policy");
      EXPECT_EQ(config.synonyms[1].source, 5);
    } else {
      EXPECT_EQ(config.config_source, 5) << config.name;
      EXPECT_TRUE(config.value) << config.name;
    }
  }
  EXPECT_GT(response.results[1].configs.size(), 80u);
}

TEST_F(BrokerTest, DescribeConfigsRefusesWhatIsNotHere) {
  struct Row {
    std::int8_t type;
    const char* name;
    std::int16_t error;
  };
  const Row rows[] = {{2, "nope", 3}, {2, "a/b", 17}, {4, "2", 42}, {4, "x", 42}, {4, "", 0},   {8, "x", 42},
                      {8, "1", 0},    {16, "", 42},   {16, "m", 0}, {32, "", 42}, {32, "g", 0}, {3, "x", 42}};
  for (const Row& row : rows) {
    DescribeConfigsRequest request;
    auto& resource = request.resources.emplace_back();
    resource.resource_type = row.type;
    resource.resource_name = row.name;
    const auto response = ask<DescribeConfigsResponse>(request, 1);
    EXPECT_EQ(response.results.at(0).error_code, row.error) << int{row.type} << row.name;
    EXPECT_TRUE(response.results[0].configs.empty());
  }
}

TEST_F(BrokerTest, InitProducerIdGivesAFreshIdEachTimeAndNoTransactions) {
  InitProducerIdRequest request;
  request.transactional_id = std::nullopt;
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 5).producer_id, 1000);
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 0).producer_id, 1001);
  request.producer_id = 1000;
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 4).error_code, 42);
  request.producer_epoch = 0;
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 4).producer_id, 1002);
  request.transactional_id = "";
  EXPECT_EQ(ask<InitProducerIdResponse>(request, 4).error_code, 42);
  request.transactional_id = "tx";
  const auto refused = ask<InitProducerIdResponse>(request, 4);
  EXPECT_EQ(refused.error_code, 15);
  EXPECT_EQ(refused.producer_id, -1);
  EXPECT_EQ(refused.producer_epoch, -1);
}

}  // namespace
}  // namespace ledge::broker
