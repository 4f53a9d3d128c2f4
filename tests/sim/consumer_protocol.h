// SPDX-License-Identifier: Apache-2.0
// What consumers tell each other inside JoinGroup and SyncGroup: subscriptions and assignments in the layout
// of Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment, for one topic; and the plan that a
// leader makes of them.
#pragma once

#include <map>
#include <set>
#include <string>

#include "base/bytes.h"

namespace ledge::sim {

using Partitions = std::set<std::int32_t>;

struct Subscription {
  Partitions owned;
  std::int32_t generation = -1;  // in which it got them
};

Bytes encode_subscription(const std::string& topic, const Subscription& subscription);
Subscription decode_subscription(ByteView bytes);
Bytes encode_assignment(const std::string& topic, const Partitions& partitions);
Partitions decode_assignment(ByteView bytes);

/// Member by member what it gets of partitions 0 .. count-1. Eager: everything is free, each gets its share.
/// Cooperative: what somebody else owns is given to nobody before its owner has given it up.
std::map<std::string, Partitions> plan(const std::map<std::string, Subscription>& members, int count,
                                       bool cooperative);

}  // namespace ledge::sim
