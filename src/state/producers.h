// SPDX-License-Identifier: Apache-2.0
// What a partition knows of its idempotent producers: for each the epoch and the last batches, so that a
// retry is recognised and a gap refused (KIP-98, KIP-360). decide() looks, apply() changes: the latter is
// called with every batch that is appended, at run time and at recovery alike.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/limits.h"
#include "base/time.h"
#include "state/record.h"
#include "wire/kafka/record_batch.h"

namespace ledge::state {

struct ProducerOptions {
  Duration expiration = 24h;
  std::size_t producers_max = limits::producer_ids_per_partition_max;
};

struct ProducerDecision {
  enum class Kind { Accept, Duplicate, Refuse } kind = Kind::Accept;
  Error error = {};               // Refuse
  std::int64_t base_offset = -1;  // Duplicate: of the original ...
  std::int64_t last_offset = -1;  // ... to here ...
  std::int64_t max_timestamp =
      -1;  // ... and its largest timestamp, which is the append time in a topic of such
};

/// What DescribeProducers tells of a producer.
struct ActiveProducer {
  std::int64_t id = -1;
  std::int16_t epoch = -1;
  std::int32_t last_sequence = -1;
  std::int64_t last_timestamp = -1;  // the largest of its newest batch
};

class Producers {
 public:
  /// Kafka's order of checks: duplicate, epoch, sequence. `batch` has a producer id.
  ProducerDecision decide(const kafka::BatchHeader& batch, Instant now, const ProducerOptions& options) const;
  /// The batch, with its final offsets and timestamp, is appended.
  void apply(const kafka::BatchHeader& batch, Instant now, const ProducerOptions& options);

  /// Those that have not expired, by id.
  std::vector<ActiveProducer> active(Instant now, const ProducerOptions& options) const;
  std::size_t size() const { return producers_.size(); }
  std::size_t memory_bytes() const { return producers_.capacity() * sizeof(Producer); }

  /// How long each was silent is kept as a duration, so that neither a wall clock that jumped nor the time
  /// that the box was off makes a producer forgotten.
  void save(RecordWriter& out, Instant now) const;
  Result<void> load(RecordReader& in, Instant now);

 private:
  struct Batch {
    std::int64_t last_offset = -1;
    std::int64_t max_timestamp = -1;
    std::int32_t first_sequence = -1;
    std::int32_t last_sequence = -1;
    std::int32_t delta() const;
  };
  struct Producer {
    std::int64_t id = -1;
    Instant last_seen;
    std::int16_t epoch = -1;
    std::uint8_t batch_count = 0;
    std::array<Batch, limits::producer_batches_kept> batches;  // oldest first
    const Batch& last() const { return batches[batch_count - 1u]; }
  };
  const Producer* find(std::int64_t id) const;
  void make_room(Instant now, const ProducerOptions& options);

  std::vector<Producer> producers_;  // by id: new ids are mostly the largest
  std::size_t sweep_at_ = 64;        // look for expired ones when there are so many
};

}  // namespace ledge::state
