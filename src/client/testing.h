// SPDX-License-Identifier: Apache-2.0
// A loop whose time stands until a test moves it, and servers that are scripted byte by byte. For tests of
// client/.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "os/system.h"
#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/headers.h"

namespace ledge::client {

class FakeLoop final : public os::Loop {
 public:
  Instant now() const override { return now_; }
  WallMs wall_now() const override { return 0; }
  void post(os::Callback call) override { posted_.push_back(std::move(call)); }
  std::unique_ptr<os::Timer> timer() override { return std::make_unique<FakeTimer>(*this); }
  void run() override { settle(); }
  void stop() override {}

  /// Everything that can happen without time passing.
  void settle() {
    for (;;) {
      if (!posted_.empty()) {
        auto call = std::move(posted_.front());
        posted_.pop_front();
        call();
      } else if (!timers_.empty() && timers_.begin()->first <= now_) {
        FakeTimer* due = timers_.begin()->second;
        auto fire = std::move(due->fire);
        due->cancel();
        fire();
      } else {
        return;
      }
    }
  }
  void pass(Duration time) {
    const Instant until = now_ + time;
    settle();
    while (!timers_.empty() && timers_.begin()->first <= until) {
      now_ = timers_.begin()->first;
      settle();
    }
    now_ = until;
    settle();
  }
  bool idle() const { return posted_.empty() && timers_.empty(); }

 private:
  struct FakeTimer final : os::Timer {
    explicit FakeTimer(FakeLoop& l) : loop(l) {}
    ~FakeTimer() override { cancel(); }
    void set(Instant at, os::Callback call) override {
      cancel();
      fire = std::move(call);
      place = loop.timers_.emplace(at, this);
      set_now = true;
    }
    void cancel() override {
      if (set_now) loop.timers_.erase(place);
      set_now = false;
    }
    FakeLoop& loop;
    os::Callback fire;
    std::multimap<Instant, FakeTimer*>::iterator place;
    bool set_now = false;
  };

  Instant now_{1'000'000'000};
  std::deque<os::Callback> posted_;
  std::multimap<Instant, FakeTimer*> timers_;
};

/// What the client sees as a connection, held from the server's side.
struct Peer {
  os::Endpoint at;
  os::ConnectionHandler* handler = nullptr;
  bool open = true;
  Bytes received;

  struct Asked {
    kafka::RequestHeader header;
    SharedBytes body;
    template <typename M> M as() const { return *kafka::decode<M>(body, header.api_version); }
  };

  /// The next whole frame the client sent.
  std::optional<Asked> next() {
    if (received.size() < 4) return std::nullopt;
    const auto size = static_cast<std::size_t>(load_be<std::int32_t>(received.data()));
    if (received.size() < 4 + size) return std::nullopt;
    const SharedBytes frame = SharedBytes::copy(ByteView{received}.subspan(4, size));
    received.erase(received.begin(), received.begin() + static_cast<std::ptrdiff_t>(4 + size));
    std::size_t header_bytes = 0;
    auto header = kafka::decode_request_header(frame, &header_bytes);
    CHECK(header.has_value());
    return Asked{*header, frame.sub(header_bytes, size - header_bytes)};
  }

  /// Bytes to the client, in pieces of at most `piece` bytes.
  void send(ByteView bytes, std::size_t piece = SIZE_MAX) {
    while (!bytes.empty() && open) {
      const MutableBytes into = handler->read_buffer();
      if (into.empty()) return;
      const std::size_t n = std::min({into.size(), bytes.size(), piece});
      std::copy_n(bytes.begin(), n, into.begin());
      bytes = bytes.subspan(n);
      handler->on_read(n);
    }
  }

  template <typename M> void answer(const Asked& asked, const M& message, std::size_t piece = SIZE_MAX) {
    answer_as(asked.header.correlation_id, asked.header.api_key, asked.header.api_version, message, piece);
  }
  template <typename M>
  void answer_as(std::int32_t correlation_id, std::int16_t key, std::int16_t version, const M& message,
                 std::size_t piece = SIZE_MAX) {
    ByteWriter out;
    out.be<std::int32_t>(0);
    kafka::encode_response_header(out, correlation_id, key, version);
    const Chain body = kafka::encode(message, version);
    for (const ChainPiece& p : body.pieces()) out.bytes(std::get<SharedBytes>(p).view());
    store_be(out.at(0), static_cast<std::int32_t>(out.size() - 4));
    send(out.view(), piece);
  }
  void close() {
    if (std::exchange(open, false)) handler->on_closed({ErrorCode::ConnectionFailed, "closed by the peer"});
  }
};

class FakeNet final : public os::Net {
 public:
  explicit FakeNet(FakeLoop& loop) : loop_(loop) {}

  Result<std::unique_ptr<os::Listener>> listen(const os::Endpoint&, Accepted) override { CHECK(false); }
  void connect(const os::Endpoint& to, Duration, Connected connected) override {
    attempts.push_back(to.text());
    if (refused.contains(to.text())) {
      loop_.post([connected = std::move(connected)]() mutable {
        connected(fail(ErrorCode::ConnectionFailed, "connection refused"));
      });
      return;
    }
    auto peer = std::make_shared<Peer>();
    peer->at = to;
    peers.push_back(peer);
    loop_.post([peer, connected = std::move(connected)]() mutable {
      connected(std::make_unique<FakeConnection>(peer));
    });
  }

  /// The newest open connection to a server.
  Peer* to(const std::string& endpoint) {
    for (auto at = peers.rbegin(); at != peers.rend(); ++at)
      if ((*at)->at.text() == endpoint && (*at)->open) return at->get();
    return nullptr;
  }

  std::vector<std::string> attempts;
  std::set<std::string> refused;
  std::vector<std::shared_ptr<Peer>> peers;

 private:
  struct FakeConnection final : os::Connection {
    explicit FakeConnection(std::shared_ptr<Peer> p) : peer_(std::move(p)) {}
    ~FakeConnection() override { peer_->open = false; }
    void start(os::ConnectionHandler* handler) override { peer_->handler = handler; }
    void send(Chain bytes) override {
      for (const ChainPiece& piece : bytes.pieces()) {
        const ByteView view = std::get<SharedBytes>(piece).view();
        peer_->received.insert(peer_->received.end(), view.begin(), view.end());
      }
    }
    std::size_t backlog() const override { return 0; }
    void pause_reading() override {}
    void resume_reading() override {}
    void close_after_send() override { CHECK(false); }
    os::Endpoint peer() const override { return peer_->at; }
    os::Endpoint local() const override { return {"127.0.0.1", 1}; }
    std::shared_ptr<Peer> peer_;
  };

  FakeLoop& loop_;
};

struct FakeRandom final : os::Random {
  void fill(MutableBytes into) override { std::ranges::fill(into, std::uint8_t{0}); }
};

/// What a server says it knows.
inline kafka::ApiVersionsResponse versions(const std::vector<std::array<std::int16_t, 3>>& ranges = {
                                               {0, 3, 13},
                                               {1, 4, 17},
                                               {2, 1, 10},
                                               {3, 0, 13},
                                               {18, 0, 4},
                                               {19, 2, 7},
                                               {20, 1, 6},
                                               {22, 0, 5},
                                               {32, 1, 4},
                                               {37, 0, 3},
                                               {44, 0, 1}}) {
  kafka::ApiVersionsResponse response;
  for (const auto& r : ranges) response.api_keys.push_back({r[0], r[1], r[2]});
  return response;
}

}  // namespace ledge::client
