// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/03_metadata.h"

#include <algorithm>
#include <set>

#include "broker/api/table.h"
#include "broker/authorized.h"
#include "broker/topic_name.h"

namespace ledge::broker {
namespace {

using kafka::MetadataRequest;
using kafka::MetadataResponse;
using TopicResponse = MetadataResponse::MetadataResponseTopic;

constexpr std::int16_t kNullMeansAllFrom = 1;
constexpr std::int16_t kTopicIdsFrom = 12;

bool asks_for_all(const MetadataRequest& request, std::int16_t version) {
  return version < kNullMeansAllFrom ? !request.topics || request.topics->empty() : !request.topics;
}

/// Names and ids are both legal from version 12 on; before, a name must be there and an id must not.
bool topics_are_legal(const MetadataRequest& request, std::int16_t version) {
  if (version >= kTopicIdsFrom || !request.topics) return true;
  return std::ranges::all_of(*request.topics, [](const auto& t) { return t.name && t.topic_id.is_zero(); });
}

TopicResponse describe(Services& services, const state::TopicView& topic, bool operations) {
  TopicResponse out;
  out.name = topic.name;
  out.topic_id = topic.id;
  out.is_internal = topic.internal;
  if (operations) out.topic_authorized_operations = kTopicOperations;
  out.partitions.reserve(static_cast<std::size_t>(topic.partitions));
  for (std::int32_t index = 0; index < topic.partitions; ++index) {
    auto& partition = out.partitions.emplace_back();
    partition.partition_index = index;
    partition.leader_id = services.node_id();
    if (const auto log = services.store.partition(topic.id, index))
      partition.leader_epoch = log->leader_epoch();
    partition.replica_nodes = {services.node_id()};
    partition.isr_nodes = {services.node_id()};
  }
  return out;
}

/// A request whose missing topics may have to be created first.
class MetadataOperation {
 public:
  MetadataOperation(Services& services, Call call, MetadataRequest request)
      : services_(services), call_(std::move(call)), request_(std::move(request)) {}

  static void run(std::unique_ptr<MetadataOperation> self) {
    std::vector<state::NewTopic> missing = self->missing_topics();
    if (missing.empty()) return self->answer();
    for (const state::NewTopic& topic : missing) self->asked_for_.push_back(topic.name);
    store::Store& store = self->services_.store;
    store.create_topics(std::move(missing), false,
                        [self = std::move(self)](std::vector<store::Store::TopicCreated> created) {
                          for (std::size_t i = 0; i < created.size(); ++i) {
                            const ErrorCode error = created[i].error.code;
                            if (error == ErrorCode::None || error == ErrorCode::TopicAlreadyExists) continue;
                            self->not_created_.emplace(self->asked_for_[i], error);
                          }
                          self->answer();
                        });
  }

 private:
  std::vector<state::NewTopic> missing_topics() const {
    std::vector<state::NewTopic> out;
    if (!services_.options.auto_create_topics || !request_.allow_auto_topic_creation || !request_.topics)
      return out;
    if (asks_for_all(request_, call_.version()) || !topics_are_legal(request_, call_.version())) return out;
    std::set<std::string_view> seen;
    for (const auto& topic : *request_.topics) {
      if (!topic.name || !topic.topic_id.is_zero() || !topic_name_ok(*topic.name)) continue;
      if (services_.store.topics().find(*topic.name) != nullptr || !seen.insert(*topic.name).second) continue;
      out.emplace_back().name = *topic.name;
    }
    return out;
  }

  void answer() {
    if (!topics_are_legal(request_, call_.version())) return refuse();
    MetadataResponse response;
    response.cluster_id = services_.store.identity().cluster_id.text();
    response.controller_id = services_.node_id();
    auto& self = response.brokers.emplace_back();
    self.node_id = services_.node_id();
    self.host = call_.listener().advertised.host;
    self.port = call_.listener().advertised.port;
    if (!services_.options.rack.empty()) self.rack = services_.options.rack;
    if (request_.include_cluster_authorized_operations)
      response.cluster_authorized_operations = kClusterOperations;
    add_topics(response);
    call_.send(response);
  }

  /// As a whole, and without saying anything of the cluster.
  void refuse() {
    MetadataResponse response;
    response.error_code = call_.code(ErrorCode::InvalidRequest);
    for (const auto& topic : *request_.topics) {
      auto& out = response.topics.emplace_back();
      out.name = topic.name.value_or("");
      out.topic_id = topic.topic_id;
      out.error_code = response.error_code;
    }
    call_.send(response);
  }

  void add_topics(MetadataResponse& response) {
    const bool operations = request_.include_topic_authorized_operations;
    if (asks_for_all(request_, call_.version())) {
      for (const state::TopicView* topic : services_.store.topics().all()) {
        response.topics.push_back(describe(services_, *topic, operations));
      }
      return;
    }
    std::set<std::pair<std::string_view, Uuid>> seen;  // a topic that stands twice is answered once
    for (const auto& topic : *request_.topics) {
      const std::string_view name = topic.name ? std::string_view{*topic.name} : std::string_view{};
      if (seen.emplace(name, topic.topic_id).second) response.topics.push_back(one_topic(topic, operations));
    }
  }

  TopicResponse one_topic(const MetadataRequest::MetadataRequestTopic& asked, bool operations) {
    const bool by_id = !asked.topic_id.is_zero();
    const std::string name = asked.name.value_or("");
    const state::TopicView* topic =
        by_id ? services_.store.topics().find(asked.topic_id) : services_.store.topics().find(name);
    if (topic != nullptr) {
      TopicResponse found = describe(services_, *topic, operations);
      found.error_code = call_.code(ErrorCode::None);
      return found;
    }
    TopicResponse out;
    out.topic_id = asked.topic_id;
    if (by_id) {
      out.name = std::nullopt;
      out.error_code = call_.code(ErrorCode::UnknownTopicId);
      return out;
    }
    out.name = name;
    if (operations) out.topic_authorized_operations = kTopicOperations;
    if (!topic_name_ok(name)) {
      out.error_code = call_.code(ErrorCode::InvalidTopicException);
    } else if (const auto refused = not_created_.find(name); refused != not_created_.end()) {
      out.error_code = call_.code(refused->second);
    } else {
      out.error_code = call_.code(ErrorCode::UnknownTopicOrPartition);
    }
    return out;
  }

  Services& services_;
  Call call_;
  MetadataRequest request_;
  std::vector<std::string> asked_for_;
  std::map<std::string, ErrorCode> not_created_;
};

}  // namespace

void metadata(Services& services, Call call) {
  auto request = decode_or_refuse<MetadataRequest>(services, call);
  if (!request) return;
  MetadataOperation::run(std::make_unique<MetadataOperation>(services, std::move(call), std::move(*request)));
}

}  // namespace ledge::broker
