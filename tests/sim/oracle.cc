// SPDX-License-Identifier: Apache-2.0
#include "oracle.h"

#include <algorithm>

#include "sim/random.h"

namespace ledge::sim {

namespace {
constexpr std::size_t kIdBytes = 8;
std::string at(const std::string& log, std::int64_t offset) {
  return log + " offset " + std::to_string(offset);
}
}  // namespace

std::string partition_name(const Uuid& topic, std::int32_t index) {
  return topic.text() + "-" + std::to_string(index);
}

std::uint64_t Oracle::new_record(const std::string& log, int producer, bool idempotent,
                                 std::int64_t sequence) {
  records_.push_back({log, producer, idempotent, sequence, 0});
  return records_.size() - 1;
}

Bytes Oracle::value_of(std::uint64_t id) const {
  Random random(id);
  Bytes out(kIdBytes + (random.chance(0.2) ? random.below(30000) : random.below(200)));
  random.fill(out);
  store_le(out.data(), id);
  return out;
}

std::optional<std::uint64_t> Oracle::identify(const std::string& log, std::int64_t offset, ByteView value) {
  if (value.size() < kIdBytes) {
    violate(at(log, offset) + ": a value that nobody sent");
    return std::nullopt;
  }
  const auto id = load_le<std::uint64_t>(value.data());
  if (id >= records_.size() || !std::ranges::equal(value, value_of(id))) {
    violate(at(log, offset) + ": the record was altered");
    return std::nullopt;
  }
  if (records_[id].log != log) {
    violate(at(log, offset) + ": the record belongs to " + records_[id].log);
    return std::nullopt;
  }
  return id;
}

void Oracle::fact(const std::string& log, std::int64_t offset, std::uint64_t id) {
  auto [known, fresh] = logs_[log].facts.try_emplace(offset, id);
  facts_ += fresh;
  require(known->second == id, at(log, offset) + ": record " + std::to_string(id) + ", it was record " +
                                   std::to_string(known->second) + " before");
}

std::optional<std::int64_t> Oracle::offset_of(const std::string& log, int producer,
                                              std::int64_t sequence) const {
  const auto known = logs_.find(log);
  if (known == logs_.end()) return std::nullopt;
  for (auto fact = known->second.facts.rbegin(); fact != known->second.facts.rend(); ++fact) {
    const SentRecord& record = records_[fact->second];
    if (record.producer == producer && record.sequence == sequence) return fact->first;
  }
  return std::nullopt;
}

void Oracle::producer_id_given(std::int64_t id) {
  require(producer_ids_.insert(id).second, "producer id " + std::to_string(id) + " was given out twice");
}

void Oracle::leader_epoch_seen(const std::string& log, std::int32_t epoch) {
  std::int32_t& known = logs_[log].epoch_max;
  require(epoch >= known,
          log + ": leader epoch " + std::to_string(epoch) + " after " + std::to_string(known));
  known = std::max(known, epoch);
}

std::int64_t Oracle::end_known(const std::string& log) const {
  const auto known = logs_.find(log);
  if (known == logs_.end() || known->second.facts.empty()) return 0;
  return known->second.facts.rbegin()->first + 1;
}

void Oracle::end_seen(const std::string& log, std::int64_t high_watermark) {
  std::int64_t& known = logs_[log].end_max;
  require(high_watermark >= known,
          log + ": high watermark " + std::to_string(high_watermark) + " after " + std::to_string(known));
  known = std::max(known, high_watermark);
}

void Oracle::whole_log(const std::string& log, const std::vector<ReadRecord>& records, std::int64_t log_start,
                       std::int64_t high_watermark,
                       const std::vector<std::pair<std::int64_t, std::int64_t>>& lost) {
  const auto is_lost = [&](std::int64_t offset) {
    return std::ranges::any_of(lost, [&](const auto& r) { return offset >= r.first && offset <= r.second; });
  };
  const Log& known = logs_[log];
  end_seen(log, high_watermark);
  require(log_start == 0, log + ": the log starts at " + std::to_string(log_start));
  std::map<std::int64_t, std::uint64_t> here;
  std::map<int, std::int64_t> next_sequence;
  std::map<std::uint64_t, int> times;
  std::int64_t next = log_start;
  std::int32_t epoch = -1;
  bool gap = false;
  for (const ReadRecord& record : records) {
    while (next < record.offset && is_lost(next)) {
      ++next;
      gap = true;
    }
    require(record.offset == next,
            at(log, next) + ": the next record read is " + std::to_string(record.offset));
    next = record.offset + 1;
    require(record.leader_epoch >= epoch, at(log, record.offset) + ": the leader epoch goes back");
    epoch = record.leader_epoch;
    here[record.offset] = record.id;
    const SentRecord& sent = records_[record.id];
    require(++times[record.id] <= sent.times_sent,
            at(log, record.offset) + ": a record is there more often than it was sent");
    if (!sent.idempotent) continue;
    std::int64_t& expected = next_sequence[sent.producer];
    const bool follows = gap ? sent.sequence >= expected : sent.sequence == expected;
    require(follows, at(log, record.offset) + ": record " + std::to_string(sent.sequence) + " of producer " +
                         std::to_string(sent.producer) + ", expected was " + std::to_string(expected));
    expected = sent.sequence + 1;
  }
  while (next < high_watermark && is_lost(next)) ++next;
  require(next == high_watermark,
          log + ": reading ended at " + std::to_string(next) + " of " + std::to_string(high_watermark));
  for (const auto& [offset, id] : known.facts) {
    if (is_lost(offset)) continue;
    auto found = here.find(offset);
    require(found != here.end(), at(log, offset) + ": an acknowledged record is gone");
    require(found == here.end() || found->second == id, at(log, offset) + ": another record than before");
  }
  for (const auto& [offset, id] : here) fact(log, offset, id);
}

}  // namespace ledge::sim
