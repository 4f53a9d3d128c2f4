// SPDX-License-Identifier: Apache-2.0
// Dialogues with the session machine: a connection, a handler and a loop that are driven by hand.
#include "server/session.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "broker/testing.h"

namespace ledge::server {
namespace {

using broker::Overlap;

std::string text_of(const Chain& chain) {
  std::string out;
  for (const ChainPiece& piece : chain.pieces()) out += as_text(std::get<SharedBytes>(piece).view());
  return out;
}

/// A frame with its length. Bodies are text; the first byte tells the handler below how it may overlap.
Bytes framed(std::string_view body) {
  ByteWriter out;
  out.be(static_cast<std::int32_t>(body.size()));
  out.text(body);
  return out.take();
}

struct Wire {  // what the peer sees
  std::string received;
  std::size_t backlog = 0;
  bool paused = false;
  bool closing = false;
};

class FakeConnection final : public os::Connection {
 public:
  FakeConnection(Wire& wire, std::string host) : wire_(wire), host_(std::move(host)) {}
  void start(os::ConnectionHandler*) override {}
  void send(Chain bytes) override { wire_.received += text_of(bytes); }
  std::size_t backlog() const override { return wire_.backlog; }
  void pause_reading() override { wire_.paused = true; }
  void resume_reading() override { wire_.paused = false; }
  void close_after_send() override { wire_.closing = true; }
  os::Endpoint peer() const override { return {host_, 1}; }
  os::Endpoint local() const override { return {"127.0.0.1", 9092}; }

 private:
  Wire& wire_;
  std::string host_;
};

/// Keeps requests; the test answers them when it likes.
class FakeHandler final : public broker::Handler {
 public:
  Overlap overlap(ByteView frame) const override {
    if (frame[0] == 'p') return Overlap::Starts;
    return frame[0] == 'f' ? Overlap::Tolerates : Overlap::Never;
  }
  void handle(broker::Request request, broker::Reply reply) override {
    seen.emplace_back(as_text(request.frame.view()));
    if (at_once) return reply.send(Chain{SharedBytes::copy(as_bytes("<" + seen.back() + ">"))});
    held.push_back({std::move(request), std::move(reply)});
  }
  void disconnected(broker::ConnectionId) override { ++gone; }
  void stop_waiting() override {}

  void answer(std::size_t i, std::string_view text) {
    held[i].first.frame = {};
    held[i].second.send(Chain{SharedBytes::copy(as_bytes(text))});
  }

  bool at_once = false;
  int gone = 0;
  std::vector<std::string> seen;
  std::deque<std::pair<broker::Request, broker::Reply>> held;
};

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() { connect(options_); }
  void connect(Options options, std::uint64_t budget = 1000) {
    handler_.held.clear();
    session_.reset();
    sessions_.clear();
    ended_.clear();
    options_ = options;
    budget_ = broker::Budget::make(loop_, budget);
    shared_ = std::make_unique<Shared>(loop_, options_, handler_, budget_);
    shared_->gone = [this](Session& session) {
      std::erase_if(sessions_, [&](auto& s) {
        if (s.get() != &session) return false;
        ended_.push_back(s);
        return true;
      });
    };
    budget_->on_freed([this] { shared_->memory_freed(); });
    session_ = add(wire_);
  }
  std::shared_ptr<Session> add(Wire& wire) {
    auto listener = std::make_shared<broker::Listener>(broker::Listener{"PLAINTEXT", {"here", 9092}});
    auto session = std::make_shared<Session>(*shared_, ++ids_, listener,
                                             std::make_unique<FakeConnection>(wire, "10.0.0.1"));
    sessions_.push_back(session);
    session->start();
    return session;
  }
  /// As the network would: as many reads as the session's buffers need. False: the session does not read.
  bool feed(Session& session, ByteView bytes) {
    while (!bytes.empty()) {
      const MutableBytes into = session.read_buffer();
      if (into.empty()) return false;
      const std::size_t n = std::min(into.size(), bytes.size());
      std::ranges::copy(bytes.first(n), into.begin());
      bytes = bytes.subspan(n);
      session.on_read(n);
    }
    return true;
  }
  bool feed(ByteView bytes) { return feed(*session_, bytes); }
  static Bytes joined(std::initializer_list<std::string_view> bodies) {
    Bytes out;
    for (const std::string_view body : bodies) {
      const Bytes one = framed(body);
      out.insert(out.end(), one.begin(), one.end());
    }
    return out;
  }

