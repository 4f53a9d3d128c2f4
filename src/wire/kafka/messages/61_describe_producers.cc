// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/61_describe_producers.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeProducersRequest::TopicRequest::declaration() {
  using T = TopicRequest;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partition_indexes>("PartitionIndexes", "0+", "The numbers of the partitions."),
  };
  static constexpr auto self = structure<T>("TopicRequest", rows);
  return self;
}

const declare::Struct& DescribeProducersRequest::declaration() {
  using T = DescribeProducersRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("DescribeProducersRequest", rows);
  return self;
}

const declare::Struct& DescribeProducersResponse::ProducerState::declaration() {
  using T = ProducerState;
  static constexpr std::array rows{
      field<&T::producer_id>("ProducerId", "0+", "The producer's id."),
      field<&T::producer_epoch>("ProducerEpoch", "0+", "The producer's epoch."),
      field<&T::last_sequence>("LastSequence", "0+", "The sequence number of its last record, -1 none."),
      field<&T::last_timestamp>("LastTimestamp", "0+", "The timestamp of its last record, -1 none."),
      field<&T::coordinator_epoch>("CoordinatorEpoch", "0+",
                                   "The transaction coordinator's epoch at its last marker, -1 none."),
      field<&T::current_txn_start_offset>("CurrentTxnStartOffset", "0+",
                                          "Where its open transaction begins, -1 none."),
  };
  static constexpr auto self = structure<T>("ProducerState", rows);
  return self;
}

const declare::Struct& DescribeProducersResponse::PartitionResponse::declaration() {
  using T = PartitionResponse;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::active_producers>("ActiveProducers", "0+", "The producers that the partition knows."),
  };
  static constexpr auto self = structure<T>("PartitionResponse", rows);
  return self;
}

const declare::Struct& DescribeProducersResponse::TopicResponse::declaration() {
  using T = TopicResponse;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("TopicResponse", rows);
  return self;
}

const declare::Struct& DescribeProducersResponse::declaration() {
  using T = DescribeProducersResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("DescribeProducersResponse", rows);
  return self;
}

}  // namespace ledge::kafka
