// SPDX-License-Identifier: Apache-2.0
// DescribeClientQuotas: KIP-546.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DescribeClientQuotasRequest {
  static constexpr Api api{
      .key = 48, .name = "DescribeClientQuotas", .min_version = 0, .max_version = 1, .first_flexible = 1};

  struct ComponentData {
    std::string entity_type;
    std::int8_t match_type = 0;
    std::optional<std::string> match = std::string{};
    static const declare::Struct& declaration();
  };

  std::vector<ComponentData> components;
  bool strict = false;

  static const declare::Struct& declaration();
};

struct DescribeClientQuotasResponse {
  static constexpr Api api = DescribeClientQuotasRequest::api;

  struct EntityData {
    std::string entity_type;
    std::optional<std::string> entity_name = std::string{};
    static const declare::Struct& declaration();
  };
  struct ValueData {
    std::string key;
    double value = 0;
    static const declare::Struct& declaration();
  };
  struct EntryData {
    std::vector<EntityData> entity;
    std::vector<ValueData> values;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::int16_t error_code = 0;
  std::optional<std::string> error_message = std::string{};
  std::optional<std::vector<EntryData>> entries = std::vector<EntryData>{};

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
