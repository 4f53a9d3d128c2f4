// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/75_describe_topic_partitions.h"

#include <algorithm>
#include <set>

#include "base/limits.h"
#include "broker/api/table.h"
#include "broker/authorized.h"
#include "broker/topic_name.h"

namespace ledge::broker {
namespace {

using kafka::DescribeTopicPartitionsRequest;
using kafka::DescribeTopicPartitionsResponse;

/// A cursor has to point into what is asked for.
bool cursor_is_legal(const DescribeTopicPartitionsRequest& request) {
  if (!request.cursor) return true;
  if (request.cursor->partition_index < 0) return false;
  return request.topics.empty() ||
         std::ranges::any_of(request.topics, [&](auto& t) { return t.name == request.cursor->topic_name; });
}

void refuse(Call& call, const DescribeTopicPartitionsRequest& request) {
  DescribeTopicPartitionsResponse response;
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    out.error_code = call.code(ErrorCode::InvalidRequest);
  }
  call.send(response);
}

class Describer {
 public:
  Describer(Services& services, Call& call, std::int32_t partitions_max)
      : services_(services), call_(call), left_(partitions_max) {}

  /// False when the answer is full; the cursor then says where the next one begins.
  bool add(const state::TopicView& topic, std::int32_t first) {
    if (left_ == 0) return cut(topic.name, 0);
    auto& out = response.topics.emplace_back();
    out.error_code = call_.code(ErrorCode::None);
    out.name = topic.name;
    out.topic_id = topic.id;
    out.is_internal = topic.internal;
    out.topic_authorized_operations = kTopicOperations;
    const std::int32_t end = topic.partitions - first > left_ ? first + left_ : topic.partitions;
    for (std::int32_t index = first; index < end; ++index) {
      auto& partition = out.partitions.emplace_back();
      partition.partition_index = index;
      partition.leader_id = services_.node_id();
      if (const auto log = services_.store.partition(topic.id, index))
        partition.leader_epoch = log->leader_epoch();
      partition.replica_nodes = {services_.node_id()};
      partition.isr_nodes = {services_.node_id()};
      partition.eligible_leader_replicas.emplace();  // nobody else is eligible
      partition.last_known_elr.emplace();
    }
    left_ -= std::max(end - first, 0);
    return end >= topic.partitions || cut(topic.name, end);
  }

  bool add_unknown(const std::string& name) {
    if (left_ == 0) return cut(name, 0);
    auto& out = response.topics.emplace_back();
    const ErrorCode error =
        topic_name_ok(name) ? ErrorCode::UnknownTopicOrPartition : ErrorCode::InvalidTopicException;
    out.error_code = call_.code(error);
    out.name = name;
    out.topic_authorized_operations = kTopicOperations;
    return true;
  }

  DescribeTopicPartitionsResponse response;

 private:
  bool cut(const std::string& name, std::int32_t partition) {
    response.next_cursor = DescribeTopicPartitionsResponse::Cursor{name, partition};
    return false;
  }

  Services& services_;
  Call& call_;
  std::int32_t left_;
};

}  // namespace

void describe_topic_partitions(Services& services, Call call) {
  auto request = decode_or_refuse<DescribeTopicPartitionsRequest>(services, call);
  if (!request) return;
  if (!cursor_is_legal(*request)) return refuse(call, *request);
  const std::string from = request->cursor ? request->cursor->topic_name : "";
  const auto first_of = [&](const std::string& name) {
    return request->cursor && name == from ? request->cursor->partition_index : 0;
  };
  Describer describer(services, call,
                      std::clamp(request->response_partition_limit, 1,
                                 static_cast<std::int32_t>(limits::described_partitions_max)));
  if (request->topics.empty()) {
    for (const state::TopicView* topic : services.store.topics().all())
      if (topic->name >= from && !describer.add(*topic, first_of(topic->name))) break;
  } else {
    std::set<std::string> names;  // sorted, each once
    for (const auto& topic : request->topics)
      if (topic.name >= from) names.insert(topic.name);
    for (const std::string& name : names) {
      const state::TopicView* topic = services.store.topics().find(name);
      if (!(topic != nullptr ? describer.add(*topic, first_of(name)) : describer.add_unknown(name))) break;
    }
  }
  call.send(describer.response);
}

}  // namespace ledge::broker
