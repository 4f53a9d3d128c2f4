// SPDX-License-Identifier: Apache-2.0
// What IncrementalAlterConfigs and AlterConfigs have in common: which resources may be changed here, and the
// order in which Kafka finds fault. Private to broker/.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/call.h"

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

}  // namespace ledge::broker
