// SPDX-License-Identifier: Apache-2.0
// What IncrementalAlterConfigs and AlterConfigs have in common: which resources may be changed here, the
// order in which Kafka finds fault, and the answer. Private to broker/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/api/table.h"

namespace ledge::broker {

struct AlteredConfig {
  std::string name;
  std::int8_t operation = 0;  // state::ConfigOperation, if the client sent one of them
  std::optional<std::string> value;
};

struct AlteredResource {
  std::int8_t type = 0;
  std::string name;
  std::vector<AlteredConfig> configs;
};

struct Alteration {
  std::vector<AlteredResource> resources;
  bool validate_only = false;
  bool replace = false;  // AlterConfigs: what is not named goes back to its default
};

/// One error per resource, in order; what was changed is durable.
void alter_resources(Services& services, Alteration alteration,
                     std::move_only_function<void(std::vector<Error>)> done);

/// Serves a request of either kind. `operation_of`: what an entry of it asks for.
template <typename Request, typename Response>
void serve_alteration(Services& services, Call call, bool replace, auto operation_of) {
  auto request = decode_or_refuse<Request>(services, call);
  if (!request) return;
  Response response;
  Alteration alteration{.resources = {}, .validate_only = request->validate_only, .replace = replace};
  for (auto& resource : request->resources) {
    auto& out = response.responses.emplace_back();
    out.resource_type = resource.resource_type;
    out.resource_name = resource.resource_name;
    auto& altered = alteration.resources.emplace_back();
    altered.type = resource.resource_type;
    altered.name = std::move(resource.resource_name);
    for (auto& config : resource.configs)
      altered.configs.push_back({std::move(config.name), operation_of(config), std::move(config.value)});
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
