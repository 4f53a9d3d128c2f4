// SPDX-License-Identifier: Apache-2.0
#include "group_oracle.h"

#include <algorithm>

namespace ledge::sim {

namespace {
/// A group that lost its last member and all its offsets may begin to count its generations anew.
constexpr Duration kClaimHolds = 300s;
}  // namespace

void GroupOracle::takes(const Who& who, std::int32_t partition, std::int32_t generation,
                        Instant session_ends) {
  lives(who, session_ends);
  Part& part = parts_[partition];
  const Instant now = scene_.world.now();
  for (const auto& [process, other] : part.owners) {
    if (who.same(other) || !session_is_good(other) || session_ends <= now) continue;
    scene_.oracle.violate(at(partition) + " is given to member " + std::to_string(who.process) +
                          " in generation " + std::to_string(generation) + " while member " +
                          std::to_string(process) + " owns it, whose session is good");
  }
  part.owners[who.process] = who;
  const auto [claim, fresh] = part.claims.try_emplace(generation, Part::Claim{who, now});
  if (by_generation_ && !fresh && !who.same(claim->second.who) && claim->second.at + kClaimHolds > now)
    scene_.oracle.violate(at(partition) + " has two owners in generation " + std::to_string(generation) +
                          ": members " + std::to_string(claim->second.who.process) + " and " +
                          std::to_string(who.process));
  claim->second = {who, now};
}

void GroupOracle::asks_to_join(const Who& who, bool replaces) {
  asked_[who.process] = scene_.world.now();
  if (replaces && !who.instance.empty()) askers_[who.instance] = who.process;
}

void GroupOracle::generation_seen(const Who& who, std::int32_t generation) {
  newest_ = std::max(newest_, generation);
  if (who.instance.empty()) return;
  Instant& holder = holders_[who.instance];
  holder = std::max(holder, asked_[who.process]);
}

bool GroupOracle::session_is_good(const Who& who) {
  if (const auto asker = askers_.find(who.instance); asker != askers_.end() && asker->second != who.process)
    return false;
  return sessions_[who.process] > scene_.world.now();
}

void GroupOracle::gives_up(const Who& who, std::int32_t partition) {
  parts_[partition].owners.erase(who.process);
}

void GroupOracle::gives_up_all(const Who& who) {
  for (auto& [partition, part] : parts_) part.owners.erase(who.process);
}

GroupOracle::Commit GroupOracle::commit_sent(const Who& who, std::int32_t partition, std::int32_t generation,
                                             std::int64_t offset) {
  Part& part = parts_[partition];
  bool fenced = !who.instance.empty() && holders_[who.instance] > joined_[who.process];
  for (const auto& [process, other] : part.owners) fenced |= !who.same(other) && session_is_good(other);
  part.log.push_back({generation, offset, newest_, fenced});
  return part.log.size() - 1;
}

void GroupOracle::commit_ended(std::int32_t partition, Commit commit, Outcome outcome) {
  Part& part = parts_[partition];
  Sent& sent = part.log[commit];
  if (outcome == Outcome::Unknown) return;
  const bool overtaken = std::exchange(sent.dead, true);
  if (outcome == Outcome::Refused) return;
  ++commits_;
  if (by_generation_ && sent.newest > sent.generation)
    scene_.oracle.violate(at(partition) + ": a commit of generation " + std::to_string(sent.generation) +
                          " is accepted, generation " + std::to_string(sent.newest) + " had begun");
  scene_.oracle.require(!sent.fenced, at(partition) + ": a commit is accepted from a fenced member");
  // What was said later stays, although its answer may have come first.
  if (overtaken || commit < part.acked_until) return;
  scene_.oracle.require(sent.offset >= part.acked, at(partition) + ": the committed offset goes back from " +
                                                       std::to_string(part.acked) + " to " +
                                                       std::to_string(sent.offset));
  part.acked_until = commit + 1;
  part.acked = sent.offset;
  overtake(part, sent.generation);
}

/// Once the group is at this generation nothing of an earlier one can land.
void GroupOracle::overtake(Part& part, std::int32_t generation) {
  for (Sent& each : part.log)
    if (each.generation < generation) each.dead = true;
}

GroupOracle::Mark GroupOracle::fetch_sent(std::int32_t partition) const {
  const auto found = parts_.find(partition);
  if (found == parts_.end()) return {0, {-1}};
  const Part& part = found->second;
  Mark mark{part.log.size(), {part.acked}};
  for (const Sent& each : part.log)
    if (!each.dead) mark.offsets.insert(each.offset);
  return mark;
}

void GroupOracle::fetched(std::int32_t partition, const Mark& mark, std::int32_t generation,
                          std::int64_t offset) {
  Part& part = parts_[partition];
  bool possible = mark.offsets.contains(offset);
  for (std::size_t i = mark.commits; i < part.log.size(); ++i) possible |= part.log[i].offset == offset;
  if (!possible)
    scene_.oracle.violate(at(partition) + ": the committed offset is " + std::to_string(offset) +
                          ", it was " + std::to_string(part.acked));
  if (offset > part.processed_to)
    scene_.oracle.violate(at(partition) + ": consumption starts at " + std::to_string(offset) +
                          ", nobody has read beyond " + std::to_string(part.processed_to));
  if (part.log.size() != mark.commits || generation < newest_) return;
  // Nothing was on its way meanwhile: this is how it is now.
  part.acked = offset;
  overtake(part, generation);
}

void GroupOracle::processed(std::int32_t partition, std::int64_t from, std::int64_t to) {
  Part& part = parts_[partition];
  if (from > part.processed_to)
    scene_.oracle.violate(at(partition) + ": records from " + std::to_string(part.processed_to) + " to " +
                          std::to_string(from) + " are skipped");
  part.processed_to = std::max(part.processed_to, to);
}

}  // namespace ledge::sim
