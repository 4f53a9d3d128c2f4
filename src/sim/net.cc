// SPDX-License-Identifier: Apache-2.0
#include "sim/net.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "base/check.h"
#include "os/disk.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kWindowBytes = 65536;  // what a system takes for a peer that does not read
constexpr std::size_t kPieceBytesMax = 8192;
}  // namespace

/// One connection: two sides. Owned by the network until it is over; events in flight share it.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  Stream(Network& network, std::uint64_t id, Node& from, Node& to, std::uint16_t port)
      : network_(network), id_(id) {
    side_[0].node = &from;
    side_[1].node = &to;
    side_[0].local = {"sim", static_cast<std::uint16_t>(40000 + id % 20000)};
    side_[1].local = {"sim", port};
  }

  void start(int who, os::ConnectionHandler* handler) {
    side_[who].handler = handler;
    plan_delivery(who);
  }

  void send(int who, Chain bytes) {
    Side& me = side_[who];
    if (me.closing || me.over) return;
    me.backlog += bytes.size();
    for (ChainPiece& piece : bytes.take()) me.queue.push_back(std::move(piece));
    plan_transmit(who);
  }

  void pause(int who) { side_[who].paused = true; }
  void resume(int who) {
    side_[who].paused = false;
    plan_delivery(who);
  }
  void close_after_send(int who) {
    side_[who].closing = true;
    plan_transmit(who);
  }

  /// The owner destroyed its Connection: what the system has taken still arrives, then the end of the stream.
  void abandon(int who) {
    Side& me = side_[who];
    me.handler = nullptr;
    me.over = true;
    me.queue.clear();
    end_towards(1 - who);
  }

  /// The connection breaks under both sides; bytes in flight are lost. The network knows the stream until
  /// both have learned of it, for the process of one may end before.
  void cut(const char* why) {
    if (std::exchange(broken_, true)) return;
    for (int who : {0, 1}) {
      side_[who].arrived.clear();
      side_[who].queue.clear();
      side_[who].close_planned = false;  // a silent one would have found out later
      plan_closed(who, why);
    }
  }

  /// Nothing passes any more; each side finds out by itself.
  void silence() {
    silent_ = true;
    for (int who : {0, 1}) {
      side_[who].arrived.clear();
      plan_closed(who, "timed out",
                  Duration{random().between(Network::kUnnoticedMin.count(), Network::kUnnoticedMax.count())});
    }
  }

  /// One side's process ended.
  void ended(Node& node, Duration unnoticed) {
    for (int who : {0, 1}) {
      if (side_[who].node != &node) continue;
      side_[who].handler = nullptr;
      side_[who].over = true;
      side_[who].node = nullptr;
      side_[who].queue.clear();
      side_[1 - who].arrived.clear();
      silent_ = true;
      plan_closed(1 - who, "connection reset by peer",
                  unnoticed > 0ns ? Duration{random().between(0, unnoticed.count())} : delay());
    }
  }
  bool touches(const Node& node) const { return side_[0].node == &node || side_[1].node == &node; }

  std::size_t backlog(int who) const { return side_[who].backlog; }
  const os::Endpoint& local(int who) const { return side_[who].local; }

 private:
  struct Side {
    Node* node = nullptr;
    os::ConnectionHandler* handler = nullptr;
    os::Endpoint local;
    std::deque<ChainPiece> queue;  // sent, not yet taken by the system
    std::size_t backlog = 0, swallowed = 0;
    Bytes arrived;             // taken by the system for this side, not yet read by it
    bool end_arrives = false;  // after `arrived`, the stream ends
    bool paused = false, closing = false, over = false;
    bool transmit_planned = false, delivery_planned = false, close_planned = false;
  };

  Random& random() { return network_.world_.random(); }
  Duration delay() {
    Duration isolated{};
    for (const Side& side : side_)
      if (side.node != nullptr) isolated = std::max(isolated, side.node->isolated());
    return isolated + random().delay(network_.world_.options().network_delay);
  }

  void plan_transmit(int who) {
    Side& me = side_[who];
    if (me.over || std::exchange(me.transmit_planned, true)) return;
    me.node->schedule(random().chance(0.7) ? 0ns : delay(),
                      [self = shared_from_this(), who] { self->transmit(who); });
  }

  void transmit(int who) {
    Side& me = side_[who];
    Side& peer = side_[1 - who];
    me.transmit_planned = false;
    if (me.over) return;
    if (silent_) return swallow(me);
    if (!me.queue.empty() && random().chance(network_.world_.options().connection_cut_chance))
      return cut("connection reset");
    while (!me.queue.empty() && peer.arrived.size() < kWindowBytes) {
      if (peer.over) {
        me.queue.clear();
        return plan_closed(who, "broken pipe");
      }
      take_piece(me, peer);
      if (random().chance(0.3)) break;
    }
    plan_delivery(1 - who);
    if (!me.queue.empty()) {
      if (peer.arrived.size() < kWindowBytes) plan_transmit(who);
      return;  // a full window: transmitted on when the peer has read
    }
    if (me.closing) {
      end_towards(1 - who);
      return close(who, "closed");
    }
    if (me.handler != nullptr && me.backlog == 0) me.handler->on_drained();
  }

  /// Nobody receives it, but the system takes what fits its buffers.
  void swallow(Side& me) {
    while (!me.queue.empty()) {
      ChainPiece& front = me.queue.front();
      const auto* bytes = std::get_if<SharedBytes>(&front);
      const std::size_t n = bytes != nullptr ? bytes->size() : std::get<FileRange>(front).length;
      if (me.swallowed + n > kWindowBytes) return;
      me.swallowed += n;
      me.backlog -= n;
      me.queue.pop_front();
    }
    if (me.handler != nullptr && me.backlog == 0) me.handler->on_drained();
  }

  /// The first bytes of the queue, as many as one system call happens to take.
  void take_piece(Side& me, Side& peer) {
    const std::size_t most = 1 + random().below(kPieceBytesMax);
    ChainPiece& front = me.queue.front();
    std::size_t n = 0;
    if (auto* bytes = std::get_if<SharedBytes>(&front)) {
      n = std::min(most, bytes->size());
      const ByteView view = bytes->view();
      peer.arrived.insert(peer.arrived.end(), view.begin(), view.begin() + static_cast<std::ptrdiff_t>(n));
      if (n == bytes->size()) {
        me.queue.pop_front();
      } else {
        *bytes = bytes->sub(n, bytes->size() - n);
      }
    } else {
      auto& range = std::get<FileRange>(front);
      n = std::min<std::size_t>(most, range.length);
      Bytes part(n);
      auto got = range.file->read_at(range.position, part);
      if (!got || *got != n) {  // as sendfile would: the announced length cannot be kept
        me.queue.clear();
        me.closing = true;
        me.backlog = 0;
        return;
      }
      peer.arrived.insert(peer.arrived.end(), part.begin(), part.end());
      range.position += n;
      range.length -= static_cast<std::uint32_t>(n);
      if (range.length == 0) me.queue.pop_front();
    }
    me.backlog -= n;
  }

  void plan_delivery(int who) {
    Side& me = side_[who];
    if (me.over || me.handler == nullptr || me.paused || me.closing ||
        (me.arrived.empty() && !me.end_arrives) || std::exchange(me.delivery_planned, true)) {
      return;
    }
    me.node->schedule(delay(), [self = shared_from_this(), who] { self->deliver(who); });
  }

  void deliver(int who) {
    Side& me = side_[who];
    me.delivery_planned = false;
    while (!me.over && !me.paused && !me.closing && !me.arrived.empty()) {
      const MutableBytes into = me.handler->read_buffer();
      if (me.over) return;
      if (into.empty()) {
        me.paused = true;
        return;
      }
      const std::size_t most =
          random().chance(0.5) ? me.arrived.size() : 1 + random().below(me.arrived.size());
      const std::size_t n = std::min(most, into.size());
      std::copy_n(me.arrived.begin(), n, into.begin());
      me.arrived.erase(me.arrived.begin(), me.arrived.begin() + static_cast<std::ptrdiff_t>(n));
      plan_transmit(1 - who);  // there is room again
      me.handler->on_read(n);
      if (random().chance(0.3)) break;
    }
    if (me.over || me.paused || me.closing) return;
    if (!me.arrived.empty()) return plan_delivery(who);
    if (me.end_arrives) {
      if (me.queue.empty()) return close(who, "the peer closed the connection");
      me.closing = true;
    }
  }

  void end_towards(int who) {
    if (!silent_) {
      side_[who].end_arrives = true;
      plan_delivery(who);
    }
    if (side_[0].over && side_[1].over) network_.streams_.erase(id_);
  }

  void plan_closed(int who, const char* why) { plan_closed(who, why, delay()); }
  void plan_closed(int who, const char* why, Duration after) {
    Side& me = side_[who];
    if (me.over || std::exchange(me.close_planned, true)) return;
    me.node->schedule(after, [self = shared_from_this(), who, why] { self->close(who, why); });
  }

  void close(int who, const char* why) {
    Side& me = side_[who];
    if (std::exchange(me.over, true)) return;
    if (side_[1 - who].over) network_.streams_.erase(id_);
    auto* handler = std::exchange(me.handler, nullptr);
    end_towards(1 - who);
    if (handler != nullptr) handler->on_closed({ErrorCode::ConnectionFailed, why});
  }

  Network& network_;
  std::uint64_t id_;
  Side side_[2];
  bool silent_ = false, broken_ = false;
};

