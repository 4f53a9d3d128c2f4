// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/01_fetch.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& FetchRequest::ReplicaState::declaration() {
  using T = ReplicaState;
  static constexpr std::array rows{
      field<&T::replica_id>("ReplicaId", "15+", "The follower's node id, -1 for a consumer."),
      field<&T::replica_epoch>("ReplicaEpoch", "15+", "The follower's broker epoch, -1 if unknown."),
  };
  static constexpr auto self = structure<T>("ReplicaState", rows);
  return self;
}

const declare::Struct& FetchRequest::FetchPartition::declaration() {
  using T = FetchPartition;
  static constexpr std::array rows{
      field<&T::partition>("Partition", "0+", "The partition's number."),
      field<&T::current_leader_epoch>("CurrentLeaderEpoch", "9+",
                                      "The epoch that the client believes in, -1 if it does not check.")
          .ignorable(),
      field<&T::fetch_offset>("FetchOffset", "0+", "Where to read on."),
      field<&T::last_fetched_epoch>(
          "LastFetchedEpoch", "12+",
          "The epoch of the last record read, for finding divergence; -1 if there is none."),
      field<&T::log_start_offset>("LogStartOffset", "5+",
                                  "The first offset that a follower has; consumers send -1.")
          .ignorable(),
      field<&T::partition_max_bytes>("PartitionMaxBytes", "0+", "Roughly the most bytes of this partition."),
      field<&T::replica_directory_id>("ReplicaDirectoryId", "17+", "The follower's log directory.")
          .tagged(0, "17+")
          .ignorable(),
      field<&T::high_watermark>("HighWatermark", "18+",
                                "The high watermark that the follower knows, -1 if none.")
          .tagged(1, "18+")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("FetchPartition", rows);
  return self;
}

const declare::Struct& FetchRequest::FetchTopic::declaration() {
  using T = FetchTopic;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0-12", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "13+", "The topic's id.").ignorable(),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("FetchTopic", rows);
  return self;
}

const declare::Struct& FetchRequest::ForgottenTopic::declaration() {
  using T = ForgottenTopic;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "7-12", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "13+", "The topic's id.").ignorable(),
      field<&T::partitions>("Partitions", "7+", "The partitions' numbers."),
  };
  static constexpr auto self = structure<T>("ForgottenTopic", rows);
  return self;
}

const declare::Struct& FetchRequest::declaration() {
  using T = FetchRequest;
  static constexpr std::array rows{
      field<&T::cluster_id>("ClusterId", "12+", "The cluster's id.")
          .nullable("12+")
          .tagged(0, "12+")
          .ignorable(),
      field<&T::replica_id>("ReplicaId", "0-14", "The follower's node id, -1 for a consumer."),
      field<&T::replica_state>("ReplicaState", "15+", "What a follower says of itself.").tagged(1, "15+"),
      field<&T::max_wait_ms>("MaxWaitMs", "0+", "How long to wait for MinBytes."),
      field<&T::min_bytes>("MinBytes", "0+", "Answer as soon as there is this much."),
      field<&T::max_bytes>("MaxBytes", "3+",
                           "Roughly the largest answer; the first batch comes whatever its size (KIP-74).")
          .ignorable(),
      field<&T::isolation_level>("IsolationLevel", "4+", "0 reads everything, 1 only what is committed.")
          .ignorable(),
      field<&T::session_id>("SessionId", "7+", "The fetch session, 0 without one.").ignorable(),
      field<&T::session_epoch>("SessionEpoch", "7+",
                               "The request's place in its session, 0 opens one, -1 is outside of any.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics to read; in a session those that are new or changed."),
      field<&T::forgotten_topics_data>("ForgottenTopicsData", "7+", "What leaves the session."),
      field<&T::rack_id>("RackId", "11+", "The consumer's rack.").ignorable(),
  };
  static constexpr auto self = structure<T>("FetchRequest", rows);
  return self;
}

const declare::Struct& FetchResponse::EpochEndOffset::declaration() {
  using T = EpochEndOffset;
  static constexpr std::array rows{
      field<&T::epoch>("Epoch", "12+", "The leader epoch."),
      field<&T::end_offset>("EndOffset", "12+", "The offset behind the epoch's last record, -1 if unknown."),
  };
  static constexpr auto self = structure<T>("EpochEndOffset", rows);
  return self;
}

