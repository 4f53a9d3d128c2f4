// SPDX-License-Identifier: Apache-2.0
// Partitions by topic: what a member of a consumer group has, shall have, or has to give back.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "base/uuid.h"

namespace ledge::state {

/// Sorted, without doubles, without topics that have no partition; equal contents compare equal.
using Assignment = std::map<Uuid, std::vector<std::int32_t>>;

bool contains(const Assignment& in, const Uuid& topic, std::int32_t partition);
std::size_t partition_count(const Assignment& of);
Assignment intersection(const Assignment& a, const Assignment& b);
Assignment difference(const Assignment& a, const Assignment& b);
Assignment merged(const Assignment& a, const Assignment& b);
bool is_subset(const Assignment& part, const Assignment& whole);
inline bool disjoint(const Assignment& a, const Assignment& b) { return intersection(a, b).empty(); }
void add(Assignment& to, const Uuid& topic, std::int32_t partition);
/// Brings partitions as they came from the wire into the order that the functions above need.
void normalize(Assignment& assignment);

}  // namespace ledge::state
