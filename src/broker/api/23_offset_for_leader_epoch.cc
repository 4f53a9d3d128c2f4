// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"

#include "broker/api/table.h"
#include "broker/leader_epoch.h"

namespace ledge::broker {

void offset_for_leader_epoch(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::OffsetForLeaderEpochRequest>(services, call);
  if (!request) return;
  kafka::OffsetForLeaderEpochResponse response;
  for (const auto& topic : request->topics) {
    auto& out = response.topics.emplace_back();
    out.topic = topic.topic;
    for (const auto& asked : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition = asked.partition;
      const auto partition = services.store.partition(topic.topic, asked.partition);
      const ErrorCode error = partition ? check_leader_epoch(*partition, asked.current_leader_epoch)
                                        : ErrorCode::UnknownTopicOrPartition;
      answer.error_code = call.code(error);
      if (error != ErrorCode::None) continue;
      const auto end = epoch_end(*partition, asked.leader_epoch);
      answer.leader_epoch = end.epoch;
      answer.end_offset = end.end_offset;
    }
  }
  call.send(response);
}

}  // namespace ledge::broker
