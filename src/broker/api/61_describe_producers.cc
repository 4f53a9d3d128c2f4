// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/61_describe_producers.h"

#include "broker/api/table.h"
#include "broker/topic_name.h"

namespace ledge::broker {

void describe_producers(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::DescribeProducersRequest>(services, call);
  if (!request) return;
  kafka::DescribeProducersResponse response;
  for (const auto& topic : request->topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    Error error;
    if (!topic_name_ok(topic.name))
      error = {ErrorCode::InvalidTopicException, topic_name_fault(topic.name)};
    else if (services.store.topics().find(topic.name) == nullptr)
      error = {ErrorCode::UnknownTopicOrPartition, "This server does not host this topic-partition."};
    for (const std::int32_t index : topic.partition_indexes) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = index;
      if (error.code != ErrorCode::None) {
        answer.error_code = call.code(error.code);
        answer.error_message = error.detail;
        continue;
      }
      const auto partition = services.store.partition(topic.name, index);
      answer.error_code =
          call.code(partition == nullptr ? ErrorCode::UnknownTopicOrPartition : ErrorCode::None);
      if (partition == nullptr) continue;
      for (const state::ActiveProducer& producer : services.store.producers(partition)) {
        auto& active = answer.active_producers.emplace_back();
        active.producer_id = producer.id;
        active.producer_epoch = producer.epoch;
        active.last_sequence = producer.last_sequence;
        active.last_timestamp = producer.last_timestamp;
        active.coordinator_epoch = -1;  // no transaction ever ended here
      }
    }
  }
  call.send(response);
}

}  // namespace ledge::broker
