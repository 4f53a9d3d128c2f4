// SPDX-License-Identifier: Apache-2.0
// InitProducerId: a producer id and epoch. KIP-98, KIP-360 (keeping the id, version 3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct InitProducerIdRequest {
  static constexpr Api api{
      .key = 22, .name = "InitProducerId", .min_version = 0, .max_version = 5, .first_flexible = 2};

  std::optional<std::string> transactional_id = std::string{};
  std::int32_t transaction_timeout_ms = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;

  static const declare::Struct& declaration();
};

struct InitProducerIdResponse {
  static constexpr Api api = InitProducerIdRequest::api;

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = 0;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