  broker::testing::ManualLoop loop_;
  FakeHandler handler_;
  Options options_;
  std::shared_ptr<broker::Budget> budget_;
  std::unique_ptr<Shared> shared_;
  Wire wire_;
  broker::ConnectionId ids_ = 0;
  std::shared_ptr<Session> session_;
  std::vector<std::shared_ptr<Session>> sessions_, ended_;
};

TEST_F(SessionTest, CutsTheSameFramesWhereverTheBytesAreSplit) {
  handler_.at_once = true;
  const Bytes bytes = joined({"first-frame", "second--frame", "third---frame"});
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    wire_ = {};
    handler_.seen.clear();
    connect(Options{});
    ASSERT_TRUE(feed(ByteView{bytes}.first(split)));
    ASSERT_TRUE(feed(ByteView{bytes}.subspan(split)));
    EXPECT_EQ(handler_.seen, (std::vector<std::string>{"first-frame", "second--frame", "third---frame"}))
        << split;
    EXPECT_EQ(wire_.received, "<first-frame><second--frame><third---frame>") << split;
    EXPECT_EQ(budget_->used(), 0u);
  }
}

TEST_F(SessionTest, CutsFramesThatComeByteByByte) {
  handler_.at_once = true;
  for (const std::uint8_t byte : joined({"first-frame", "second--frame"})) ASSERT_TRUE(feed(Bytes{byte}));
  EXPECT_EQ(wire_.received, "<first-frame><second--frame>");
}

TEST_F(SessionTest, ClosesOnLengthsThatNoFrameHas) {
  for (const std::int32_t length :
       {-1, 0, 7, INT32_MIN, static_cast<std::int32_t>(limits::request_bytes_max) + 1}) {
    wire_ = {};
    connect(Options{});
    ByteWriter bytes;
    bytes.be(length);
    bytes.text("and more");
    feed(bytes.view());
    EXPECT_TRUE(wire_.closing) << length;
    EXPECT_TRUE(handler_.seen.empty());
    EXPECT_EQ(budget_->used(), 0u);
    EXPECT_EQ(shared_->stats.closed_bad_frame, 1u);
  }
}

TEST_F(SessionTest, SendsAnswersInTheOrderOfTheRequests) {
  feed(joined({"produce-1", "produce-2", "produce-3"}));
  ASSERT_EQ(handler_.held.size(), 3u);
  handler_.answer(2, "C");
  handler_.answer(1, "B");
  EXPECT_EQ(wire_.received, "");
  handler_.answer(0, "A");
  EXPECT_EQ(wire_.received, "ABC");
}

TEST_F(SessionTest, AnEmptyAnswerTakesNoPlaceOnTheWire) {
  feed(joined({"produce-1", "produce-2"}));
  handler_.answer(0, "");
  handler_.answer(1, "B");
  EXPECT_EQ(wire_.received, "B");
}

TEST_F(SessionTest, StartsOnlyWhatMayRunBesideTheRequestsBeforeIt) {
  feed(joined({"fetch---1", "produce-2", "metadata3", "produce-4"}));
  EXPECT_EQ(handler_.seen, (std::vector<std::string>{"fetch---1", "produce-2"}));
  EXPECT_FALSE(feed(framed("produce-5"))) << "what cannot be started is not read either";
  handler_.answer(0, "A");
  EXPECT_EQ(handler_.seen.size(), 2u);
  handler_.answer(1, "B");
  ASSERT_EQ(handler_.seen.size(), 3u);
  handler_.answer(2, "C");
  ASSERT_EQ(handler_.seen.size(), 4u);
  handler_.answer(3, "D");
  EXPECT_EQ(wire_.received, "ABCD");
  EXPECT_TRUE(feed(framed("produce-5")));
  EXPECT_EQ(handler_.seen.size(), 5u);
}

TEST_F(SessionTest, ReadsNoMoreRequestsThanMayBeInFlight) {
  connect(Options{.listeners = {}, .requests_in_flight_max = 2});
  feed(joined({"produce-1", "produce-2", "produce-3"}));
  EXPECT_EQ(handler_.seen.size(), 2u);
  EXPECT_FALSE(feed(framed("produce-4")));
  handler_.answer(0, "A");
  EXPECT_EQ(handler_.seen.size(), 3u);
}

