// SPDX-License-Identifier: Apache-2.0
#include "group_run.h"

#include <algorithm>
#include <array>
#include <type_traits>

namespace ledge::sim {

namespace {
constexpr std::size_t kMembersMax = 4;
/// Longer than any wait of the protocol: a member that joined and died while joining is waited for five
/// minutes.
constexpr Duration kSettleTime = 3600s;
constexpr std::chrono::milliseconds kModernSession{6000};
constexpr Duration kProducerSlowest = 400ms;  // it is the groups that should be busy

app::BoxOptions box_options(Random& random, const RunOptions& run) {
  app::BoxOptions out;
  out.store.journal.segment_bytes = 1048576;
  out.store.journal.spare_segments = static_cast<int>(random.below(3));
  out.store.offsets_topic_partitions = static_cast<std::int32_t>(random.between(1, 3));
  // The clocks of a run jump by years; what time takes away is another test's matter.
  out.store.producer_id_expiration_ms = 1'000'000'000'000;
  out.store.groups.offsets_retention_ms = 1'000'000'000'000'000;
  out.store.groups.group.session_timeout_min_ms = 1000;
  out.store.groups.consumer.session_timeout_ms = static_cast<std::int32_t>(kModernSession.count());
  out.store.groups.group.initial_rebalance_delay_ms = static_cast<std::int32_t>(random.below(3000));
  if (run.sabotage != nullptr) run.sabotage(out);
  return out;
}
}  // namespace

GroupRun::GroupRun(std::uint64_t seed, RunOptions options)
    : scene_(seed, figures_, options.verbose),
      box_(scene_, box_options(scene_.random, options)),
      faults_(scene_, box_),
      admin_(scene_) {
  Random& random = scene_.random;
  admin_.want(static_cast<int>(random.between(1, 5)));
  for (auto count = random.between(1, 2); count > 0; --count) {
    GroupOptions group;
    group.name = "group-" + std::to_string(groups_.size());
    using enum GroupOptions::Protocol;
    group.protocol = std::array{Eager, Cooperative, Modern}[random.below(3)];
    // Those of the consumer protocol are told by the box how long theirs is.
    group.session =
        group.protocol == Modern ? kModernSession : std::chrono::milliseconds{random.between(3000, 10000)};
    group.rebalance = group.session + std::chrono::milliseconds{random.between(0, 5000)};
    group.heartbeat = group.session / 4;
    groups_.push_back(std::make_unique<Group>(scene_, std::move(group)));
  }
  for (auto count = random.between(1, 2); count > 0; --count)
    producers_.push_back(std::make_unique<Producer>(
        scene_, ++clients_, Producer::Kind::Idempotent, 0,
        static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(scene_.topics[0].partitions))),
        kProducerSlowest));
}

std::string GroupRun::run() {
  for (auto lives = scene_.random.between(1, 4); lives > 0 && !scene_.stopped(); --lives) live();
  if (!scene_.stopped()) finale();
  figures_["events"] = scene_.world.events();
  figures_["virtual s"] = static_cast<std::uint64_t>(scene_.world.now().ns / 1'000'000'000);
  for (const auto& group : groups_) figures_["commits"] += group->oracle.commits();
  return scene_.oracle.violation();
}

std::vector<Node*> GroupRun::processes() {
  std::vector<Node*> out;
  for (const auto& group : groups_)
    for (const auto& member : group->members) out.push_back(&member->client().process());
  for (const auto& producer : producers_) out.push_back(&producer->client().process());
  return out;
}

void GroupRun::live() {
  Random& random = scene_.random;
  faults_.before_start();
  const bool up = box_.start();
  for (auto ticks = up ? random.between(10, 60) : 0; ticks > 0 && !scene_.stopped(); --ticks) {
    for (const auto& group : groups_)
      if (random.chance(0.15)) change_members(*group);
    faults_.perhaps(processes());
    scene_.world.run_for(random.delay(300ms));
    if (box_.disk().stopped() || (box_.ailing() && random.chance(0.2))) break;
  }
  if (scene_.stopped()) return;
  const auto end = random.below(10);
  if (!up || box_.disk().stopped() || end < 5) {
    box_.cut_power();
  } else if (end < 8) {
    box_.kill();
  } else {
    box_.stop();
  }
  scene_.world.run_for(random.delay(2s));
}

/// Somebody comes, leaves, or dies; a static member may have two processes for a while.
void GroupRun::change_members(Group& group) {
  Random& random = scene_.random;
  std::erase_if(group.members, [](const auto& each) { return each->gone(); });
  if (group.members.empty() || (group.members.size() < kMembersMax && random.chance(0.5)))
    return add_member(group, random.chance(0.3) ? "instance-" + std::to_string(group.instances++) : "");
  const std::size_t i = random.below(group.members.size());
  GroupMember& member = *group.members[i];
  const std::string instance = member.instance();
  switch (random.below(3)) {
    case 0: return member.leave();
    case 1:
      scene_.say("dies: " + member.status());
      group.members.erase(group.members.begin() + static_cast<std::ptrdiff_t>(i));
      ++figures_["members killed"];
      if (!instance.empty() && random.chance(0.7)) add_member(group, instance);
      return;
    default:
      if (!instance.empty()) add_member(group, instance);
  }
}

void GroupRun::add_member(Group& group, std::string instance) {
  ++figures_["members"];
  const auto make = [&]<class Member>(std::type_identity<Member>) {
    group.members.push_back(
        std::make_unique<Member>(scene_, group.oracle, group.options, ++clients_, std::move(instance)));
  };
  if (group.options.protocol == GroupOptions::Protocol::Modern)
    return make(std::type_identity<ModernMember>{});
  make(std::type_identity<ClassicMember>{});
}

bool GroupRun::settled(const Group& group) const {
  Partitions all;
  std::size_t owned = 0;
  std::int32_t generation = -1;
  for (const auto& member : group.members) {
    if (member->gone()) continue;
    if (!member->settled() || (generation >= 0 && member->generation() != generation)) return false;
    generation = member->generation();
    all.merge(member->owned());
    owned += member->owned().size();
  }
  return std::cmp_equal(owned, scene_.topics[0].partitions) && all.size() == owned;
}

/// The faults are over: every group settles, everything is read and committed.
void GroupRun::finale() {
  faults_.end();
  if (!box_.start())
    return scene_.oracle.violate("the box does not start although nothing is wrong any more");
  for (const auto& group : groups_)
    if (std::ranges::all_of(group->members, [](const auto& each) { return each->gone() || each->leaving(); }))
      add_member(*group, "");
  scene_.finishing = true;
  scene_.say("the faults are over");
  const Instant began = scene_.world.now();
  const auto well = [&] {
    return scene_.stopped() ||
           (std::ranges::all_of(producers_, [](const auto& each) { return each->done(); }) &&
            std::ranges::all_of(groups_, [&](const auto& each) { return settled(*each); }));
  };
  if (!scene_.world.run_until(well, kSettleTime)) {
    std::string who;
    for (const auto& group : groups_)
      for (const auto& member : group->members) who += "; " + member->status();
    scene_.oracle.violate("a group does not settle" + who);
  }
  scene_.say("settled after " + std::to_string((scene_.world.now() - began).count() / 1'000'000'000) + " s");
  if (!scene_.stopped()) box_.stop();
}

}  // namespace ledge::sim
