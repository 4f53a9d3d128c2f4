// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/12_heartbeat.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {

void heartbeat(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::HeartbeatRequest>(services, call);
  if (!request) return;
  kafka::HeartbeatResponse response;
  response.error_code = call.code(services.groups.heartbeat(
      request->group_id, request->member_id, request->group_instance_id, request->generation_id));
  call.send(response);
}

}  // namespace ledge::broker
