// SPDX-License-Identifier: Apache-2.0
#include "state/groups/subscription.h"

namespace ledge::state {
namespace {

/// Every version begins with: version int16, topics array of strings.
void collect(ByteView metadata, std::set<std::string>& topics) {
  ByteReader in{metadata};
  in.be<std::int16_t>();
  const auto count = in.be<std::int32_t>();
  std::set<std::string> found;
  for (std::int32_t i = 0; i < count && in.ok(); ++i) {
    const auto length = in.be<std::int16_t>();
    if (length < 0) return;
    found.emplace(as_text(in.take(static_cast<std::size_t>(length))));
  }
  if (in.ok()) topics.merge(found);
}

}  // namespace

std::set<std::string> subscribed_topics(const ClassicGroup& group) {
  std::set<std::string> topics;
  if (group.protocol_type() != kConsumerProtocolType) return topics;
  for (const auto& [id, member] : group.members())
    for (const GroupProtocol& protocol : member.protocols) collect(protocol.metadata, topics);
  return topics;
}

}  // namespace ledge::state
