// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/35_describe_log_dirs.h"

#include <set>

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::DescribeLogDirsRequest;
using kafka::DescribeLogDirsResponse;
using TopicResult = DescribeLogDirsResponse::DescribeLogDirsTopic;

void add_partition(Services& services, const state::TopicView& topic, std::int32_t index, TopicResult& out) {
  const auto log = services.store.partition(topic.id, index);
  if (log == nullptr) return;
  auto& partition = out.partitions.emplace_back();
  partition.partition_index = index;
  partition.partition_size = static_cast<std::int64_t>(log->log_bytes());
}

std::vector<TopicResult> everything(Services& services) {
  std::vector<TopicResult> out;
  for (const state::TopicView* topic : services.store.topics().all()) {
    auto& result = out.emplace_back();
    result.name = topic->name;
    for (std::int32_t i = 0; i < topic->partitions; ++i) add_partition(services, *topic, i, result);
  }
  return out;
}

/// What is asked for twice is told once; what is not here is left out.
std::vector<TopicResult> chosen(Services& services,
                                const std::vector<DescribeLogDirsRequest::DescribableLogDirTopic>& topics) {
  std::map<std::string, std::set<std::int32_t>> wanted;
  for (const auto& topic : topics)
    wanted[topic.topic].insert(topic.partitions.begin(), topic.partitions.end());
  std::vector<TopicResult> out;
  for (const auto& [name, partitions] : wanted) {
    const state::TopicView* topic = services.store.topics().find(name);
    if (topic == nullptr) continue;
    TopicResult result;
    result.name = name;
    for (const std::int32_t index : partitions) add_partition(services, *topic, index, result);
    if (!result.partitions.empty()) out.push_back(std::move(result));
  }
  return out;
}

}  // namespace

/// One folder, as one journal has it; the sizes are those of the batches of each partition.
void describe_log_dirs(Services& services, Call call) {
  auto request = decode_or_refuse<DescribeLogDirsRequest>(services, call);
  if (!request) return;
  DescribeLogDirsResponse response;
  response.error_code = call.code(ErrorCode::None);
  auto& out = response.results.emplace_back();
  out.log_dir = services.options.data_folder;
  out.topics = request->topics ? chosen(services, *request->topics) : everything(services);
  if (services.options.disk_space) {
    if (const auto space = services.options.disk_space()) {
      out.total_bytes = static_cast<std::int64_t>(space->total_bytes);
      out.usable_bytes = static_cast<std::int64_t>(space->available_bytes);
    }
  }
  call.send(response);
}

}  // namespace ledge::broker
