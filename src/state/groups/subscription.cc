// SPDX-License-Identifier: Apache-2.0
#include "state/groups/subscription.h"

#include <algorithm>

namespace ledge::state {
namespace {

template <class M> std::optional<M> read(ByteView bytes) {
  ByteReader in{bytes};
  const auto version = in.be<std::int16_t>();
  if (!in.ok() || version < 0) return std::nullopt;
  auto message = kafka::decode<M>(SharedBytes::copy(bytes.subspan(in.position())),
                                  std::min(version, M::api.max_version));
  if (!message) return std::nullopt;
  return std::move(*message);
}

template <class Named> Assignment by_id(const Named& named, const Topics& topics) {
  Assignment out;
  for (const auto& each : named) {
    const TopicView* topic = topics.find(std::string_view{each.topic});
    if (!topic) continue;
    auto& to = out[topic->id];
    to.insert(to.end(), each.partitions.begin(), each.partitions.end());
  }
  normalize(out);
  return out;
}

}  // namespace

std::optional<kafka::ConsumerProtocolSubscription> read_subscription(ByteView metadata) {
  return read<kafka::ConsumerProtocolSubscription>(metadata);
}

std::optional<kafka::ConsumerProtocolAssignment> read_assignment(ByteView bytes) {
  return read<kafka::ConsumerProtocolAssignment>(bytes);
}

Bytes write_assignment(const Assignment& assignment, const Topics& topics, ByteView subscription) {
  using Message = kafka::ConsumerProtocolAssignment;
  Message message;
  for (const auto& [id, partitions] : assignment)
    if (const TopicView* topic = topics.find(id))
      message.assigned_partitions.push_back({topic->name, partitions});
  ByteReader in{subscription};
  const std::int16_t version = std::clamp<std::int16_t>(in.be<std::int16_t>(), 0, Message::api.max_version);
  ByteWriter out;
  out.be(version);
  declare::encode_to(out, Message::declaration(), &message, Message::api.format(version));
  return out.take();
}

Assignment to_assignment(const std::vector<kafka::ConsumerProtocolSubscription::TopicPartition>& named,
                         const Topics& topics) {
  return by_id(named, topics);
}
Assignment to_assignment(const std::vector<kafka::ConsumerProtocolAssignment::TopicPartition>& named,
                         const Topics& topics) {
  return by_id(named, topics);
}

std::set<std::string> subscribed_topics(const ClassicGroup& group) {
  std::set<std::string> topics;
  if (group.protocol_type() != kConsumerProtocolType) return topics;
  for (const auto& [id, member] : group.members())
    for (const GroupProtocol& protocol : member.protocols)
      if (const auto subscription = read_subscription(protocol.metadata))
        topics.insert(subscription->topics.begin(), subscription->topics.end());
  return topics;
}

}  // namespace ledge::state
