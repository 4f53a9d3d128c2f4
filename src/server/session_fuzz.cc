// SPDX-License-Identifier: Apache-2.0
// The frame reader under any bytes, cut into reads of any size, with answers given in any order: the handler
// sees exactly the frames that a plain reading of the bytes gives, and answers leave in the order of the
// requests.
#include <cstddef>
#include <deque>

#include "broker/testing.h"
#include "server/session.h"

namespace ledge::server {
namespace {

constexpr std::int32_t kFrameBytesMax = 300;
constexpr std::uint64_t kBudgetBytes = 1000;

struct Wire {
  Bytes received;
  bool closing = false;
};

class FuzzConnection final : public os::Connection {
 public:
  explicit FuzzConnection(Wire& wire) : wire_(wire) {}
  void start(os::ConnectionHandler*) override {}
  void send(Chain bytes) override {
    for (const ChainPiece& piece : bytes.pieces()) {
      const ByteView view = std::get<SharedBytes>(piece).view();
      wire_.received.insert(wire_.received.end(), view.begin(), view.end());
    }
  }
  std::size_t backlog() const override { return 0; }
  void pause_reading() override {}
  void resume_reading() override {}
  void close_after_send() override { wire_.closing = true; }
  os::Endpoint peer() const override { return {"10.0.0.1", 1}; }
  os::Endpoint local() const override { return {"127.0.0.1", 9092}; }

 private:
  Wire& wire_;
};

class FuzzHandler final : public broker::Handler {
 public:
  broker::Overlap overlap(ByteView frame) const override {
    if (frame.empty()) return broker::Overlap::Never;
    return static_cast<broker::Overlap>(frame[0] % 3);
  }
  void handle(broker::Request request, broker::Reply reply) override {
    const ByteView frame = request.frame.view();
    seen.insert(seen.end(), frame.begin(), frame.end());
    held.emplace_back(std::move(request), std::move(reply));
  }
  void disconnected(broker::ConnectionId) override {}
  void stop_waiting() override {}

  /// The answer is the request's own bytes.
  void answer(std::size_t i) {
    auto [request, reply] = std::move(held[i]);
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(i));
    Bytes echo{request.frame.view().begin(), request.frame.view().end()};
    request = {};
    reply.send(Chain{SharedBytes::take(std::move(echo))});
  }

  Bytes seen;
  std::deque<std::pair<broker::Request, broker::Reply>> held;
};

/// All frames of the bytes, one behind the other, up to the first illegal length.
Bytes frames_of(ByteView bytes) {
  Bytes out;
  for (ByteReader in{bytes}; in.remaining() >= 4;) {
    const auto length = in.be<std::int32_t>();
    if (length < 0 || length > kFrameBytesMax || static_cast<std::size_t>(length) > in.remaining()) break;
    const ByteView frame = in.take(static_cast<std::size_t>(length));
    out.insert(out.end(), frame.begin(), frame.end());
  }
  return out;
}

bool begins_with(ByteView whole, ByteView part) {
  return part.size() <= whole.size() && std::ranges::equal(whole.first(part.size()), part);
}

void run(ByteView steps, ByteView bytes) {
  broker::testing::ManualLoop loop;
  FuzzHandler handler;
  Options options;
  options.request_bytes_max = kFrameBytesMax;
  auto budget = broker::Budget::make(loop, kBudgetBytes);
  Shared shared(loop, options, handler, budget);
  std::shared_ptr<Session> keep;
  bool gone = false;
  shared.gone = [&](Session&) { gone = true; };
  budget->on_freed([&] { shared.memory_freed(); });
  Wire wire;
  auto listener = std::make_shared<broker::Listener>(broker::Listener{"PLAINTEXT", {"here", 9092}});
  keep = std::make_shared<Session>(shared, 1, listener, std::make_unique<FuzzConnection>(wire));
  keep->start();

  const Bytes wanted = frames_of(bytes);
  ByteView left = bytes;
  for (const std::uint8_t step : steps) {
    if (gone || wire.closing) break;
    if (step & 1 && !handler.held.empty()) {
      handler.answer((step >> 1) % handler.held.size());
    } else if (!left.empty()) {
      const MutableBytes into = keep->read_buffer();
      const std::size_t n = std::min({into.size(), left.size(), std::size_t{step} + 1});
      if (n == 0) continue;
      std::ranges::copy(left.first(n), into.begin());
      left = left.subspan(n);
      keep->on_read(n);
    }
    CHECK(begins_with(wanted, handler.seen));
    CHECK(begins_with(handler.seen, wire.received));
  }
  if (!gone) keep->on_closed({ErrorCode::ConnectionFailed, "the peer closed"});
  for (auto& [request, reply] : handler.held) reply.abandon();
}

}  // namespace
}  // namespace ledge::server

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t steps = std::min<std::size_t>(data[0] * 4, size - 1);
  ledge::server::run({data + 1, steps}, {data + 1 + steps, size - 1 - steps});
  return 0;
}
