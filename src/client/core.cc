// SPDX-License-Identifier: Apache-2.0
#include "client/core.h"

#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/10_find_coordinator.h"

namespace ledge::client {

Core::Core(os::Loop& loop, os::Net& net, os::Random& random, Options options)
    : loop_(loop), net_(net), random_(random), options_(std::move(options)) {
  CHECK(!options_.bootstrap.empty());
}

Node& Core::node_at(const os::Endpoint& at) {
  auto& node = nodes_[at.text()];
  if (!node) node = std::make_unique<Node>(loop_, net_, random_, options_, at);
  return *node;
}

/// One that is connected, or else the servers in turn.
Node& Core::any_node() {
  for (const auto& [name, node] : nodes_)
    if (node->connected()) return *node;
  std::vector<os::Endpoint> servers = options_.bootstrap;
  for (const auto& [id, at] : brokers_)
    if (std::ranges::find(servers, at) == servers.end()) servers.push_back(at);
  return node_at(servers[next_server_++ % servers.size()]);
}

const Partition* Core::known_partition(const std::string& topic, std::int32_t partition) const {
  const auto known = topics_.find(topic);
  if (known == topics_.end()) return nullptr;
  const auto& partitions = known->second.partitions;
  const auto found = std::ranges::find(partitions, partition, &Partition::index);
  return found != partitions.end() && brokers_.contains(found->leader) ? &*found : nullptr;
}

Error Core::why_unknown(const Cluster& now, const std::string& topic, std::int32_t partition) {
  const std::string name = "topic " + topic + ", partition " + std::to_string(partition);
  const auto found = std::ranges::find(now.topics, topic, &Topic::name);
  if (found == now.topics.end()) return {ErrorCode::UnknownTopicOrPartition, name};
  if (found->error != ErrorCode::None) return {found->error, name};
  const auto there = std::ranges::find(found->partitions, partition, &Partition::index);
  if (there == found->partitions.end()) return {ErrorCode::UnknownTopicOrPartition, name};
  return {there->error == ErrorCode::None ? ErrorCode::LeaderNotAvailable : there->error, name};
}

void Core::doubt(ErrorCode code, const std::string& topic) {
  if (code == ErrorCode::NotController || code == ErrorCode::ConnectionFailed ||
      code == ErrorCode::RequestTimedOut)
    controller_ = -1;
  if (error_retriable(code)) topics_.erase(topic);
}

namespace {

Topic topic_from(kafka::MetadataResponse::MetadataResponseTopic& from) {
  Topic topic;
  topic.name = from.name.value_or("");
  topic.id = from.topic_id;
  topic.error = error_from_wire(from.error_code);
  topic.internal = from.is_internal;
  for (auto& p : from.partitions)
    topic.partitions.push_back({p.partition_index, error_from_wire(p.error_code), p.leader_id, p.leader_epoch,
                                std::move(p.replica_nodes), std::move(p.isr_nodes)});
  std::ranges::sort(topic.partitions, {}, &Partition::index);
  return topic;
}

Cluster cluster_from(kafka::MetadataResponse& from) {
  Cluster cluster;
  cluster.id = from.cluster_id.value_or("");
  cluster.controller = from.controller_id;
  for (auto& b : from.brokers)
    cluster.brokers.push_back({b.node_id, {b.host, static_cast<std::uint16_t>(b.port)}, b.rack.value_or("")});
  for (auto& t : from.topics) cluster.topics.push_back(topic_from(t));
  std::ranges::sort(cluster.brokers, {}, &Broker::id);
  std::ranges::sort(cluster.topics, {}, &Topic::name);
  return cluster;
}

}  // namespace

void Core::load(std::optional<std::vector<std::string>> topics, bool create, Done<Cluster> done) {
  const auto make = [topics = std::move(topics), create](std::int16_t) {
    kafka::MetadataRequest request;
    request.allow_auto_topic_creation = create;
    request.topics.reset();
    if (topics) {
      request.topics.emplace();
      for (const std::string& name : *topics) request.topics->emplace_back().name = name;
    }
    return request;
  };
  ask<kafka::MetadataRequest, kafka::MetadataResponse>(
      any_node(), make, [this, done = std::move(done)](Result<kafka::MetadataResponse> response) mutable {
        if (!response) return done(std::unexpected(std::move(response).error()));
        if (const auto code = error_from_wire(response->error_code); code != ErrorCode::None)
          return done(fail(code, "Metadata"));
        Cluster cluster = cluster_from(*response);
        remember(cluster);
        done(std::move(cluster));
      });
}

void Core::find_coordinator(const std::string& group, Done<os::Endpoint> done) {
  constexpr std::int16_t kSeveralKeysFrom = 4;  // KIP-699
  const auto make = [group](std::int16_t version) {
    kafka::FindCoordinatorRequest request;
    if (version >= kSeveralKeysFrom)
      request.coordinator_keys = {group};
    else
      request.key = group;
    return request;
  };
  ask<kafka::FindCoordinatorRequest, kafka::FindCoordinatorResponse>(
      any_node(), make,
      [this, group, done = std::move(done)](Result<kafka::FindCoordinatorResponse> response) mutable {
        if (!response) return done(std::unexpected(std::move(response).error()));
        kafka::FindCoordinatorResponse::Coordinator one{
            group,          response->node_id,    response->host,
            response->port, response->error_code, response->error_message};
        if (response->coordinators.size() == 1) one = response->coordinators.front();
        if (one.key != group || response->coordinators.size() > 1)
          return done(fail(ErrorCode::Malformed, "FindCoordinator was answered for another group"));
        if (one.error_code != 0)
          return done(std::unexpected(server_error(one.error_code, one.error_message, "group " + group)));
        const os::Endpoint at{one.host, static_cast<std::uint16_t>(one.port)};
        coordinators_[group] = at;
        done(at);
      });
}

void Core::remember(const Cluster& cluster) {
  brokers_.clear();
  for (const Broker& b : cluster.brokers) brokers_[b.id] = b.at;
  controller_ = cluster.controller;
  for (const Topic& t : cluster.topics) {
    if (t.error == ErrorCode::None)
      topics_[t.name] = t;
    else
      topics_.erase(t.name);
  }
  drop_unused_nodes();
}

/// Servers that left the cluster. This runs inside a callback of one of them, so they go a turn later.
void Core::drop_unused_nodes() {
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    const auto is_it = [&](const os::Endpoint& other) { return other == at->second->endpoint(); };
    if (at->second->busy() || std::ranges::any_of(options_.bootstrap, is_it) ||
        std::ranges::any_of(brokers_, [&](const auto& b) { return is_it(b.second); }) ||
        std::ranges::any_of(coordinators_, [&](const auto& c) { return is_it(c.second); })) {
      ++at;
      continue;
    }
    loop_.post([gone = std::move(at->second)] {});
    at = nodes_.erase(at);
  }
}

}  // namespace ledge::client
