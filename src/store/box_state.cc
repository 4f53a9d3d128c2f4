// SPDX-License-Identifier: Apache-2.0
#include "store/box_state.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"

namespace ledge::store {
namespace {

using journal::EntryKind;
using state::RecordType;

constexpr std::uint8_t kSnapshotVersion = 0;
/// More than the ids that may have been handed out from blocks whose records are lost.
constexpr std::int64_t kProducerIdsSkipped = 1000 * state::ProducerIdMachine::kBlock;

Error at(const journal::EntryHeader& header, Error error) {
  error.detail = "stream " + std::to_string(std::to_underlying(header.stream)) + " offset " +
                 std::to_string(header.first_offset) + ": " + error.detail;
  return error;
}

}  // namespace

BoxState::BoxState(os::Env env, const Options& options)
    : topics(options.topic_defaults, options.node_id, std::to_underlying(journal::kFirstPartitionStream)),
      groups(options.groups, topics, [&random = env.random] { return random.uuid().hyphenated(); }),
      loop_(env.loop),
      producer_options_{.expiration = std::chrono::milliseconds{options.producer_id_expiration_ms}} {}

const BoxState::Logs* BoxState::logs(const Uuid& topic) const {
  const auto found = logs_.find(topic);
  return found == logs_.end() ? nullptr : &found->second;
}

Log* BoxState::log(const Uuid& topic, std::int32_t index) const {
  const Logs* all = logs(topic);
  return all == nullptr || index < 0 || std::cmp_greater_equal(index, all->size())
             ? nullptr
             : (*all)[static_cast<std::size_t>(index)].get();
}

std::size_t BoxState::producer_count() const {
  std::size_t n = 0;
  for (const auto& [id, logs] : logs_)
    for (const auto& log : logs) n += log->producers() ? log->producers()->size() : 0;
  return n;
}

std::shared_ptr<Log> BoxState::make_log(const std::shared_ptr<const state::TopicView>& topic,
                                        std::int32_t index) {
  auto log = std::make_shared<Log>(topic, index);
  log->start_leading(identity.boot().epoch - topic->created_boot_epoch);
  if (recovering_) by_stream_[std::to_underlying(log->stream())] = log.get();
  return log;
}

BoxState::Change BoxState::create_logs(const state::TopicView& topic) {
  Change change;
  const auto view = topics.share(topic.id);
  CHECK(view != nullptr);
  for (std::int32_t i = 0; i < topic.partitions; ++i) change.created.push_back(make_log(view, i));
  logs_[topic.id] = change.created;
  if (topic.name == state::kOffsetsTopic) offsets_topic_ = topic.id;
  return change;
}

BoxState::Change BoxState::change_logs(const std::shared_ptr<const state::TopicView>& topic) {
  Change change;
  Logs& logs = logs_.at(topic->id);
  for (const auto& log : logs) log->set_topic(topic);
  for (auto i = static_cast<std::int32_t>(logs.size()); i < topic->partitions; ++i) {
    logs.push_back(make_log(topic, i));
    change.created.push_back(logs.back());
  }
  return change;
}

BoxState::Change BoxState::delete_logs(const state::TopicView& topic) {
  Change change;
  const auto found = logs_.find(topic.id);
  CHECK(found != logs_.end());
  change.deleted = std::move(found->second);
  logs_.erase(found);
  if (topic.id == offsets_topic_) offsets_topic_ = {};
  for (const auto& log : change.deleted) {
    log->mark_deleted();
    if (recovering_) by_stream_.erase(std::to_underlying(log->stream()));
  }
  return change;
}

Result<BoxState::Change> BoxState::apply(ByteView record) {
  state::RecordReader reader{record};
  const auto type = static_cast<RecordType>(reader.le<std::uint8_t>());
  const auto version = reader.le<std::uint8_t>();
  if (!reader.ok()) return fail(ErrorCode::Malformed, "a record that is too short");
  switch (type) {
    case RecordType::Identity:
    case RecordType::Boot: TRY_VOID(identity.apply(type, version, reader)); return Change{};
    case RecordType::ProducerIdBlock: TRY_VOID(producer_ids.apply(version, reader)); return Change{};
    case RecordType::TopicCreated:
    case RecordType::TopicDeleted:
    case RecordType::TopicPartitionsAdded:
    case RecordType::TopicConfigsChanged: {
      TRY(const auto change, topics.apply(type, version, reader));
      if (change.changed != nullptr) return change_logs(change.changed);
      return change.created != nullptr ? create_logs(*change.created) : delete_logs(*change.deleted);
    }
  }
  return fail(ErrorCode::WrongFormatVersion, "a record of type " + std::to_string(std::to_underlying(type)) +
                                                 ", which this program does not know");
}

Result<void> BoxState::replay(const journal::EntryHeader& header, ByteView body) {
  if (header.kind == EntryKind::SnapshotPiece || header.kind == EntryKind::IndexPiece) return {};
  auto done = header.stream < journal::kFirstPartitionStream ? replay_record(header, body)
                                                             : replay_batch(header, body);
  if (!done) return std::unexpected(at(header, std::move(done).error()));
  return {};
}

// What the snapshot holds may come again: the journal promises all entries behind the snapshot, and entries
// before it do no harm.
Result<void> BoxState::replay_record(const journal::EntryHeader& header, ByteView body) {
  if (header.stream != kStateStream || header.kind != EntryKind::Append)
    return fail(ErrorCode::WrongFormatVersion, "an internal entry that this program does not know");
  if (header.last_offset < next_record) return {};
  if (header.first_offset > next_record && !records_lost_) {
    // The journal has reported the damage. What is left is served; what the lost records said is not known.
    LOG_ERROR("records of topics or identity are lost", {{"from", next_record}, {"to", header.first_offset}});
    records_lost_ = true;
  }
  next_record = header.last_offset + 1;
  auto applied = apply(body);
  if (applied) return {};
  if (!records_lost_ || applied.error().code != ErrorCode::Malformed)
    return std::unexpected(std::move(applied).error());
  LOG_WARN("a record does not fit behind the lost ones; passed over", {{"why", applied.error().detail}});
  return {};
}

Result<void> BoxState::replay_batch(const journal::EntryHeader& header, ByteView body) {
  const auto found = by_stream_.find(std::to_underlying(header.stream));
  if (found == by_stream_.end()) {
    // Of a topic that was deleted meanwhile, or whose record is lost. Its id must not be used again.
    topics.note_stream(std::to_underlying(header.stream));
    if (header.kind != EntryKind::Drop) ++orphans_;
    return {};
  }
  Log& log = *found->second;
  switch (header.kind) {
    case EntryKind::Append: break;
    case EntryKind::LogStart: log.apply_log_start(header.first_offset); return {};
    case EntryKind::Relocated: return {};  // nothing but its place changed
    case EntryKind::Drop: return {};       // the record of the deletion, in the same frame, says all
    case EntryKind::Truncate:
    case EntryKind::SnapshotPiece:
    case EntryKind::IndexPiece:
      return fail(ErrorCode::WrongFormatVersion, "an entry of a kind that this program does not know");
  }
  if (header.last_offset < log.log_end()) return {};
  TRY(const kafka::BatchHeader batch, kafka::read_batch_header(body));
  if (batch.base_offset != header.first_offset || batch.last_offset() != header.last_offset ||
      header.first_offset < log.log_end())
    return fail(ErrorCode::Malformed, "a batch whose offsets are not those of its entry or its log");
  log.apply(header, batch, loop_.now(), producer_options_);
  boot_epoch_min_ = std::max(boot_epoch_min_, log.topic().created_boot_epoch + header.leader_epoch + 1);
  return log.topic_id() == offsets_topic_ ? replay_group_records(body) : Result<void>{};
}

Result<void> BoxState::replay_group_records(ByteView batch) {
  Result<void> applied;
  TRY_VOID(kafka::for_each_record(
      batch, limits::batch_decompressed_bytes_max, [&](const kafka::RecordView& record) {
        applied = groups.apply(record.key.value_or(ByteView{}), record.value, true, loop_.now());
        return applied.has_value();
      }));
  return applied;
}

Result<void> BoxState::recovered(const journal::Journal& journal) {
  recovering_ = false;
  by_stream_ = {};
  groups.recovered(loop_.now());
  const auto beyond = [&](journal::StreamId stream, std::int64_t next) -> Result<void> {
    const std::int64_t end = journal.stream(stream).next_offset;
    if (next <= end) return {};
    return fail(ErrorCode::Malformed, "stream " + std::to_string(std::to_underlying(stream)) +
                                          ": the snapshot goes on to offset " + std::to_string(next) +
                                          ", the journal ends at " + std::to_string(end));
  };
  TRY_VOID(beyond(kStateStream, next_record));
  next_record = journal.stream(kStateStream).next_offset;
  if (records_lost_) producer_ids.skip_to(producer_ids.reserved_end() + kProducerIdsSkipped);
  for (const auto& [id, logs] : logs_) {
    for (const auto& log : logs) {
      TRY_VOID(beyond(log->stream(), log->log_end()));
      log->recovered(journal.stream(log->stream()));
      boot_epoch_min_ =
          std::max(boot_epoch_min_, log->topic().created_boot_epoch + log->epochs().newest() + 1);
    }
  }
  if (orphans_ > 0) LOG_ERROR("entries in the journal belong to no topic", {{"entries", orphans_}});
  return {};
}

void BoxState::start_leading() {
  for (const auto& [id, logs] : logs_)
    for (const auto& log : logs) log->start_leading(identity.boot().epoch - log->topic().created_boot_epoch);
}

Bytes BoxState::take_snapshot() const {
  state::RecordWriter out;
  out.le(kSnapshotVersion);
  out.le(next_record);
  identity.save(out);
  producer_ids.save(out);
  topics.save(out);
  std::vector<const Log*> used;  // an empty one is as it was created
  for (const auto& [id, logs] : logs_)
    for (const auto& log : logs)
      if (log->log_end() > 0) used.push_back(log.get());
  std::ranges::sort(used, {}, &Log::stream);
  out.uvarlong(used.size());
  for (const Log* log : used) {
    out.uvarlong(std::to_underlying(log->stream()));
    log->save(out, loop_.now());
  }
  const std::vector<state::GroupRecord> of_groups = group_records();
  out.uvarlong(of_groups.size());
  for (const state::GroupRecord& record : of_groups) {
    out.string(as_text(record.key));
    out.string(as_text(record.value.value()));
  }
  return out.take();
}

std::vector<state::GroupRecord> BoxState::group_records() const {
  std::vector<state::GroupRecord> out = groups.save();
  if (groups_in_flight.empty()) return out;
  std::map<Bytes, std::size_t> at;
  for (std::size_t i = 0; i < out.size(); ++i) at[out[i].key] = i;
  for (const auto& records : groups_in_flight) {
    for (const state::GroupRecord& record : *records) {
      const auto [found, is_new] = at.try_emplace(record.key, out.size());
      is_new ? out.push_back(record) : void(out[found->second].value = record.value);
    }
  }
  std::erase_if(out, [](const state::GroupRecord& record) { return !record.value; });
  return out;
}

Result<void> BoxState::load_snapshot(ByteView part) {
  state::RecordReader in{part};
  TRY_VOID(state::expect_version(in.le<std::uint8_t>(), kSnapshotVersion, "the store's snapshot"));
  next_record = in.le<std::int64_t>();
  TRY_VOID(identity.load(in));
  TRY_VOID(producer_ids.load(in));
  TRY_VOID(topics.load(in));
  for (const state::TopicView* topic : topics.all()) create_logs(*topic);
  constexpr std::size_t kLogBytesMin = 1 + 1 + 8 + 8 + 1 + 2;
  for (std::size_t n = in.count(kLogBytesMin); n > 0; --n) {
    const auto found = by_stream_.find(in.uvarlong());
    if (found == by_stream_.end() || found->second->log_end() > 0)
      return fail(ErrorCode::Malformed, "the store's snapshot: a log of no topic, or one twice");
    TRY_VOID(found->second->load(in, loop_.now()));
  }
  for (std::size_t n = in.count(2); n > 0; --n) {
    const std::string key = in.string();
    const std::string value = in.string();
    TRY_VOID(groups.apply(as_bytes(key), as_bytes(value), true, loop_.now()));
  }
  if (next_record < 0) return fail(ErrorCode::Malformed, "the store's snapshot: offsets");
  return in.finish("the store's snapshot");
}

}  // namespace ledge::store
