// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/43_elect_leaders.h"

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::ElectLeadersRequest;
using kafka::ElectLeadersResponse;

enum ElectionType : std::int8_t { kPreferred = 0, kUnclean = 1 };

struct Verdict {
  ErrorCode error = ErrorCode::None;
  std::string message;
};

Verdict judge(Services& services, const ElectLeadersRequest& request, const std::string& topic,
              std::int32_t index) {
  if (request.election_type != kPreferred && request.election_type != kUnclean)
    return {ErrorCode::InvalidRequest, "Unknown election type " + std::to_string(request.election_type)};
  const state::TopicView* known = services.store.topics().find(topic);
  if (known == nullptr) return {ErrorCode::UnknownTopicOrPartition, "No such topic as " + topic};
  if (index < 0 || index >= known->partitions)
    return {ErrorCode::UnknownTopicOrPartition,
            "No such partition as " + topic + "-" + std::to_string(index)};
  return {ErrorCode::ElectionNotNeeded, std::string{error_text(ErrorCode::ElectionNotNeeded)}};
}

}  // namespace

/// The one node leads everything, so no election is ever needed. Where all partitions are asked for, those
/// that need none are left out.
void elect_leaders(Services& services, Call call) {
  auto request = decode_or_refuse<ElectLeadersRequest>(services, call);
  if (!request) return;
  ElectLeadersResponse response;
  const bool known_type = request->election_type == kPreferred || request->election_type == kUnclean;
  response.error_code = call.code(known_type ? ErrorCode::None : ErrorCode::InvalidRequest);
  if (!request->topic_partitions) {
    if (known_type)
      for (const state::TopicView* topic : services.store.topics().all())
        response.replica_election_results.emplace_back().topic = topic->name;
    return call.send(response);
  }
  for (const auto& topic : *request->topic_partitions) {
    auto& out = response.replica_election_results.emplace_back();
    out.topic = topic.topic;
    for (const std::int32_t index : topic.partitions) {
      Verdict verdict = judge(services, *request, topic.topic, index);
      auto& answer = out.partition_result.emplace_back();
      answer.partition_id = index;
      answer.error_code = call.code(verdict.error);
      answer.error_message = std::move(verdict.message);
    }
  }
  call.send(response);
}

}  // namespace ledge::broker
