// SPDX-License-Identifier: Apache-2.0
// Group records on their way to `__consumer_offsets`: Kafka's batches in an ordinary log, so that whoever
// reads the topic can decode it, in the same group commit as everybody's records.
#include <map>

#include "base/check.h"
#include "store/box_store.h"

namespace ledge::store {
namespace {

/// Records are put together up to about this many bytes a batch; a larger record is a batch of its own.
constexpr std::size_t kBatchBytes = 256 * 1024;

/// The partition that keeps a group: Java's hash of its id, as Kafka and tools compute it (exact for ASCII).
std::size_t partition_of(std::string_view group, std::size_t partitions) {
  std::uint32_t hash = 0;
  for (const char c : group) hash = hash * 31 + static_cast<unsigned char>(c);
  return (hash & 0x7fffffff) % partitions;
}

std::string group_of(const state::GroupRecord& record) {
  const auto key = state::decode_group_record_key(record.key);
  CHECK(key.has_value());  // the machine wrote it
  return std::visit(
      [](const auto& of) -> std::string {
        if constexpr (requires { of.group; }) return of.group;
        CHECK(false);
      },
      *key);
}

std::vector<Bytes> batches_of(std::span<const state::GroupRecord* const> records, WallMs now) {
  std::vector<Bytes> batches;
  std::vector<kafka::NewRecord> open;
  std::size_t bytes = 0;
  for (const state::GroupRecord* record : records) {
    open.push_back({record->key, record->value, {}, now});
    bytes += record->key.size() + (record->value ? record->value->size() : 0);
    if (bytes < kBatchBytes && record != records.back()) continue;
    batches.push_back(kafka::build_batch(open, {}));
    open.clear();
    bytes = 0;
  }
  return batches;
}

}  // namespace

Result<const BoxState::Logs*> BoxStore::offsets_logs() {
  if (const BoxState::Logs* logs = state_.offsets_logs()) return logs;
  state::NewTopic topic;
  topic.name = state::kOffsetsTopic;
  topic.partitions = options_.offsets_topic_partitions;
  topic.configs = {
      {"cleanup.policy", "compact"}, {"compression.type", "producer"}, {"segment.bytes", "104857600"}};
  auto decision =
      state_.topics.decide_create(topic, identity_.boot_epoch, [this] { return env_.random.uuid(); });
  if (decision.error.code != ErrorCode::None) return std::unexpected(std::move(decision.error));
  const Uuid id = decision.topic.id;
  std::vector<Bytes> records;
  records.push_back(std::move(decision.record));
  TRY_VOID(append_records(std::move(records), {}, [this, id](const Result<void>& result) {
    if (result) state_.topics.release(id);
  }));
  state_.topics.hold(id, nullptr);
  return state_.offsets_logs();
}

void BoxStore::make_offsets_topic() {
  // Who only asked is not told of a failure: the first commit meets it again.
  if (refusal().code == ErrorCode::None) (void)offsets_logs();
}

void BoxStore::append_group_records(std::vector<state::GroupRecord> records, GroupRecordsWritten done) {
  if (Error why = refusal(); why.code != ErrorCode::None) return done(std::move(why));
  const auto logs = offsets_logs();
  if (!logs) return done(logs.error());

  std::map<std::size_t, std::vector<const state::GroupRecord*>> by_partition;
  for (const state::GroupRecord& record : records)
    by_partition[partition_of(group_of(record), (*logs)->size())].push_back(&record);

  struct Append {
    std::shared_ptr<Log> log;
    journal::EntryHeader entry;
    kafka::BatchHeader batch;
  };
  std::vector<Append> appends;
  std::vector<journal::Entry> entries;
  for (const auto& [partition, mine] : by_partition) {
    const auto& log = (**logs)[partition];
    std::int64_t next = log->log_end();
    for (Bytes& bytes : batches_of(mine, env_.loop.wall_now())) {
      kafka::set_base_offset(bytes, next);
      kafka::set_leader_epoch(bytes, log->leader_epoch());
      const kafka::BatchHeader batch = *kafka::read_batch_header(bytes);
      journal::EntryHeader entry;
      entry.stream = log->stream();
      entry.first_offset = next;
      entry.last_offset = batch.last_offset();
      entry.max_timestamp = batch.max_timestamp;
      entry.leader_epoch = batch.leader_epoch;
      next = entry.last_offset + 1;
      entries.push_back({entry, SharedBytes::take(std::move(bytes))});
      appends.push_back({log, entry, batch});
    }
  }
  auto waiting = std::make_shared<GroupRecordsWritten>(std::move(done));
  const auto written = std::make_shared<const std::vector<state::GroupRecord>>(std::move(records));
  const auto apply = [this, written] {
    for (const state::GroupRecord& record : *written) {
      const std::optional<ByteView> value =
          record.value ? std::optional<ByteView>{*record.value} : std::nullopt;
      CHECK(state_.groups.apply(record.key, value, false, env_.loop.now()).has_value());
    }
  };
  bool told = false;
#ifdef LEDGE_SABOTAGE
  told = options_.groups.group.sabotage == state::GroupSabotage::RecordsBeforeDurable;
#endif
  const auto appended = journal_->append(
      std::move(entries), [this, waiting, appends, written, apply, told](const Result<void>& result) {
        CHECK(state_.groups_in_flight.front() == written);
        state_.groups_in_flight.pop_front();
        if (!result && told) return;
        if (!result) return (*waiting)({ErrorCode::KafkaStorageError, result.error().text()});
        if (!told) {
          apply();
          (*waiting)({});
        }
        for (const Append& append : appends)
          if (append.log->raise_high_watermark(append.entry.last_offset + 1))
            became_durable(*append.log, append.entry.last_offset + 1);
      });
  if (!appended) return (*waiting)(appended.error());
  state_.groups_in_flight.push_back(written);
  for (const Append& append : appends)
    append.log->apply(append.entry, append.batch, env_.loop.now(), state_.producer_options());
  if (!told) return;
  apply();
  (*waiting)({});
}

}  // namespace ledge::store
