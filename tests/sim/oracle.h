// SPDX-License-Identifier: Apache-2.0
// What must be true of a box whatever happens to it, as its clients can tell: what was acknowledged or read
// once is there for good, at its offset, unaltered; what an idempotent producer sent is there exactly once,
// in order.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/uuid.h"

namespace ledge::sim {

/// One record that some producer sent. Its value is made from its number, so that any wrong byte is seen.
struct SentRecord {
  std::string log;    // partition_name() of where it was sent to
  int producer = -1;  // index
  bool idempotent = false;
  std::int64_t sequence = 0;  // among the producer's records of this log
  int times_sent = 0;
};

std::string partition_name(const Uuid& topic, std::int32_t index);

class Oracle {
 public:
  /// The first violation, empty when there is none.
  const std::string& violation() const { return violation_; }
  void violate(std::string what) {
    if (violation_.empty()) violation_ = std::move(what);
  }
  void require(bool holds, const std::string& what) {
    if (!holds) violate(what);
  }

  // --- what clients do and are told
  std::uint64_t new_record(const std::string& log, int producer, bool idempotent, std::int64_t sequence);
  void sent(std::uint64_t id) { ++records_[id].times_sent; }
  Bytes value_of(std::uint64_t id) const;
  /// The record with this number is at this offset: acknowledged there, or read there.
  void fact(const std::string& log, std::int64_t offset, std::uint64_t id);
  /// The number of the record with this value; nullopt (and a violation) when nobody sent that.
  std::optional<std::uint64_t> identify(const std::string& log, std::int64_t offset, ByteView value);

  /// Where the producer's record with this sequence number was last known to be.
  std::optional<std::int64_t> offset_of(const std::string& log, int producer, std::int64_t sequence) const;

  void producer_id_given(std::int64_t id);
  void leader_epoch_seen(const std::string& log, std::int32_t epoch);
  void end_seen(const std::string& log, std::int64_t high_watermark);
  /// One past the last offset that is known to be there.
  std::int64_t end_known(const std::string& log) const;
  void forget(const std::string& log) { logs_.erase(log); }

  // --- a whole log, read from its start to its end
  struct ReadRecord {
    std::int64_t offset;
    std::uint64_t id;
    std::int32_t leader_epoch;
  };
  /// `lost`: offsets that the box reported as damaged, after a bit was flipped on its disk.
  void whole_log(const std::string& log, const std::vector<ReadRecord>& records, std::int64_t log_start,
                 std::int64_t high_watermark, const std::vector<std::pair<std::int64_t, std::int64_t>>& lost);

  std::uint64_t facts() const { return facts_; }

 private:
  struct Log {
    std::map<std::int64_t, std::uint64_t> facts;  // offset, record
    std::int32_t epoch_max = -1;
    std::int64_t end_max = 0;
  };
  std::string violation_;
  std::vector<SentRecord> records_;
  std::map<std::string, Log> logs_;
  std::set<std::int64_t> producer_ids_;
  std::uint64_t facts_ = 0;
};

}  // namespace ledge::sim
