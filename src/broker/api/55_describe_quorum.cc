// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/55_describe_quorum.h"

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::DescribeQuorumRequest;
using kafka::DescribeQuorumResponse;

constexpr std::string_view kMetadataTopic = "__cluster_metadata";

bool asks_for_the_quorum(const DescribeQuorumRequest& request) {
  return request.topics.size() == 1 && request.topics[0].topic_name == kMetadataTopic &&
         request.topics[0].partitions.size() == 1 && request.topics[0].partitions[0].partition_index == 0;
}

void refuse(Call& call, const DescribeQuorumRequest& request) {
  DescribeQuorumResponse response;
  response.error_code = call.code(ErrorCode::None);
  for (const auto& topic : request.topics) {
    auto& out = response.topics.emplace_back();
    out.topic_name = topic.topic_name;
    for (const auto& partition : topic.partitions) {
      auto& answer = out.partitions.emplace_back();
      answer.partition_index = partition.partition_index;
      answer.error_code = call.code(ErrorCode::UnknownTopicOrPartition);
      answer.error_message = std::string{error_text(ErrorCode::UnknownTopicOrPartition)};
    }
  }
  call.send(response);
}

}  // namespace

/// The box as tools see it: a quorum of one, whose log is the journal's stream of metadata records. Without
/// this answer user interfaces take the server for one that keeps its metadata in ZooKeeper.
void describe_quorum(Services& services, Call call) {
  auto request = decode_or_refuse<DescribeQuorumRequest>(services, call);
  if (!request) return;
  if (!asks_for_the_quorum(*request)) return refuse(call, *request);
  const store::Identity& identity = services.store.identity();
  DescribeQuorumResponse response;
  response.error_code = call.code(ErrorCode::None);
  auto& topic = response.topics.emplace_back();
  topic.topic_name = kMetadataTopic;
  auto& partition = topic.partitions.emplace_back();
  partition.error_code = response.error_code;
  partition.leader_id = identity.node_id;
  partition.leader_epoch = identity.boot_epoch + 1;
  partition.high_watermark = services.store.metadata_end();
  auto& voter = partition.current_voters.emplace_back();
  voter.replica_id = identity.node_id;
  voter.replica_directory_id = identity.journal_id;
  voter.log_end_offset = partition.high_watermark;
  voter.last_fetch_timestamp = voter.last_caught_up_timestamp = services.env.loop.wall_now();
  auto& node = response.nodes.emplace_back();
  node.node_id = identity.node_id;
  auto& listener = node.listeners.emplace_back();
  listener.name = call.listener().name;
  listener.host = call.listener().advertised.host;
  listener.port = static_cast<std::uint16_t>(call.listener().advertised.port);
  call.send(response);
}

}  // namespace ledge::broker
