// SPDX-License-Identifier: Apache-2.0
#include "client/node.h"

#include <gtest/gtest.h>

#include "client/testing.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/22_init_producer_id.h"

namespace ledge::client {
namespace {

using kafka::InitProducerIdRequest;
using kafka::InitProducerIdResponse;

class NodeTest : public testing::Test {
 protected:
  NodeTest() { options.bootstrap = {{"a", 1}}; }

  /// Asks for a producer id; the outcome appears in `outcomes` under the label.
  void ask(const std::string& label, Duration timeout = 5s, bool answer_expected = true) {
    Node::Request request;
    request.api = &InitProducerIdRequest::api;
    request.encode = [](std::int16_t version) { return kafka::encode(InitProducerIdRequest{}, version); };
    request.answer_expected = answer_expected;
    request.timeout = timeout;
    request.answered = [this, label](Result<Node::Answer> answer) {
      EXPECT_FALSE(outcomes.contains(label)) << "answered twice";
      if (!answer) {
        outcomes[label] = std::string{error_name(answer.error().code)};
      } else if (answer->body.empty()) {
        outcomes[label] = "sent";
      } else {
        const auto response = kafka::decode<InitProducerIdResponse>(answer->body, answer->version);
        outcomes[label] =
            "id " + std::to_string(response->producer_id) + " v" + std::to_string(answer->version);
      }
    };
    node.send(std::move(request));
  }

  Peer& connected() {
    loop.settle();
    Peer* peer = net.to("a:1");
    CHECK(peer != nullptr);
    return *peer;
  }
  Peer& negotiated() {
    Peer& peer = connected();
    peer.answer(*peer.next(), versions());
    loop.settle();
    return peer;
  }
  static InitProducerIdResponse id(std::int64_t value) {
    InitProducerIdResponse response;
    response.producer_id = value;
    return response;
  }

