// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/08_offset_commit.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& OffsetCommitRequest::OffsetCommitRequestPartition::declaration() {
  using T = OffsetCommitRequestPartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::committed_offset>("CommittedOffset", "0+", "The committed offset, -1 if there is none."),
      field<&T::committed_leader_epoch>("CommittedLeaderEpoch", "6+",
                                        "The epoch of the last consumed record, -1 if unknown.")
          .ignorable(),
      field<&T::committed_metadata>("CommittedMetadata", "0+",
                                    "What the client wants to keep with the offset.")
          .nullable("0+"),
  };
  static constexpr auto self = structure<T>("OffsetCommitRequestPartition", rows);
  return self;
}

const declare::Struct& OffsetCommitRequest::OffsetCommitRequestTopic::declaration() {
  using T = OffsetCommitRequestTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0-9", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "10+", "The topic's id.").ignorable(),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetCommitRequestTopic", rows);
  return self;
}

const declare::Struct& OffsetCommitRequest::declaration() {
  using T = OffsetCommitRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::generation_id_or_member_epoch>(
          "GenerationIdOrMemberEpoch", "1+",
          "The generation of a classic group, the member epoch otherwise; -1 outside of a group.")
          .ignorable(),
      field<&T::member_id>("MemberId", "1+", "The member's id.").ignorable(),
      field<&T::group_instance_id>("GroupInstanceId", "7+", "The id of a static member, or null.")
          .nullable("7+"),
      field<&T::retention_time_ms>("RetentionTimeMs", "2-4",
                                   "How long to keep the offset, -1 for the broker's choice.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("OffsetCommitRequest", rows);
  return self;
}

const declare::Struct& OffsetCommitResponse::OffsetCommitResponsePartition::declaration() {
  using T = OffsetCommitResponsePartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("OffsetCommitResponsePartition", rows);
  return self;
}

const declare::Struct& OffsetCommitResponse::OffsetCommitResponseTopic::declaration() {
  using T = OffsetCommitResponseTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0-9", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "10+", "The topic's id.").ignorable(),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("OffsetCommitResponseTopic", rows);
  return self;
}

const declare::Struct& OffsetCommitResponse::declaration() {
  using T = OffsetCommitResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "3+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("OffsetCommitResponse", rows);
  return self;
}

}  // namespace ledge::kafka
