// SPDX-License-Identifier: Apache-2.0
// The cluster and its topics. Records: client_records.cc.
#include "client/client.h"

#include "client/core.h"
#include "wire/kafka/messages/19_create_topics.h"
#include "wire/kafka/messages/20_delete_topics.h"
#include "wire/kafka/messages/32_describe_configs.h"
#include "wire/kafka/messages/37_create_partitions.h"
#include "wire/kafka/messages/44_incremental_alter_configs.h"

namespace ledge::client {
namespace {

constexpr std::int8_t kTopicResource = 2;
constexpr std::int8_t kSetConfig = 0;
constexpr std::int8_t kDeleteConfig = 1;
constexpr std::int8_t kDefaultConfigSource = 5;
constexpr std::int16_t kDeleteTopicsTakesStructs = 6;

std::int32_t as_ms(Duration d) {
  return static_cast<std::int32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

/// Ends a change of a topic. What is not there will not be there at the next attempt either.
void finish_change(Core& core, const Core::JobPtr<void>& job, const std::string& topic, std::int16_t wire,
                   const std::optional<std::string>& message) {
  const ErrorCode code = error_from_wire(wire);
  core.doubt(code, topic);
  if (code == ErrorCode::None) return core.finish<void>(job, {});
  core.finish<void>(job, std::unexpected(server_error(wire, message, "topic " + topic)),
                    code != ErrorCode::UnknownTopicOrPartition);
}

}  // namespace

Client::Client(os::Loop& loop, os::Net& net, os::Random& random, Options options)
    : core_(std::make_unique<Core>(loop, net, random, std::move(options))) {}
Client::~Client() = default;

void Client::cluster(std::optional<std::vector<std::string>> topics, bool create, Done<Cluster> done) {
  core_->run<Cluster>(
      std::move(done), [core = core_.get(), topics = std::move(topics), create](const auto& job) {
        core->load(topics, create,
                   [core, job](Result<Cluster> now) { core->finish<Cluster>(job, std::move(now)); });
      });
}

void Client::topic(std::string name, bool create, Done<Topic> done) {
  core_->run<Topic>(std::move(done), [core = core_.get(), name = std::move(name), create](const auto& job) {
    core->load(std::vector{name}, create, [core, job, name, create](Result<Cluster> now) {
      if (!now) return core->finish<Topic>(job, std::unexpected(std::move(now).error()));
      for (Topic& topic : now->topics) {
        if (topic.name != name) continue;
        if (topic.error == ErrorCode::None) return core->finish<Topic>(job, std::move(topic));
        const bool may_retry = create || topic.error != ErrorCode::UnknownTopicOrPartition;
        return core->finish<Topic>(job, fail(topic.error, "topic " + name), may_retry);
      }
      core->finish<Topic>(job, fail(ErrorCode::UnknownTopicOrPartition, "topic " + name), create);
    });
  });
}

void Client::create_topic(NewTopic topic, Done<Uuid> done) {
  core_->run<Uuid>(std::move(done), [core = core_.get(), topic = std::move(topic)](const auto& job) {
    core->with_controller(job, [core, job, topic](Node& node) {
      const auto make = [topic, timeout = as_ms(core->options().request_timeout)](std::int16_t) {
        kafka::CreateTopicsRequest request;
        request.timeout_ms = timeout;
        request.validate_only = topic.validate_only;
        auto& wanted = request.topics.emplace_back();
        wanted.name = topic.name;
        wanted.num_partitions = topic.partitions;
        wanted.replication_factor = topic.replication_factor;
        for (const auto& [key, value] : topic.configs) {
          auto& config = wanted.configs.emplace_back();
          config.name = key;
          config.value = value;
        }
        return request;
      };
      core->ask<kafka::CreateTopicsRequest, kafka::CreateTopicsResponse>(
          node, make, [core, job, name = topic.name](Result<kafka::CreateTopicsResponse> response) {
            if (!response) {
              core->doubt(response.error().code, name);
              return core->finish<Uuid>(job, std::unexpected(std::move(response).error()));
            }
            if (response->topics.size() != 1)
              return core->finish<Uuid>(
                  job, fail(ErrorCode::Malformed, "CreateTopics was answered for another topic"));
            const auto& result = response->topics.front();
            core->doubt(error_from_wire(result.error_code), name);
            if (result.error_code != 0)
              return core->finish<Uuid>(job, std::unexpected(server_error(
                                                 result.error_code, result.error_message, "topic " + name)));
            core->finish<Uuid>(job, result.topic_id);
          });
    });
  });
}

void Client::delete_topic(std::string name, Done<void> done) {
  core_->run<void>(std::move(done), [core = core_.get(), name = std::move(name)](const auto& job) {
    core->with_controller(job, [core, job, name](Node& node) {
      const auto make = [name, timeout = as_ms(core->options().request_timeout)](std::int16_t version) {
        kafka::DeleteTopicsRequest request;
        request.timeout_ms = timeout;
        if (version >= kDeleteTopicsTakesStructs)
          request.topics.emplace_back().name = name;
        else
          request.topic_names.push_back(name);
        return request;
      };
      core->ask<kafka::DeleteTopicsRequest, kafka::DeleteTopicsResponse>(
          node, make, [core, job, name](Result<kafka::DeleteTopicsResponse> response) {
            if (!response) {
              core->doubt(response.error().code, name);
              return core->finish<void>(job, std::unexpected(std::move(response).error()));
            }
            if (response->responses.size() != 1)
              return core->finish<void>(
                  job, fail(ErrorCode::Malformed, "DeleteTopics was answered for another topic"));
            const auto& result = response->responses.front();
            const ErrorCode code = error_from_wire(result.error_code);
            core->doubt(code, name);
            if (code == ErrorCode::None) return core->finish<void>(job, {});
            // Asking for the end of what is not there is no use repeating.
            core->finish<void>(
                job, std::unexpected(server_error(result.error_code, result.error_message, "topic " + name)),
                code != ErrorCode::UnknownTopicOrPartition);
          });
    });
  });
}

void Client::create_partitions(std::string topic, std::int32_t count, bool validate_only, Done<void> done) {
  core_->run<void>(
      std::move(done), [core = core_.get(), topic = std::move(topic), count, validate_only](const auto& job) {
        core->with_controller(job, [core, job, topic, count, validate_only](Node& node) {
          const auto make = [=, timeout = as_ms(core->options().request_timeout)](std::int16_t) {
            kafka::CreatePartitionsRequest request;
            request.timeout_ms = timeout;
            request.validate_only = validate_only;
            auto& wanted = request.topics.emplace_back();
            wanted.name = topic;
            wanted.count = count;
            wanted.assignments.reset();
            return request;
          };
          core->ask<kafka::CreatePartitionsRequest, kafka::CreatePartitionsResponse>(
              node, make, [core, job, topic](Result<kafka::CreatePartitionsResponse> response) {
                if (!response) return core->finish<void>(job, std::unexpected(std::move(response).error()));
                if (response->results.size() != 1)
                  return core->finish<void>(
                      job, fail(ErrorCode::Malformed, "CreatePartitions was answered for another topic"));
                const auto& result = response->results.front();
                finish_change(*core, job, topic, result.error_code, result.error_message);
              });
        });
      });
}

void Client::change_topic_configs(std::string topic, std::vector<TopicConfigChange> changes,
                                  bool validate_only, Done<void> done) {
  core_->run<void>(std::move(done), [core = core_.get(), topic = std::move(topic),
                                     changes = std::move(changes), validate_only](const auto& job) {
    const auto make = [topic, changes, validate_only](std::int16_t) {
      kafka::IncrementalAlterConfigsRequest request;
      request.validate_only = validate_only;
      auto& resource = request.resources.emplace_back();
      resource.resource_type = kTopicResource;
      resource.resource_name = topic;
      for (const TopicConfigChange& change : changes)
        resource.configs.push_back({change.name, change.value ? kSetConfig : kDeleteConfig, change.value});
      return request;
    };
    core->ask<kafka::IncrementalAlterConfigsRequest, kafka::IncrementalAlterConfigsResponse>(
        core->any_node(), make, [core, job, topic](Result<kafka::IncrementalAlterConfigsResponse> response) {
          if (!response) return core->finish<void>(job, std::unexpected(std::move(response).error()));
          if (response->responses.size() != 1)
            return core->finish<void>(
                job, fail(ErrorCode::Malformed, "IncrementalAlterConfigs was answered for another topic"));
          const auto& result = response->responses.front();
          finish_change(*core, job, topic, result.error_code, result.error_message);
        });
  });
}

void Client::topic_configs(std::string topic, Done<std::vector<TopicConfigEntry>> done) {
  using Entries = std::vector<TopicConfigEntry>;
  core_->run<Entries>(std::move(done), [core = core_.get(), topic = std::move(topic)](const auto& job) {
    const auto make = [topic](std::int16_t) {
      kafka::DescribeConfigsRequest request;
      auto& resource = request.resources.emplace_back();
      resource.resource_type = kTopicResource;
      resource.resource_name = topic;
      resource.configuration_keys.reset();
      return request;
    };
    core->ask<kafka::DescribeConfigsRequest, kafka::DescribeConfigsResponse>(
        core->any_node(), make, [core, job, topic](Result<kafka::DescribeConfigsResponse> response) {
          if (!response) return core->finish<Entries>(job, std::unexpected(std::move(response).error()));
          if (response->results.size() != 1)
            return core->finish<Entries>(
                job, fail(ErrorCode::Malformed, "DescribeConfigs was answered for another topic"));
          auto& result = response->results.front();
          if (result.error_code != 0)
            return core->finish<Entries>(
                job,
                std::unexpected(server_error(result.error_code, result.error_message, "topic " + topic)));
          Entries entries;
          for (auto& c : result.configs)
            entries.push_back(
                {std::move(c.name), std::move(c.value), c.config_source == kDefaultConfigSource});
          core->finish<Entries>(job, std::move(entries));
        });
  });
}

}  // namespace ledge::client
