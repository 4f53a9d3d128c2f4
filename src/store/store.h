// SPDX-License-Identifier: Apache-2.0
// The single door for every record: Kafka produce and fetch today; MQTT, HTTP, SQL and the link later. Joins
// the journal (durability) with the state machines (topics, configs, producers).
//
// Everything is on the loop thread. Completions may come before the call returns or later; they come exactly
// once. What is answered as done is durable: a completion waits for the fdatasync that covers it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/uuid.h"
#include "journal/journal.h"
#include "os/system.h"
#include "state/groups/group_coordinator.h"
#include "state/producers.h"
#include "state/topics.h"
#include "wire/kafka/record_batch.h"

namespace ledge::store {

/// What outlives every restart and what does not; the link will compare these (docs/architecture.md,
/// "Identity").
struct Identity {
  Uuid cluster_id;              // made at the first start, Kafka's cluster id
  Uuid journal_id;              // made with the data folder
  Uuid boot_id;                 // new at every start
  std::int32_t boot_epoch = 0;  // number of starts before this one
  std::int32_t node_id = 1;
};

/// One partition's log. Held by shared_ptr, so that a parked fetch survives the deletion of the topic.
class Partition {
 public:
  virtual ~Partition() = default;
  virtual std::int32_t index() const = 0;
  virtual const Uuid& topic_id() const = 0;
  /// This log's own random id: a log that was created anew, or on another box, has another one.
  virtual const Uuid& incarnation() const = 0;
  virtual bool deleted() const = 0;

  virtual std::int64_t log_start() const = 0;
  /// Everything below is durable and may be read.
  virtual std::int64_t high_watermark() const = 0;
  virtual std::int64_t last_stable_offset() const = 0;
  virtual std::int64_t log_end() const = 0;
  /// The bytes of its batches. After a deletion of some of them: what the number of those left makes likely.
  virtual std::uint64_t log_bytes() const = 0;

  /// The epoch of this boot: 0 on the boot that created the topic, one more at every start since.
  virtual std::int32_t leader_epoch() const = 0;
  struct EpochEnd {
    std::int32_t epoch = -1;
    std::int64_t end_offset = -1;
  };
  /// Kafka's OffsetForLeaderEpoch: the largest epoch <= `epoch` that has records, and where it ends; (-1, -1)
  /// unknown.
  virtual EpochEnd epoch_end(std::int32_t epoch) const = 0;
  /// The epoch under which `offset` was written, -1 if unknown.
  virtual std::int32_t epoch_of(std::int64_t offset) const = 0;
};
using PartitionPtr = std::shared_ptr<Partition>;

struct RecordError {
  std::int32_t batch_index = 0;  // index of the record in its batch
  std::string message;
};

struct Appended {
  Error error = {};  // code None: done. Otherwise nothing was appended.
  std::int64_t base_offset = -1;
  WallMs log_append_time = -1;  // of LogAppendTime topics; of a duplicate: the original's largest timestamp
  std::int64_t log_start = -1;
  std::vector<RecordError> record_errors = {};
};
using AppendDone = std::move_only_function<void(Appended)>;

struct AppendOptions {
  /// From a Kafka client: control batches are refused, internal topics too.
  bool from_client = true;
  /// The Produce version; some codecs are legal only from a version on.
  std::int16_t produce_version = 13;
  /// false (acks=0 and acks=1 do not weaken durability; the caller decides whether to wait for the answer).
  bool completes_at_append = false;
};

struct Read {
  Error error = {};
  std::vector<journal::Slice> slices =
      {};  // whole batches, the first holds the asked offset; may be empty at the end of the log
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start = -1;
};
using ReadDone = std::move_only_function<void(Read)>;

enum class Isolation : std::int8_t { ReadUncommitted = 0, ReadCommitted = 1 };

struct FoundOffset {
  Error error = {};
  std::int64_t offset = -1;
  std::int64_t timestamp = -1;
  std::int32_t leader_epoch = -1;
};
using OffsetFound = std::move_only_function<void(FoundOffset)>;

struct ProducerId {
  Error error = {};
  std::int64_t id = -1;
  std::int16_t epoch = -1;
};

/// Told whenever a partition's readable range changes (high watermark moved, log start moved, deleted), until
/// destroyed.
class Waiter {
 public:
  virtual ~Waiter() = default;
};

struct Options {
  state::CoordinatorOptions groups;
  std::int32_t offsets_topic_partitions = 1;  // offsets.topic.num.partitions
  std::int32_t node_id = 1;
  journal::Options journal;
  state::TopicDefaults topic_defaults;
  /// The largest batch any topic may allow is bounded by the journal's frame.
  std::int64_t producer_id_expiration_ms = 86400000;
};

class Store {
 public:
  virtual ~Store() = default;

  /// Recovers; blocks; called before the loop runs.
  static Result<std::unique_ptr<Store>> open(os::Env env, os::Directory& directory, const Options& options,
                                             journal::RecoveryReport* report);

  virtual const Identity& identity() const = 0;
  virtual journal::Journal& journal() = 0;
  /// Calls `done` once identity() is durable, at once when it is: a server that listens before could tell
  /// clients of a cluster, or of a start, that a power cut makes unknown again. Also once the journal has
  /// failed; health() tells.
  virtual void when_ready(os::Callback done) = 0;

