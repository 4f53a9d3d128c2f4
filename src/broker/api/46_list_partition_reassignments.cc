// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/46_list_partition_reassignments.h"

#include "broker/api/table.h"

namespace ledge::broker {

/// Only reassignments that go on are told; on one node none ever does.
void list_partition_reassignments(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::ListPartitionReassignmentsRequest>(services, call);
  if (!request) return;
  kafka::ListPartitionReassignmentsResponse response;
  response.error_code = call.code(ErrorCode::None);
  response.error_message = std::nullopt;
  call.send(response);
}

}  // namespace ledge::broker
