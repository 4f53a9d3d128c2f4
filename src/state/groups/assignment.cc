// SPDX-License-Identifier: Apache-2.0
#include "state/groups/assignment.h"

#include <algorithm>
#include <iterator>

namespace ledge::state {
namespace {

using Partitions = std::vector<std::int32_t>;
const Partitions kNone;

const Partitions& of_topic(const Assignment& in, const Uuid& topic) {
  const auto found = in.find(topic);
  return found == in.end() ? kNone : found->second;
}

void put(Assignment& to, const Uuid& topic, Partitions&& partitions) {
  if (!partitions.empty()) to.emplace_hint(to.end(), topic, std::move(partitions));
}

}  // namespace

bool contains(const Assignment& in, const Uuid& topic, std::int32_t partition) {
  return std::ranges::binary_search(of_topic(in, topic), partition);
}

std::size_t partition_count(const Assignment& of) {
  std::size_t n = 0;
  for (const auto& [topic, partitions] : of) n += partitions.size();
  return n;
}

Assignment intersection(const Assignment& a, const Assignment& b) {
  Assignment out;
  for (const auto& [topic, partitions] : a) {
    Partitions both;
    std::ranges::set_intersection(partitions, of_topic(b, topic), std::back_inserter(both));
    put(out, topic, std::move(both));
  }
  return out;
}

Assignment difference(const Assignment& a, const Assignment& b) {
  Assignment out;
  for (const auto& [topic, partitions] : a) {
    Partitions rest;
    std::ranges::set_difference(partitions, of_topic(b, topic), std::back_inserter(rest));
    put(out, topic, std::move(rest));
  }
  return out;
}

Assignment merged(const Assignment& a, const Assignment& b) {
  Assignment out = a;
  for (const auto& [topic, partitions] : b) {
    Partitions& to = out[topic];
    Partitions all;
    std::ranges::set_union(to, partitions, std::back_inserter(all));
    to = std::move(all);
  }
  return out;
}

bool is_subset(const Assignment& part, const Assignment& whole) {
  return std::ranges::all_of(part, [&](const auto& topic) {
    return std::ranges::includes(of_topic(whole, topic.first), topic.second);
  });
}

void add(Assignment& to, const Uuid& topic, std::int32_t partition) {
  Partitions& partitions = to[topic];
  const auto at = std::ranges::lower_bound(partitions, partition);
  if (at == partitions.end() || *at != partition) partitions.insert(at, partition);
}

void normalize(Assignment& assignment) {
  for (auto& [topic, partitions] : assignment) {
    std::ranges::sort(partitions);
    partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
  }
  std::erase_if(assignment, [](const auto& topic) { return topic.second.empty(); });
}

}  // namespace ledge::state
