// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/02_list_offsets.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ListOffsetsRequest::ListOffsetsPartition::declaration() {
  using T = ListOffsetsPartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::current_leader_epoch>("CurrentLeaderEpoch", "4+",
                                      "The epoch that the client believes in, -1 if it does not check.")
          .ignorable(),
      field<&T::timestamp>("Timestamp", "0+", "The time to look for, or one of the special values."),
  };
  static constexpr auto self = structure<T>("ListOffsetsPartition", rows);
  return self;
}

const declare::Struct& ListOffsetsRequest::ListOffsetsTopic::declaration() {
  using T = ListOffsetsTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("ListOffsetsTopic", rows);
  return self;
}

const declare::Struct& ListOffsetsRequest::declaration() {
  using T = ListOffsetsRequest;
  static constexpr std::array rows{
      field<&T::replica_id>("ReplicaId", "0+", "The follower's node id, -1 for a consumer."),
      field<&T::isolation_level>("IsolationLevel", "2+", "0 reads everything, 1 only what is committed."),
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::timeout_ms>("TimeoutMs", "10+", "How long the server may take.").ignorable(),
  };
  static constexpr auto self = structure<T>("ListOffsetsRequest", rows);
  return self;
}

const declare::Struct& ListOffsetsResponse::ListOffsetsPartitionResponse::declaration() {
  using T = ListOffsetsPartitionResponse;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::timestamp>("Timestamp", "1+", "The found record's timestamp."),
      field<&T::offset>("Offset", "1+", "The found offset, -1 if there is none."),
      field<&T::leader_epoch>("LeaderEpoch", "4+", "The leader's epoch."),
  };
  static constexpr auto self = structure<T>("ListOffsetsPartitionResponse", rows);
  return self;
}

const declare::Struct& ListOffsetsResponse::ListOffsetsTopicResponse::declaration() {
  using T = ListOffsetsTopicResponse;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("ListOffsetsTopicResponse", rows);
  return self;
}

const declare::Struct& ListOffsetsResponse::declaration() {
  using T = ListOffsetsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "2+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("ListOffsetsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
