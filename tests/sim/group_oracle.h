// SPDX-License-Identifier: Apache-2.0
// What must be true of one group whatever happens to its members and its box: a partition has one owner at a
// time, and one in a generation; commits come from who may commit, stay, and never go back; nothing is
// skipped.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "scene.h"

namespace ledge::sim {

class GroupOracle {
 public:
  /// Who consumes: a process, and what it is to the group if it has an instance id.
  struct Who {
    int process = 0;
    std::string instance;
    bool same(const Who& other) const {
      return process == other.process || (!instance.empty() && instance == other.instance);
    }
  };

  /// `by_generation`: all members are of one generation at a time. Otherwise each has an epoch of its own.
  GroupOracle(Scene& scene, std::string group, bool by_generation)
      : scene_(scene), group_(std::move(group)), by_generation_(by_generation) {}

  // --- ownership
  /// The member took this partition: it was told so, in this generation, and its session is good until then.
  void takes(const Who& who, std::int32_t partition, std::int32_t generation, Instant session_ends);
  void gives_up(const Who& who, std::int32_t partition);
  void gives_up_all(const Who& who);
  /// It asks to join. If that `replaces` the process that is its instance, then from now on that one has no
  /// right to stay the only owner of anything.
  void asks_to_join(const Who& who, bool replaces);
  void joined(const Who& who) { joined_[who.process] = scene_.world.now(); }
  /// Its session was confirmed once more.
  void lives(const Who& who, Instant session_ends) { sessions_[who.process] = session_ends; }
  /// The member has learned its part in this generation, so the generation is on the disk, and with it that
  /// this process, and none that joined before it asked, is its instance.
  void generation_seen(const Who& who, std::int32_t generation);

  // --- commits
  using Commit = std::size_t;
  Commit commit_sent(const Who& who, std::int32_t partition, std::int32_t generation, std::int64_t offset);
  enum class Outcome { Done, Refused, Unknown };
  void commit_ended(std::int32_t partition, Commit commit, Outcome outcome);

  /// What an OffsetFetch that leaves now may find, but for what is sent meanwhile.
  struct Mark {
    std::size_t commits = 0;
    std::set<std::int64_t> offsets = {};
  };
  Mark fetch_sent(std::int32_t partition) const;
  void fetched(std::int32_t partition, const Mark& mark, std::int32_t generation, std::int64_t offset);

  // --- records
  /// The member has read on from `from` to before `to`.
  void processed(std::int32_t partition, std::int64_t from, std::int64_t to);
  std::int64_t committed(std::int32_t partition) { return parts_[partition].acked; }
  std::uint64_t commits() const { return commits_; }

 private:
  struct Sent {
    std::int32_t generation;
    std::int64_t offset;
    std::int32_t newest;  // the newest generation that was known when it was sent
    bool fenced;          // somebody else had the partition, or its instance, by then
    bool dead = false;    // cannot land any more, or has been overtaken
  };
  struct Part {
    std::vector<Sent> log;
    std::int64_t acked = -1;
    std::size_t acked_until = 0;  // one past the newest commit that was acknowledged
    std::int64_t processed_to = 0;
    std::map<int, Who> owners;
    struct Claim {
      Who who;
      Instant at;
    };
    std::map<std::int32_t, Claim> claims;  // by generation
  };
  std::string at(std::int32_t partition) const { return group_ + " partition " + std::to_string(partition); }
  void overtake(Part& part, std::int32_t generation);
  bool session_is_good(const Who& who);

  Scene& scene_;
  const std::string group_;
  const bool by_generation_;
  std::map<std::int32_t, Part> parts_;
  std::map<int, Instant> sessions_;
  std::map<int, Instant> asked_, joined_;   // by process: when it did last
  std::map<std::string, Instant> holders_;  // instance, when the process that is it asked to be
  std::map<std::string, int> askers_;       // instance, the process that asked last to replace it
  std::int32_t newest_ = -1;
  std::uint64_t commits_ = 0;
};

}  // namespace ledge::sim
