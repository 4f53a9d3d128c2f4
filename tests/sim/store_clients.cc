// SPDX-License-Identifier: Apache-2.0
// The clients of a simulated box: producers that retry, readers, and those who create and delete topics.
#include <algorithm>

#include "store_run.h"
#include "wire/kafka/record_batch.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kTopicsMax = 6;
constexpr std::size_t kProducersMax = 8;
constexpr std::size_t kWindowBatches = 5;
constexpr double kAnswerLostChance = 0.03;
}  // namespace

void StoreRun::act() {
  const auto kind = random_.below(100);
  const auto there = static_cast<std::size_t>(std::ranges::count_if(
      topics_, [](const Topic& t) { return t.presence == Presence::There && !t.deleting; }));
  if (there == 0 || (kind < 3 && there < kTopicsMax)) return create_topic();
  if (kind < 5 && there > 1) return delete_topic();
  if (kind < 6)
    return world_.jump_wall(random_.between(-400'000'000'000, 400'000'000'000) / (1 + random_.below(1000)));
  if (kind < 20) return fetch();
  const auto alive = std::ranges::count_if(producers_, [](const Producer& p) { return !p.retired; });
  if (static_cast<std::size_t>(alive) < kProducersMax && random_.chance(0.1)) {
    std::size_t topic = random_.below(topics_.size());
    if (topics_[topic].presence != Presence::There || topics_[topic].deleting) return;
    producers_.push_back({.idempotent = random_.chance(0.6),
                          .topic = topic,
                          .partition = static_cast<std::int32_t>(
                              random_.below(static_cast<std::uint64_t>(topics_[topic].partitions)))});
  }
  if (!producers_.empty()) produce(random_.below(producers_.size()));
}

void StoreRun::create_topic() {
  const std::size_t index = topics_.size();
  topics_.push_back(
      {.name = "topic-" + std::to_string(index), .partitions = static_cast<int>(random_.between(1, 4))});
  state::NewTopic request;
  request.name = topics_[index].name;
  request.partitions = topics_[index].partitions;
  std::vector<state::NewTopic> requests;
  requests.push_back(std::move(request));
  life_->store->create_topics(std::move(requests), false,
                              [this, index](std::vector<store::Store::TopicCreated> answers) {
                                Topic& topic = topics_[index];
                                if (answers[0].error.code != ErrorCode::None) {
                                  oracle_.require(answers[0].error.code == ErrorCode::KafkaStorageError,
                                                  "creating a topic: " + answers[0].error.text());
                                  return;
                                }
                                topic.id = answers[0].topic.id;
                                topic.presence = Presence::There;
                                ++figures_["topics created"];
                                oracle_.require(life_->store->topics().find(topic.name) != nullptr,
                                                topic.name + " was acknowledged and is not there");
                              });
}

void StoreRun::delete_topic() {
  const std::size_t index = random_.below(topics_.size());
  Topic& topic = topics_[index];
  if (topic.presence != Presence::There || topic.deleting) return;
  topic.deleting = true;
  life_->store->delete_topics({topic.id}, [this, index](std::vector<Error> answers) {
    if (answers[0].code == ErrorCode::None) {
      topics_[index].presence = Presence::Gone;
      ++figures_["topics deleted"];
    } else {
      oracle_.require(answers[0].code == ErrorCode::KafkaStorageError,
                      "deleting a topic: " + answers[0].text());
    }
  });
}

std::shared_ptr<StoreRun::Batch> StoreRun::new_batch(std::size_t who) {
  Producer& producer = producers_[who];
  auto batch = std::make_shared<Batch>();
  batch->sequence = producer.next_sequence;
  const std::string log = partition_name(topics_[producer.topic].id, producer.partition);
  const auto count = random_.between(1, random_.chance(0.2) ? 40 : 5);
  for (int i = 0; i < count; ++i)
    batch->ids.push_back(
        oracle_.new_record(log, static_cast<int>(who), producer.idempotent, producer.next_sequence++));
  producer.window.push_back(batch);
  return batch;
}

void StoreRun::produce(std::size_t who) {
  Producer& producer = producers_[who];
  if (producer.retired) return;
  if (producer.idempotent && producer.id < 0) {
    if (std::exchange(producer.asked_id, true)) return;
    life_->store->new_producer_id([this, who](store::ProducerId answer) {
      producers_[who].asked_id = false;
      if (answer.error.code != ErrorCode::None) return;
      oracle_.producer_id_given(answer.id);
      producers_[who].id = answer.id;
    });
    return;
  }
  if (!producer.stalled) {
    if (producer.window.size() < kWindowBatches) send(who, new_batch(who));
    return;
  }
  if (std::ranges::any_of(producer.window, [](const auto& b) { return b->in_flight; })) return;
  producer.stalled = false;
  figures_["batches sent again"] += producer.window.size();
  // Answers may come at once and shorten the window.
  for (const auto& batch : std::vector(producer.window.begin(), producer.window.end())) send(who, batch);
}

