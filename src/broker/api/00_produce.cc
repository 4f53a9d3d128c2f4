// SPDX-License-Identifier: Apache-2.0
// One answer when every partition of the request is durable or refused; partitions do not wait for, or fail
// with, each other.
#include "wire/kafka/messages/00_produce.h"

#include "broker/api/table.h"
#include "wire/kafka/record_batch.h"

namespace ledge::broker {
namespace {

using kafka::ProduceRequest;
using kafka::ProduceResponse;
using PartitionResponse = ProduceResponse::PartitionProduceResponse;

enum Acks : std::int16_t { kAll = -1, kNothing = 0, kLeader = 1 };
constexpr std::int16_t kTopicIdsFrom = 13;

/// What Apache checks of records before it looks at the partition: one batch, of a kind that the version may
/// carry. Whether the batch is sound is the store's question.
ErrorCode check_shape(const std::optional<Chain>& records, std::int16_t version) {
  constexpr std::int16_t kZstdFrom = 7;
  constexpr std::int8_t kMagic = 2;
  if (!records || records->pieces().size() != 1) return ErrorCode::InvalidRecord;
  const ByteView bytes = std::get<SharedBytes>(records->pieces().front()).view();  // of the frame
  const auto header = kafka::read_batch_header(bytes);
  if (!header || header->magic != kMagic || header->total_bytes() != bytes.size())
    return ErrorCode::InvalidRecord;
  if (header->codec() == kafka::Codec::Zstd && version < kZstdFrom)
    return ErrorCode::UnsupportedCompressionType;
  return ErrorCode::None;
}

bool transactional(const std::optional<Chain>& records) {
  if (!records || records->pieces().size() != 1) return false;
  const auto header = kafka::read_batch_header(std::get<SharedBytes>(records->pieces().front()).view());
  return header && header->transactional();
}

/// There are no transactions yet: their records are refused as Apache refuses them where no such transaction
/// is open, or, without a transactional id, where the id is not allowed.
ErrorCode check_transactions(const ProduceRequest& request) {
  for (const auto& topic : request.topic_data) {
    for (const auto& partition : topic.partition_data) {
      if (!transactional(partition.records)) continue;
      return request.transactional_id ? ErrorCode::InvalidTxnState
                                      : ErrorCode::TransactionalIdAuthorizationFailed;
    }
  }
  return ErrorCode::None;
}

/// A request whose partitions are being appended. Every partition has its place in `response_` from the
/// start, so the answer has the request's order whatever the order of completions.
class ProduceOperation : public std::enable_shared_from_this<ProduceOperation> {
 public:
  ProduceOperation(Services& services, Call call, std::int16_t acks)
      : services_(services), call_(std::move(call)), acks_(acks) {}

  void run(ProduceRequest request) {
    if (acks_ == kNothing) call_.send_nothing();
    place_all(request);
    whole_ = check_transactions(request);
    if (acks_ != kAll && acks_ != kNothing && acks_ != kLeader) whole_ = ErrorCode::InvalidRequiredAcks;
    for (std::size_t t = 0; t < request.topic_data.size(); ++t) {
      auto& topic = request.topic_data[t];
      for (std::size_t p = 0; p < topic.partition_data.size(); ++p)
        append(topic, topic.partition_data[p], t, p);
    }
    settle();  // the one that was held while the loops ran
  }

 private:
  void place_all(const ProduceRequest& request) {
    response_.responses.resize(request.topic_data.size());
    for (std::size_t t = 0; t < request.topic_data.size(); ++t) {
      const auto& topic = request.topic_data[t];
      auto& out = response_.responses[t];
      out.name = topic.name;
      out.topic_id = topic.topic_id;
      out.partition_responses.resize(topic.partition_data.size());
      for (std::size_t p = 0; p < topic.partition_data.size(); ++p) {
        out.partition_responses[p].index = topic.partition_data[p].index;
        out.partition_responses[p].base_offset = -1;
      }
    }
  }

