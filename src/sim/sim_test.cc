// SPDX-License-Identifier: Apache-2.0
#include "sim/sim.h"

#include <gtest/gtest.h>

#include <set>

namespace ledge::sim {
namespace {

void write(os::File& file, std::uint64_t position, std::string_view text) {
  const ByteView piece = as_bytes(text);
  ASSERT_TRUE(file.write_at(position, {&piece, 1}));
}

std::string read(Disk& disk, const std::string& name) {
  const Bytes* bytes = disk.content(name);
  return bytes == nullptr ? "(none)" : std::string{as_text(*bytes)};
}

TEST(SimDisk, WhatIsSyncedSurvivesEveryPowerCut) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    World world(seed);
    Disk disk(world);
    auto file = disk.open()->create("a");
    ASSERT_TRUE(file);
    const std::string synced(5000, 'x');
    write(**file, 0, synced);
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(disk.open()->sync_names());
    write(**file, 6000, "not synced");
    disk.power_cut();
    ASSERT_EQ(read(disk, "a").substr(0, 5000), synced) << seed;
  }
}

TEST(SimDisk, WhatIsNotSyncedIsKeptOrLostBySector) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    World world(seed);
    Disk disk(world);
    auto file = disk.open()->create("a");
    ASSERT_TRUE(file);
    write(**file, 0, std::string(1024, '1'));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(disk.open()->sync_names());
    write(**file, 0, std::string(1024, '2'));
    write(**file, 0, std::string(512, '3'));
    disk.power_cut();
    const std::string after = read(disk, "a");
    ASSERT_EQ(after.size(), 1024u);
    outcomes.insert({after.front(), after[511], after[512], after.back()});
  }
  EXPECT_TRUE(outcomes.contains("1111")) << "all lost";
  EXPECT_TRUE(outcomes.contains("3322")) << "all kept";
  EXPECT_TRUE(outcomes.contains("1122") && outcomes.contains("3311")) << "each sector for itself";
  EXPECT_TRUE(outcomes.contains("2222")) << "an older version";
  EXPECT_TRUE(outcomes.contains("3222") || outcomes.contains("3122")) << "a torn sector";
}

TEST(SimDisk, NamesThatAreNotSyncedMayVanishAndRenamesMayRevert) {
  std::set<std::vector<std::string>> outcomes;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    World world(seed);
    Disk disk(world);
    auto folder = disk.open();
    ASSERT_TRUE(folder->create("old"));
    ASSERT_TRUE(folder->sync_names());
    ASSERT_TRUE(folder->rename("old", "renamed"));
    ASSERT_TRUE(folder->create("created"));
    disk.power_cut();
    outcomes.insert(*disk.open()->list());
  }
  EXPECT_EQ(outcomes, (std::set<std::vector<std::string>>{
                          {"old"}, {"renamed"}, {"created", "old"}, {"created", "renamed"}}));
}

TEST(SimDisk, SizesRevertOrStayAndTruncatedBytesComeBack) {
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    World world(seed);
    Disk disk(world);
    auto file = disk.open()->create("a");
    ASSERT_TRUE(file);
    write(**file, 0, std::string(2000, 'x'));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(disk.open()->sync_names());
    ASSERT_TRUE((*file)->truncate(100));
    disk.power_cut();
    const std::string after = read(disk, "a");
    sizes.insert(after.size());
    EXPECT_EQ(after.substr(0, 100), std::string(100, 'x'));
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{100, 2000}));
}

TEST(SimDisk, AFailedSyncLosesWhatALaterOneSeemsToKeep) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    World world(seed);
    Disk disk(world);
    auto file = disk.open()->create("a");
    ASSERT_TRUE(file);
    write(**file, 0, std::string(512, '1'));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(disk.open()->sync_names());
    write(**file, 0, std::string(512, '2'));
    disk.fail_at(DiskCall::Sync, 1, ErrorCode::DiskFailed);
    ASSERT_FALSE((*file)->sync());
    ASSERT_TRUE((*file)->sync());
    EXPECT_EQ(read(disk, "a")[0], '2') << "it reads as if it were there";
    disk.power_cut();
    lost += read(disk, "a")[0] == '1';
  }
  EXPECT_GT(lost, 20);
  EXPECT_LT(lost, 80);
}

