// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include "wire/kafka/record_batch.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kDecompressedBytesMax = 1 << 24;
constexpr std::int16_t kSessionsFrom = 7, kIdsFrom = 13;
}  // namespace

void BatchesRead::take(ByteView bytes, std::int64_t* next, std::vector<Oracle::ReadRecord>* out) {
  while (bytes.size() >= kafka::kBatchHeaderBytes) {
    const auto header = kafka::read_batch_header(bytes);
    if (!header) return oracle_.violate(log_ + ": what was served is no batch");
    if (header->total_bytes() > bytes.size()) return;  // cut short by the sizes that were asked for
    take_batch(bytes.first(header->total_bytes()), next, out);
    bytes = bytes.subspan(header->total_bytes());
  }
}

void BatchesRead::take_batch(ByteView batch, std::int64_t* next, std::vector<Oracle::ReadRecord>* out) {
  const auto header = kafka::read_batch_header(batch);
  if (!kafka::batch_checksum_ok(batch)) return oracle_.violate(log_ + ": a damaged batch was served");
  const auto walked =
      kafka::for_each_record(batch, kDecompressedBytesMax, [&](const kafka::RecordView& record) {
        if (record.offset < *next) return true;
        oracle_.require(record.offset == *next, log_ + ": record " + std::to_string(record.offset) +
                                                    " was served where " + std::to_string(*next) +
                                                    " should be");
        const auto id = oracle_.identify(log_, record.offset, record.value.value_or(ByteView{}));
        if (!id) return false;
        oracle_.fact(log_, record.offset, *id);
        out->push_back({record.offset, *id, header->leader_epoch});
        *next = record.offset + 1;
        return true;
      });
  oracle_.require(walked.has_value(), log_ + ": a batch that cannot be read was served");
}

Reader::Reader(Scene& scene, int number, std::size_t topic)
    : scene_(scene), topic_(topic), client_(scene, "reader-" + std::to_string(number)) {
  by_id_ = scene.random.chance(0.5);
  client_.every(Duration{scene.random.between(1, 80) * 1'000'000}, [this] { act(); });
}

void Reader::act() {
  if (busy_ || !topic_ref().usable()) return;
  if (partitions_.empty())
    for (std::int32_t i = 0; i < topic_ref().partitions; ++i) partitions_[i] = {};
  busy_ = true;
  if (scene_.random.chance(0.05)) return list_offsets();
  kafka::FetchRequest request = next_request();
  const Duration wait = std::chrono::milliseconds{request.max_wait_ms};
  client_.ask<kafka::FetchRequest, kafka::FetchResponse>(
      std::move(request), by_id_ ? kIdsFrom : kSessionsFrom, wait,
      [this](const Result<kafka::FetchResponse>& response) { answered(response, by_id_); },
      by_id_ ? INT16_MAX : kIdsFrom - 1);
}

/// What the session does not know yet, or no longer as it is.
kafka::FetchRequest Reader::next_request() {
  Random& random = scene_.random;
  if (random.chance(0.02)) forget_session();
  kafka::FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(random.chance(0.3) ? 0 : random.below(1000));
  if (scene_.finishing) request.max_wait_ms = 2000;
  request.min_bytes = random.chance(0.7) ? 1 : static_cast<std::int32_t>(random.below(20000));
  request.max_bytes = static_cast<std::int32_t>(random.chance(0.5) ? 1 << 20 : 1 + random.below(60000));
  request.session_id = session_id_;
  request.session_epoch = session_epoch_;
  kafka::FetchRequest::FetchTopic topic;
  topic.topic = topic_ref().name;
  topic.topic_id = topic_ref().id;
  for (auto& [index, partition] : partitions_) {
    if (partition.session_next == partition.next) continue;
    partition.session_next = partition.next;
    auto& asked = topic.partitions.emplace_back();
    asked.partition = index;
    asked.fetch_offset = partition.next;
    asked.partition_max_bytes =
        static_cast<std::int32_t>(scene_.finishing ? 1 << 20 : 1 + random.below(50000));
  }
  if (!topic.partitions.empty()) request.topics.push_back(std::move(topic));
  return request;
}

void Reader::forget_session() {
  session_id_ = session_epoch_ = 0;
  for (auto& [index, partition] : partitions_) partition.session_next = -1;
}

void Reader::answered(const Result<kafka::FetchResponse>& response, bool by_id) {
  busy_ = false;
  if (!response) return forget_session();
  ++scene_.figures["fetches answered"];
  const ErrorCode code = error_from_wire(response->error_code);
  if (code != ErrorCode::None) {
    scene_.oracle.require(code == ErrorCode::FetchSessionIdNotFound ||
                              code == ErrorCode::InvalidFetchSessionEpoch ||
                              (code == ErrorCode::FetchSessionTopicIdError),
                          client_.name() + ": a fetch was refused: " + std::string{error_name(code)});
    return forget_session();
  }
  if (session_epoch_ == 0) session_id_ = response->session_id;
  if (session_id_ == 0) {
    forget_session();
  } else {
    ++session_epoch_;
  }
  for (const auto& topic : response->responses) {
    const bool ours = by_id ? topic.topic_id == topic_ref().id : topic.topic == topic_ref().name;
    scene_.oracle.require(ours, client_.name() + ": an answer about another topic");
    for (const auto& data : topic.partitions) take(data.partition_index, data);
  }
  // An incremental answer leaves out what did not change.
  for (auto& [index, partition] : partitions_) partition.seen = scene_.world.now();
}

