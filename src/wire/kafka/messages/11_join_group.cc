// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/11_join_group.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& JoinGroupRequest::JoinGroupRequestProtocol::declaration() {
  using T = JoinGroupRequestProtocol;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The protocol's name."),
      field<&T::metadata>("Metadata", "0+", "The member's subscription, in the protocol's own format."),
  };
  static constexpr auto self = structure<T>("JoinGroupRequestProtocol", rows);
  return self;
}

const declare::Struct& JoinGroupRequest::declaration() {
  using T = JoinGroupRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::session_timeout_ms>("SessionTimeoutMs", "0+", "How long a silent member stays."),
      field<&T::rebalance_timeout_ms>("RebalanceTimeoutMs", "1+",
                                      "How long members have to rejoin, -1 for the session timeout.")
          .ignorable(),
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "5+", "The id of a static member, or null.")
          .nullable("5+"),
      field<&T::protocol_type>("ProtocolType", "0+", "The kind of group: consumer, connect, …."),
      field<&T::protocols>("Protocols", "0+", "What the member can do, the best first."),
      field<&T::reason>("Reason", "8+", "Why, in words.").nullable("8+").ignorable(),
  };
  static constexpr auto self = structure<T>("JoinGroupRequest", rows);
  return self;
}

const declare::Struct& JoinGroupResponse::JoinGroupResponseMember::declaration() {
  using T = JoinGroupResponseMember;
  static constexpr std::array rows{
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "5+", "The id of a static member, or null.")
          .nullable("5+")
          .ignorable(),
      field<&T::metadata>("Metadata", "0+", "The member's subscription, in the protocol's own format."),
  };
  static constexpr auto self = structure<T>("JoinGroupResponseMember", rows);
  return self;
}

const declare::Struct& JoinGroupResponse::declaration() {
  using T = JoinGroupResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "2+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::generation_id>("GenerationId", "0+", "The group's generation."),
      field<&T::protocol_type>("ProtocolType", "7+", "The kind of group: consumer, connect, ….")
          .nullable("7+")
          .ignorable(),
      field<&T::protocol_name>("ProtocolName", "0+", "The chosen protocol.").nullable("7+"),
      field<&T::leader>("Leader", "0+", "The leader's member id."),
      field<&T::skip_assignment>("SkipAssignment", "9+",
                                 "Whether the leader keeps the assignment that there is."),
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::members>("Members", "0+", "The members; only the leader gets them."),
  };
  static constexpr auto self = structure<T>("JoinGroupResponse", rows);
  return self;
}

}  // namespace ledge::kafka
