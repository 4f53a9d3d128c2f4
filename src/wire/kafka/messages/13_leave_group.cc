// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/13_leave_group.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& LeaveGroupRequest::MemberIdentity::declaration() {
  using T = MemberIdentity;
  static constexpr std::array rows{
      field<&T::member_id>("MemberId", "3+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "3+", "The id of a static member, or null.")
          .nullable("3+"),
      field<&T::reason>("Reason", "5+", "Why, in words.").nullable("5+").ignorable(),
  };
  static constexpr auto self = structure<T>("MemberIdentity", rows);
  return self;
}

const declare::Struct& LeaveGroupRequest::declaration() {
  using T = LeaveGroupRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::member_id>("MemberId", "0-2", "The member's id."),
      field<&T::members>("Members", "3+", "The members."),
  };
  static constexpr auto self = structure<T>("LeaveGroupRequest", rows);
  return self;
}

const declare::Struct& LeaveGroupResponse::MemberResponse::declaration() {
  using T = MemberResponse;
  static constexpr std::array rows{
      field<&T::member_id>("MemberId", "3+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "3+", "The id of a static member, or null.")
          .nullable("3+"),
      field<&T::error_code>("ErrorCode", "3+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("MemberResponse", rows);
  return self;
}

const declare::Struct& LeaveGroupResponse::declaration() {
  using T = LeaveGroupResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::members>("Members", "3+", "The members."),
  };
  static constexpr auto self = structure<T>("LeaveGroupResponse", rows);
  return self;
}

}  // namespace ledge::kafka
