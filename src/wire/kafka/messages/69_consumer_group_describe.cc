// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/69_consumer_group_describe.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ConsumerGroupDescribeRequest::declaration() {
  using T = ConsumerGroupDescribeRequest;
  static constexpr std::array rows{
      field<&T::group_ids>("GroupIds", "0+", "The groups."),
      field<&T::include_authorized_operations>("IncludeAuthorizedOperations", "0+",
                                               "Whether to say what the client may do with each group."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupDescribeRequest", rows);
  return self;
}

const declare::Struct& ConsumerGroupDescribeResponse::TopicPartitions::declaration() {
  using T = TopicPartitions;
  static constexpr std::array rows{
      field<&T::topic_id>("TopicId", "0+", "The topic."),
      field<&T::topic_name>("TopicName", "0+", "Its name."),
      field<&T::partitions>("Partitions", "0+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartitions", rows);
  return self;
}

const declare::Struct& ConsumerGroupDescribeResponse::Assignment::declaration() {
  using T = Assignment;
  static constexpr std::array rows{
      field<&T::topic_partitions>("TopicPartitions", "0+", "The partitions, by topic."),
  };
  static constexpr auto self = structure<T>("Assignment", rows);
  return self;
}

const declare::Struct& ConsumerGroupDescribeResponse::Member::declaration() {
  using T = Member;
  static constexpr std::array rows{
      field<&T::member_id>("MemberId", "0+", "The member."),
      field<&T::instance_id>("InstanceId", "0+", "The id of a static member, or null.").nullable("0+"),
      field<&T::rack_id>("RackId", "0+", "Where the member is, or null.").nullable("0+"),
      field<&T::member_epoch>("MemberEpoch", "0+", "The epoch of the member."),
      field<&T::client_id>("ClientId", "0+", "The member's client id."),
      field<&T::client_host>("ClientHost", "0+", "The member's address."),
      field<&T::subscribed_topic_names>("SubscribedTopicNames", "0+", "The topics that it names."),
      field<&T::subscribed_topic_regex>("SubscribedTopicRegex", "0+", "Its regular expression, or null.")
          .nullable("0+"),
      field<&T::assignment>("Assignment", "0+", "What it has."),
      field<&T::target_assignment>("TargetAssignment", "0+", "What it shall have."),
      field<&T::member_type>("MemberType", "1+",
                             "0 speaks the classic protocol, 1 the consumer protocol, -1 is not known.")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("Member", rows);
  return self;
}

const declare::Struct& ConsumerGroupDescribeResponse::DescribedGroup::declaration() {
  using T = DescribedGroup;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::group_id>("GroupId", "0+", "The group."),
      field<&T::group_state>("GroupState", "0+", "The group's state."),
      field<&T::group_epoch>("GroupEpoch", "0+", "The epoch of the group."),
      field<&T::assignment_epoch>("AssignmentEpoch", "0+", "The epoch that the target assignment is for."),
      field<&T::assignor_name>("AssignorName", "0+", "The assignor in use."),
      field<&T::members>("Members", "0+", "The members."),
      field<&T::authorized_operations>(
          "AuthorizedOperations", "0+",
          "Bit n is set if ACL operation n is allowed; the lowest integer if not asked for."),
  };
  static constexpr auto self = structure<T>("DescribedGroup", rows);
  return self;
}

const declare::Struct& ConsumerGroupDescribeResponse::declaration() {
  using T = ConsumerGroupDescribeResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::groups>("Groups", "0+", "The groups."),
  };
  static constexpr auto self = structure<T>("ConsumerGroupDescribeResponse", rows);
  return self;
}

}  // namespace ledge::kafka
