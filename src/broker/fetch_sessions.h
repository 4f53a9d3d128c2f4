// SPDX-License-Identifier: Apache-2.0
// Incremental fetch sessions (KIP-227): the server remembers which partitions a consumer reads and what it
// was last told about each, so that both sides send only what changed. State only: no I/O, no clock but the
// instants passed in.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/errors.h"
#include "base/limits.h"
#include "base/time.h"
#include "base/uuid.h"

namespace ledge::broker {

/// A partition as a Fetch request names it: by topic name before version 13, by topic id from then on.
struct FetchKey {
  Uuid topic_id;
  std::string topic;
  std::int32_t partition = 0;
  bool operator==(const FetchKey&) const = default;
};
struct FetchKeyHash {
  std::size_t operator()(const FetchKey& key) const noexcept {
    const std::size_t name = std::hash<std::string>{}(key.topic);
    return (std::hash<Uuid>{}(key.topic_id) ^ name) * 31 + static_cast<std::size_t>(key.partition);
  }
};

/// What a consumer wants of one partition.
struct FetchTarget {
  FetchKey key;
  std::int64_t offset = 0;
  std::int32_t bytes_max = 0;
  std::int32_t current_leader_epoch = -1;
  std::int32_t last_fetched_epoch = -1;
};

/// What an answer tells of one partition, as far as sessions care.
struct FetchTold {
  ErrorCode error = ErrorCode::None;
  std::int64_t high_watermark = -1;
  std::int64_t log_start = -1;
  bool has_records = false;
  bool diverging = false;
};

/// One consumer's session. Its partitions are in the order in which they are to be read: those that had
/// records go behind the others, so that a busy partition cannot starve the rest of a size-limited answer.
class FetchSession {
 public:
  FetchSession(std::int32_t id, bool by_id) : id_(id), by_id_(by_id) {}

  std::int32_t id() const { return id_; }
  std::size_t size() const { return places_.size(); }
  std::vector<FetchTarget> targets() const;
  /// Whether the answer has to hold the partition; remembers what it is told.
  bool tell(const FetchKey& key, const FetchTold& told);

 private:
  friend class FetchSessions;
  struct Cached {
    FetchTarget target;
    std::int64_t high_watermark = -1;  // as last told; -1: tell again
    std::int64_t log_start = -1;
  };
  void want(FetchTarget target);
  void forget(const FetchKey& key);

  const std::int32_t id_;
  const bool by_id_;
  std::int32_t epoch_ = 1;  // that the next request has to bring
  Instant used_;
  std::list<Cached> order_;
  std::unordered_map<FetchKey, std::list<Cached>::iterator, FetchKeyHash> places_;
};

/// One fetch request's relation to sessions.
struct FetchContext {
  enum class Kind : std::uint8_t { Refused, Sessionless, Opening, Incremental };
  Kind kind = Kind::Sessionless;
  ErrorCode error = ErrorCode::None;      // of the whole answer, when Refused
  std::shared_ptr<FetchSession> session;  // Incremental
  std::vector<FetchTarget> targets;
};

struct FetchSessionRequest {
  std::int32_t session_id = 0;
  std::int32_t epoch = -1;
  bool by_id = false;  // version 13 and later
  std::vector<FetchTarget> targets;
  std::vector<FetchKey> forgotten;
};

class FetchSessions {
 public:
  static constexpr std::int32_t kNoSession = 0;
  static constexpr std::int32_t kOpeningEpoch = 0;
  static constexpr std::int32_t kFinalEpoch = -1;

  explicit FetchSessions(std::int32_t sessions_max, std::size_t partitions_max = static_cast<std::size_t>(
                                                        limits::fetch_session_partitions_max))
      : sessions_max_(static_cast<std::size_t>(sessions_max)), partitions_max_(partitions_max) {}

  FetchContext begin(FetchSessionRequest request, Instant now);
  /// After an Opening request was served: makes the session, whose partitions were told `told` (same order as
  /// `targets`). kNoSession when there is no room; the client then goes on with full fetches.
  std::int32_t open(const std::vector<FetchTarget>& targets, const std::vector<FetchTold>& told, bool by_id,
                    std::uint64_t random, Instant now);

  std::size_t size() const { return sessions_.size(); }
  std::size_t partitions() const { return partitions_; }
  std::uint64_t evicted() const { return evicted_; }

 private:
  using Order = std::list<std::shared_ptr<FetchSession>>;  // longest unused first
  void remove(std::int32_t id);
  /// Room for this much more.
  bool make_room(std::size_t sessions, std::size_t partitions, Instant now);

  const std::size_t sessions_max_;
  const std::size_t partitions_max_;
  Order order_;
  std::unordered_map<std::int32_t, Order::iterator> sessions_;
  std::size_t partitions_ = 0;
  std::uint64_t evicted_ = 0;
};

}  // namespace ledge::broker