  void append(ProduceRequest::TopicProduceData& topic, ProduceRequest::PartitionProduceData& data,
              std::size_t t, std::size_t p) {
    if (whole_ != ErrorCode::None) return refuse(t, p, whole_);
    const bool by_id = call_.version() >= kTopicIdsFrom;
    auto partition = by_id ? services_.store.partition(topic.topic_id, data.index)
                           : services_.store.partition(topic.name, data.index);
    if (!partition) {
      const bool id_unknown = by_id && services_.store.topics().find(topic.topic_id) == nullptr;
      return refuse(t, p, id_unknown ? ErrorCode::UnknownTopicId : ErrorCode::UnknownTopicOrPartition);
    }
    const ErrorCode shape = check_shape(data.records, call_.version());
    if (shape != ErrorCode::None) return refuse(t, p, shape);
    SharedBytes batch = std::get<SharedBytes>(data.records->pieces().front());
    data.records.reset();
    ++pending_;
#ifdef LEDGE_SABOTAGE
    if (services_.options.sabotage == Sabotage::ProduceBeforeDurable) {
      const std::int64_t base_offset = partition->log_end();
      services_.store.append(partition, std::move(batch), {}, [](const store::Appended&) {});
      if (partition->log_end() > base_offset) return appended(t, p, {.base_offset = base_offset});
      return appended(t, p, {.error = {ErrorCode::KafkaStorageError, {}}});
    }
#endif
    services_.store.append(
        partition, std::move(batch), {.from_client = true, .produce_version = call_.version()},
        [self = shared_from_this(), t, p](store::Appended done) { self->appended(t, p, done); });
  }

  void appended(std::size_t t, std::size_t p, const store::Appended& done) {
    PartitionResponse& out = place(t, p);
    // A stopping server is on its way to another start: the client should look again, not give up.
    const ErrorCode error =
        done.error.code == ErrorCode::ShuttingDown ? ErrorCode::NotLeaderOrFollower : done.error.code;
    out.error_code = call_.code(error);
    if (tells_log_start(error)) out.log_start_offset = done.log_start;
    if (error == ErrorCode::None) {
      out.base_offset = done.base_offset;
      out.log_append_time_ms = done.log_append_time;
    } else {
      failed(error, done.error.detail);
      if (!done.record_errors.empty()) out.error_message = done.error.detail;
      for (const store::RecordError& record : done.record_errors) {
        ProduceResponse::BatchIndexAndErrorMessage at;
        at.batch_index = record.batch_index;
        at.batch_index_error_message = record.message;
        out.record_errors.push_back(std::move(at));
      }
    }
    settle();
  }

  /// As Apache: where a batch was looked at record by record, or for its producer's state.
  static bool tells_log_start(ErrorCode error) {
    return error == ErrorCode::None || error == ErrorCode::InvalidRecord ||
           error == ErrorCode::InvalidTimestamp || error == ErrorCode::OutOfOrderSequenceNumber ||
           error == ErrorCode::InvalidProducerEpoch;
  }

  void refuse(std::size_t t, std::size_t p, ErrorCode error) {
    place(t, p).error_code = call_.code(error);
    failed(error, {});
  }

  /// What acks=0 has instead of an answer: the connection ends, so that the client looks the leader up again.
  void failed(ErrorCode error, const std::string& detail) {
    if (acks_ != kNothing || std::exchange(told_, true)) return;
    call_.refuse_late("a produce request without acks failed", std::string{error_name(error)} + " " + detail);
  }

  void settle() {
    if (--pending_ == 0 && acks_ != kNothing) call_.send(response_);
  }

  PartitionResponse& place(std::size_t t, std::size_t p) {
    return response_.responses[t].partition_responses[p];
  }

  Services& services_;
  Call call_;
  const std::int16_t acks_;
  ErrorCode whole_ = ErrorCode::None;  // fails every partition
  bool told_ = false;
  ProduceResponse response_;
  std::size_t pending_ = 1;
};

}  // namespace

void produce(Services& services, Call call) {
  auto request = decode_or_refuse<ProduceRequest>(services, call);
  if (!request) return;
  call.release_frame();  // the batches hold it for as long as the journal needs it
  auto operation = std::make_shared<ProduceOperation>(services, std::move(call), request->acks);
  operation->run(std::move(*request));
}

}  // namespace ledge::broker
