// SPDX-License-Identifier: Apache-2.0
// Any bytes as records of `__consumer_offsets` and as what consumers put into JoinGroup: they are refused or
// make a state that can be saved, and what was saved makes the same state again.
#include <optional>

#include "base/check.h"
#include "state/groups/fake_topics.h"
#include "state/groups/group_coordinator.h"
#include "state/groups/subscription.h"

namespace {

using namespace ledge;
using namespace ledge::state;

void read_as_clients_bytes(ByteView bytes) {
  testing::FakeTopics topics;
  topics.put("t", 3);
  if (const auto subscription = read_subscription(bytes))
    CHECK(is_subset(to_assignment(subscription->owned_partitions, topics),
                    to_assignment(subscription->owned_partitions, topics)));
  if (const auto assignment = read_assignment(bytes)) {
    const Assignment known = to_assignment(assignment->assigned_partitions, topics);
    const auto again = read_assignment(write_assignment(known, topics, bytes));
    CHECK(again && to_assignment(again->assigned_partitions, topics) == known);
  }
}

GroupCoordinator coordinator(const testing::FakeTopics& topics) {
  return {CoordinatorOptions{}, topics, [] { return std::string{"id"}; }};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input{data, size};
  read_as_clients_bytes(input);
  testing::FakeTopics topics;
  GroupCoordinator first = coordinator(topics);
  ByteReader in{input};
  while (in.ok() && in.remaining() > 0) {  // records: length, key, length or 255, value
    const ByteView key = in.take(in.le<std::uint8_t>());
    const std::uint8_t length = in.le<std::uint8_t>();
    std::optional<ByteView> value;
    if (length != 255) value = in.take(length);
    if (in.ok()) (void)first.apply(key, value, true, Instant{});
  }
  first.recovered(Instant{});
  const auto saved = first.save();
  GroupCoordinator second = coordinator(topics);
  for (const GroupRecord& record : saved)
    CHECK(second.apply(record.key, *record.value, true, Instant{}).has_value());
  CHECK(second.save().size() == saved.size());
  return 0;
}
