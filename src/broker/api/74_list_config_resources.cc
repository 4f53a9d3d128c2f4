// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/74_list_config_resources.h"

#include <algorithm>

#include "broker/api/table.h"
#include "broker/config_resource.h"

namespace ledge::broker {
namespace {

using kafka::ListConfigResourcesResponse;

/// From version 1 on all types can be listed, before only this one.
constexpr std::int16_t kAllTypesFrom = 1;

}  // namespace

void list_config_resources(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::ListConfigResourcesRequest>(services, call);
  if (!request) return;
  ListConfigResourcesResponse response;
  const bool all_known = std::ranges::all_of(request->resource_types, is_config_resource_type);
  response.error_code = call.code(all_known ? ErrorCode::None : ErrorCode::UnsupportedVersion);
  if (!all_known || call.version() < kAllTypesFrom) return call.send(response);

  const auto wants = [&](ConfigResourceType type) {
    const auto& types = request->resource_types;
    return types.empty() || std::ranges::find(types, type) != types.end();
  };
  const auto add = [&](std::string name, ConfigResourceType type) {
    response.config_resources.push_back({std::move(name), type});
  };
  const std::string self = std::to_string(services.node_id());
  if (wants(kBrokerLogger)) add(self, kBrokerLogger);
  if (wants(kBroker)) add(self, kBroker);
  if (wants(kTopic)) {
    for (const state::TopicView* topic : services.store.topics().all()) add(topic->name, kTopic);
  }
  call.send(response);
}

}  // namespace ledge::broker
