// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/10_find_coordinator.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& FindCoordinatorRequest::declaration() {
  using T = FindCoordinatorRequest;
  static constexpr std::array rows{
      field<&T::key>("Key", "0-3",
                     "The group's id, the transactional id, or group:topic id:partition of a share group."),
      field<&T::key_type>("KeyType", "1+", "0 group, 1 transaction, 2 share group."),
      field<&T::coordinator_keys>("CoordinatorKeys", "4+", "The keys."),
  };
  static constexpr auto self = structure<T>("FindCoordinatorRequest", rows);
  return self;
}

const declare::Struct& FindCoordinatorResponse::Coordinator::declaration() {
  using T = Coordinator;
  static constexpr std::array rows{
      field<&T::key>("Key", "4+",
                     "The group's id, the transactional id, or group:topic id:partition of a share group."),
      field<&T::node_id>("NodeId", "4+", "The broker's node id."),
      field<&T::host>("Host", "4+", "The broker's host name."),
      field<&T::port>("Port", "4+", "The broker's port."),
      field<&T::error_code>("ErrorCode", "4+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "4+", "The error in words, or null.")
          .nullable("4+")
          .ignorable(),
  };
  static constexpr auto self = structure<T>("Coordinator", rows);
  return self;
}

const declare::Struct& FindCoordinatorResponse::declaration() {
  using T = FindCoordinatorResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::error_code>("ErrorCode", "0-3", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "1-3", "The error in words, or null.")
          .nullable("1-3")
          .ignorable(),
      field<&T::node_id>("NodeId", "0-3", "The broker's node id."),
      field<&T::host>("Host", "0-3", "The broker's host name."),
      field<&T::port>("Port", "0-3", "The broker's port."),
      field<&T::coordinators>("Coordinators", "4+", "One answer per key."),
  };
  static constexpr auto self = structure<T>("FindCoordinatorResponse", rows);
  return self;
}

}  // namespace ledge::kafka
