// SPDX-License-Identifier: Apache-2.0
// The one place that looks into members' metadata and assignments, and only of groups whose protocol type is
// "consumer" (Kafka's ConsumerProtocolSubscription and -Assignment). Foreign bytes: what does not decode is
// nothing.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "state/groups/assignment.h"
#include "state/groups/classic_group.h"
#include "state/topics.h"
#include "wire/kafka/consumer_protocol.h"

namespace ledge::state {

inline constexpr std::string_view kConsumerProtocolType = "consumer";

/// Versions above the highest known one begin with what that one has.
std::optional<kafka::ConsumerProtocolSubscription> read_subscription(ByteView metadata);
std::optional<kafka::ConsumerProtocolAssignment> read_assignment(ByteView bytes);
/// In the version that the member's subscription has.
Bytes write_assignment(const Assignment& assignment, const Topics& topics, ByteView subscription);

/// By topic id; topics that there are not are left out.
Assignment to_assignment(const std::vector<kafka::ConsumerProtocolSubscription::TopicPartition>& named,
                         const Topics& topics);
Assignment to_assignment(const std::vector<kafka::ConsumerProtocolAssignment::TopicPartition>& named,
                         const Topics& topics);

std::set<std::string> subscribed_topics(const ClassicGroup& group);

}  // namespace ledge::state
