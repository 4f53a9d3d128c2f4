// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/23_offset_for_leader_epoch.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& OffsetForLeaderEpochRequest::OffsetForLeaderPartition::declaration() {
  using T = OffsetForLeaderPartition;
  static constexpr std::array rows{
      field<&T::partition>("Partition", "0+", "The partition's number."),
      field<&T::current_leader_epoch>("CurrentLeaderEpoch", "2+",
                                      "The epoch that the client believes in, -1 if it does not check.")
          .ignorable(),
      field<&T::leader_epoch>("LeaderEpoch", "0+", "The epoch whose end is asked for."),
  };
  static constexpr auto self = structure<T>("OffsetForLeaderPartition", rows);
  return self;
}

const declare::Struct& OffsetForLeaderEpochRequest::OffsetForLeaderTopic::declaration() {
  using T = OffsetForLeaderTopic;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetForLeaderTopic", rows);
  return self;
}

const declare::Struct& OffsetForLeaderEpochRequest::declaration() {
  using T = OffsetForLeaderEpochRequest;
  static constexpr std::array rows{
      field<&T::replica_id>("ReplicaId", "3+", "The follower's node id, -1 for a consumer.").ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("OffsetForLeaderEpochRequest", rows);
  return self;
}

const declare::Struct& OffsetForLeaderEpochResponse::EpochEndOffset::declaration() {
  using T = EpochEndOffset;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::partition>("Partition", "0+", "The partition's number."),
      field<&T::leader_epoch>("LeaderEpoch", "1+", "The leader's epoch.").ignorable(),
      field<&T::end_offset>("EndOffset", "0+", "The offset behind the epoch's last record, -1 if unknown."),
  };
  static constexpr auto self = structure<T>("EpochEndOffset", rows);
  return self;
}

const declare::Struct& OffsetForLeaderEpochResponse::OffsetForLeaderTopicResult::declaration() {
  using T = OffsetForLeaderTopicResult;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetForLeaderTopicResult", rows);
  return self;
}

const declare::Struct& OffsetForLeaderEpochResponse::declaration() {
  using T = OffsetForLeaderEpochResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "2+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("OffsetForLeaderEpochResponse", rows);
  return self;
}

}  // namespace ledge::kafka
