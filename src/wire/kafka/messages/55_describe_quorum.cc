// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/55_describe_quorum.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeQuorumRequest::PartitionData::declaration() {
  using T = PartitionData;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
  };
  static constexpr auto self = structure<T>("PartitionData", rows);
  return self;
}

const declare::Struct& DescribeQuorumRequest::TopicData::declaration() {
  using T = TopicData;
  static constexpr std::array rows{
      field<&T::topic_name>("TopicName", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("TopicData", rows);
  return self;
}

const declare::Struct& DescribeQuorumRequest::declaration() {
  using T = DescribeQuorumRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("DescribeQuorumRequest", rows);
  return self;
}

const declare::Struct& DescribeQuorumResponse::ReplicaState::declaration() {
  using T = ReplicaState;
  static constexpr std::array rows{
      field<&T::replica_id>("ReplicaId", "0+", "The node id."),
      field<&T::replica_directory_id>("ReplicaDirectoryId", "2+", "The id of the node's log directory."),
      field<&T::log_end_offset>("LogEndOffset", "0+", "The end of the node's log."),
      field<&T::last_fetch_timestamp>("LastFetchTimestamp", "1+", "When it last fetched, -1 unknown.")
          .ignorable(),
      field<&T::last_caught_up_timestamp>("LastCaughtUpTimestamp", "1+",
                                          "When it was last up to date, -1 unknown.")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("ReplicaState", rows);
  return self;
}

const declare::Struct& DescribeQuorumResponse::PartitionData::declaration() {
  using T = PartitionData;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "2+", "The error in words, or null.")
          .nullable("2+")
          .ignorable(),
      field<&T::leader_id>("LeaderId", "0+", "The leader's node id, -1 if there is none."),
      field<&T::leader_epoch>("LeaderEpoch", "0+", "The leader's epoch."),
      field<&T::high_watermark>("HighWatermark", "0+", "Everything below is durable."),
      field<&T::current_voters>("CurrentVoters", "0+", "The voters."),
      field<&T::observers>("Observers", "0+", "The observers."),
  };
  static constexpr auto self = structure<T>("PartitionData", rows);
  return self;
}

const declare::Struct& DescribeQuorumResponse::TopicData::declaration() {
  using T = TopicData;
  static constexpr std::array rows{
      field<&T::topic_name>("TopicName", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("TopicData", rows);
  return self;
}

const declare::Struct& DescribeQuorumResponse::Listener::declaration() {
  using T = Listener;
  static constexpr std::array rows{
      field<&T::name>("Name", "2+", "The listener's name."),
      field<&T::host>("Host", "2+", "The listener's host name."),
      field<&T::port>("Port", "2+", "The listener's port."),
  };
  static constexpr auto self = structure<T>("Listener", rows);
  return self;
}

const declare::Struct& DescribeQuorumResponse::Node::declaration() {
  using T = Node;
  static constexpr std::array rows{
      field<&T::node_id>("NodeId", "2+", "The node id."),
      field<&T::listeners>("Listeners", "2+", "The node's listeners."),
  };
  static constexpr auto self = structure<T>("Node", rows);
  return self;
}

const declare::Struct& DescribeQuorumResponse::declaration() {
  using T = DescribeQuorumResponse;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "2+", "The error in words, or null.")
          .nullable("2+")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::nodes>("Nodes", "2+", "How to reach the voters."),
  };
  static constexpr auto self = structure<T>("DescribeQuorumResponse", rows);
  return self;
}

}  // namespace ledge::kafka
