// SPDX-License-Identifier: Apache-2.0
// Topics: created, deleted and created anew, over cuts.
#include <gtest/gtest.h>

#include "store/testing.h"

namespace ledge::store {
namespace {

using namespace ledge::store::testing;

TEST(Topics, AreVisibleWhenTheyAreDurable) {
  Box box;
  state::NewTopic request;
  request.name = "t";
  bool answered = false;
  box.store->create_topics({request}, false, [&](auto) { answered = true; });
  EXPECT_FALSE(answered);
  EXPECT_EQ(box.store->topics().find("t"), nullptr);
  EXPECT_EQ(box.partition(), nullptr);
  box.sync();
  EXPECT_TRUE(answered);
  EXPECT_NE(box.partition(), nullptr);
}

TEST(Topics, ATopicWhoseRecordTheCutTookIsNotThere) {
  Box box;
  state::NewTopic request;
  request.name = "t";
  box.store->create_topics({request}, false, [](auto) { FAIL(); });
  box.cut_and_start();
  EXPECT_EQ(box.store->topics().find("t"), nullptr);
  EXPECT_FALSE(box.create("t").is_zero());
}

TEST(Topics, EveryRequestIsAnsweredInItsPlace) {
  Box box;
  box.create("b");
  std::vector<state::NewTopic> requests(4);
  requests[0].name = "a";
  requests[1].name = "b";
  requests[2].name = "c";
  requests[2].partitions = 0;
  requests[3].name = "d";
  std::vector<Store::TopicCreated> answers;
  box.store->create_topics(requests, false, [&](auto a) { answers = std::move(a); });
  box.sync();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0].topic.name, "a");
  EXPECT_EQ(answers[1].error.code, ErrorCode::TopicAlreadyExists);
  EXPECT_EQ(answers[2].error.code, ErrorCode::InvalidPartitions);
  EXPECT_EQ(answers[3].topic.partitions, 1);
}

TEST(Topics, ValidatingCreatesNothing) {
  Box box;
  state::NewTopic request;
  request.name = "t";
  bool answered = false;
  box.store->create_topics({request}, true, [&](auto answers) {
    answered = true;
    EXPECT_EQ(answers[0].error.code, ErrorCode::None);
    EXPECT_EQ(answers[0].topic.partitions, 1);
  });
  EXPECT_TRUE(answered);
  box.sync();
  EXPECT_EQ(box.store->topics().find("t"), nullptr);
}

TEST(Topics, OneThatIsCreatedAnewHasAnotherIdAndAnEmptyLog) {
  Box box;
  const Uuid first = box.create("t");
  const PartitionPtr old = box.partition();
  append(box, old, batch_from(7, 0, 0));
  std::vector<Error> answers;
  int woken = 0;
  const auto waiter = box.store->wait(old, [&] { ++woken; });
  box.store->delete_topics({first, first, Uuid{}}, [&](auto a) { answers = std::move(a); });
  EXPECT_TRUE(old->deleted());
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(box.partition(), nullptr);
  EXPECT_TRUE(answers.empty());
  box.sync();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].code, ErrorCode::None);
  EXPECT_EQ(answers[1].code, ErrorCode::UnknownTopicId);
  EXPECT_EQ(answers[2].code, ErrorCode::UnknownTopicId);
  EXPECT_EQ(read(box, old, 0).error.code, ErrorCode::UnknownTopicOrPartition);
  EXPECT_EQ(code(append(box, old, batch_of(1))), "UNKNOWN_TOPIC_OR_PARTITION");
  for (const bool restarted : {false, true}) {
    if (restarted) box.cut_and_start();
    const Uuid again = restarted ? box.partition()->topic_id() : box.create("t");
    EXPECT_NE(again, first);
    EXPECT_NE(box.partition()->incarnation(), old->incarnation());
    EXPECT_EQ(box.partition()->log_end(), 0);
    if (restarted) {
      EXPECT_EQ(append(box, box.partition(), batch_from(7, 0, 5)).base_offset, 0);
    }
  }
}

