// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/13_leave_group.h"

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {

void leave_group(Services& services, Call call) {
  constexpr std::int16_t kManyMembersFrom = 3;
  auto request = decode_or_refuse<kafka::LeaveGroupRequest>(services, call);
  if (!request) return;
  std::vector<Groups::Member> members;
  if (call.version() < kManyMembersFrom)
    members.push_back({std::move(request->member_id), std::nullopt});
  else
    for (auto& member : request->members)
      members.push_back({std::move(member.member_id), std::move(member.group_instance_id)});

  kafka::LeaveGroupResponse response;
  for (const auto& member : members) response.members.push_back({member.id, member.instance, 0});
  services.groups.leave(request->group_id, members,
                        [call = std::move(call), response = std::move(response)](
                            Groups::Failed failed, std::vector<ErrorCode> errors) mutable {
                          if (failed) {
                            response.members.clear();
                            response.error_code = call.code(*failed);
                          } else if (call.version() < kManyMembersFrom) {
                            response.error_code = call.code(errors.at(0));
                          } else {
                            for (std::size_t i = 0; i < errors.size(); ++i)
                              response.members[i].error_code = call.code(errors[i]);
                          }
                          call.send(response);
                        });
}

}  // namespace ledge::broker