namespace {

class SimConnection final : public os::Connection {
 public:
  SimConnection(std::shared_ptr<Stream> stream, int who) : stream_(std::move(stream)), who_(who) {}
  ~SimConnection() override { stream_->abandon(who_); }
  void start(os::ConnectionHandler* handler) override { stream_->start(who_, handler); }
  void send(Chain bytes) override { stream_->send(who_, std::move(bytes)); }
  std::size_t backlog() const override { return stream_->backlog(who_); }
  void pause_reading() override { stream_->pause(who_); }
  void resume_reading() override { stream_->resume(who_); }
  void close_after_send() override { stream_->close_after_send(who_); }
  os::Endpoint peer() const override { return stream_->local(1 - who_); }
  os::Endpoint local() const override { return stream_->local(who_); }

 private:
  std::shared_ptr<Stream> stream_;
  int who_;
};

}  // namespace

class SimListener final : public os::Listener {
 public:
  SimListener(Network& network, Node& node, std::uint16_t port, os::Net::Accepted accepted)
      : network_(network), node_(node), port_(port), accepted_(std::move(accepted)) {
    network_.listeners_[port] = this;
  }
  ~SimListener() override {
    auto found = network_.listeners_.find(port_);
    if (found != network_.listeners_.end() && found->second == this) network_.listeners_.erase(found);
  }
  os::Endpoint local() const override { return {"sim", port_}; }
  void pause() override { paused_ = true; }
  void resume() override {
    paused_ = false;
    for (auto& each : std::exchange(waiting_, {})) take(std::move(each));
  }

