// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/21_delete_records.h"

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::DeleteRecordsRequest;
using kafka::DeleteRecordsResponse;

constexpr std::int64_t kHighWatermark = -1;

/// Answers when every partition has.
class DeleteRecordsOperation : public std::enable_shared_from_this<DeleteRecordsOperation> {
 public:
  DeleteRecordsOperation(Services& services, Call call) : services_(services), call_(std::move(call)) {}

  void run(const DeleteRecordsRequest& request) {
    for (const auto& topic : request.topics) {
      response_.topics.emplace_back().name = topic.name;
      response_.topics.back().partitions.resize(topic.partitions.size());
    }
    for (std::size_t t = 0; t < request.topics.size(); ++t)
      for (std::size_t p = 0; p < request.topics[t].partitions.size(); ++p)
        start(request.topics[t].name, request.topics[t].partitions[p], t, p);
    settle();
  }

 private:
  void start(const std::string& topic, const DeleteRecordsRequest::DeleteRecordsPartition& asked,
             std::size_t t, std::size_t p) {
    auto& out = response_.topics[t].partitions[p];
    out.partition_index = asked.partition_index;
    out.low_watermark = -1;
    const state::TopicView* known = services_.store.topics().find(topic);
    const auto partition = services_.store.partition(topic, asked.partition_index);
    if (partition == nullptr || known->internal) {
      out.error_code = call_.code(partition == nullptr ? ErrorCode::UnknownTopicOrPartition
                                                       : ErrorCode::InvalidTopicException);
      return;
    }
    const std::int64_t before = asked.offset == kHighWatermark ? partition->high_watermark() : asked.offset;
    ++pending_;
    services_.store.delete_records(
        partition, before, [self = shared_from_this(), t, p](const Error& error, std::int64_t log_start) {
          auto& place = self->response_.topics[t].partitions[p];
          place.error_code = self->call_.code(error.code);
          place.low_watermark = log_start;
          self->settle();
        });
  }

  void settle() {
    if (--pending_ == 0) call_.send(response_);
  }

  Services& services_;
  Call call_;
  DeleteRecordsResponse response_;
  std::size_t pending_ = 1;
};

}  // namespace

void delete_records(Services& services, Call call) {
  auto request = decode_or_refuse<DeleteRecordsRequest>(services, call);
  if (!request) return;
  std::make_shared<DeleteRecordsOperation>(services, std::move(call))->run(*request);
}

}  // namespace ledge::broker
