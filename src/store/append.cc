// SPDX-License-Identifier: Apache-2.0
// The way in. Order: may it be appended at all, is the batch sound, is it new, does it fit; only then do
// offsets move, and only the journal's word that it is on the disk lets anybody see it.
#include <algorithm>

#include "base/check.h"
#include "base/limits.h"
#include "store/box_store.h"

namespace ledge::store {
namespace {

constexpr std::int16_t kZstdSince = 7;  // of Produce

void refuse(AppendDone& done, ErrorCode code, std::string detail) {
  done({.error = {code, std::move(detail)}});
}

}  // namespace

Error BoxStore::may_not_append(const Log& log, const AppendOptions& options) const {
  if (Error why = refusal(); why.code != ErrorCode::None) return why;
  if (log.deleted()) return {ErrorCode::UnknownTopicOrPartition, "the topic was deleted"};
  if (options.from_client && log.topic().internal)
    return {ErrorCode::InvalidTopicException, "Cannot append to internal topic " + log.topic().name};
  return {};
}

kafka::BatchRules BoxStore::rules_for(const Log& log, const AppendOptions& options) const {
  const state::TopicConfig& config = log.topic().config;
  return {.batch_bytes_max = config.max_message_bytes,
          .key_required = config.compacted,
          .log_append_time = config.log_append_time,
          .timestamp_before_max_ms = config.timestamp_before_max_ms,
          .timestamp_after_max_ms = config.timestamp_after_max_ms,
          .now = env_.loop.wall_now(),
          .zstd_allowed = options.produce_version >= kZstdSince,
          .decompressed_bytes_max = limits::batch_decompressed_bytes_max};
}

void BoxStore::append(const PartitionPtr& partition, SharedBytes batch, const AppendOptions& options,
                      AppendDone done) {
  auto log = std::static_pointer_cast<Log>(partition);
  if (Error error = may_not_append(*log, options); error.code != ErrorCode::None) {
    ++stats_.batches_refused;
    return done({.error = std::move(error)});
  }
  auto header = kafka::validate_produced_batch(batch.view(), rules_for(*log, options));
  if (!header) {
    ++stats_.batches_refused;
    Appended answer{.error = std::move(header.error().error), .log_start = log->log_start()};
    for (auto& [index, text] : header.error().records)
      answer.record_errors.push_back({index, std::move(text)});
    return done(std::move(answer));
  }
  append_checked(std::move(log), std::move(batch), *header, options, std::move(done));
}

void BoxStore::append_checked(std::shared_ptr<Log> log, SharedBytes batch, kafka::BatchHeader header,
                              const AppendOptions& options, AppendDone done) {
  const std::size_t bytes = header.total_bytes();
  const state::TopicConfig& config = log->topic().config;
  const Instant now = env_.loop.now();
  if (header.transactional()) {
    ++stats_.batches_refused;
    return refuse(done, ErrorCode::InvalidTxnState, "transactions are not served by this version");
  }
  if (std::cmp_greater(bytes, std::min(config.segment_bytes, limits::batch_bytes_max))) {
    ++stats_.batches_refused;
    return refuse(done, ErrorCode::RecordListTooLarge,
                  "the batch has " + std::to_string(bytes) + " bytes, a segment takes " +
                      std::to_string(std::min(config.segment_bytes, limits::batch_bytes_max)));
  }
  if (header.producer_id >= 0 && log->producers() != nullptr) {
    auto decision = log->producers()->decide(header, now, state_.producer_options());
    if (decision.kind == state::ProducerDecision::Kind::Duplicate)
      return answer_duplicate(std::move(log), decision, std::move(done));
    if (decision.kind == state::ProducerDecision::Kind::Refuse) {
      ++stats_.batches_refused;
      return done({.error = std::move(decision.error), .log_start = log->log_start()});
    }
  }

  const MutableBytes stored = batch.mutable_view().first(bytes);
  header.base_offset = log->log_end();
  header.leader_epoch = log->leader_epoch();
  kafka::set_base_offset(stored, header.base_offset);
  kafka::set_leader_epoch(stored, header.leader_epoch);
  Appended answer{.base_offset = header.base_offset, .log_start = log->log_start()};
  if (config.log_append_time) {
    header.max_timestamp = answer.log_append_time = env_.loop.wall_now();
    kafka::set_log_append_time(stored, header.max_timestamp);
  } else if (kafka::read_batch_header(stored)->max_timestamp != header.max_timestamp) {
    kafka::set_max_timestamp(stored, header.max_timestamp);
  }

  const journal::EntryHeader entry{.stream = log->stream(),
                                   .kind = journal::EntryKind::Append,
                                   .first_offset = header.base_offset,
                                   .last_offset = header.last_offset(),
                                   .max_timestamp = header.max_timestamp,
                                   .leader_epoch = header.leader_epoch};
  std::vector<journal::Entry> entries;
  entries.push_back({entry, batch.sub(0, bytes), kafka::checksum_of_whole_batch(stored)});
  // Whoever does not wait for the disk is answered below; the callback then has nobody to tell.
  auto waiting = std::make_shared<AppendDone>(options.completes_at_append ? AppendDone{} : std::move(done));
  auto appended = journal_->append(
      std::move(entries), [this, log, end = entry.last_offset + 1, answer, waiting](Result<void> result) {
        const bool news = result && log->raise_high_watermark(end);
        if (*waiting && result) (*waiting)(answer);
        if (*waiting && !result) refuse(*waiting, ErrorCode::KafkaStorageError, result.error().text());
        if (news) became_durable(*log, end);
      });
  if (!appended) {
    ++stats_.batches_refused;
    return refuse(options.completes_at_append ? done : *waiting, ErrorCode::KafkaStorageError,
                  appended.error().text());
  }
  log->apply(entry, header, now, state_.producer_options());
  ++stats_.batches_in;
  stats_.records_in += static_cast<std::uint64_t>(header.records);
  stats_.bytes_in += bytes;
  if (options.completes_at_append) done(std::move(answer));
}

void BoxStore::became_durable(Log& log, std::int64_t end) {
  log.wake();
  if (duplicates_.empty()) return;
  std::vector<ParkedDuplicate> now;
  std::erase_if(duplicates_, [&](ParkedDuplicate& duplicate) {
    if (duplicate.log.get() != &log || duplicate.last_offset >= end) return false;
    now.push_back(std::move(duplicate));
    return true;
  });
  for (ParkedDuplicate& duplicate : now) duplicate.done(std::move(duplicate.answer));
}

// The append time of the answer is the original's largest timestamp whatever the topic's kind of time, as
// Apache Kafka answers a retry.
void BoxStore::answer_duplicate(std::shared_ptr<Log> log, const state::ProducerDecision& original,
                                AppendDone done) {
  ++stats_.duplicates;
  Appended answer{.base_offset = original.base_offset,
                  .log_append_time = original.max_timestamp,
                  .log_start = log->log_start()};
  if (original.last_offset < log->high_watermark()) return done(std::move(answer));
  duplicates_.push_back({std::move(log), original.last_offset, std::move(answer), std::move(done)});
}

}  // namespace ledge::store
