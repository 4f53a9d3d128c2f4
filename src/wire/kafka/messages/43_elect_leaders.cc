// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/43_elect_leaders.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ElectLeadersRequest::TopicPartitions::declaration() {
  using T = TopicPartitions;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartitions", rows);
  return self;
}

const declare::Struct& ElectLeadersRequest::declaration() {
  using T = ElectLeadersRequest;
  static constexpr std::array rows{
      field<&T::election_type>("ElectionType", "1+", "0 preferred, 1 unclean."),
      field<&T::topic_partitions>("TopicPartitions", "0+", "The partitions, null for all.").nullable("0+"),
      field<&T::timeout_ms>("TimeoutMs", "0+", "How long the server may take."),
  };
  static constexpr auto self = structure<T>("ElectLeadersRequest", rows);
  return self;
}

const declare::Struct& ElectLeadersResponse::PartitionResult::declaration() {
  using T = PartitionResult;
  static constexpr std::array rows{
      field<&T::partition_id>("PartitionId", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("PartitionResult", rows);
  return self;
}

const declare::Struct& ElectLeadersResponse::ReplicaElectionResult::declaration() {
  using T = ReplicaElectionResult;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0+", "The topic's name."),
      field<&T::partition_result>("PartitionResult", "0+", "One result per partition."),
  };
  static constexpr auto self = structure<T>("ReplicaElectionResult", rows);
  return self;
}

const declare::Struct& ElectLeadersResponse::declaration() {
  using T = ElectLeadersResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "1+", "The error, 0 if there is none."),
      field<&T::replica_election_results>("ReplicaElectionResults", "0+", "One result per topic."),
  };
  static constexpr auto self = structure<T>("ElectLeadersResponse", rows);
  return self;
}

}  // namespace ledge::kafka
