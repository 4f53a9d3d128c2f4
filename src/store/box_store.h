// SPDX-License-Identifier: Apache-2.0
// The store over any journal. Tests hand it one of their own.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "store/box_state.h"
#include "store/store.h"

namespace ledge::store {

using JournalOpener = std::move_only_function<Result<std::unique_ptr<journal::Journal>>(
    std::span<journal::Participant* const>)>;

/// What clients are told of a journal that failed.
inline Error storage_error(const Error& why) { return {ErrorCode::KafkaStorageError, why.text()}; }

class BoxStore final : public Store {
 public:
  static Result<std::unique_ptr<BoxStore>> open(os::Env env, const Options& options,
                                                JournalOpener open_journal);

  const Identity& identity() const override { return identity_; }
  journal::Journal& journal() override { return *journal_; }
  void when_ready(os::Callback done) override;

  const state::Topics& topics() const override { return state_.topics; }
  PartitionPtr partition(const Uuid& topic_id, std::int32_t index) override;
  PartitionPtr partition(std::string_view topic, std::int32_t index) override;
  void create_topics(std::vector<state::NewTopic> requests, bool validate_only, TopicsCreated done) override;
  void delete_topics(std::vector<Uuid> ids, TopicsDeleted done) override;
  void when_settled(Settled done) override;

  void add_partitions(std::vector<state::MorePartitions> requests, bool validate_only,
                      TopicsChanged done) override;
  void change_configs(std::vector<state::ConfigChange> requests, bool validate_only,
                      TopicsChanged done) override;

  void append(const PartitionPtr& partition, SharedBytes batch, const AppendOptions& options,
              AppendDone done) override;
  void delete_records(const PartitionPtr& partition, std::int64_t before, RecordsDeleted done) override;
  void read(const PartitionPtr& partition, std::int64_t offset, std::uint64_t bytes_max, bool first_whole,
            Isolation isolation, ReadDone done) override;
  void find_offset(const PartitionPtr& partition, std::int64_t timestamp, Isolation isolation,
                   OffsetFound done) override;
  std::unique_ptr<Waiter> wait(const PartitionPtr& partition, std::function<void()> changed) override;
  void new_producer_id(std::move_only_function<void(ProducerId)> done) override;
  std::vector<state::ActiveProducer> producers(const PartitionPtr& partition) const override;

  state::GroupCoordinator& groups() override { return state_.groups; }
  void make_offsets_topic() override;
  void append_group_records(std::vector<state::GroupRecord> records, GroupRecordsWritten done) override;

  std::int64_t metadata_end() const override { return journal_->stream(kStateStream).durable_offset; }
  std::uint64_t pending_bytes() const override { return journal_->pending_bytes(); }
  Error health() const override { return failed_; }
  void drain(os::Callback done) override;
  Stats stats() const override;

  const BoxState& state() const { return state_; }

 private:
  using ProducerIdDone = std::move_only_function<void(ProducerId)>;
  BoxStore(os::Env env, const Options& options);

  Result<void> begin_boot();
  /// The records share a frame with `more`. Applied on success.
  Result<const BoxState::Logs*> offsets_logs();
  Result<BoxState::Change> append_records(std::vector<Bytes> records, std::vector<journal::Entry> more,
                                          journal::Durable durable);
  /// Tells those in settling_ who waited for the records that came so far, or all of them of a failure.
  void records_written(const Result<void>& result);
  /// Why nothing is written any more, code None while it is. A decision on the state that a failed journal
  /// left behind would speak of what a restart takes back.
  Error refusal() const;
  using DecideChange = std::function<Result<state::TopicMachine::ChangeDecision>(std::size_t)>;
  void change_topics(std::size_t count, bool validate_only, const DecideChange& decide, TopicsChanged done);
  Error may_not_append(const Log& log, const AppendOptions& options) const;
  kafka::BatchRules rules_for(const Log& log, const AppendOptions& options) const;
  /// Refuses, or hands the batch to the journal.
  void append_checked(std::shared_ptr<Log> log, SharedBytes batch, kafka::BatchHeader header,
                      const AppendOptions& options, AppendDone done);
  void answer_duplicate(std::shared_ptr<Log> log, const state::ProducerDecision& original, AppendDone done);
  /// Tells those who wait for it.
  void became_durable(Log& log, std::int64_t end);
  void reserve_producer_ids();
  void answer_producer_ids(const Error& error);
  void journal_failed(const Error& why);

  os::Env env_;
  Options options_;
  BoxState state_;
  Identity identity_;
  Error failed_;
  bool draining_ = false;
  bool ready_ = false;
  std::vector<os::Callback> when_ready_;
  std::multimap<std::int64_t, Settled> settling_;  // by the state stream's offset that they wait for
  std::vector<ProducerIdDone> want_producer_id_;
  bool reserving_ = false;
  struct ParkedDuplicate {
    std::shared_ptr<Log> log;
    std::int64_t last_offset;
    Appended answer;
    AppendDone done;
  };
  std::vector<ParkedDuplicate> duplicates_;  // retries that came before their original was durable
  Stats stats_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<journal::Journal> journal_;  // goes first: its callbacks use the rest
};

}  // namespace ledge::store
