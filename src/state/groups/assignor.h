// SPDX-License-Identifier: Apache-2.0
// The server-side assignors of consumer groups (KIP-848): who of the members shall read which partition.
// Pure functions of the members, their topics, and what they shall read already.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/groups/assignment.h"

namespace ledge::state {

enum class Assignor : std::uint8_t {
  Uniform,  // even counts, and as few moves as they allow
  Range,    // ranges of each topic, the same members for the same places of every topic
};
/// Kafka's names: "uniform", "range".
std::string_view assignor_name(Assignor assignor);
std::optional<Assignor> find_assignor(std::string_view name);
struct AssignorMember {
  std::string id;
  std::optional<std::string> instance_id;
  std::vector<Uuid> topics;            // that exist and that it reads, sorted
  const Assignment* before = nullptr;  // its target so far; nullptr none
};

/// A target for every member, by id. Every partition of `partitions` that somebody reads is in exactly one.
using Targets = std::map<std::string, Assignment>;
Targets assign(Assignor assignor, const std::vector<AssignorMember>& members,
               const std::map<Uuid, std::int32_t>& partitions);

}  // namespace ledge::state
