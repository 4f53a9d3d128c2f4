// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/consumer_group_records.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ConsumerGroupMetadataKey::declaration() {
  using T = ConsumerGroupMetadataKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupMetadataKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupMetadataValue::declaration() {
  using T = ConsumerGroupMetadataValue;
  static constexpr std::array rows{
      field<&T::epoch>("Epoch", "0+", "The epoch of the group."),
      field<&T::metadata_hash>("MetadataHash", "0+", "A hash of the topics that the group reads.")
          .tagged(0, "0+"),
  };
  static constexpr auto self = structure<T>("ConsumerGroupMetadataValue", rows);
  return self;
}

const declare::Struct& ConsumerGroupPartitionMetadataKey::declaration() {
  using T = ConsumerGroupPartitionMetadataKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupPartitionMetadataKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupPartitionMetadataValue::PartitionMetadata::declaration() {
  using T = PartitionMetadata;
  static constexpr std::array rows{
      field<&T::partition>("Partition", "0+", "The partition."),
      field<&T::racks>("Racks", "0+", "Where its replicas are."),
  };
  static constexpr auto self = structure<T>("PartitionMetadata", rows);
  return self;
}

const declare::Struct& ConsumerGroupPartitionMetadataValue::TopicMetadata::declaration() {
  using T = TopicMetadata;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "0+", "The topic."),
      field<&T::topic_name>("TopicName", "0+", "Its name."),
      field<&T::num_partitions>("NumPartitions", "0+", "How many partitions it has."),
      field<&T::partition_metadata>("PartitionMetadata", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("TopicMetadata", rows);
  return self;
}

const declare::Struct& ConsumerGroupPartitionMetadataValue::declaration() {
  using T = ConsumerGroupPartitionMetadataValue;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics that the group reads."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupPartitionMetadataValue", rows);
  return self;
}

const declare::Struct& ConsumerGroupMemberMetadataKey::declaration() {
  using T = ConsumerGroupMemberMetadataKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
      field<&T::member_id>("MemberId", "0", "The member."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupMemberMetadataKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupMemberMetadataValue::ClassicProtocol::declaration() {
  using T = ClassicProtocol;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "An assignor that the member offers."),
      field<&T::metadata>("Metadata", "0+", "The member's subscription in the assignor's form."),
  };
  static constexpr auto self = structure<T>("ClassicProtocol", rows);
  return self;
}

const declare::Struct& ConsumerGroupMemberMetadataValue::ClassicMemberMetadata::declaration() {
  using T = ClassicMemberMetadata;
  static constexpr std::array rows{
      field<&T::session_timeout_ms>("SessionTimeoutMs", "0+", "The member's session timeout."),
      field<&T::supported_protocols>("SupportedProtocols", "0+", "What it offers."),
  };
  static constexpr auto self = structure<T>("ClassicMemberMetadata", rows);
  return self;
}

const declare::Struct& ConsumerGroupMemberMetadataValue::declaration() {
  using T = ConsumerGroupMemberMetadataValue;
  static constexpr std::array rows{
      field<&T::instance_id>("InstanceId", "0+", "The id of a static member, or null.").nullable("0+"),
      field<&T::rack_id>("RackId", "0+", "Where the member is, or null.").nullable("0+"),
      field<&T::client_id>("ClientId", "0+", "The member's client id."),
      field<&T::client_host>("ClientHost", "0+", "The member's address."),
      field<&T::subscribed_topic_names>("SubscribedTopicNames", "0+", "The topics that it names."),
      field<&T::subscribed_topic_regex>("SubscribedTopicRegex", "0+", "Its regular expression, or null.")
          .nullable("0+"),
      field<&T::rebalance_timeout_ms>("RebalanceTimeoutMs", "0+",
                                      "How long it may take to give partitions back."),
      field<&T::server_assignor>("ServerAssignor", "0+", "The assignor it prefers, or null.").nullable("0+"),
      field<&T::classic_member_metadata>("ClassicMemberMetadata", "0+",
                                         "Of a member that speaks the classic protocol, or null.")
          .nullable("0+")
          .tagged(0, "0+"),
  };
  static constexpr auto self = structure<T>("ConsumerGroupMemberMetadataValue", rows);
  return self;
}

const declare::Struct& ConsumerGroupTargetAssignmentMetadataKey::declaration() {
  using T = ConsumerGroupTargetAssignmentMetadataKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupTargetAssignmentMetadataKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupTargetAssignmentMetadataValue::declaration() {
  using T = ConsumerGroupTargetAssignmentMetadataValue;
  static constexpr std::array rows{
      field<&T::assignment_epoch>("AssignmentEpoch", "0+", "The group epoch that the targets are for."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupTargetAssignmentMetadataValue", rows);
  return self;
}

const declare::Struct& ConsumerGroupTargetAssignmentMemberKey::declaration() {
  using T = ConsumerGroupTargetAssignmentMemberKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
      field<&T::member_id>("MemberId", "0", "The member."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupTargetAssignmentMemberKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupTargetAssignmentMemberValue::TopicPartition::declaration() {
  using T = TopicPartition;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "0+", "The topic."),
      field<&T::partitions>("Partitions", "0+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartition", rows);
  return self;
}

const declare::Struct& ConsumerGroupTargetAssignmentMemberValue::declaration() {
  using T = ConsumerGroupTargetAssignmentMemberValue;
  static constexpr std::array rows{
      field<&T::topic_partitions>("TopicPartitions", "0+", "What the member shall have."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupTargetAssignmentMemberValue", rows);
  return self;
}

const declare::Struct& ConsumerGroupCurrentMemberAssignmentKey::declaration() {
  using T = ConsumerGroupCurrentMemberAssignmentKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
      field<&T::member_id>("MemberId", "0", "The member."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupCurrentMemberAssignmentKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupCurrentMemberAssignmentValue::TopicPartitions::declaration() {
  using T = TopicPartitions;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "0+", "The topic."),
      field<&T::partitions>("Partitions", "0+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartitions", rows);
  return self;
}

const declare::Struct& ConsumerGroupCurrentMemberAssignmentValue::declaration() {
  using T = ConsumerGroupCurrentMemberAssignmentValue;
  static constexpr std::array rows{
      field<&T::member_epoch>("MemberEpoch", "0+", "The epoch of the member."),
      field<&T::previous_member_epoch>("PreviousMemberEpoch", "0+", "The one before."),
      field<&T::state>("State", "0+",
                       "0 stable, 1 has partitions to give back, 2 waits for partitions of others."),
      field<&T::assigned_partitions>("AssignedPartitions", "0+", "What it has."),
      field<&T::partitions_pending_revocation>("PartitionsPendingRevocation", "0+",
                                               "What it has to give back."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupCurrentMemberAssignmentValue", rows);
  return self;
}

const declare::Struct& ConsumerGroupRegularExpressionKey::declaration() {
  using T = ConsumerGroupRegularExpressionKey;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0", "The group."),
      field<&T::regular_expression>("RegularExpression", "0", "The expression."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupRegularExpressionKey", rows);
  return self;
}

const declare::Struct& ConsumerGroupRegularExpressionValue::declaration() {
  using T = ConsumerGroupRegularExpressionValue;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics that it matches."),
      field<&T::version>("Version", "0+", "The version of the metadata that it was matched against."),
      field<&T::timestamp>("Timestamp", "0+", "When."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupRegularExpressionValue", rows);
  return self;
}

}  // namespace ledge::kafka
