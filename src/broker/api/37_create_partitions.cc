// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/37_create_partitions.h"

#include <map>

#include "broker/api/table.h"

namespace ledge::broker {

using kafka::CreatePartitionsRequest;
using kafka::CreatePartitionsResponse;

void create_partitions(Services& services, Call call) {
  auto request = decode_or_refuse<CreatePartitionsRequest>(services, call);
  if (!request) return;
  std::map<std::string, int> times;
  for (const auto& topic : request->topics) ++times[topic.name];

  CreatePartitionsResponse response;
  std::vector<state::MorePartitions> wanted;
  std::vector<std::size_t> positions;  // in the response, of `wanted`
  for (auto& topic : request->topics) {
    int& count = times[topic.name];
    if (count == 0) continue;  // a name that stands twice is answered once
    auto& out = response.results.emplace_back();
    out.name = topic.name;
    if (count > 1) {
      out.error_code = call.code(ErrorCode::InvalidRequest);
      out.error_message = "Duplicate topic name.";
      count = 0;
      continue;
    }
    positions.push_back(response.results.size() - 1);
    auto& more = wanted.emplace_back();
    more.topic = std::move(topic.name);
    more.count = topic.count;
    if (!topic.assignments) continue;
    more.assignments.emplace();
    for (auto& assignment : *topic.assignments) more.assignments->push_back(std::move(assignment.broker_ids));
  }
  services.store.add_partitions(std::move(wanted), request->validate_only,
                                [call = std::move(call), response = std::move(response),
                                 positions = std::move(positions)](std::vector<Error> errors) mutable {
                                  for (std::size_t i = 0; i < errors.size(); ++i) {
                                    auto& out = response.results[positions[i]];
                                    out.error_code = call.code(errors[i].code);
                                    if (!errors[i].detail.empty())
                                      out.error_message = std::move(errors[i].detail);
                                  }
                                  call.send(response);
                                });
}

}  // namespace ledge::broker
