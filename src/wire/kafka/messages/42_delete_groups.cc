// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/42_delete_groups.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DeleteGroupsRequest::declaration() {
  using T = DeleteGroupsRequest;
  static constexpr std::array rows{
      field<&T::groups_names>("GroupsNames", "0+", "The groups' ids."),
  };
  static constexpr auto self = structure<T>("DeleteGroupsRequest", rows);
  return self;
}

const declare::Struct& DeleteGroupsResponse::DeletableGroupResult::declaration() {
  using T = DeletableGroupResult;
  static constexpr std::array rows{
      field<&T::group_id>("GroupId", "0+", "The group's id."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
  };
  static constexpr auto self = structure<T>("DeletableGroupResult", rows);
  return self;
}

const declare::Struct& DeleteGroupsResponse::declaration() {
  using T = DeleteGroupsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::results>("Results", "0+", "One result per group."),
  };
  static constexpr auto self = structure<T>("DeleteGroupsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