TEST_F(SessionTest, StopsReadingWhileItsPeerDoesNotTakeAnswers) {
  wire_.backlog = static_cast<std::size_t>(options_.response_backlog_bytes_max) + 1;
  EXPECT_FALSE(feed(framed("produce-1")));
  wire_.backlog = 0;
  wire_.paused = true;
  session_->on_drained();
  EXPECT_FALSE(wire_.paused);
  EXPECT_TRUE(feed(framed("produce-1")));
}

TEST_F(SessionTest, WaitsForMemoryAndGoesOnWhenAnAnswerFreesIt) {
  const std::string large(600, 'p');
  Wire other_wire, third_wire;
  auto other = add(other_wire);
  auto third = add(third_wire);
  ASSERT_TRUE(feed(framed(large)));
  feed(*other, framed(large));
  EXPECT_EQ(handler_.seen.size(), 1u) << "the second frame does not fit beside the first";
  EXPECT_TRUE(other->read_buffer().empty());
  EXPECT_FALSE(feed(*third, framed("produce-3"))) << "who waits longer comes first, small or not";
  third_wire.paused = true;
  handler_.answer(0, "A");
  loop_.turn();
  EXPECT_FALSE(third_wire.paused);
  feed(*third, framed("produce-3"));
  EXPECT_EQ(handler_.seen.size(), 3u);
  handler_.answer(1, "B");
  handler_.answer(2, "C");
  EXPECT_EQ(other_wire.received, "B");
  EXPECT_EQ(third_wire.received, "C");
  EXPECT_EQ(budget_->used(), 0u);
  EXPECT_EQ(shared_->stats.memory_waits, 2u);
}

TEST_F(SessionTest, AConnectionThatEndsWhileItWaitsForMemoryDoesNotHoldUpTheNext) {
  Wire other_wire, third_wire;
  auto other = add(other_wire);
  auto third = add(third_wire);
  feed(framed(std::string(900, 'p')));
  feed(*other, framed(std::string(900, 'p')));
  feed(*third, framed("produce-3"));
  other->on_closed({ErrorCode::ConnectionFailed, ""});
  handler_.answer(0, "A");
  loop_.turn();
  feed(*third, framed("produce-3"));
  EXPECT_EQ(handler_.seen.back(), "produce-3");
}

TEST_F(SessionTest, ClosesAfterTheAnswersBeforeARefusedRequest) {
  feed(joined({"produce-1", "produce-2", "produce-3"}));
  handler_.held[1].second.refuse("because", "detail");
  EXPECT_FALSE(wire_.closing);
  handler_.answer(2, "C");
  handler_.answer(0, "A");
  EXPECT_EQ(wire_.received, "A");
  EXPECT_TRUE(wire_.closing);
}

TEST_F(SessionTest, ClosesWhenARequestWithoutAnswerFailsLater) {
  feed(joined({"produce-1"}));
  handler_.answer(0, "");
  EXPECT_FALSE(wire_.closing);
  handler_.held[0].second.refuse_late("because", "");
  EXPECT_TRUE(wire_.closing);
}

TEST_F(SessionTest, ClosesAndCountsWhenARequestIsDroppedUnanswered) {
  feed(framed("produce-1"));
  handler_.held.clear();
  EXPECT_TRUE(wire_.closing);
  EXPECT_EQ(shared_->stats.replies_dropped, 1u);
}

TEST_F(SessionTest, AnAnswerForAConnectionThatIsGoneGoesNowhere) {
  feed(framed("produce-1"));
  session_->on_closed({ErrorCode::ConnectionFailed, ""});
  EXPECT_EQ(handler_.gone, 1);
  ended_.clear();
  session_.reset();
  handler_.answer(0, "A");
  EXPECT_EQ(wire_.received, "");
}

TEST_F(SessionTest, ClosesAConnectionThatIsSilentTooLong) {
  handler_.at_once = true;
  loop_.pass(options_.idle - 1s);
  feed(framed("metadata1"));
  EXPECT_EQ(loop_.timers_set(), 1u) << "one timer, which activity does not touch";
  loop_.pass(options_.idle - 1s);
  EXPECT_EQ(handler_.gone, 0);
  loop_.pass(2s);
  EXPECT_EQ(handler_.gone, 1);
  EXPECT_EQ(shared_->stats.closed_idle, 1u);
  loop_.pass(options_.idle);
  EXPECT_EQ(loop_.timers_set(), 0u) << "nobody there, nothing to wake up for";
}

