// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/46_list_partition_reassignments.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ListPartitionReassignmentsRequest::ListPartitionReassignmentsTopics::declaration() {
  using T = ListPartitionReassignmentsTopics;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partition_indexes>("PartitionIndexes", "0+", "The numbers of the partitions."),
  };
  static constexpr auto self = structure<T>("ListPartitionReassignmentsTopics", rows);
  return self;
}

const declare::Struct& ListPartitionReassignmentsRequest::declaration() {
  using T = ListPartitionReassignmentsRequest;
  static constexpr std::array rows{
      field<&T::timeout_ms>("TimeoutMs", "0+", "How long the server may take."),
      field<&T::topics>("Topics", "0+", "What to tell of, null for everything.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("ListPartitionReassignmentsRequest", rows);
  return self;
}

const declare::Struct& ListPartitionReassignmentsResponse::OngoingPartitionReassignment::declaration() {
  using T = OngoingPartitionReassignment;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::replicas>("Replicas", "0+", "The node ids of the replicas."),
      field<&T::adding_replicas>("AddingReplicas", "0+", "The replicas that are being added."),
      field<&T::removing_replicas>("RemovingReplicas", "0+", "The replicas that are being removed."),
  };
  static constexpr auto self = structure<T>("OngoingPartitionReassignment", rows);
  return self;
}

const declare::Struct& ListPartitionReassignmentsResponse::OngoingTopicReassignment::declaration() {
  using T = OngoingTopicReassignment;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OngoingTopicReassignment", rows);
  return self;
}

const declare::Struct& ListPartitionReassignmentsResponse::declaration() {
  using T = ListPartitionReassignmentsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::topics>("Topics", "0+", "The topics with reassignments that go on."),
  };
  static constexpr auto self = structure<T>("ListPartitionReassignmentsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