void Reader::take(std::int32_t index, const kafka::FetchResponse::PartitionData& data) {
  const auto found = partitions_.find(index);
  if (found == partitions_.end())
    return scene_.oracle.violate(client_.name() + ": an answer about a partition that was not asked for");
  Partition& partition = found->second;
  const ErrorCode code = error_from_wire(data.error_code);
  if (code != ErrorCode::None) {
    const bool unknown = code == ErrorCode::UnknownTopicOrPartition || code == ErrorCode::UnknownTopicId;
    scene_.oracle.require(
        (unknown && topic_ref().deleting) || code == ErrorCode::KafkaStorageError ||
            code ==
                ErrorCode::NotLeaderOrFollower,  // what a stopping box says, and a failing one to old clients
        log(index) + ": " + std::string{error_name(code)} + " at " + std::to_string(partition.next));
    return forget_session();
  }
  scene_.oracle.require(data.high_watermark >= partition.high_watermark,
                        log(index) + ": high watermark " + std::to_string(data.high_watermark) + " after " +
                            std::to_string(partition.high_watermark));
  partition.high_watermark = data.high_watermark;
  if (!data.records) return;
  Bytes all;
  for (const ChainPiece& piece : data.records->pieces()) {
    const ByteView view = std::get<SharedBytes>(piece).view();
    all.insert(all.end(), view.begin(), view.end());
  }
  const std::string name = log(index);
  BatchesRead{scene_.oracle, name}.take(all, &partition.next, &partition.records);
  scene_.oracle.require(partition.next <= data.high_watermark, name + ": a record beyond the high watermark");
}

bool Reader::at_the_end(Duration fresh) const {
  for (const auto& [index, partition] : partitions_)
    if (partition.next < partition.high_watermark || partition.high_watermark < 0 ||
        partition.seen + fresh < scene_.world.now())
      return false;
  return !partitions_.empty();
}

std::string Reader::status() const {
  std::string out = client_.name() + " of " + scene_.topics[topic_].name + (busy_ ? " busy" : "");
  for (const auto& [index, partition] : partitions_)
    out += " [" + std::to_string(index) + ": " + std::to_string(partition.next) + "/" +
           std::to_string(partition.high_watermark) + " seen " +
           std::to_string((scene_.world.now() - partition.seen).count() / 1'000'000) + " ms ago]";
  return out;
}

void Reader::check_whole_logs() {
  for (const auto& [index, partition] : partitions_)
    scene_.oracle.whole_log(log(index), partition.records, 0, partition.high_watermark, {});
}

/// The newest offset is behind everything that was known to be there when it was asked for.
void Reader::list_offsets() {
  const auto index = static_cast<std::int32_t>(scene_.random.below(partitions_.size()));
  const std::int64_t time = scene_.random.chance(0.3) ? -2 : -1;
  kafka::ListOffsetsRequest request;
  request.replica_id = -1;
  auto& topic = request.topics.emplace_back();
  topic.name = topic_ref().name;
  auto& asked = topic.partitions.emplace_back();
  asked.partition_index = index;
  asked.timestamp = time;
  const std::int64_t known = scene_.oracle.end_known(log(index));
  client_.ask<kafka::ListOffsetsRequest, kafka::ListOffsetsResponse>(
      std::move(request), 1, 0s,
      [this, known, index, time](const Result<kafka::ListOffsetsResponse>& response) {
        busy_ = false;
        listed(response, known, index, time);
      });
}

void Reader::listed(const Result<kafka::ListOffsetsResponse>& response, std::int64_t at_least,
                    std::int32_t index, std::int64_t time) {
  if (!response) return forget_session();
  if (response->topics.size() != 1 || response->topics[0].partitions.size() != 1)
    return scene_.oracle.violate(client_.name() + ": ListOffsets answers something else");
  const auto& answer = response->topics[0].partitions[0];
  const ErrorCode code = error_from_wire(answer.error_code);
  if (code == ErrorCode::UnknownTopicOrPartition && topic_ref().deleting) return;
  scene_.oracle.require(code == ErrorCode::None, "ListOffsets: " + std::string{error_name(code)});
  const bool right = time == -2 ? answer.offset == 0 : answer.offset >= at_least;
  scene_.oracle.require(right, log(index) + ": ListOffsets says " + std::to_string(answer.offset) + " for " +
                                   std::to_string(time) + ", known is " + std::to_string(at_least));
}

}  // namespace ledge::sim
