// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/19_create_topics.h"

#include <map>
#include <set>

#include "broker/api/table.h"
#include "broker/topic_configs.h"

namespace ledge::broker {
namespace {

using kafka::CreateTopicsRequest;
using kafka::CreateTopicsResponse;

/// A partition that is assigned twice; nothing else of the request shows in the store's map of assignments.
std::optional<std::int32_t> assigned_twice(const CreateTopicsRequest::CreatableTopic& topic) {
  std::set<std::int32_t> seen;
  for (const auto& assignment : topic.assignments) {
    if (!seen.insert(assignment.partition_index).second) return assignment.partition_index;
  }
  return std::nullopt;
}

state::NewTopic as_new_topic(CreateTopicsRequest::CreatableTopic& topic) {
  state::NewTopic out;
  out.name = std::move(topic.name);
  out.partitions = topic.num_partitions;
  out.replication_factor = topic.replication_factor;
  out.has_assignments = !topic.assignments.empty();
  for (auto& assignment : topic.assignments) {
    out.assignments.emplace(assignment.partition_index, std::move(assignment.broker_ids));
  }
  for (auto& config : topic.configs)
    out.configs.emplace_back(std::move(config.name), std::move(config.value));
  return out;
}

void describe(const Services& services, const state::TopicView& topic,
              CreateTopicsResponse::CreatableTopicResult& out) {
  out.error_message = std::nullopt;
  out.topic_id = topic.id;
  out.num_partitions = topic.partitions;
  out.replication_factor = topic.replication_factor;
  out.configs.emplace();
  for (ConfigEntry& entry : topic_config_entries(services.options, topic)) {
    CreateTopicsResponse::CreatableTopicConfigs config;
    config.name = entry.name;
    config.value = std::move(entry.value);
    config.config_source = static_cast<std::int8_t>(entry.source);
    out.configs->push_back(std::move(config));
  }
}

void refuse(CreateTopicsResponse::CreatableTopicResult& out, std::int16_t code, std::string message) {
  out.error_code = code;
  out.error_message = std::move(message);
  out.configs.emplace();
}

}  // namespace

void create_topics(Services& services, Call call) {
  auto request = decode_or_refuse<CreateTopicsRequest>(services, call);
  if (!request) return;
  std::map<std::string, int> times;
  for (const auto& topic : request->topics) ++times[topic.name];

  CreateTopicsResponse response;
  std::vector<state::NewTopic> wanted;
  std::vector<std::size_t> positions;  // in the response, of `wanted`
  for (auto& topic : request->topics) {
    int& count = times[topic.name];
    if (count == 0) continue;  // a name that stands twice is answered once
    auto& out = response.topics.emplace_back();
    out.name = topic.name;
    if (count > 1) {
      refuse(out, call.code(ErrorCode::InvalidRequest), "Duplicate topic name.");
      count = 0;
      continue;
    }
    if (const auto twice = assigned_twice(topic)) {
      refuse(out, call.code(ErrorCode::InvalidReplicaAssignment),
             "Found multiple manual partition assignments for partition " + std::to_string(*twice));
      continue;
    }
    positions.push_back(response.topics.size() - 1);
    wanted.push_back(as_new_topic(topic));
  }

  services.store.create_topics(
      std::move(wanted), request->validate_only,
      [&services, call = std::move(call), response = std::move(response),
       positions = std::move(positions)](std::vector<store::Store::TopicCreated> created) mutable {
        for (std::size_t i = 0; i < created.size(); ++i) {
          auto& out = response.topics[positions[i]];
          const std::int16_t code = call.code(created[i].error.code);
          if (created[i].error.code == ErrorCode::None) {
            describe(services, created[i].topic, out);
          } else {
            refuse(out, code, std::move(created[i].error.detail));
          }
        }
        call.send(response);
      });
}

}  // namespace ledge::broker
