// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/09_offset_fetch.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& OffsetFetchRequest::OffsetFetchRequestTopic::declaration() {
  using T = OffsetFetchRequestTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0-7", "The topic's name."),
      field<&T::partition_indexes>("PartitionIndexes", "0-7", "The partitions' numbers."),
  };
  static constexpr auto self = structure<T>("OffsetFetchRequestTopic", rows);
  return self;
}

const declare::Struct& OffsetFetchRequest::OffsetFetchRequestTopics::declaration() {
  using T = OffsetFetchRequestTopics;
  static constexpr std::array rows{
      field<&T::name>("Name", "8-9", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "10+", "The topic's id.").ignorable(),
      field<&T::partition_indexes>("PartitionIndexes", "8+", "The partitions' numbers."),
  };
  static constexpr auto self = structure<T>("OffsetFetchRequestTopics", rows);
  return self;
}

const declare::Struct& OffsetFetchRequest::OffsetFetchRequestGroup::declaration() {
  using T = OffsetFetchRequestGroup;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "8+", "The group's id."),
      field<&T::member_id>("MemberId", "9+", "The member's id.").nullable("9+").ignorable(),
      field<&T::member_epoch>("MemberEpoch", "9+", "The member's epoch, -1 for a classic group.").ignorable(),
      field<&T::topics>("Topics", "8+", "The topics asked for, null for all.").nullable("8+"),
  };
  static constexpr auto self = structure<T>("OffsetFetchRequestGroup", rows);
  return self;
}

const declare::Struct& OffsetFetchRequest::declaration() {
  using T = OffsetFetchRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0-7", "The group's id."),
      field<&T::topics>("Topics", "0-7", "The topics asked for, null for all.").nullable("2-7"),
      field<&T::groups>("Groups", "8+", "The groups."),
      field<&T::require_stable>("RequireStable", "7+",
                                "Whether to wait for the offsets of open transactions."),
  };
  static constexpr auto self = structure<T>("OffsetFetchRequest", rows);
  return self;
}

const declare::Struct& OffsetFetchResponse::OffsetFetchResponsePartition::declaration() {
  using T = OffsetFetchResponsePartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0-7", "The partition's number."),
      field<&T::committed_offset>("CommittedOffset", "0-7", "The committed offset, -1 if there is none."),
      field<&T::committed_leader_epoch>("CommittedLeaderEpoch", "5-7",
                                        "The epoch of the last consumed record, -1 if unknown.")
          .ignorable(),
      field<&T::metadata>("Metadata", "0-7", "What the client kept with the offset.").nullable("0-7"),
      field<&T::error_code>("ErrorCode", "0-7", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("OffsetFetchResponsePartition", rows);
  return self;
}

const declare::Struct& OffsetFetchResponse::OffsetFetchResponseTopic::declaration() {
  using T = OffsetFetchResponseTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0-7", "The topic's name."),
      field<&T::partitions>("Partitions", "0-7", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetFetchResponseTopic", rows);
  return self;
}

const declare::Struct& OffsetFetchResponse::OffsetFetchResponsePartitions::declaration() {
  using T = OffsetFetchResponsePartitions;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "8+", "The partition's number."),
      field<&T::committed_offset>("CommittedOffset", "8+", "The committed offset, -1 if there is none."),
      field<&T::committed_leader_epoch>("CommittedLeaderEpoch", "8+",
                                        "The epoch of the last consumed record, -1 if unknown.")
          .ignorable(),
      field<&T::metadata>("Metadata", "8+", "What the client kept with the offset.").nullable("8+"),
      field<&T::error_code>("ErrorCode", "8+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("OffsetFetchResponsePartitions", rows);
  return self;
}

const declare::Struct& OffsetFetchResponse::OffsetFetchResponseTopics::declaration() {
  using T = OffsetFetchResponseTopics;
  static constexpr std::array rows{
      field<&T::name>("Name", "8-9", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "10+", "The topic's id.").ignorable(),
      field<&T::partitions>("Partitions", "8+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetFetchResponseTopics", rows);
  return self;
}

const declare::Struct& OffsetFetchResponse::OffsetFetchResponseGroup::declaration() {
  using T = OffsetFetchResponseGroup;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "8+", "The group's id."),
      field<&T::topics>("Topics", "8+", "The topics."),
      field<&T::error_code>("ErrorCode", "8+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("OffsetFetchResponseGroup", rows);
  return self;
}

const declare::Struct& OffsetFetchResponse::declaration() {
  using T = OffsetFetchResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "3+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0-7", "The topics."),
      field<&T::error_code>("ErrorCode", "2-7", "The error, 0 if there is none.").ignorable(),
      field<&T::groups>("Groups", "8+", "The groups."),
  };
  static constexpr auto self = structure<T>("OffsetFetchResponse", rows);
  return self;
}

}  // namespace ledge::kafka