TEST(SimDisk, HandlesFromBeforeAPowerCutAndCallsWhileThePowerGoesFail) {
  World world(1);
  Disk disk(world);
  auto folder = disk.open();
  auto file = folder->create("a");
  ASSERT_TRUE(file);
  ASSERT_TRUE(folder->sync_names());
  disk.stop_after(2);
  write(**file, 0, "1");
  const ByteView piece = as_bytes("2");
  EXPECT_FALSE((*file)->write_at(0, {&piece, 1}));
  EXPECT_FALSE((*file)->sync());
  EXPECT_TRUE(disk.stopped());
  disk.power_cut();
  EXPECT_FALSE((*file)->sync());
  EXPECT_FALSE(folder->list());
  EXPECT_TRUE(disk.open()->list());
}

TEST(SimDisk, ACapacityIsAFullDisk) {
  World world(1);
  Disk disk(world, {.capacity_bytes = 1000});
  auto file = disk.open()->create("a");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->allocate(1001).error().code, ErrorCode::DiskFull);
  EXPECT_TRUE((*file)->allocate(1000));
  EXPECT_EQ(disk.open()->space()->available_bytes, 0u);
}

struct Echo : os::ConnectionHandler {
  explicit Echo(std::unique_ptr<os::Connection> c, bool answers) : connection(std::move(c)), echoes(answers) {
    connection->start(this);
  }
  MutableBytes read_buffer() override { return {buffer, sizeof buffer}; }
  void on_read(std::size_t n) override {
    received.append(reinterpret_cast<char*>(buffer), n);
    if (echoes) connection->send(Chain(SharedBytes::copy({buffer, n})));
  }
  void on_closed(const Error&) override { ++closed; }
  std::unique_ptr<os::Connection> connection;
  bool echoes;
  std::uint8_t buffer[700];
  std::string received;
  int closed = 0;
};

/// A little of everything; what it did is in the trace.
std::uint64_t busy_world(std::uint64_t seed, double cut_chance = 0) {
  World world(seed, {.connection_cut_chance = cut_chance});
  Disk disk(world);
  auto box = world.add_node();
  auto env = box->env();
  std::vector<std::unique_ptr<Echo>> served;
  auto listener = env.net.listen(
      {"", 9092}, [&](auto c) { served.push_back(std::make_unique<Echo>(std::move(c), true)); });
  std::unique_ptr<Echo> client;
  std::string sent;
  world.env().net.connect({"box", 9092}, 1s, [&](auto c) {
    ASSERT_TRUE(c);
    client = std::make_unique<Echo>(*std::move(c), false);
    for (int i = 0; i < 500; ++i) {
      const std::string message = std::to_string(i) + " ";
      sent += message;
      client->connection->send(Chain(SharedBytes::copy(as_bytes(message))));
    }
  });
  auto file = disk.open()->create("a");
  std::vector<int> jobs;
  for (int i = 0; i < 20; ++i) {
    env.journal_worker.submit(
        [&, i] { write(**file, static_cast<std::uint64_t>(i) * 100, std::to_string(i)); },
        [&, i] { jobs.push_back(i); });
  }
  world.run_for(60s);
  EXPECT_EQ(jobs.size(), 20u);
  EXPECT_TRUE(std::is_sorted(jobs.begin(), jobs.end()));
  if (client) {
    EXPECT_EQ(client->received, sent.substr(0, client->received.size()));
    EXPECT_TRUE(cut_chance > 0 || client->received == sent);
  }
  box->crash();
  disk.power_cut();
  world.run_for(1s);
  EXPECT_TRUE(!client || client->closed == 1);
  return world.trace_hash();
}

TEST(SimWorld, OneSeedIsOneRunAndAnotherSeedAnother) {
  EXPECT_EQ(busy_world(7), busy_world(7));
  EXPECT_NE(busy_world(7), busy_world(8));
  for (std::uint64_t seed = 0; seed < 30; ++seed)
    EXPECT_EQ(busy_world(seed, 0.01), busy_world(seed, 0.01)) << seed;
}

TEST(SimWorld, TimersFireAtTheirTimeAndNotWhenCancelled) {
  World world(1);
  auto& loop = world.env().loop;
  auto first = loop.timer(), second = loop.timer(), gone = loop.timer();
  std::vector<std::int64_t> fired;
  const Instant start = loop.now();
  first->set(start + 5ms, [&] { fired.push_back((loop.now() - start).count()); });
  second->set(start + 1ms, [&] { ADD_FAILURE(); });
  second->set(start + 2ms, [&] { fired.push_back((loop.now() - start).count()); });
  gone->set(start + 1ms, [&] { ADD_FAILURE(); });
  gone.reset();
  world.run_for(1s);
  EXPECT_EQ(fired, (std::vector<std::int64_t>{2'000'000, 5'000'000}));
}

