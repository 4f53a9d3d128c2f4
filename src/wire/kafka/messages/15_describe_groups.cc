// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/15_describe_groups.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeGroupsRequest::declaration() {
  using T = DescribeGroupsRequest;
  static constexpr std::array rows{
      field<&T::groups>("Groups", "0+", "The groups."),
      field<&T::include_authorized_operations>("IncludeAuthorizedOperations", "3+",
                                               "Whether to say what the client may do with each group."),
  };
  static constexpr auto self = structure<T>("DescribeGroupsRequest", rows);
  return self;
}

const declare::Struct& DescribeGroupsResponse::DescribedGroupMember::declaration() {
  using T = DescribedGroupMember;
  static constexpr std::array rows{
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "4+", "The id of a static member, or null.")
          .nullable("4+")
          .ignorable(),
      field<&T::client_id>("ClientId", "0+", "The member's client id."),
      field<&T::client_host>("ClientHost", "0+", "The member's address."),
      field<&T::member_metadata>("MemberMetadata", "0+",
                                 "The member's subscription, in the protocol's own format."),
      field<&T::member_assignment>("MemberAssignment", "0+",
                                   "The member's share, in the protocol's own format."),
  };
  static constexpr auto self = structure<T>("DescribedGroupMember", rows);
  return self;
}

const declare::Struct& DescribeGroupsResponse::DescribedGroup::declaration() {
  using T = DescribedGroup;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "6+", "The error in words, or null.").nullable("6+"),
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::group_state>("GroupState", "0+", "The group's state."),
      field<&T::protocol_type>("ProtocolType", "0+", "The kind of group: consumer, connect, …."),
      field<&T::protocol_data>("ProtocolData", "0+", "The chosen protocol, in a stable group."),
      field<&T::members>("Members", "0+", "The members."),
      field<&T::authorized_operations>(
          "AuthorizedOperations", "3+",
          "Bit n is set if ACL operation n is allowed; the lowest integer if not asked for."),
  };
  static constexpr auto self = structure<T>("DescribedGroup", rows);
  return self;
}

const declare::Struct& DescribeGroupsResponse::declaration() {
  using T = DescribeGroupsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::groups>("Groups", "0+", "The groups."),
  };
  static constexpr auto self = structure<T>("DescribeGroupsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