TEST(Topics, ADeletionThatTheCutTookDidNotHappen) {
  Box box;
  const Uuid id = box.create("t");
  append(box, box.partition(), batch_of(3));
  box.store->delete_topics({id}, [](auto) { FAIL(); });
  EXPECT_EQ(box.partition(), nullptr);
  box.cut_and_start();
  ASSERT_NE(box.partition(), nullptr);
  EXPECT_EQ(box.partition()->topic_id(), id);
  EXPECT_EQ(box.partition()->high_watermark(), 3);
}

TEST(Topics, WhoAsksAgainIsAnsweredWhenTheFirstAnswerIsTrue) {
  Box box;
  const Uuid id = box.create("t");
  state::NewTopic request;
  request.name = "new";
  state::MorePartitions more{.topic = "new", .count = 1, .assignments = std::nullopt};
  state::ConfigChange change{
      .topic = "t", .from_nothing = false, .steps = {{"retention.ms", state::ConfigOperation::Set, "7"}}};
  for (const bool kept : {false, true}) {
    std::vector<ErrorCode> answers;
    const auto changed = [&](auto a) { answers.push_back(a[0].code); };
    const auto created = [&](auto a) { answers.push_back(a[0].error.code); };
    for (int i = 0; i < 2; ++i) {
      box.store->change_configs({change}, false, changed);
      box.store->create_topics({request}, false, created);
      box.store->add_partitions({more}, false, changed);
    }
    box.store->delete_topics({id}, changed);
    box.store->delete_topics({id}, changed);
    bool settled = false;
    box.store->when_settled([&](const Error&) { settled = true; });
    EXPECT_TRUE(answers.empty());
    EXPECT_FALSE(settled);
    if (!kept) {
      box.cut_and_start();
      ASSERT_NE(box.partition(), nullptr);
      EXPECT_EQ(box.store->topics().find("new"), nullptr);
      continue;
    }
    box.journal->sync();
    EXPECT_TRUE(settled);
    using enum ErrorCode;
    EXPECT_EQ(std::ranges::count(answers, TopicAlreadyExists), 1);
    EXPECT_EQ(std::ranges::count(answers, InvalidPartitions), 2);
    EXPECT_EQ(std::ranges::count(answers, UnknownTopicId), 1);
    EXPECT_EQ(std::ranges::count(answers, None), 4);
  }
}

TEST(Topics, TheStartOfALogIsNotToldTwiceBeforeItIsTrue) {
  Box box;
  box.create("t");
  append(box, box.partition(), batch_of(3));
  int told = 0;
  const auto done = [&](const Error& error, std::int64_t start) {
    EXPECT_EQ(error.code, ErrorCode::None);
    EXPECT_EQ(start, 2);
    ++told;
  };
  box.store->delete_records(box.partition(), 2, done);
  box.store->delete_records(box.partition(), 1, done);
  EXPECT_EQ(told, 0);
  box.journal->sync();
  EXPECT_EQ(told, 2);
}

TEST(Topics, AFailedJournalSaysNothingAboutWhatItDidNotKeep) {
  Box box;
  const Uuid id = box.create("kept");
  state::NewTopic request;
  request.name = "t";
  std::vector<ErrorCode> answers;
  const auto created = [&](auto a) { answers.push_back(a[0].error.code); };
  const auto deleted = [&](auto a) { answers.push_back(a[0].code); };
  box.store->create_topics({request}, false, created);
  box.store->delete_topics({id}, deleted);
  box.journal->poison();
  // Neither "it exists already" nor "there is no such topic": after a restart both are otherwise.
  box.store->create_topics({request}, false, created);
  box.store->delete_topics({id}, deleted);
  EXPECT_EQ(answers, std::vector<ErrorCode>(4, ErrorCode::KafkaStorageError));
}

}  // namespace
}  // namespace ledge::store
