// SPDX-License-Identifier: Apache-2.0
// OffsetDelete: single offsets of a group are deleted. KIP-496.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct OffsetDeleteRequest {
  static constexpr Api api{.key = 47,
                           .name = "OffsetDelete",
                           .min_version = 0,
                           .max_version = 0,
                           .first_flexible = Api::kNeverFlexible};

  struct OffsetDeleteRequestPartition {
    std::int32_t partition_index = 0;
    static const declare::Struct& declaration();
  };
  struct OffsetDeleteRequestTopic {
    std::string name;
    std::vector<OffsetDeleteRequestPartition> partitions;
    static const declare::Struct& declaration();
  };

  std::string group_id;
  std::vector<OffsetDeleteRequestTopic> topics;

  static const declare::Struct& declaration();
};

struct OffsetDeleteResponse {
  static constexpr Api api = OffsetDeleteRequest::api;

  struct OffsetDeleteResponsePartition {
    std::int32_t partition_index = 0;
    std::int16_t error_code = 0;
    static const declare::Struct& declaration();
  };
  struct OffsetDeleteResponseTopic {
    std::string name;
    std::vector<OffsetDeleteResponsePartition> partitions;
    static const declare::Struct& declaration();
  };

  std::int16_t error_code = 0;
  std::int32_t throttle_time_ms = 0;
  std::vector<OffsetDeleteResponseTopic> topics;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
