// SPDX-License-Identifier: Apache-2.0
// Produce: answers in order once all is durable, what is refused and how.
#include "wire/kafka/messages/00_produce.h"

#include <gtest/gtest.h>

#include "broker/broker_testing.h"

namespace ledge::broker {
namespace {

using namespace ledge::kafka;
using testing::BrokerTest;
using testing::flat;

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

}  // namespace
}  // namespace ledge::broker
