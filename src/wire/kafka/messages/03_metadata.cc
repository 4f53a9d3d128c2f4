// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/03_metadata.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& MetadataRequest::MetadataRequestTopic::declaration() {
  using T = MetadataRequestTopic;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "10+", "The topic's id.").ignorable(),
      field<&T::name>("Name", "0+", "The topic's name.").nullable("10+"),
  };
  static constexpr auto self = structure<T>("MetadataRequestTopic", rows);
  return self;
}

const declare::Struct& MetadataRequest::declaration() {
  using T = MetadataRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics asked for; all for null, and for none in version 0.")
          .nullable("1+"),
      field<&T::allow_auto_topic_creation>("AllowAutoTopicCreation", "4+",
                                           "Whether topics that do not exist may be created."),
      field<&T::include_cluster_authorized_operations>(
          "IncludeClusterAuthorizedOperations", "8-10",
          "Whether to say what the client may do with the cluster."),
      field<&T::include_topic_authorized_operations>(
          "IncludeTopicAuthorizedOperations", "8+", "Whether to say what the client may do with each topic."),
  };
  static constexpr auto self = structure<T>("MetadataRequest", rows);
  return self;
}

const declare::Struct& MetadataResponse::MetadataResponseBroker::declaration() {
  using T = MetadataResponseBroker;
  static constexpr std::array rows{
      field<&T::node_id>("NodeId", "0+", "The broker's node id."),
      field<&T::host>("Host", "0+", "The broker's host name."),
      field<&T::port>("Port", "0+", "The broker's port."),
      field<&T::rack>("Rack", "1+", "The broker's rack, or null.").nullable("1+").ignorable(),
  };
  static constexpr auto self = structure<T>("MetadataResponseBroker", rows);
  return self;
}

const declare::Struct& MetadataResponse::MetadataResponsePartition::declaration() {
  using T = MetadataResponsePartition;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::leader_id>("LeaderId", "0+", "The node id of the leader, -1 if there is none."),
      field<&T::leader_epoch>("LeaderEpoch", "7+", "The leader's epoch.").ignorable(),
      field<&T::replica_nodes>("ReplicaNodes", "0+", "The node ids of all replicas."),
      field<&T::isr_nodes>("IsrNodes", "0+", "The node ids of the replicas in sync."),
      field<&T::offline_replicas>("OfflineReplicas", "5+", "The node ids of the replicas that are down.")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("MetadataResponsePartition", rows);
  return self;
}

const declare::Struct& MetadataResponse::MetadataResponseTopic::declaration() {
  using T = MetadataResponseTopic;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::name>("Name", "0+", "The topic's name.").nullable("12+"),
      field<&T::topic_id>("TopicId", "10+", "The topic's id.").ignorable(),
      field<&T::is_internal>("IsInternal", "1+", "Whether the topic is the server's own.").ignorable(),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
      field<&T::topic_authorized_operations>(
          "TopicAuthorizedOperations", "8+",
          "Bit n is set if ACL operation n is allowed; the lowest integer if not asked for."),
  };
  static constexpr auto self = structure<T>("MetadataResponseTopic", rows);
  return self;
}

const declare::Struct& MetadataResponse::declaration() {
  using T = MetadataResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "3+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::brokers>("Brokers", "0+", "The live brokers."),
      field<&T::cluster_id>("ClusterId", "2+", "The cluster's id.").nullable("2+").ignorable(),
      field<&T::controller_id>("ControllerId", "1+", "The node id for administrative requests.").ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::cluster_authorized_operations>(
          "ClusterAuthorizedOperations", "8-10",
          "Bit n is set if ACL operation n is allowed; the lowest integer if not asked for."),
      field<&T::error_code>("ErrorCode", "13+", "The error, 0 if there is none.").ignorable(),
  };
  static constexpr auto self = structure<T>("MetadataResponse", rows);
  return self;
}

}  // namespace ledge::kafka
