// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/42_delete_groups.h"

#include <set>

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {

void delete_groups(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::DeleteGroupsRequest>(services, call);
  if (!request) return;
  std::vector<std::string> groups;  // one that stands twice is deleted and answered once
  std::set<std::string_view> seen;
  for (const std::string& name : request->groups_names)
    if (seen.insert(name).second) groups.push_back(name);
  services.groups.remove(groups,
                         [call = std::move(call), names = groups](std::vector<ErrorCode> errors) mutable {
                           kafka::DeleteGroupsResponse response;
                           for (std::size_t i = 0; i < names.size(); ++i)
                             response.results.push_back({std::move(names[i]), call.code(errors[i])});
                           call.send(response);
                         });
}

}  // namespace ledge::broker
