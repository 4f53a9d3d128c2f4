// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/44_incremental_alter_configs.h"

#include "broker/alter_configs.h"
#include "broker/api/table.h"

namespace ledge::broker {

void incremental_alter_configs(Services& services, Call call) {
  const auto its_own = [](const auto& config) { return config.config_operation; };
  serve_alteration<kafka::IncrementalAlterConfigsRequest, kafka::IncrementalAlterConfigsResponse>(
      services, std::move(call), false, its_own);
}

}  // namespace ledge::broker