void StoreRun::send(std::size_t who, const std::shared_ptr<Batch>& batch) {
  Producer& producer = producers_[who];
  auto partition = life_->store->partition(topics_[producer.topic].id, producer.partition);
  if (partition == nullptr) {
    oracle_.require(topics_[producer.topic].deleting, "a topic that nobody deleted is not there");
    producer.retired = true;
    return;
  }
  std::vector<kafka::NewRecord> records;
  for (std::uint64_t id : batch->ids) {
    oracle_.sent(id);
    records.push_back({.value = oracle_.value_of(id), .timestamp = world_.wall_now()});
  }
  kafka::BatchFields fields;
  if (producer.idempotent) {
    fields.producer_id = producer.id;
    fields.producer_epoch = 0;
    fields.base_sequence = static_cast<std::int32_t>(batch->sequence);
  }
  batch->in_flight = true;
  life_->store->append(partition, SharedBytes::take(kafka::build_batch(records, fields)), {},
                       [this, who, batch](store::Appended answer) { answered(who, batch, answer); });
}

void StoreRun::answered(std::size_t who, const std::shared_ptr<Batch>& batch, const store::Appended& answer) {
  Producer& producer = producers_[who];
  const bool oldest = !producer.window.empty() && producer.window.front() == batch;
  oracle_.require(batch->in_flight, "a batch was answered twice");
  batch->in_flight = false;
  if (answer.error.code != ErrorCode::None) {
    producer.stalled = true;
    const ErrorCode code = answer.error.code;
    const bool fault = code == ErrorCode::KafkaStorageError || code == ErrorCode::ShuttingDown;
    const bool deleted = code == ErrorCode::UnknownTopicOrPartition && topics_[producer.topic].deleting;
    const bool behind = code == ErrorCode::OutOfOrderSequenceNumber && !oldest;
    // What the lost batch said of its producer is lost with it. The box cannot accept what follows, and says
    // so; a producer gives up then.
    const bool lost = code == ErrorCode::OutOfOrderSequenceNumber && oldest && predecessor_lost(who, *batch);
    if (lost) say("producer " + std::to_string(who) + " stops: the flipped bit was in its newest batch");
    if (deleted || lost) producer.retired = true;
    oracle_.require(fault || deleted || behind || lost, "a batch was refused: " + answer.error.text());
    return;
  }
  if (random_.chance(kAnswerLostChance)) {  // the box has it; its client does not know
    producer.stalled = true;
    return;
  }
  const std::string log = partition_name(topics_[producer.topic].id, producer.partition);
  for (std::size_t i = 0; i < batch->ids.size(); ++i)
    oracle_.fact(log, answer.base_offset + static_cast<std::int64_t>(i), batch->ids[i]);
  std::erase(producer.window, batch);
  ++figures_["batches acknowledged"];
}

bool StoreRun::predecessor_lost(std::size_t who, const Batch& batch) const {
  const Producer& producer = producers_[who];
  const Topic& topic = topics_[producer.topic];
  const state::TopicView* found = life_->store->topics().find(topic.name);
  if (found == nullptr || found->id != topic.id) return false;
  const journal::StreamId stream{found->streams[static_cast<std::size_t>(producer.partition)]};
  const auto offset = oracle_.offset_of(partition_name(topic.id, producer.partition), static_cast<int>(who),
                                        batch.sequence - 1);
  return offset && std::ranges::any_of(reported_, [&](const journal::Damage& d) {
           return d.stream == stream && d.first_offset <= *offset && *offset <= d.last_offset;
         });
}

/// The box is gone: what was not answered will be sent again, to the next one.
void StoreRun::forget_in_flight() {
  for (Producer& producer : producers_) {
    producer.asked_id = false;
    producer.stalled = true;
    for (const auto& batch : producer.window) batch->in_flight = false;
  }
}

/// Reads somewhere; what it sees must stay.
void StoreRun::fetch() {
  const Topic& topic = topics_[random_.below(topics_.size())];
  if (topic.presence != Presence::There || topic.deleting) return;
  const auto index = static_cast<std::int32_t>(random_.below(static_cast<std::uint64_t>(topic.partitions)));
  auto partition = life_->store->partition(topic.id, index);
  if (partition == nullptr) return oracle_.violate(topic.name + " is not there");
  if (partition->high_watermark() == 0) return;
  ++figures_["reads"];
  const std::string log = partition_name(topic.id, index);
  const auto offset =
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(partition->high_watermark())));
  life_->store->read(
      partition, offset, 1 + random_.below(50000), true, store::Isolation::ReadUncommitted,
      [this, partition, log, offset](store::Read read) {
        if (read.error.code != ErrorCode::None || read.slices.empty()) {
          oracle_.require(read.error.code != ErrorCode::None || partition->deleted() || !life_,
                          log + ": nothing to read at " + std::to_string(offset));
          oracle_.require(read.error.code != ErrorCode::OffsetOutOfRange, log + ": " + read.error.text());
          return;
        }
        auto slices = read.slices;
        life_->store->journal().load(slices, [this, slices, log, offset](Result<SharedBytes> bytes) {
          if (!bytes) return;
          std::vector<Oracle::ReadRecord> records;
          std::size_t from = 0;
          for (const journal::Slice& slice : slices) {
            take_batch(log, bytes->view().subspan(from, slice.bytes.length), offset, &records);
            from += slice.bytes.length;
          }
          for (const auto& record : records) oracle_.fact(log, record.offset, record.id);
        });
      });
}

}  // namespace ledge::sim
