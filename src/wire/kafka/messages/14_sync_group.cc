// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/14_sync_group.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& SyncGroupRequest::SyncGroupRequestAssignment::declaration() {
  using T = SyncGroupRequestAssignment;
  static constexpr std::array rows{
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::assignment>("Assignment", "0+", "The member's share, in the protocol's own format."),
  };
  static constexpr auto self = structure<T>("SyncGroupRequestAssignment", rows);
  return self;
}

const declare::Struct& SyncGroupRequest::declaration() {
  using T = SyncGroupRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::generation_id>("GenerationId", "0+", "The group's generation."),
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "3+", "The id of a static member, or null.")
          .nullable("3+"),
      field<&T::protocol_type>("ProtocolType", "5+", "The kind of group: consumer, connect, ….")
          .nullable("5+")
          .ignorable(),
      field<&T::protocol_name>("ProtocolName", "5+", "The chosen protocol.").nullable("5+").ignorable(),
      field<&T::assignments>("Assignments", "0+", "The assignment of each member, from the leader only."),
  };
  static constexpr auto self = structure<T>("SyncGroupRequest", rows);
  return self;
}

const declare::Struct& SyncGroupResponse::declaration() {
  using T = SyncGroupResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::protocol_type>("ProtocolType", "5+", "The kind of group: consumer, connect, ….")
          .nullable("5+")
          .ignorable(),
      field<&T::protocol_name>("ProtocolName", "5+", "The chosen protocol.").nullable("5+").ignorable(),
      field<&T::assignment>("Assignment", "0+", "The member's share, in the protocol's own format."),
  };
  static constexpr auto self = structure<T>("SyncGroupResponse", rows);
  return self;
}

}  // namespace ledge::kafka
