// SPDX-License-Identifier: Apache-2.0
// A producer over the network: batches of one partition, up to five on their way, sent again in their order
// after a failure. An idempotent one is there exactly once whatever happens; a plain one sends one batch at a
// time and may be there as often as it was sent; without acks nobody knows.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "sim_client.h"
#include "wire/kafka/messages/00_produce.h"

namespace ledge::sim {

class Producer {
 public:
  enum class Kind { Idempotent, Plain, NoAcks };
  /// A batch about every 5 ms at the most, every `slowest` at the least, by chance.
  Producer(Scene& scene, int number, Kind kind, std::size_t topic, std::int32_t partition,
           Duration slowest = 60ms);

  /// Everything it sent is acknowledged, or it has given up for a reason.
  bool done() const { return retired_ || window_.empty(); }
  Kind kind() const { return kind_; }
  SimClient& client() { return client_; }

 private:
  struct Batch {
    std::vector<std::uint64_t> ids;
    std::int64_t sequence = 0;
    bool in_flight = false;
  };
  using BatchPtr = std::shared_ptr<Batch>;

  void act();
  void ask_for_id();
  BatchPtr new_batch();
  void send(const BatchPtr& batch);
  kafka::ProduceRequest request_of(const Batch& batch);
  void answered(const BatchPtr& batch, const Result<kafka::ProduceResponse>& response);
  void refused(ErrorCode code, bool oldest);
  Scene::Topic& topic() { return scene_.topics[topic_]; }
  std::string log() { return partition_name(topic().id, partition_); }

  Scene& scene_;
  const int number_;
  const Kind kind_;
  const std::size_t topic_;
  const std::int32_t partition_;
  std::int64_t id_ = -1;
  std::int16_t epoch_ = 0;
  bool asking_ = false;
  std::int64_t next_sequence_ = 0;
  std::deque<BatchPtr> window_;  // sent, not acknowledged
  bool stalled_ = false;         // sends again what is unacknowledged, once nothing is on its way
  bool retired_ = false;
  SimClient client_;
};

}  // namespace ledge::sim
