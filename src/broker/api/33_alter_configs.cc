// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/33_alter_configs.h"

#include "broker/alter_configs.h"
#include "broker/api/table.h"

namespace ledge::broker {
namespace {

constexpr auto kSet = static_cast<std::int8_t>(state::ConfigOperation::Set);

}  // namespace

void alter_configs(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::AlterConfigsRequest>(services, call);
  if (!request) return;
  kafka::AlterConfigsResponse response;
  Alteration alteration{.resources = {}, .validate_only = request->validate_only, .replace = true};
  for (auto& resource : request->resources) {
    auto& out = response.responses.emplace_back();
    out.resource_type = resource.resource_type;
    out.resource_name = resource.resource_name;
    auto& altered = alteration.resources.emplace_back();
    altered.type = resource.resource_type;
    altered.name = std::move(resource.resource_name);
    for (auto& config : resource.configs)
      altered.configs.push_back({std::move(config.name), kSet, std::move(config.value)});
  }
  alter_resources(
      services, std::move(alteration),
      [call = std::move(call), response = std::move(response)](std::vector<Error> errors) mutable {
        for (std::size_t i = 0; i < errors.size(); ++i) {
          auto& out = response.responses[i];
          out.error_code = call.code(errors[i].code);
          out.error_message = std::nullopt;
          if (errors[i].code != ErrorCode::None) out.error_message = std::move(errors[i].detail);
        }
        call.send(response);
      });
}

}  // namespace ledge::broker