TEST_F(SessionTest, IsNotIdleWhileItsAnswerIsOwed) {
  feed(framed("fetch---1"));
  loop_.pass(options_.idle * 2);
  EXPECT_EQ(handler_.gone, 0);
  handler_.answer(0, "A");
  loop_.pass(options_.idle * 2);
  EXPECT_EQ(handler_.gone, 1);
}

TEST_F(SessionTest, ClosesAPeerThatNeverTakesItsAnswer) {
  handler_.at_once = true;
  feed(framed("metadata1"));
  wire_.backlog = 100;
  loop_.pass(options_.idle + 1s);
  EXPECT_EQ(handler_.gone, 0) << "it may just have begun to take";
  loop_.pass(options_.idle + 1s);
  EXPECT_EQ(handler_.gone, 1);
}

TEST_F(SessionTest, ClosesAPeerThatFallsSilentInsideARequest) {
  const Bytes bytes = framed("metadata1");
  for (const std::size_t have : {1u, 4u, 9u}) {
    wire_ = {};
    handler_.gone = 0;
    connect(Options{});
    feed(ByteView{bytes}.first(have));
    loop_.pass(options_.stall - 1s);
    EXPECT_EQ(handler_.gone, 0) << have;
    loop_.pass(2s);
    EXPECT_EQ(handler_.gone, 1) << have;
    EXPECT_EQ(shared_->stats.closed_stalled, 1u);
    EXPECT_EQ(budget_->used(), 0u);
  }
}

TEST_F(SessionTest, ClosesAPeerThatTricklesARequestForTooLong) {
  const Bytes bytes = framed(std::string(900, 'm'));
  std::size_t at = 0;
  for (; at < 100 && handler_.gone == 0; ++at) {
    feed(ByteView{bytes}.subspan(at, 1));
    loop_.pass(options_.stall - 1s);
  }
  EXPECT_EQ(handler_.gone, 1);
  EXPECT_LE(at, 2 + static_cast<std::size_t>(options_.idle / (options_.stall - 1s)));
}

TEST_F(SessionTest, ClosesAPeerThatTricklesWhileOthersWaitForItsMemory) {
  Wire other_wire;
  auto other = add(other_wire);
  const Bytes bytes = framed(std::string(900, 'm'));
  feed(ByteView{bytes}.first(10));
  feed(*other, framed(std::string(900, 'm')));
  EXPECT_TRUE(handler_.seen.empty());
  loop_.pass(options_.stall - 1s);
  feed(ByteView{bytes}.subspan(10, 1));
  EXPECT_EQ(handler_.gone, 0);
  loop_.pass(2s);
  feed(ByteView{bytes}.subspan(11, 1));
  loop_.turn();
  EXPECT_EQ(handler_.gone, 1);
  EXPECT_EQ(handler_.seen.size(), 1u) << "whose memory the waiting one gets";
}

TEST_F(SessionTest, WaitingForOurMemoryIsNotAStall) {
  Wire other_wire;
  auto other = add(other_wire);
  feed(framed(std::string(900, 'f')));
  feed(*other, framed(std::string(900, 'f')));
  loop_.pass(options_.stall * 2);
  EXPECT_EQ(shared_->stats.closed_stalled, 0u);
}

TEST_F(SessionTest, StopsAfterTheAnswersOfWhatWasBegun) {
  feed(joined({"produce-1", "metadata2"}));
  session_->stop();
  EXPECT_FALSE(wire_.closing);
  handler_.answer(0, "A");
  EXPECT_EQ(wire_.received, "A");
  EXPECT_TRUE(wire_.closing);
  EXPECT_EQ(handler_.seen.size(), 1u) << "what was not begun is not begun any more";
}

TEST_F(SessionTest, LargeFramesAreReadIntoTheirOwnBuffer) {
  connect(Options{}, 1 << 20);
  handler_.at_once = true;
  const std::string large(300000, 'p');
  ASSERT_TRUE(feed(framed(large)));
  EXPECT_EQ(handler_.seen.front(), large);
}

}  // namespace
}  // namespace ledge::server
