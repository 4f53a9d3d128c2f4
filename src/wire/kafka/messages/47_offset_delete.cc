// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/47_offset_delete.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& OffsetDeleteRequest::OffsetDeleteRequestPartition::declaration() {
  using T = OffsetDeleteRequestPartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
  };
  static constexpr auto self = structure<T>("OffsetDeleteRequestPartition", rows);
  return self;
}

const declare::Struct& OffsetDeleteRequest::OffsetDeleteRequestTopic::declaration() {
  using T = OffsetDeleteRequestTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetDeleteRequestTopic", rows);
  return self;
}

const declare::Struct& OffsetDeleteRequest::declaration() {
  using T = OffsetDeleteRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("OffsetDeleteRequest", rows);
  return self;
}

const declare::Struct& OffsetDeleteResponse::OffsetDeleteResponsePartition::declaration() {
  using T = OffsetDeleteResponsePartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("OffsetDeleteResponsePartition", rows);
  return self;
}

const declare::Struct& OffsetDeleteResponse::OffsetDeleteResponseTopic::declaration() {
  using T = OffsetDeleteResponseTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetDeleteResponseTopic", rows);
  return self;
}

const declare::Struct& OffsetDeleteResponse::declaration() {
  using T = OffsetDeleteResponse;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("OffsetDeleteResponse", rows);
  return self;
}

}  // namespace ledge::kafka
