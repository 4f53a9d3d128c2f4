// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/47_offset_delete.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {

void offset_delete(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::OffsetDeleteRequest>(services, call);
  if (!request) return;
  kafka::OffsetDeleteResponse response;
  std::vector<Groups::TopicPartition> offsets;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // in the response, of what goes to the machine
  for (const auto& topic : request->topics) {
    const state::TopicView* known = services.store.topics().find(std::string_view{topic.name});
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      if (!known || partition.partition_index < 0 || partition.partition_index >= known->partitions) {
        answer.error_code = call.code(ErrorCode::UnknownTopicOrPartition);
      } else {
        places.emplace_back(response.topics.size() - 1, out.partitions.size() - 1);
        offsets.push_back({topic.name, partition.partition_index});
      }
    }
  }
  services.groups.remove_offsets(
      request->group_id, offsets,
      [call = std::move(call), response = std::move(response), places = std::move(places)](
          ErrorCode error, std::vector<ErrorCode> errors) mutable {
        response.error_code = call.code(error);
        if (error != ErrorCode::None) response.topics.clear();
        for (std::size_t i = 0; i < errors.size(); ++i)
          response.topics[places[i].first].partitions[places[i].second].error_code = call.code(errors[i]);
        call.send(response);
      });
}

}  // namespace ledge::broker
