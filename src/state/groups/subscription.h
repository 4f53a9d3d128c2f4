// SPDX-License-Identifier: Apache-2.0
// The one place that looks into members' metadata, and only of groups whose protocol type is "consumer"
// (Kafka's ConsumerProtocolSubscription): which topics are read. Foreign bytes; what does not decode counts
// as no topics.
#pragma once

#include <set>
#include <string>

#include "state/groups/classic_group.h"

namespace ledge::state {

inline constexpr std::string_view kConsumerProtocolType = "consumer";

std::set<std::string> subscribed_topics(const ClassicGroup& group);

}  // namespace ledge::state
