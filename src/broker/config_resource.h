// SPDX-License-Identifier: Apache-2.0
// What can have configurations. Kafka's codes (ConfigResource.Type).
#pragma once

#include <cstdint>

namespace ledge::broker {

enum ConfigResourceType : std::int8_t {
  kTopic = 2,
  kBroker = 4,
  kBrokerLogger = 8,
  kClientMetrics = 16,
  kGroup = 32
};

constexpr bool is_config_resource_type(std::int8_t type) {
  return type == kTopic || type == kBroker || type == kBrokerLogger || type == kClientMetrics ||
         type == kGroup;
}

}  // namespace ledge::broker
