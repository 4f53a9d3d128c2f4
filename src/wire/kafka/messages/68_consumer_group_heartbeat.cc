// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/68_consumer_group_heartbeat.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ConsumerGroupHeartbeatRequest::TopicPartitions::declaration() {
  using T = TopicPartitions;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "0+", "The topic."),
      field<&T::partitions>("Partitions", "0+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartitions", rows);
  return self;
}

const declare::Struct& ConsumerGroupHeartbeatRequest::declaration() {
  using T = ConsumerGroupHeartbeatRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group."),
      field<&T::member_id>("MemberId", "0+", "The member; from version 1 on the client makes it up."),
      field<&T::member_epoch>(
          "MemberEpoch", "0+",
          "The epoch of the member; 0 joins, -1 leaves, -2 leaves for a while as a static member."),
      field<&T::instance_id>("InstanceId", "0+", "The id of a static member, or null.").nullable("0+"),
      field<&T::rack_id>("RackId", "0+", "Where the member is, or null.").nullable("0+"),
      field<&T::rebalance_timeout_ms>("RebalanceTimeoutMs", "0+",
                                      "How long the member may take to give partitions back; -1 unchanged."),
      field<&T::subscribed_topic_names>("SubscribedTopicNames", "0+", "The topics it reads; null unchanged.")
          .nullable("0+"),
      field<&T::subscribed_topic_regex>("SubscribedTopicRegex", "1+",
                                        "A regular expression of topics that it reads; null unchanged.")
          .nullable("1+"),
      field<&T::server_assignor>("ServerAssignor", "0+", "The assignor it prefers; null unchanged.")
          .nullable("0+"),
      field<&T::topic_partitions>("TopicPartitions", "0+", "What it holds; null unchanged.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("ConsumerGroupHeartbeatRequest", rows);
  return self;
}

const declare::Struct& ConsumerGroupHeartbeatResponse::TopicPartitions::declaration() {
  using T = TopicPartitions;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "0+", "The topic."),
      field<&T::partitions>("Partitions", "0+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartitions", rows);
  return self;
}

const declare::Struct& ConsumerGroupHeartbeatResponse::Assignment::declaration() {
  using T = Assignment;
  static constexpr std::array rows{
      field<&T::topic_partitions>("TopicPartitions", "0+", "The partitions, by topic."),
  };
  static constexpr auto self = structure<T>("Assignment", rows);
  return self;
}

const declare::Struct& ConsumerGroupHeartbeatResponse::declaration() {
  using T = ConsumerGroupHeartbeatResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::member_id>("MemberId", "0+", "The member, or null.").nullable("0+"),
      field<&T::member_epoch>("MemberEpoch", "0+", "The epoch of the member."),
      field<&T::heartbeat_interval_ms>("HeartbeatIntervalMs", "0+", "How often to send this request."),
      field<&T::assignment>("Assignment", "0+", "The partitions of the member; null unchanged.")
          .nullable("0+"),
  };
  static constexpr auto self = structure<T>("ConsumerGroupHeartbeatResponse", rows);
  return self;
}

}  // namespace ledge::kafka
