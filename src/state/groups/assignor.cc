// SPDX-License-Identifier: Apache-2.0
#include "state/groups/assignor.h"

#include <algorithm>

#include "base/check.h"

namespace ledge::state {
namespace {

using Members = std::vector<AssignorMember>;
using Partitions = std::map<Uuid, std::int32_t>;

struct Place {
  Uuid topic;
  std::int32_t partition;
};

/// What stays of a target: topics that are still read, partitions that still are.
Assignment kept(const AssignorMember& member, const Partitions& partitions) {
  Assignment out;
  if (!member.before) return out;
  for (const auto& [topic, numbers] : *member.before) {
    if (!std::ranges::binary_search(member.topics, topic)) continue;
    const std::int32_t count = partitions.at(topic);
    for (const std::int32_t number : numbers)
      if (number < count) out[topic].push_back(number);
  }
  return out;
}

std::vector<Place> nobodys(const std::vector<Assignment>& targets, const Partitions& partitions) {
  std::vector<Place> out;
  for (const auto& [topic, count] : partitions) {
    std::vector<bool> taken(static_cast<std::size_t>(count));
    for (const Assignment& target : targets)
      if (const auto found = target.find(topic); found != target.end())
        for (const std::int32_t number : found->second) taken[static_cast<std::size_t>(number)] = true;
    for (std::int32_t i = 0; i < count; ++i)
      if (!taken[static_cast<std::size_t>(i)]) out.push_back({topic, i});
  }
  return out;
}

/// All read the same: every member gets total / members, and the remainder goes to those who have more
/// already, then to the last ones, so that nothing moves that need not.
std::vector<Assignment> uniform_same(const Members& members, const Partitions& partitions) {
  std::vector<Assignment> targets;
  std::size_t total = 0;
  for (const auto& [topic, count] : partitions) total += static_cast<std::size_t>(count);
  const std::size_t floor = total / members.size();
  std::size_t extras = total % members.size();
  std::vector<std::size_t> room;
  for (std::size_t i = 0; i < members.size(); ++i) {
    Assignment target = kept(members[i], partitions);
    std::size_t quota = floor;
    bool extra = extras > 0;
    if (extra) ++quota;
    for (auto& [topic, numbers] : target) {
      if (numbers.size() > quota) numbers.resize(quota);
      quota -= numbers.size();
    }
    normalize(target);
    // An extra partition that this member does not have yet is left for one that has, while there are enough.
    if (quota > 0 && extra && members.size() - i > extras) --quota, extra = false;
    room.push_back(quota);
    if (extra) --extras;
    targets.push_back(std::move(target));
  }
  const auto free = nobodys(targets, partitions);
  std::size_t next = 0;
  for (std::size_t i = 0; i < members.size(); ++i)
    for (; room[i] > 0 && next < free.size(); --room[i], ++next)
      add(targets[i], free[next].topic, free[next].partition);
  CHECK(next == free.size());
  return targets;
}

/// Members read different topics: what they have stays; free partitions go to the reader with the fewest,
/// topics with few readers first; then single partitions move from the fullest reader of a topic to the
/// emptiest while that evens them out.
std::vector<Assignment> uniform_mixed(const Members& members, const Partitions& partitions) {
  std::vector<Assignment> targets;
  std::vector<std::size_t> load;
  std::map<Uuid, std::vector<std::size_t>> readers;
  for (std::size_t i = 0; i < members.size(); ++i) {
    targets.push_back(kept(members[i], partitions));
    load.push_back(partition_count(targets.back()));
    for (const Uuid& topic : members[i].topics) readers[topic].push_back(i);
  }
  const auto by_load = [&](std::size_t a, std::size_t b) { return load[a] < load[b]; };
  auto free = nobodys(targets, partitions);
  std::ranges::stable_sort(free, {}, [&](const Place& place) { return readers.at(place.topic).size(); });
  for (const Place& place : free) {
    const std::size_t to = *std::ranges::min_element(readers.at(place.topic), by_load);
    add(targets[to], place.topic, place.partition);
    ++load[to];
  }
  for (bool moved = true; moved;) {  // ends: every move makes the sum of the squared loads smaller
    moved = false;
    for (const auto& [topic, mine] : readers) {
      for (;;) {
        const std::size_t to = *std::ranges::min_element(mine, by_load);
        std::optional<std::size_t> from;
        for (const std::size_t i : mine)
          if (targets[i].contains(topic) && (!from || load[i] > load[*from])) from = i;
        if (!from || load[*from] < load[to] + 2) break;
        auto& numbers = targets[*from].at(topic);
        add(targets[to], topic, numbers.back());
        numbers.pop_back();
        if (numbers.empty()) targets[*from].erase(topic);
        --load[*from], ++load[to];
        moved = true;
      }
    }
  }
  return targets;
}

std::vector<Assignment> range(const Members& members, const Partitions& partitions) {
  std::vector<std::size_t> order(members.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  // Static members first, by instance id, which stays when the process is another one.
  std::ranges::sort(order, {}, [&](std::size_t i) {
    const AssignorMember& m = members[i];
    return std::pair{!m.instance_id, m.instance_id.value_or(m.id)};
  });
  std::vector<Assignment> targets(members.size());
  for (const auto& [topic, count] : partitions) {
    std::vector<std::size_t> readers;
    for (const std::size_t i : order)
      if (std::ranges::binary_search(members[i].topics, topic)) readers.push_back(i);
    if (readers.empty()) continue;
    const auto n = static_cast<std::int32_t>(readers.size());
    std::int32_t next = 0;
    for (std::int32_t i = 0; i < n; ++i) {
      const std::int32_t end = next + count / n + (i < count % n);
      for (; next < end; ++next) targets[readers[static_cast<std::size_t>(i)]][topic].push_back(next);
    }
  }
  return targets;
}

}  // namespace

std::string_view assignor_name(Assignor assignor) {
  return assignor == Assignor::Uniform ? "uniform" : "range";
}

std::optional<Assignor> find_assignor(std::string_view name) {
  for (const Assignor each : {Assignor::Uniform, Assignor::Range})
    if (assignor_name(each) == name) return each;
  return std::nullopt;
}

Targets assign(Assignor assignor, const Members& members, const Partitions& partitions) {
  Targets out;
  if (members.empty()) return out;
  const bool same = std::ranges::all_of(members, [&](auto& m) { return m.topics == members[0].topics; });
  auto targets = assignor == Assignor::Range ? range(members, partitions)
                 : same                      ? uniform_same(members, partitions)
                                             : uniform_mixed(members, partitions);
  for (std::size_t i = 0; i < members.size(); ++i) out.emplace(members[i].id, std::move(targets[i]));
  return out;
}

}  // namespace ledge::state
