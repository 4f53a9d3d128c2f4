// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/16_list_groups.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ListGroupsRequest::declaration() {
  using T = ListGroupsRequest;
  static constexpr std::array rows{
      field<&T::states_filter>("StatesFilter", "4+", "The states to list, none for all."),
      field<&T::types_filter>("TypesFilter", "5+", "The types to list, none for all."),
  };
  static constexpr auto self = structure<T>("ListGroupsRequest", rows);
  return self;
}

const declare::Struct& ListGroupsResponse::ListedGroup::declaration() {
  using T = ListedGroup;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::protocol_type>("ProtocolType", "0+", "The kind of group: consumer, connect, …."),
      field<&T::group_state>("GroupState", "4+", "The group's state.").ignorable(),
      field<&T::group_type>("GroupType", "5+", "The group's type.").ignorable(),
  };
  static constexpr auto self = structure<T>("ListedGroup", rows);
  return self;
}

const declare::Struct& ListGroupsResponse::declaration() {
  using T = ListGroupsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::groups>("Groups", "0+", "The groups."),
  };
  static constexpr auto self = structure<T>("ListGroupsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
