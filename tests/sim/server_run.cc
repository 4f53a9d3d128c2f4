// SPDX-License-Identifier: Apache-2.0
#include "server_run.h"

#include <algorithm>

namespace ledge::sim {

namespace {
constexpr std::size_t kClientsMax = 12, kTopicsMax = 4;
constexpr Duration kPatience = 300s;

app::BoxOptions box_options(Random& random, const RunOptions& run) {
  app::BoxOptions out;
  const std::uint64_t segment_sizes[] = {1048576, 1052672, 1310720};
  out.store.journal.segment_bytes = segment_sizes[random.below(3)];
  out.store.journal.spare_segments = static_cast<int>(random.below(3));
  // The clocks of a run jump by years; what forgets a producer after a day is another test's matter.
  out.store.producer_id_expiration_ms = 1'000'000'000'000;
  out.server.idle = random.chance(0.5) ? std::chrono::milliseconds{30000} : std::chrono::milliseconds{600000};
  out.server.requests_in_flight_max = random.chance(0.5) ? 64 : 3;
  out.server.response_backlog_bytes_max = random.chance(0.5) ? 1048576 : 20000;
  out.broker.fetch_sessions_max = random.chance(0.5) ? 1000 : 2;
  if (random.chance(0.3)) out.request_memory_bytes = 100000;
  if (run.sabotage != nullptr) run.sabotage(out);
  return out;
}
}  // namespace

ServerRun::ServerRun(std::uint64_t seed, RunOptions options)
    : scene_(seed, figures_, options.verbose),
      box_(scene_, box_options(scene_.random, options)),
      faults_(scene_, box_),
      admin_(scene_) {
  box_.disk().options().cache_miss_chance = scene_.random.chance(0.5) ? 0.02 : 0.3;
  admin_.want(static_cast<int>(scene_.random.between(1, 3)));
}

std::string ServerRun::run() {
  for (auto lives = scene_.random.between(1, 4); lives > 0 && !scene_.stopped(); --lives) live();
  if (!scene_.stopped()) finale();
  figures_["events"] = scene_.world.events();
  figures_["virtual s"] = static_cast<std::uint64_t>(scene_.world.now().ns / 1'000'000'000);
  figures_["records known"] = scene_.oracle.facts();
  return scene_.oracle.violation();
}

/// One start of the box, a time of work, and an end of some kind.
void ServerRun::live() {
  Random& random = scene_.random;
  faults_.before_start();
  const bool up = box_.start();
  std::vector<Node*> processes{&admin_.client().process()};
  for (auto ticks = up ? random.between(10, 100) : 0; ticks > 0 && !scene_.stopped(); --ticks) {
    if (random.chance(0.1) && producers_.size() + readers_.size() + rude_.size() < kClientsMax) new_client();
    processes.resize(1);
    for (const auto& each : producers_) processes.push_back(&each->client().process());
    for (const auto& each : readers_) processes.push_back(&each->client().process());
    faults_.perhaps(processes);
    scene_.world.run_for(random.delay(30ms));
    if (box_.disk().stopped() || (box_.ailing() && random.chance(0.2))) break;
  }
  if (scene_.stopped()) return;
  const auto end = random.below(10);
  if (!up || box_.disk().stopped() || end < 6) {
    box_.cut_power();
  } else if (end < 8) {
    box_.kill();
  } else {
    box_.stop();
  }
  scene_.world.run_for(random.delay(500ms));
}

void ServerRun::new_client() {
  Random& random = scene_.random;
  ++clients_;
  if (random.chance(0.1) && scene_.topics.size() < kTopicsMax)
    return admin_.want(static_cast<int>(random.between(1, 3)));
  const std::size_t topic = random.below(scene_.topics.size());
  if (!scene_.topics[topic].usable()) return;
  if (random.chance(0.05) && topic > 0) return admin_.unwant(topic);
  const auto partition =
      static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(scene_.topics[topic].partitions)));
  if (const auto kind = random.below(10); kind < 6) {
    const auto which = kind < 4   ? Producer::Kind::Idempotent
                       : kind < 5 ? Producer::Kind::Plain
                                  : Producer::Kind::NoAcks;
    producers_.push_back(std::make_unique<Producer>(scene_, clients_, which, topic, partition));
  } else if (kind < 9) {
    readers_.push_back(std::make_unique<Reader>(scene_, clients_, topic));
  } else {
    rude_.push_back(std::make_unique<RudePeer>(scene_, clients_));
  }
}

/// The faults are over: everybody gets through, everything is there and is read to its end, and who has
/// nothing more to say is let go.
void ServerRun::finale() {
  faults_.end();
  if (!box_.start())
    return scene_.oracle.violate("the box does not start although nothing is wrong any more");
  scene_.finishing = true;
  scene_.world.run_for(Network::kUnnoticedMax + 10s);  // what was half open is known to be so
  scene_.say("calm");
  scene_.calm = true;
  scene_.finishing = false;
  scene_.world.run_for(1s);
  scene_.finishing = true;
  std::erase_if(readers_, [&](const auto& each) { return scene_.topics[each->topic()].deleting; });
  for (std::size_t i = 0; i < scene_.topics.size(); ++i)
    if (scene_.topics[i].usable()) readers_.push_back(std::make_unique<Reader>(scene_, ++clients_, i));
  const auto all_well = [&] {
    return scene_.stopped() ||
           (admin_.done() && std::ranges::all_of(producers_, [](const auto& p) { return p->done(); }));
  };
  scene_.oracle.require(scene_.world.run_until(all_well, kPatience),
                        "a producer or the admin does not get through");
  scene_.world.run_for(10s);  // what was written without acks
  const auto all_read = [&] {
    return scene_.stopped() ||
           std::ranges::all_of(readers_, [](const auto& r) { return r->at_the_end(10s); });
  };
  if (!scene_.world.run_until(all_read, kPatience)) {
    std::string who = "a reader does not reach the end";
    for (const auto& reader : readers_) who += "; " + reader->status();
    scene_.oracle.violate(who);
  }
  if (scene_.stopped()) return;
  scene_.oracle.require(box_.box().store().health().code == ErrorCode::None, "poisoned without a fault");
  for (const auto& reader : readers_) reader->check_whole_logs();
  const auto answered = [&] {
    return std::ranges::all_of(rude_, [](const auto& r) { return r->satisfied(); });
  };
  scene_.oracle.require(scene_.world.run_until(answered, kPatience), "a burst of requests is not answered");
  const auto let_go = [&] { return std::ranges::none_of(rude_, [](const auto& r) { return r->owes(); }); };
  scene_.oracle.require(scene_.world.run_until(let_go, 700s), "a peer that says nothing is not let go");
  // Readers go on asking: at some moment none of them has a request under way.
  const auto given_back = [&] { return box_.box().server().stats().request_memory_used == 0; };
  scene_.oracle.require(scene_.world.run_until(given_back, 60s), "memory of requests is not given back");
  scene_.oracle.require(box_.box().server().stats().replies_dropped == 0,
                        "a request was dropped without an answer");
  box_.stop();
}

}  // namespace ledge::sim
