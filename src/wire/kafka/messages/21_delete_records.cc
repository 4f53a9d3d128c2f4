// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/21_delete_records.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DeleteRecordsRequest::DeleteRecordsPartition::declaration() {
  using T = DeleteRecordsPartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::offset>("Offset", "0+", "Records below it go; -1 for all that are there."),
  };
  static constexpr auto self = structure<T>("DeleteRecordsPartition", rows);
  return self;
}

const declare::Struct& DeleteRecordsRequest::DeleteRecordsTopic::declaration() {
  using T = DeleteRecordsTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("DeleteRecordsTopic", rows);
  return self;
}

const declare::Struct& DeleteRecordsRequest::declaration() {
  using T = DeleteRecordsRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::timeout_ms>("TimeoutMs", "0+", "How long the server may take."),
  };
  static constexpr auto self = structure<T>("DeleteRecordsRequest", rows);
  return self;
}

const declare::Struct& DeleteRecordsResponse::DeleteRecordsPartitionResult::declaration() {
  using T = DeleteRecordsPartitionResult;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::low_watermark>("LowWatermark", "0+", "The first offset that is left, -1 on error."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("DeleteRecordsPartitionResult", rows);
  return self;
}

const declare::Struct& DeleteRecordsResponse::DeleteRecordsTopicResult::declaration() {
  using T = DeleteRecordsTopicResult;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("DeleteRecordsTopicResult", rows);
  return self;
}

const declare::Struct& DeleteRecordsResponse::declaration() {
  using T = DeleteRecordsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("DeleteRecordsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