  Node& node() { return node_; }
  void take(std::shared_ptr<Stream> stream) {
    if (paused_) return waiting_.push_back(std::move(stream));
    node_.schedule(0ns, [this, alive = std::weak_ptr<int>(alive_), stream = std::move(stream)]() mutable {
      auto connection = std::make_unique<SimConnection>(std::move(stream), 1);
      if (!alive.expired()) accepted_(std::move(connection));
    });
  }

 private:
  Network& network_;
  Node& node_;
  std::uint16_t port_;
  os::Net::Accepted accepted_;
  bool paused_ = false;
  std::vector<std::shared_ptr<Stream>> waiting_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

class SimNet final : public os::Net {
 public:
  explicit SimNet(Node& node) : node_(node) {}

  Result<std::unique_ptr<os::Listener>> listen(const os::Endpoint& at, Accepted accepted) override {
    Network& network = node_.world().network();
    const std::uint16_t port = at.port != 0 ? at.port : network.next_port_++;
    if (network.listeners_.contains(port)) return fail(ErrorCode::InUse, at.text());
    return std::make_unique<SimListener>(network, node_, port, std::move(accepted));
  }

  void connect(const os::Endpoint& to, Duration timeout, Connected connected) override {
    World& world = node_.world();
    const Duration delay = world.random().delay(world.options().network_delay) + node_.isolated();
    node_.schedule(std::min(delay, timeout), [this, to, late = delay > timeout,
                                              connected = std::move(connected)]() mutable {
      Network& network = node_.world().network();
      auto found = network.listeners_.find(to.port);
      if (late || (found != network.listeners_.end() && found->second->node().isolated() > 0ns))
        return connected(fail(ErrorCode::ConnectionFailed, to.text() + ": no answer"));
      if (found == network.listeners_.end() ||
          network.world_.random().chance(network.world_.options().connect_refused_chance)) {
        return connected(fail(ErrorCode::ConnectionFailed, to.text() + ": connection refused"));
      }
      const std::uint64_t id = ++network.streams_made_;
      auto stream = std::make_shared<Stream>(network, id, node_, found->second->node(), to.port);
      network.streams_[id] = stream;
      found->second->take(stream);
      connected(std::make_unique<SimConnection>(stream, 0));
    });
  }

 private:
  Node& node_;
};

void Network::cut_some(double chance) {
  for (const auto& [id, stream] : std::map(streams_))
    if (world_.random().chance(chance)) stream->cut("connection reset");
}

void Network::silence_some(double chance) {
  for (const auto& [id, stream] : std::map(streams_))
    if (world_.random().chance(chance)) stream->silence();
}

void Network::node_ended(Node& node, Duration unnoticed) {
  std::erase_if(listeners_, [&](const auto& each) { return &each.second->node() == &node; });
  for (const auto& [id, stream] : std::map(streams_)) {
    if (!stream->touches(node)) continue;
    stream->ended(node, unnoticed);
    streams_.erase(id);
  }
}

std::unique_ptr<os::Net> make_net(Node& node) { return std::make_unique<SimNet>(node); }

}  // namespace ledge::sim
