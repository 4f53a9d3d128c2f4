// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/14_sync_group.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

constexpr std::int16_t kProtocolRequiredFrom = 5;  // KIP-559

}  // namespace

void sync_group(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::SyncGroupRequest>(services, call);
  if (!request) return;
  if (call.version() >= kProtocolRequiredFrom && (!request->protocol_type || !request->protocol_name)) {
    kafka::SyncGroupResponse response;
    response.error_code = call.code(ErrorCode::InconsistentGroupProtocol);
    return call.send(response);
  }
  state::SyncRequest sync;
  sync.generation = request->generation_id;
  sync.member_id = std::move(request->member_id);
  sync.instance_id = std::move(request->group_instance_id);
  sync.protocol_type = std::move(request->protocol_type);
  sync.protocol_name = std::move(request->protocol_name);
  for (auto& each : request->assignments)
    sync.assignments.emplace_back(std::move(each.member_id), std::move(each.assignment));
  call.release_frame();
  services.groups.sync(request->group_id, std::move(sync),
                       [call = std::move(call)](state::SyncAnswer answer) mutable {
                         kafka::SyncGroupResponse response;
                         response.error_code = call.code(answer.error);
                         response.protocol_type = std::move(answer.protocol_type);
                         response.protocol_name = std::move(answer.protocol_name);
                         response.assignment = std::move(answer.assignment);
                         call.send(response);
                       });
}

}  // namespace ledge::broker
