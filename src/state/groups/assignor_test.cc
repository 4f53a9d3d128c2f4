// SPDX-License-Identifier: Apache-2.0
#include "state/groups/assignor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ledge::state {
namespace {

Uuid topic(int n) {
  Uuid id;
  id.bytes[15] = static_cast<std::uint8_t>(n);
  id.bytes[0] = 1;
  return id;
}

struct World {
  std::map<std::string, std::vector<Uuid>> readers;
  std::map<Uuid, std::int32_t> partitions;
  Targets targets;
  std::map<std::string, std::string> instances;

  Targets run(Assignor assignor) {
    std::vector<AssignorMember> members;
    std::map<Uuid, std::int32_t> read;
    for (const auto& [id, topics] : readers) {
      const auto before = targets.find(id);
      const auto instance = instances.find(id);
      members.push_back({id, instance == instances.end() ? std::optional<std::string>{} : instance->second,
                         topics, before == targets.end() ? nullptr : &before->second});
      for (const Uuid& each : topics) read[each] = partitions.at(each);
    }
    return assign(assignor, members, read);
  }
  /// Every partition that is read has exactly one reader, who reads the topic.
  void check(const Targets& result) const {
    std::set<std::pair<Uuid, std::int32_t>> seen;
    std::size_t wanted = 0;
    for (const auto& [id, count] : partitions)
      if (std::ranges::any_of(readers, [&](auto& r) { return std::ranges::count(r.second, id) > 0; }))
        wanted += static_cast<std::size_t>(count);
    for (const auto& [id, assignment] : result) {
      for (const auto& [which, numbers] : assignment) {
        EXPECT_TRUE(std::ranges::count(readers.at(id), which)) << id;
        EXPECT_TRUE(std::ranges::is_sorted(numbers));
        for (const std::int32_t n : numbers) {
          EXPECT_TRUE(n >= 0 && n < partitions.at(which));
          EXPECT_TRUE(seen.emplace(which, n).second);
        }
      }
    }
    EXPECT_EQ(seen.size(), wanted);
    EXPECT_EQ(result.size(), readers.size());
  }
  std::size_t moves(const Targets& result) const {
    std::size_t n = 0;
    for (const auto& [id, assignment] : result)
      if (const auto before = targets.find(id); before != targets.end())
        n += partition_count(difference(before->second, assignment));
    return n;
  }
};

std::vector<std::size_t> counts(const Targets& targets) {
  std::vector<std::size_t> out;
  for (const auto& [id, assignment] : targets) out.push_back(partition_count(assignment));
  std::ranges::sort(out);
  return out;
}

TEST(UniformAssignor, GivesEverybodyTheSameAndMovesNoMoreThanItMust) {
  World world{{{"a", {topic(1)}}}, {{topic(1), 12}}, {}, {}};
  world.targets = world.run(Assignor::Uniform);
  world.check(world.targets);
  EXPECT_EQ(counts(world.targets), (std::vector<std::size_t>{12}));
  world.readers["b"] = {topic(1)};
  world.readers["c"] = {topic(1)};
  auto next = world.run(Assignor::Uniform);
  world.check(next);
  EXPECT_EQ(counts(next), (std::vector<std::size_t>{4, 4, 4}));
  EXPECT_EQ(world.moves(next), 8u);
  world.targets = next;
  world.readers["d"] = {topic(1)};
  next = world.run(Assignor::Uniform);
  world.check(next);
  EXPECT_EQ(counts(next), (std::vector<std::size_t>{3, 3, 3, 3}));
  EXPECT_EQ(world.moves(next), 3u);
  world.targets = next;
  world.readers.erase("b");
  next = world.run(Assignor::Uniform);
  world.check(next);
  EXPECT_EQ(counts(next), (std::vector<std::size_t>{4, 4, 4}));
  world.targets.erase("b");
  EXPECT_EQ(world.moves(next), 0u);
}

TEST(UniformAssignor, EvensOutMembersThatReadDifferentTopics) {
  World world{{{"a", {topic(1), topic(2)}}, {"b", {topic(1)}}, {"c", {topic(2)}}},
              {{topic(1), 6}, {topic(2), 6}},
              {},
              {}};
  world.targets = world.run(Assignor::Uniform);
  world.check(world.targets);
  EXPECT_EQ(counts(world.targets), (std::vector<std::size_t>{4, 4, 4}));
}

TEST(RangeAssignor, GivesTheSamePlacesOfEveryTopicToTheSameMember) {
  World world{{{"m1", {topic(1), topic(2)}}, {"m2", {topic(1), topic(2)}}, {"m3", {topic(1), topic(2)}}},
              {{topic(1), 7}, {topic(2), 7}},
              {},
              {}};
  const auto targets = world.run(Assignor::Range);
  world.check(targets);
  EXPECT_EQ(targets.at("m1").at(topic(1)), (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(targets.at("m2").at(topic(1)), (std::vector<std::int32_t>{3, 4}));
  EXPECT_EQ(targets.at("m3").at(topic(2)), (std::vector<std::int32_t>{5, 6}));
  // A static member keeps its range under another member id.
  world.instances = {{"m3", "i"}};
  EXPECT_EQ(world.run(Assignor::Range).at("m3").at(topic(1)), (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(Assignors, KeepTheirPromisesThroughARandomLife) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random{seed};
    const auto below = [&](std::uint64_t n) { return static_cast<int>(random() % n); };
    const bool same = below(2) == 0;
    const Assignor assignor = below(3) == 0 ? Assignor::Range : Assignor::Uniform;
    World world;
    for (int i = 0; i < 4; ++i) world.partitions[topic(i)] = 1 + below(9);
    for (int step = 0; step < 30; ++step) {
      const std::string id = "m" + std::to_string(below(8));
      if (below(3) == 0) {
        world.readers.erase(id);
        world.targets.erase(id);
      } else {
        auto& reads = world.readers[id];
        reads.clear();
        for (int i = 0; i < 4; ++i)
          if (same ? i < 3 : below(2) == 0) reads.push_back(topic(i));
      }
      if (below(5) == 0) ++world.partitions[topic(below(4))];
      auto next = world.run(assignor);
      world.check(next);
      if (same && assignor == Assignor::Uniform && !next.empty()) {
        const auto n = counts(next);
        EXPECT_LE(n.back() - n.front(), 1u);
      }
      world.targets = std::move(next);
      const auto again = world.run(assignor);
      EXPECT_EQ(again, world.targets) << "nothing moves when nothing changed";
    }
  }
}

}  // namespace
}  // namespace ledge::state