  FakeLoop loop;
  FakeNet net{loop};
  FakeRandom random;
  Options options;
  Node node{loop, net, random, options, {"a", 1}};
  std::map<std::string, std::string> outcomes;
};

TEST_F(NodeTest, ConnectsOnlyWhenThereIsSomethingToSend) {
  loop.pass(60s);
  EXPECT_TRUE(net.attempts.empty());
  ask("x");
  EXPECT_EQ(net.attempts.size(), 1u);
}

TEST_F(NodeTest, AsksForTheVersionsFirstAndThenUsesTheNewestThatBothKnow) {
  ask("x");
  Peer& peer = connected();
  const auto hello = *peer.next();
  EXPECT_EQ(hello.header.api_key, 18);
  EXPECT_EQ(hello.header.api_version, 4);
  EXPECT_EQ(hello.header.client_id, "ledge");
  EXPECT_EQ(hello.as<kafka::ApiVersionsRequest>().client_software_name, "ledge");
  EXPECT_FALSE(peer.next());  // nothing before the answer

  peer.answer(hello, versions({{22, 0, 2}, {18, 0, 4}}));
  const auto asked = *peer.next();
  EXPECT_EQ(asked.header.api_key, 22);
  EXPECT_EQ(asked.header.api_version, 2);
  peer.answer(asked, id(7));
  loop.settle();
  EXPECT_EQ(outcomes["x"], "id 7 v2");
}

TEST_F(NodeTest, FallsBackWhenTheServerKnowsOnlyAnOlderApiVersions) {  // KIP-511
  ask("x");
  Peer& peer = connected();
  const auto hello = *peer.next();
  auto refusal = versions({{18, 0, 2}});
  refusal.error_code = 35;
  peer.answer_as(hello.header.correlation_id, 18, 0, refusal);
  const auto again = *peer.next();
  EXPECT_EQ(again.header.api_version, 2);
  peer.answer(again, versions());
  EXPECT_EQ(peer.next()->header.api_key, 22);
}

TEST_F(NodeTest, TriesThePlainVersionAfterAServerThatHungUpOnTheNewest) {
  ask("x");
  connected().close();
  EXPECT_EQ(outcomes["x"], "CONNECTION_FAILED");
  ask("y");
  loop.pass(1s);
  Peer& peer = connected();
  EXPECT_EQ(peer.next()->header.api_version, 0);
}

TEST_F(NodeTest, SendsManyWithoutWaitingAndMatchesAnswersInOrder) {
  ask("x");
  ask("y");
  Peer& peer = negotiated();
  ask("z");
  const auto x = *peer.next();
  const auto y = *peer.next();
  const auto z = *peer.next();
  peer.answer(x, id(1));
  peer.answer(y, id(2));
  peer.answer(z, id(3));
  EXPECT_EQ(outcomes["x"], "id 1 v5");
  EXPECT_EQ(outcomes["y"], "id 2 v5");
  EXPECT_EQ(outcomes["z"], "id 3 v5");
}

TEST_F(NodeTest, ReadsAnswersThatArriveByteByByte) {
  ask("x");
  Peer& peer = connected();
  peer.answer(*peer.next(), versions(), 1);
  peer.answer(*peer.next(), id(5), 1);
  EXPECT_EQ(outcomes["x"], "id 5 v5");
}

TEST_F(NodeTest, LeavesAServerThatAnswersOutOfTurn) {
  ask("x");
  ask("y");
  Peer& peer = negotiated();
  (void)peer.next();
  peer.answer(*peer.next(), id(2));
  loop.settle();
  EXPECT_FALSE(peer.open);
  EXPECT_EQ(outcomes["x"], "CONNECTION_FAILED");
  EXPECT_EQ(outcomes["y"], "CONNECTION_FAILED");
}

TEST_F(NodeTest, LeavesAServerThatAnnouncesAnImpossibleLength) {
  for (const std::int32_t length : {-1, 0, 3, INT32_MIN, INT32_MAX}) {
    outcomes.clear();
    ask("x");
    loop.pass(30s - 1ms);
    ask("y", 60s);
    Peer& peer = negotiated();
    Bytes bytes(4);
    store_be(bytes.data(), length);
    peer.send(bytes);
    loop.settle();
    EXPECT_FALSE(peer.open) << length;
    EXPECT_EQ(outcomes["y"], "CONNECTION_FAILED");
    loop.pass(60s);
  }
}

TEST_F(NodeTest, TellsTheLateRequestFromThoseThatWereLostWithIt) {
  ask("slow", 60s);
  ask("late", 1s);
  Peer& peer = negotiated();
  loop.pass(2s);
  EXPECT_FALSE(peer.open);
  EXPECT_EQ(outcomes["late"], "REQUEST_TIMED_OUT");
  EXPECT_EQ(outcomes["slow"], "CONNECTION_FAILED");
}

TEST_F(NodeTest, GivesUpOnAServerThatNeverNegotiates) {
  ask("x", 5s);
  Peer& peer = connected();
  loop.pass(20s);
  EXPECT_EQ(outcomes["x"], "REQUEST_TIMED_OUT");
  EXPECT_FALSE(peer.open);
}

TEST_F(NodeTest, PausesLongerAfterEveryFailureInARow) {
  net.refused.insert("a:1");
  std::vector<Instant> tries;
  for (int i = 0; i < 6; ++i) {
    ask("try " + std::to_string(i), 3600s);
    const std::size_t before = net.attempts.size();
    for (int ms = 0; net.attempts.size() == before && ms < 60'000 && i > 0; ++ms) loop.pass(1ms);
    loop.settle();
    tries.push_back(loop.now());
    EXPECT_EQ(outcomes["try " + std::to_string(i)], "CONNECTION_FAILED");
  }
  for (std::size_t i = 2; i < tries.size(); ++i)
    EXPECT_GT(tries[i] - tries[i - 1], (tries[i - 1] - tries[i - 2]) * 3 / 2);
}

TEST_F(NodeTest, GoesToRestWhenAnIdleConnectionIsClosedAndComesBackAtOnce) {
  ask("x");
  Peer& peer = negotiated();
  peer.answer(*peer.next(), id(1));
  peer.close();
  loop.settle();
  EXPECT_TRUE(loop.idle());
  ask("y");
  EXPECT_EQ(net.attempts.size(), 2u);
}

TEST_F(NodeTest, SaysSoWhenTheServerDoesNotKnowTheApi) {
  ask("x");
  Peer& peer = connected();
  peer.answer(*peer.next(), versions({{18, 0, 4}}));
  loop.settle();
  EXPECT_EQ(outcomes["x"], "UNSUPPORTED_VERSION");
  EXPECT_TRUE(peer.open);
}

TEST_F(NodeTest, DoesNotWaitForAnAnswerThatWillNotCome) {  // produce with acks=0
  ask("x", 5s, false);
  ask("y");
  Peer& peer = negotiated();
  EXPECT_EQ(outcomes["x"], "sent");
  (void)peer.next();
  peer.answer(*peer.next(), id(9));
  EXPECT_EQ(outcomes["y"], "id 9 v5");
}

TEST_F(NodeTest, RefusesMoreRequestsThanItsLimitAndNeverFromInsideTheCall) {
  for (int i = 0; i <= limits::client_requests_max; ++i) ask(std::to_string(i));
  EXPECT_TRUE(outcomes.empty());
  loop.settle();
  EXPECT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[std::to_string(limits::client_requests_max)], "LIMIT_EXCEEDED");
}

TEST_F(NodeTest, SurvivesRandomBytesInPlaceOfAnyAnswer) {
  std::uint64_t state = 88172645463325252ull;
  int rounds = 0;
  for (int round = 0; round < 300; ++round) {
    outcomes.clear();
    ask("x", 5s);
    loop.pass(20s);
    outcomes.clear();
    ask("y", 5s);
    loop.pass(1ms);
    Peer* peer = net.to("a:1");
    if (peer == nullptr || peer->handler == nullptr) continue;  // still pausing
    ++rounds;
    Bytes bytes(64);
    for (auto& b : bytes) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      b = static_cast<std::uint8_t>(state);
    }
    store_be(bytes.data(), std::int32_t{60});
    if (round % 2 == 0) store_be(bytes.data() + 4, 1 + round);
    peer->send(bytes);
    loop.pass(20s);
    EXPECT_EQ(outcomes.size(), 1u);
  }
  EXPECT_GT(rounds, 100);
}

}  // namespace
}  // namespace ledge::client