const declare::Struct& FetchResponse::LeaderIdAndEpoch::declaration() {
  using T = LeaderIdAndEpoch;
  static constexpr std::array rows{
      field<&T::leader_id>("LeaderId", "12+", "The node id of the leader, -1 if there is none."),
      field<&T::leader_epoch>("LeaderEpoch", "12+", "The leader's epoch."),
  };
  static constexpr auto self = structure<T>("LeaderIdAndEpoch", rows);
  return self;
}

const declare::Struct& FetchResponse::SnapshotId::declaration() {
  using T = SnapshotId;
  static constexpr std::array rows{
      field<&T::end_offset>("EndOffset", "0+", "The offset behind the epoch's last record, -1 if unknown."),
      field<&T::epoch>("Epoch", "0+", "The leader epoch."),
  };
  static constexpr auto self = structure<T>("SnapshotId", rows);
  return self;
}

const declare::Struct& FetchResponse::AbortedTransaction::declaration() {
  using T = AbortedTransaction;
  static constexpr std::array rows{
      field<&T::producer_id>("ProducerId", "4+", "The producer's id."),
      field<&T::first_offset>("FirstOffset", "4+", "The transaction's first offset in the partition."),
  };
  static constexpr auto self = structure<T>("AbortedTransaction", rows);
  return self;
}

const declare::Struct& FetchResponse::PartitionData::declaration() {
  using T = PartitionData;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::high_watermark>("HighWatermark", "0+", "Records below are durable and readable."),
      field<&T::last_stable_offset>("LastStableOffset", "4+", "All transactions below are decided.")
          .ignorable(),
      field<&T::log_start_offset>("LogStartOffset", "5+", "The first offset that the log still has.")
          .ignorable(),
      field<&T::diverging_epoch>("DivergingEpoch", "12+", "Where the reader's history leaves the log's.")
          .tagged(0, "12+"),
      field<&T::current_leader>("CurrentLeader", "12+", "The leader to go to, when this broker is not it.")
          .tagged(1, "12+"),
      field<&T::snapshot_id>("SnapshotId", "12+", "The snapshot to fetch instead (Raft metadata log only).")
          .tagged(2, "12+"),
      field<&T::aborted_transactions>("AbortedTransactions", "4+",
                                      "The aborted transactions within the records, for read committed.")
          .nullable("4+")
          .ignorable(),
      field<&T::preferred_read_replica>("PreferredReadReplica", "11+",
                                        "The replica to read from instead, -1 to stay."),
      field<&T::records>("Records", "0+",
                         "Whole record batches; the first may begin before the asked offset.")
          .nullable("0+"),
  };
  static constexpr auto self = structure<T>("PartitionData", rows);
  return self;
}

const declare::Struct& FetchResponse::FetchableTopicResponse::declaration() {
  using T = FetchableTopicResponse;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0-12", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "13+", "The topic's id.").ignorable(),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("FetchableTopicResponse", rows);
  return self;
}

const declare::Struct& FetchResponse::NodeEndpoint::declaration() {
  using T = NodeEndpoint;
  static constexpr std::array rows{
      field<&T::node_id>("NodeId", "16+", "The broker's node id."),
      field<&T::host>("Host", "16+", "The broker's host name."),
      field<&T::port>("Port", "16+", "The broker's port."),
      field<&T::rack>("Rack", "16+", "The broker's rack, or null.").nullable("16+"),
  };
  static constexpr auto self = structure<T>("NodeEndpoint", rows);
  return self;
}

const declare::Struct& FetchResponse::declaration() {
  using T = FetchResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "7+", "The error, 0 if there is none.").ignorable(),
      field<&T::session_id>("SessionId", "7+", "The fetch session, 0 without one."),
      field<&T::responses>("Responses", "0+", "The topics with something to tell."),
      field<&T::node_endpoints>("NodeEndpoints", "16+",
                                "Where the leaders named in CurrentLeader are reached.")
          .tagged(0, "16+"),
  };
  static constexpr auto self = structure<T>("FetchResponse", rows);
  return self;
}

}  // namespace ledge::kafka
