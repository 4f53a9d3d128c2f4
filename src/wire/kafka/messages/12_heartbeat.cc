// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/12_heartbeat.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& HeartbeatRequest::declaration() {
  using T = HeartbeatRequest;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::generation_id>("GenerationId", "0+", "The group's generation."),
      field<&T::member_id>("MemberId", "0+", "The member's id."),
      field<&T::group_instance_id>("GroupInstanceId", "3+", "The id of a static member, or null.")
          .nullable("3+"),
  };
  static constexpr auto self = structure<T>("HeartbeatRequest", rows);
  return self;
}

const declare::Struct& HeartbeatResponse::declaration() {
  using T = HeartbeatResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("HeartbeatResponse", rows);
  return self;
}

}  // namespace ledge::kafka
