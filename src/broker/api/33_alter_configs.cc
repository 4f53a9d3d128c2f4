// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/33_alter_configs.h"

#include "broker/alter_configs.h"
#include "broker/api/table.h"

namespace ledge::broker {

void alter_configs(Services& services, Call call) {
  const auto set = [](const auto&) { return static_cast<std::int8_t>(state::ConfigOperation::Set); };
  serve_alteration<kafka::AlterConfigsRequest, kafka::AlterConfigsResponse>(services, std::move(call), true,
                                                                            set);
}

}  // namespace ledge::broker