TEST(SimWorld, ACrashedNodeRunsNothingAnyMore) {
  World world(1);
  auto node = world.add_node();
  auto timer = node->env().loop.timer();
  timer->set(world.now() + 1ms, [] { ADD_FAILURE(); });
  node->env().loop.post([] { ADD_FAILURE(); });
  node->env().journal_worker.submit([] { ADD_FAILURE(); }, [] { ADD_FAILURE(); });
  node->crash();
  node->env().loop.post([] { ADD_FAILURE(); });
  world.run_for(1s);
  timer.reset();
}

/// A connection from the world's first node to a listener on `box`.
struct Pair {
  Pair(World& world, Node& box) {
    listener = *box.env().net.listen({"", 9092},
                                     [&](auto c) { server = std::make_unique<Echo>(std::move(c), false); });
    world.env().net.connect({"box", 9092}, 1s, [&](auto c) {
      ASSERT_TRUE(c);
      client = std::make_unique<Echo>(*std::move(c), false);
    });
    world.run_for(1s);
  }
  void send(std::string_view text) { client->connection->send(Chain(SharedBytes::copy(as_bytes(text)))); }
  std::unique_ptr<os::Listener> listener;
  std::unique_ptr<Echo> client, server;
};

TEST(SimNet, ASilentConnectionTellsNobodyAndThenBothSides) {
  World world(1);
  auto box = world.add_node();
  Pair pair(world, *box);
  pair.send("before");
  world.run_for(1s);
  world.network().silence_some(1);
  pair.send("after");
  world.run_for(Network::kUnnoticedMin - 2s);
  EXPECT_EQ(pair.server->received, "before");
  EXPECT_EQ(pair.client->closed + pair.server->closed, 0);
  EXPECT_EQ(pair.client->connection->backlog(), 0u);  // its own system has taken it
  world.run_for(Network::kUnnoticedMax);
  EXPECT_EQ(pair.client->closed, 1);
  EXPECT_EQ(pair.server->closed, 1);
}

TEST(SimNet, ASilentConnectionCanBeCut) {
  World world(1);
  auto box = world.add_node();
  Pair pair(world, *box);
  world.network().silence_some(1);
  world.network().cut_all();
  world.run_for(1s);
  EXPECT_EQ(pair.client->closed, 1);
  EXPECT_EQ(pair.server->closed, 1);
}

TEST(SimNet, PeersOfABoxWithoutPowerFindOutLate) {
  World world(1);
  auto box = world.add_node();
  Pair pair(world, *box);
  box->lose_power(100s);
  pair.send("hello?");
  world.run_for(100s);
  EXPECT_EQ(pair.client->closed, 1);
}

TEST(SimNet, WhatAnIsolatedNodeIsSentArrivesAfterwards) {
  World world(1);
  auto box = world.add_node();
  Pair pair(world, *box);
  box->isolate(10s);
  pair.send("late");
  world.run_for(9s);
  EXPECT_EQ(pair.server->received, "");
  world.run_for(2s);
  EXPECT_EQ(pair.server->received, "late");
}

TEST(SimWorld, AStalledNodeDoesEverythingAfterwardsInOrder) {
  World world(1);
  auto node = world.add_node();
  std::vector<int> order;
  std::vector<std::unique_ptr<os::Timer>> timers;
  for (int i = 0; i < 20; ++i) {
    timers.push_back(node->env().loop.timer());
    timers.back()->set(world.now() + std::chrono::milliseconds{i}, [&order, i] { order.push_back(i); });
  }
  node->stall(10s);
  world.run_for(9s);
  EXPECT_TRUE(order.empty());
  world.run_for(2s);
  EXPECT_EQ(order.size(), 20u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(SimWorld, PostsKeepTheirOrder) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World world(seed);
    std::vector<int> order;
    for (int i = 0; i < 50; ++i) world.env().loop.post([&, i] { order.push_back(i); });
    world.run_for(1s);
    ASSERT_EQ(order.size(), 50u);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  }
}

}  // namespace
}  // namespace ledge::sim
