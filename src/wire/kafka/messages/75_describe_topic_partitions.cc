// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/75_describe_topic_partitions.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeTopicPartitionsRequest::TopicRequest::declaration() {
  using T = TopicRequest;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
  };
  static constexpr auto self = structure<T>("TopicRequest", rows);
  return self;
}

const declare::Struct& DescribeTopicPartitionsRequest::Cursor::declaration() {
  using T = Cursor;
  static constexpr std::array rows{
      field<&T::topic_name>("TopicName", "0+", "The topic's name."),
      field<&T::partition_index>("PartitionIndex", "0+", "The first partition of that topic."),
  };
  static constexpr auto self = structure<T>("Cursor", rows);
  return self;
}

const declare::Struct& DescribeTopicPartitionsRequest::declaration() {
  using T = DescribeTopicPartitionsRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics, none for all."),
      field<&T::response_partition_limit>("ResponsePartitionLimit", "0+",
                                          "The most partitions in the answer."),
      field<&T::cursor>("Cursor", "0+", "Where to begin.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("DescribeTopicPartitionsRequest", rows);
  return self;
}

const declare::Struct&
DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition::declaration() {
  using T = DescribeTopicPartitionsResponsePartition;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::leader_id>("LeaderId", "0+", "The leader's node id, -1 if there is none."),
      field<&T::leader_epoch>("LeaderEpoch", "0+", "The leader's epoch.").ignorable(),
      field<&T::replica_nodes>("ReplicaNodes", "0+", "The node ids of all replicas."),
      field<&T::isr_nodes>("IsrNodes", "0+", "The node ids of the replicas in sync."),
      field<&T::eligible_leader_replicas>("EligibleLeaderReplicas", "0+",
                                          "Replicas that may lead although they are not in sync, or null.")
          .nullable("0+"),
      field<&T::last_known_elr>("LastKnownElr", "0+", "The last known of those, or null.").nullable("0+"),
      field<&T::offline_replicas>("OfflineReplicas", "0+", "The node ids of the replicas that are offline.")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("DescribeTopicPartitionsResponsePartition", rows);
  return self;
}

const declare::Struct& DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic::declaration() {
  using T = DescribeTopicPartitionsResponseTopic;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::name>("Name", "0+", "The topic's name.").nullable("0+"),
      field<&T::topic_id>("TopicId", "0+", "The topic's id.").ignorable(),
      field<&T::is_internal>("IsInternal", "0+", "Whether the topic belongs to the server.").ignorable(),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
      field<&T::topic_authorized_operations>("TopicAuthorizedOperations", "0+",
                                             "Bit n is set if ACL operation n is allowed."),
  };
  static constexpr auto self = structure<T>("DescribeTopicPartitionsResponseTopic", rows);
  return self;
}

const declare::Struct& DescribeTopicPartitionsResponse::Cursor::declaration() {
  using T = Cursor;
  static constexpr std::array rows{
      field<&T::topic_name>("TopicName", "0+", "The topic's name."),
      field<&T::partition_index>("PartitionIndex", "0+", "The first partition of that topic."),
  };
  static constexpr auto self = structure<T>("Cursor", rows);
  return self;
}

const declare::Struct& DescribeTopicPartitionsResponse::declaration() {
  using T = DescribeTopicPartitionsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::next_cursor>("NextCursor", "0+", "Where the next request begins, null at the end.")
          .nullable("0+"),
  };
  static constexpr auto self = structure<T>("DescribeTopicPartitionsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
