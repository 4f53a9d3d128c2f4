// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/16_list_groups.h"

#include <algorithm>
#include <cctype>

#include "broker/api/table.h"
#include "broker/groups.h"
#include "state/groups/subscription.h"

namespace ledge::broker {
namespace {

constexpr std::string_view kClassicType = "classic", kConsumerType = "consumer";

bool same_but_for_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

/// An empty filter lets everything through.
bool passes(const std::vector<std::string>& filter, std::string_view value) {
  return filter.empty() || std::ranges::any_of(filter, [&](auto& f) { return same_but_for_case(f, value); });
}

}  // namespace

void list_groups(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::ListGroupsRequest>(services, call);
  if (!request) return;
  kafka::ListGroupsResponse response;
  const auto add = [&](const std::string& id, std::string_view type, std::string_view protocol_type,
                       std::string_view group_state) {
    if (passes(request->states_filter, group_state) && passes(request->types_filter, type))
      response.groups.push_back(
          {id, std::string{protocol_type}, std::string{group_state}, std::string{type}});
  };
  for (const auto& [classic, consumer] : services.groups.machine().all()) {
    if (consumer)
      add(consumer->id(), kConsumerType, state::kConsumerProtocolType, group_state_name(consumer->state()));
    else
      add(classic->id(), kClassicType, classic->protocol_type().value_or(""),
          group_state_name(classic->state()));
  }
  call.send(response);
}

}  // namespace ledge::broker
