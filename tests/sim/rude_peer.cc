// SPDX-License-Identifier: Apache-2.0
#include "rude_peer.h"

#include "wire/kafka/messages/00_produce.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/18_api_versions.h"
#include "wire/kafka/messages/headers.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kLengthBytes = 4;

template <class Request> Bytes framed(const Request& request, std::int16_t version, std::int32_t id) {
  ByteWriter out;
  out.be<std::int32_t>(0);
  kafka::encode_request_header(out, {Request::api.key, version, id, "rude"});
  const Chain body = kafka::encode(request, version);
  for (const ChainPiece& piece : body.pieces()) out.bytes(std::get<SharedBytes>(piece).view());
  store_be(out.at(0), static_cast<std::int32_t>(out.size() - kLengthBytes));
  return out.take();
}
}  // namespace

RudePeer::RudePeer(Scene& scene, int number)
    : scene_(scene),
      name_("rude-" + std::to_string(number)),
      process_(scene.world.add_node()),
      turn_(process_->env().loop.timer()),
      buffer_(2000) {
  next_turn();
}

RudePeer::~RudePeer() {
  process_->crash();
  connection_.reset();
  turn_.reset();
}

void RudePeer::next_turn() {
  turn_->set(process_->env().loop.now() + scene_.random.delay(400ms), [this] {
    next_turn();
    act();
  });
}

void RudePeer::act() {
  Random& random = scene_.random;
  if (connecting_) return;
  if (connection_ == nullptr) {
    if (scene_.finishing) return;
    connecting_ = true;
    process_->env().net.connect(scene_.server, 2s, [this](Result<std::unique_ptr<os::Connection>> made) {
      connecting_ = false;
      if (made) connected(*std::move(made));
    });
    return;
  }
  if (mode_ == Mode::HangUp) return hang_up();
  if (mode_ == Mode::Burst && expected_.empty() && !scene_.finishing) {
    if (random.chance(0.3)) return hang_up();
    burst();
  }
  if (mode_ == Mode::Burst && random.chance(0.5)) connection_->resume_reading();
}

void RudePeer::hang_up() {
  process_->env().loop.post([gone = std::move(connection_)] {});
  connection_ = nullptr;
}

void RudePeer::connected(std::unique_ptr<os::Connection> connection) {
  connection_ = std::move(connection);
  connection_->start(this);
  expected_.clear();
  received_.clear();
  // Half a frame holds memory until it has stalled for long enough, and others wait for that: not when all is
  // calm.
  mode_ = scene_.calm ? Mode::Burst : static_cast<Mode>(scene_.random.below(4));
  Random& random = scene_.random;
  Bytes bytes = framed(kafka::ApiVersionsRequest{}, 0, next_id_++);
  switch (mode_) {
    case Mode::Burst: return burst();
    case Mode::Noise: random.fill(bytes); break;
    case Mode::HalfFrame:
    case Mode::HangUp: bytes.resize(1 + random.below(bytes.size() - 1)); break;
  }
  connection_->send(Chain{SharedBytes::take(std::move(bytes))});
}

void RudePeer::burst() {
  for (auto count = scene_.random.between(1, 100); count > 0; --count) {
    const std::int32_t id = next_id_++;
    expected_.push_back(id);
    connection_->send(Chain{SharedBytes::take(some_request(id))});
  }
  if (scene_.random.chance(0.5)) connection_->pause_reading();
  ++scene_.figures["bursts"];
}

/// Most are answered at once; a fetch is not, and a produce request may overtake it inside the box.
Bytes RudePeer::some_request(std::int32_t id) {
  Random& random = scene_.random;
  if (random.chance(0.05)) {
    kafka::FetchRequest more_than_there_is;
    more_than_there_is.max_wait_ms = static_cast<std::int32_t>(random.below(300));
    more_than_there_is.min_bytes = INT32_MAX;
    auto& topic = more_than_there_is.topics.emplace_back();
    topic.topic = scene_.topics[0].name;
    topic.partitions.emplace_back().partition_max_bytes = 1;
    return framed(more_than_there_is, 4, id);
  }
  if (random.chance(0.3)) {
    kafka::ProduceRequest nowhere;
    nowhere.transactional_id.reset();
    nowhere.acks = 1;
    auto& topic = nowhere.topic_data.emplace_back();
    topic.name = "nowhere";
    topic.partition_data.emplace_back();
    return framed(nowhere, 3, id);
  }
  if (random.chance(0.5)) return framed(kafka::ApiVersionsRequest{}, 0, id);
  kafka::MetadataRequest everything;
  everything.topics.reset();
  everything.allow_auto_topic_creation = false;
  return framed(everything, 4, id);
}

void RudePeer::on_read(std::size_t n) {
  received_.insert(received_.end(), buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(n));
  if (mode_ != Mode::Burst) return;
  std::size_t at = 0;
  while (received_.size() - at >= 2 * kLengthBytes) {
    const auto length = static_cast<std::size_t>(load_be<std::int32_t>(received_.data() + at));
    if (received_.size() - at < kLengthBytes + length) break;
    const auto id = load_be<std::int32_t>(received_.data() + at + kLengthBytes);
    if (expected_.empty() || expected_.front() != id)
      return scene_.oracle.violate(name_ + ": an answer out of order");
    expected_.pop_front();
    at += kLengthBytes + length;
  }
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(at));
}

void RudePeer::on_closed(const Error&) { hang_up(); }

}  // namespace ledge::sim
