// SPDX-License-Identifier: Apache-2.0
#include "topic_admin.h"

#include "wire/kafka/messages/03_metadata.h"
#include "wire/kafka/messages/19_create_topics.h"
#include "wire/kafka/messages/20_delete_topics.h"

namespace ledge::sim {

namespace {
constexpr std::int16_t kMetadataWithoutCreation = 4, kMetadataWithIds = 10;

/// What a box says that has a fault, or is about to stop.
bool fault(ErrorCode code) {
  return code == ErrorCode::KafkaStorageError || code == ErrorCode::RequestTimedOut;
}
}  // namespace

TopicAdmin::TopicAdmin(Scene& scene) : scene_(scene), client_(scene, "admin") {
  client_.every(50ms, [this] { act(); });
}

void TopicAdmin::want(int partitions) {
  scene_.topics.push_back(
      {.name = "topic-" + std::to_string(scene_.topics.size()), .partitions = partitions});
}

void TopicAdmin::unwant(std::size_t topic) { scene_.topics[topic].deleting = true; }

bool TopicAdmin::done() const {
  for (const auto& topic : scene_.topics)
    if (topic.presence == Scene::Presence::Wanted ||
        (topic.deleting && topic.presence != Scene::Presence::Gone))
      return false;
  return true;
}

void TopicAdmin::act() {
  if (busy_) return;
  for (std::size_t i = 0; i < scene_.topics.size(); ++i) {
    const Scene::Topic& topic = scene_.topics[i];
    if (topic.presence == Scene::Presence::Wanted) return create(i);
    if (topic.presence == Scene::Presence::There && topic.id.is_zero()) return look();
    if (topic.presence == Scene::Presence::There && topic.deleting) return remove(i);
  }
  if (scene_.random.chance(0.1)) look();
}

void TopicAdmin::create(std::size_t i) {
  busy_ = true;
  kafka::CreateTopicsRequest request;
  request.timeout_ms = 5000;
  auto& topic = request.topics.emplace_back();
  topic.name = scene_.topics[i].name;
  topic.num_partitions = scene_.topics[i].partitions;
  topic.replication_factor = 1;
  client_.ask<kafka::CreateTopicsRequest, kafka::CreateTopicsResponse>(
      std::move(request), 2, 0s, [this, i](Result<kafka::CreateTopicsResponse> response) {
        busy_ = false;
        if (!response || response->topics.size() != 1) return;
        const ErrorCode code = error_from_wire(response->topics[0].error_code);
        if (code == ErrorCode::None) {
          scene_.topics[i].presence = Scene::Presence::There;
          ++scene_.figures["topics created"];
        } else if (code == ErrorCode::TopicAlreadyExists) {
          look();  // made by a request whose answer got lost; it counts when it can be seen
        } else {
          scene_.oracle.require(fault(code), "creating a topic: " + std::string{error_name(code)});
        }
      });
}

void TopicAdmin::remove(std::size_t i) {
  busy_ = true;
  kafka::DeleteTopicsRequest request;
  request.timeout_ms = 5000;
  request.topic_names.push_back(scene_.topics[i].name);
  request.topics.push_back({.name = scene_.topics[i].name, .topic_id = {}});
  client_.ask<kafka::DeleteTopicsRequest, kafka::DeleteTopicsResponse>(
      std::move(request), 1, 0s, [this, i](Result<kafka::DeleteTopicsResponse> response) {
        busy_ = false;
        if (!response || response->responses.size() != 1) return;
        const ErrorCode code = error_from_wire(response->responses[0].error_code);
        if (code == ErrorCode::None || code == ErrorCode::UnknownTopicOrPartition) {
          scene_.topics[i].presence = Scene::Presence::Gone;
          ++scene_.figures["topics deleted"];
        } else {
          scene_.oracle.require(fault(code), "deleting a topic: " + std::string{error_name(code)});
        }
      });
}

void TopicAdmin::look() {
  busy_ = true;
  kafka::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  for (const auto& topic : scene_.topics) request.topics->emplace_back().name = topic.name;
  client_.ask<kafka::MetadataRequest, kafka::MetadataResponse>(
      std::move(request), kMetadataWithIds, 0s,
      [this, before = scene_.topics](Result<kafka::MetadataResponse> response) {
        busy_ = false;
        if (!response) return;
        if (cluster_id_.empty()) cluster_id_ = response->cluster_id.value_or("");
        scene_.oracle.require(cluster_id_ == response->cluster_id.value_or(""), "the cluster id changed");
        for (const auto& topic : response->topics)
          for (std::size_t i = 0; i < before.size(); ++i)
            if (before[i].name == topic.name.value_or(""))
              looked(before, i, error_from_wire(topic.error_code), topic.topic_id, topic.partitions.size());
      });
}

/// `before`: what was known when the box was asked.
void TopicAdmin::looked(const std::vector<Scene::Topic>& before, std::size_t i, ErrorCode code,
                        const Uuid& id, std::size_t partitions) {
  Scene::Topic& topic = scene_.topics[i];
  if (before[i].presence == Scene::Presence::Gone)
    scene_.oracle.require(code == ErrorCode::UnknownTopicOrPartition,
                          topic.name + " was deleted and is there");
  if (topic.presence == Scene::Presence::Wanted && code == ErrorCode::None)
    topic.presence = Scene::Presence::There;
  if (topic.presence != Scene::Presence::There || topic.deleting) return;
  if (before[i].presence != Scene::Presence::There && code != ErrorCode::None) return;
  if (code != ErrorCode::None)
    return scene_.oracle.violate(topic.name +
                                 " was acknowledged and is gone: " + std::string{error_name(code)});
  if (topic.id.is_zero()) topic.id = id;
  scene_.oracle.require(topic.id == id, topic.name + " has another id than before");
  scene_.oracle.require(std::cmp_equal(partitions, topic.partitions),
                        topic.name + " has another number of partitions");
}

}  // namespace ledge::sim
