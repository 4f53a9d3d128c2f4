// SPDX-License-Identifier: Apache-2.0
#include "producer.h"

#include <algorithm>

#include "wire/kafka/messages/22_init_producer_id.h"
#include "wire/kafka/record_batch.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kWindowBatches = 5;
constexpr std::int16_t kOldestProduce = 7;  // from here on every codec may be in it
}  // namespace

Producer::Producer(Scene& scene, int number, Kind kind, std::size_t topic, std::int32_t partition,
                   Duration slowest)
    : scene_(scene),
      number_(number),
      kind_(kind),
      topic_(topic),
      partition_(partition),
      client_(scene, "producer-" + std::to_string(number)) {
  client_.every(Duration{scene.random.between(5'000'000, slowest.count())}, [this] { act(); });
}

void Producer::act() {
  if (retired_) return;
  if (topic().deleting) {
    retired_ = true;
    return;
  }
  if (!topic().usable()) return;
  if (kind_ == Kind::Idempotent && id_ < 0) return ask_for_id();
  if (!stalled_) {
    const std::size_t most = kind_ == Kind::Idempotent ? kWindowBatches : 1;
    if (!scene_.finishing && window_.size() < most) send(new_batch());
    return;
  }
  if (std::ranges::any_of(window_, [](const auto& b) { return b->in_flight; })) return;
  stalled_ = false;
  scene_.figures["batches sent again"] += window_.size();
  for (const BatchPtr& batch : std::vector(window_.begin(), window_.end())) send(batch);
}

void Producer::ask_for_id() {
  if (scene_.finishing || std::exchange(asking_, true)) return;
  kafka::InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = INT32_MAX;
  client_.ask<kafka::InitProducerIdRequest, kafka::InitProducerIdResponse>(
      request, 0, 0s, [this](Result<kafka::InitProducerIdResponse> answer) {
        asking_ = false;
        if (!answer || answer->error_code != 0) return;
        scene_.oracle.producer_id_given(answer->producer_id);
        id_ = answer->producer_id;
        epoch_ = answer->producer_epoch;
      });
}

Producer::BatchPtr Producer::new_batch() {
  auto batch = std::make_shared<Batch>();
  batch->sequence = next_sequence_;
  const auto count = scene_.random.between(1, scene_.random.chance(0.1) ? 30 : 4);
  for (int i = 0; i < count; ++i)
    batch->ids.push_back(
        scene_.oracle.new_record(log(), number_, kind_ == Kind::Idempotent, next_sequence_++));
  if (kind_ != Kind::NoAcks) window_.push_back(batch);
  return batch;
}

kafka::ProduceRequest Producer::request_of(const Batch& batch) {
  std::vector<kafka::NewRecord> records;
  for (std::uint64_t id : batch.ids) {
    scene_.oracle.sent(id);
    records.push_back({.value = scene_.oracle.value_of(id), .timestamp = scene_.world.wall_now()});
  }
  kafka::BatchFields fields;
  fields.codec = static_cast<kafka::Codec>(scene_.random.chance(0.8) ? 0 : scene_.random.below(5));
  if (kind_ == Kind::Idempotent) {
    fields.producer_id = id_;
    fields.producer_epoch = epoch_;
    fields.base_sequence = static_cast<std::int32_t>(batch.sequence);
  }
  kafka::ProduceRequest request;
  request.transactional_id.reset();
  request.acks = static_cast<std::int16_t>(kind_ == Kind::NoAcks ? 0 : scene_.random.chance(0.8) ? -1 : 1);
  request.timeout_ms = 5000;
  auto& to = request.topic_data.emplace_back();
  to.name = topic().name;
  to.topic_id = topic().id;
  auto& data = to.partition_data.emplace_back();
  data.index = partition_;
  data.records = Chain{SharedBytes::take(kafka::build_batch(records, fields))};
  return request;
}

void Producer::send(const BatchPtr& batch) {
  if (kind_ == Kind::NoAcks) return client_.tell(request_of(*batch), kOldestProduce);
  batch->in_flight = true;
  client_.ask<kafka::ProduceRequest, kafka::ProduceResponse>(
      request_of(*batch), kOldestProduce, 0s,
      [this, batch](const Result<kafka::ProduceResponse>& response) { answered(batch, response); });
}

void Producer::answered(const BatchPtr& batch, const Result<kafka::ProduceResponse>& response) {
  batch->in_flight = false;
  if (!response) {  // the box may have it or not
    stalled_ = true;
    return;
  }
  const bool one = response->responses.size() == 1 && response->responses[0].partition_responses.size() == 1;
  if (!one || response->responses[0].partition_responses[0].index != partition_)
    return scene_.oracle.violate(client_.name() + ": an answer about other partitions than were asked");
  const auto& answer = response->responses[0].partition_responses[0];
  if (answer.error_code != 0)
    return refused(error_from_wire(answer.error_code), !window_.empty() && window_.front() == batch);
  for (std::size_t i = 0; i < batch->ids.size(); ++i)
    scene_.oracle.fact(log(), answer.base_offset + static_cast<std::int64_t>(i), batch->ids[i]);
  std::erase(window_, batch);
  ++scene_.figures["batches acknowledged"];
}

void Producer::refused(ErrorCode code, bool oldest) {
  stalled_ = true;
  const bool unknown = code == ErrorCode::UnknownTopicOrPartition || code == ErrorCode::UnknownTopicId;
  if (unknown && topic().deleting) {
    retired_ = true;
    return;
  }
  const bool fault = code == ErrorCode::KafkaStorageError || code == ErrorCode::NotLeaderOrFollower;
  const bool behind = code == ErrorCode::OutOfOrderSequenceNumber && !oldest;
  const bool clock = code == ErrorCode::InvalidTimestamp;  // it jumped back meanwhile
  scene_.oracle.require(fault || behind || clock,
                        client_.name() + ": a batch was refused: " + std::string{error_name(code)});
}

}  // namespace ledge::sim