  // --- topics
  // -----------------------------------------------------------------------------------------------------

  virtual const state::Topics& topics() const = 0;
  /// nullptr: no such topic or partition.
  virtual PartitionPtr partition(const Uuid& topic_id, std::int32_t index) = 0;
  virtual PartitionPtr partition(std::string_view topic, std::int32_t index) = 0;

  struct TopicCreated {
    Error error;
    state::TopicView topic;  // valid when error.code is None, also for validate-only
  };
  using TopicsCreated = std::move_only_function<void(std::vector<TopicCreated>)>;
  /// One answer per request, in order. Visible and durable before the answer; each topic is created whole or
  /// not at all.
  virtual void create_topics(std::vector<state::NewTopic> requests, bool validate_only,
                             TopicsCreated done) = 0;
  using TopicsChanged = std::move_only_function<void(std::vector<Error>)>;
  /// One answer per request, in order. Visible and durable before the answer (KIP-195).
  virtual void add_partitions(std::vector<state::MorePartitions> requests, bool validate_only,
                              TopicsChanged done) = 0;
  /// The same for overrides (KIP-339); a topic's steps are taken all or not at all.
  virtual void change_configs(std::vector<state::ConfigChange> requests, bool validate_only,
                              TopicsChanged done) = 0;
  using TopicsDeleted = std::move_only_function<void(std::vector<Error>)>;
  /// One answer per id, in order; durable before the answer.
  virtual void delete_topics(std::vector<Uuid> ids, TopicsDeleted done) = 0;

  using Settled = std::move_only_function<void(const Error&)>;
  /// Calls `done` once every decision on topics so far is durable, at once when it is; KafkaStorageError when
  /// that will not be. For answers that say what topics() lacks: a deleted topic is hidden from the decision
  /// on, and a power cut brings it back.
  virtual void when_settled(Settled done) = 0;

  // --- records
  // ----------------------------------------------------------------------------------------------------

  /// Validates the batch, assigns offsets and the leader epoch (in place, in `batch`), appends, and answers
  /// when it is durable. A duplicate of an idempotent producer is answered with the original offset, also
  /// after that is durable.
  virtual void append(const PartitionPtr& partition, SharedBytes batch, const AppendOptions& options,
                      AppendDone done) = 0;

  using RecordsDeleted = std::move_only_function<void(Error, std::int64_t log_start)>;
  /// Moves the log's start up to `before`, never down; what is below is gone when that is durable (KIP-107).
  /// OffsetOutOfRange beyond the high watermark, PolicyViolation for a topic that is only compacted.
  virtual void delete_records(const PartitionPtr& partition, std::int64_t before, RecordsDeleted done) = 0;

  /// Durable batches from the one that holds `offset`, up to `bytes_max` (the first one always, if
  /// `first_whole`). Errors: OffsetOutOfRange, UnknownTopicOrPartition (deleted), KafkaStorageError /
  /// CorruptMessage for a damaged range.
  virtual void read(const PartitionPtr& partition, std::int64_t offset, std::uint64_t bytes_max,
                    bool first_whole, Isolation isolation, ReadDone done) = 0;

  /// Kafka's ListOffsets for timestamps >= 0 and for -3 (max timestamp); exact record inside a batch.
  virtual void find_offset(const PartitionPtr& partition, std::int64_t timestamp, Isolation isolation,
                           OffsetFound done) = 0;

  virtual std::unique_ptr<Waiter> wait(const PartitionPtr& partition, std::function<void()> changed) = 0;

  /// A producer id that was never given out before, also not before a power cut.
  virtual void new_producer_id(std::move_only_function<void(ProducerId)> done) = 0;
  /// The producers whose sequence the partition keeps, by id (KIP-664).
  virtual std::vector<state::ActiveProducer> producers(const PartitionPtr& partition) const = 0;

  // --- groups

  /// The group machine, restored by recovery. broker/groups drives it.
  virtual state::GroupCoordinator& groups() = 0;
  /// Makes `__consumer_offsets` unless it is there; it is shown once that is durable.
  virtual void make_offsets_topic() = 0;
  using GroupRecordsWritten = std::move_only_function<void(const Error&)>;
  /// Appends to `__consumer_offsets`, which is made when it is first needed. When that is durable the machine
  /// applies the records, then `done` is told. All of them or, after a power cut, none.
  virtual void append_group_records(std::vector<state::GroupRecord> records, GroupRecordsWritten done) = 0;

  /// The records of topics, identity and the like that are durable, by number; it only grows.
  virtual std::int64_t metadata_end() const = 0;
  /// Bytes of requests waiting for the disk; the server stops reading above a limit.
  virtual std::uint64_t pending_bytes() const = 0;
  /// None while records are accepted, else why not (poisoned journal).
  virtual Error health() const = 0;
  /// Makes everything appended durable, then calls `done`; further appends fail with ShuttingDown.
  virtual void drain(os::Callback done) = 0;

  struct Stats {
    std::uint64_t records_in = 0, bytes_in = 0, batches_in = 0, batches_refused = 0, duplicates = 0;
    std::uint64_t records_out_batches = 0, bytes_out = 0;
    std::uint64_t topics = 0, partitions = 0, producers = 0;
  };
  virtual Stats stats() const = 0;
};

}  // namespace ledge::store
