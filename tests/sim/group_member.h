// SPDX-License-Identifier: Apache-2.0
// A consumer in a group: what it does with the partitions that are its own. It reads on from what the group
// has committed, and commits. How it comes to them is its protocol's matter (classic_member.h,
// modern_member.h).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "consumer_protocol.h"
#include "group_oracle.h"
#include "sim_client.h"
#include "wire/kafka/messages/01_fetch.h"
#include "wire/kafka/messages/08_offset_commit.h"
#include "wire/kafka/messages/09_offset_fetch.h"

namespace ledge::sim {

/// What the members of one group have in common.
struct GroupOptions {
  enum class Protocol { Eager, Cooperative, Modern };
  std::string name;
  std::size_t topic = 0;  // index in the scene
  Protocol protocol = Protocol::Eager;
  std::chrono::milliseconds session{6000}, rebalance{9000}, heartbeat{1500};
};

class GroupMember {
 public:
  GroupMember(Scene& scene, GroupOracle& group, const GroupOptions& options, int number,
              std::string instance);
  virtual ~GroupMember();

  /// Begins to leave for good, as a consumer that is closed.
  void leave() { leaving_ = true; }
  bool leaving() const { return leaving_; }
  /// Left, or another process has its instance id.
  bool gone() const { return gone_; }
  const std::string& instance() const { return who_.instance; }
  /// Member of the generation, in possession of its part, and all of that is read and committed.
  bool settled() const;
  std::int32_t generation() const { return generation_; }
  Partitions owned() const;
  std::string status() const;
  SimClient& client() { return client_; }

 protected:
  /// A partition that it owns.
  struct Part {
    std::int64_t position = -1;  // not known yet
    std::int64_t committed = -1;
    std::int64_t end = -1;  // the high watermark, as last seen
  };

  /// The next step of the membership, if there is one; called while no other is under way.
  virtual bool step() = 0;
  /// Whether it may commit now.
  virtual bool stable() const = 0;
  virtual void commit_refused(ErrorCode code) = 0;

  void take(std::int32_t partition, Instant session_ends);
  void give_up(std::int32_t partition);
  void lose_all();
  const Scene::Topic& topic() const { return scene_.topics[options_.topic]; }
  std::optional<std::string> instance_field() const {
    return who_.instance.empty() ? std::nullopt : std::optional{who_.instance};
  }
  bool is_static() const { return !who_.instance.empty(); }
  Instant now() { return client_.loop().now(); }
  Instant session_from(Instant sent) const { return sent + options_.session; }
  void violate(const char* what, ErrorCode code);

  template <class Request, class Response>
  void ask_coordinator(Request request, std::int16_t lowest, Duration wait,
                       std::function<void(const Result<Response>&)> then) {
    asking_ = true;
    client_.ask<Request, Response>(
        std::move(request), lowest, wait,
        [this, then = std::move(then)](const Result<Response>& response) {
          asking_ = false;
          then(response);
        },
        INT16_MAX, SimClient::To::Coordinator);
  }

  Scene& scene_;
  GroupOracle& group_;
  const GroupOptions& options_;
  const GroupOracle::Who who_;
  std::string member_id_;
  std::int32_t generation_ = -1;  // or member epoch
  std::map<std::int32_t, Part> parts_;
  std::uint64_t assignment_ = 0;  // counts them; answers about an earlier one are not looked at
  bool leaving_ = false, gone_ = false;

 private:
  struct SentCommit {
    GroupOracle::Commit commit;
    std::int64_t offset;
  };
  using SentCommits = std::map<std::int32_t, SentCommit>;

  void act();
  void fetch_offsets();
  void fetch();
  void fetched(const Result<kafka::FetchResponse>& response, std::int32_t partition, std::int64_t from);
  void commit();
  void committed(const Result<kafka::OffsetCommitResponse>& response, const SentCommits& sent,
                 std::uint64_t assignment);

  Instant commit_due_{};
  bool asking_ = false, fetching_ = false, committing_ = false;

 protected:
  SimClient client_;  // the last member: with it everything that is on its way ends
};

}  // namespace ledge::sim
