// SPDX-License-Identifier: Apache-2.0
// DeleteTopics: by name, and from version 6 by id too. KIP-516.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct DeleteTopicsRequest {
  static constexpr Api api{
      .key = 20, .name = "DeleteTopics", .min_version = 1, .max_version = 6, .first_flexible = 4};

  struct DeleteTopicState {
    std::optional<std::string> name;
    Uuid topic_id;
    static const declare::Struct& declaration();
  };

  std::vector<DeleteTopicState> topics;
  std::vector<std::string> topic_names;
  std::int32_t timeout_ms = 0;

  static const declare::Struct& declaration();
};

struct DeleteTopicsResponse {
  static constexpr Api api = DeleteTopicsRequest::api;

  struct DeletableTopicResult {
    std::optional<std::string> name = std::string{};
    Uuid topic_id;
    std::int16_t error_code = 0;
    std::optional<std::string> error_message;
    static const declare::Struct& declaration();
  };

  std::int32_t throttle_time_ms = 0;
  std::vector<DeletableTopicResult> responses;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
