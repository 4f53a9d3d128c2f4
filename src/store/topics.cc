// SPDX-License-Identifier: Apache-2.0
// Topics come, change and go: what the topic machine decides, on its way through the journal.
#include "store/box_store.h"

namespace ledge::store {
namespace {

/// A request of several parts, one answer to each; it is answered when the last part has arrived. Who asks is
/// a part too.
template <typename Answer> struct Parts {
  using Done = std::move_only_function<void(std::vector<Answer>)>;
  Parts(std::size_t count, Done whole) : answers(count), done(std::move(whole)) {}
  std::vector<Answer> answers;
  Done done;
  std::size_t waiting = 1;
  void arrived() {
    if (--waiting == 0) done(std::move(answers));
  }
};

Error& error_of(Error& answer) { return answer; }
Error& error_of(Store::TopicCreated& answer) { return answer.error; }

/// For an answer that writes nothing: it may rest on a decision that a power cut would take back.
template <typename Answer>
void arrives_settled(Store& store, const std::shared_ptr<Parts<Answer>>& call, std::size_t part) {
  ++call->waiting;
  store.when_settled([call, part](const Error& error) {
    if (error.code != ErrorCode::None) error_of(call->answers[part]) = error;
    call->arrived();
  });
}

}  // namespace

void BoxStore::create_topics(std::vector<state::NewTopic> requests, bool validate_only, TopicsCreated done) {
  auto call = std::make_shared<Parts<TopicCreated>>(requests.size(), std::move(done));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    TopicCreated& answer = call->answers[i];
    answer.error = refusal();
    if (answer.error.code != ErrorCode::None) continue;
    auto decision =
        state_.topics.decide_create(requests[i], identity_.boot_epoch, [this] { return env_.random.uuid(); });
    answer.error = std::move(decision.error);
    if (answer.error.code != ErrorCode::None) {
      arrives_settled(*this, call, i);
      continue;
    }
    answer.topic = std::move(decision.topic);
    if (validate_only) continue;
    const Uuid id = answer.topic.id;
    std::vector<Bytes> records;
    records.push_back(std::move(decision.record));
    ++call->waiting;
    auto appended = append_records(std::move(records), {}, [this, call, i, id](const Result<void>& result) {
      if (result) {
        state_.topics.release(id);
      } else {
        call->answers[i].error = storage_error(result.error());
      }
      call->arrived();
    });
    if (appended) {
      state_.topics.hold(id, nullptr);
    } else {
      answer.error = storage_error(appended.error());
      --call->waiting;
    }
  }
  call->arrived();
}

void BoxStore::delete_topics(std::vector<Uuid> ids, TopicsDeleted done) {
  auto call = std::make_shared<Parts<Error>>(ids.size(), std::move(done));
  BoxState::Logs deleted;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    call->answers[i] = refusal();
    if (call->answers[i].code != ErrorCode::None) continue;
    auto record = state_.topics.decide_delete(ids[i]);
    if (!record) {
      call->answers[i] = std::move(record).error();
      arrives_settled(*this, call, i);
      continue;
    }
    std::vector<journal::Entry> drops;
    for (const auto& log : *state_.logs(ids[i])) {
      journal::EntryHeader header;
      header.stream = log->stream();
      header.kind = journal::EntryKind::Drop;
      header.first_offset = header.last_offset = log->log_end();
      drops.push_back({header, {}});
    }
    std::vector<Bytes> records;
    records.push_back(*std::move(record));
    ++call->waiting;
    auto appended =
        append_records(std::move(records), std::move(drops), [call, i](const Result<void>& result) {
          if (!result) call->answers[i] = storage_error(result.error());
          call->arrived();
        });
    if (appended) {
      std::ranges::move(appended->deleted, std::back_inserter(deleted));
    } else {
      call->answers[i] = storage_error(appended.error());
      --call->waiting;
    }
  }
  for (const auto& log : deleted) log->wake();
  call->arrived();
}

void BoxStore::change_topics(std::size_t count, bool validate_only, const DecideChange& decide,
                             TopicsChanged done) {
  auto call = std::make_shared<Parts<Error>>(count, std::move(done));
  for (std::size_t i = 0; i < count; ++i) {
    call->answers[i] = refusal();
    if (call->answers[i].code != ErrorCode::None) continue;
    auto decision = decide(i);
    if (!decision) {
      call->answers[i] = std::move(decision).error();
      arrives_settled(*this, call, i);
      continue;
    }
    if (validate_only) continue;
    if (decision->record.empty()) {  // it is so already, maybe since a moment ago
      arrives_settled(*this, call, i);
      continue;
    }
    auto before = state_.topics.share(decision->id);
    std::vector<Bytes> records;
    records.push_back(std::move(decision->record));
    ++call->waiting;
    const auto appended = append_records(std::move(records), {},
                                         [this, call, i, id = decision->id](const Result<void>& result) {
                                           if (result) {
                                             state_.topics.release(id);
                                           } else {
                                             call->answers[i] = storage_error(result.error());
                                           }
                                           call->arrived();
                                         });
    if (appended) {
      state_.topics.hold(decision->id, std::move(before));
    } else {
      call->answers[i] = storage_error(appended.error());
      --call->waiting;
    }
  }
  call->arrived();
}

void BoxStore::add_partitions(std::vector<state::MorePartitions> requests, bool validate_only,
                              TopicsChanged done) {
  const auto decide = [&](std::size_t i) {
    return state_.topics.decide_partitions(requests[i], [this] { return env_.random.uuid(); });
  };
  change_topics(requests.size(), validate_only, decide, std::move(done));
}

void BoxStore::change_configs(std::vector<state::ConfigChange> requests, bool validate_only,
                              TopicsChanged done) {
  const auto decide = [&](std::size_t i) { return state_.topics.decide_configs(requests[i]); };
  change_topics(requests.size(), validate_only, decide, std::move(done));
}

void BoxStore::delete_records(const PartitionPtr& partition, std::int64_t before, RecordsDeleted done) {
  auto log = std::static_pointer_cast<Log>(partition);
  if (Error why = refusal(); why.code != ErrorCode::None) return done(std::move(why), -1);
  if (log->deleted()) return done({ErrorCode::UnknownTopicOrPartition, {}}, -1);
  const state::TopicConfig& config = log->topic().config;
  if (config.compacted && !config.deletes)
    return done({ErrorCode::PolicyViolation, "cleanup.policy does not contain delete"}, -1);
  if (before < 0 || before > log->high_watermark())
    return done({ErrorCode::OffsetOutOfRange, "offset " + std::to_string(before) + " is not within 0 to " +
                                                  std::to_string(log->high_watermark())},
                -1);
  if (log->log_start() == 0 && before == 0) return done({}, 0);
  // Also when the start is there already: what moved it need not be durable yet.
  before = std::max(before, log->log_start());
  journal::EntryHeader header;
  header.stream = log->stream();
  header.kind = journal::EntryKind::LogStart;
  header.first_offset = header.last_offset = before;
  std::vector<journal::Entry> entries;
  entries.push_back({header, {}});
  auto waiting = std::make_shared<RecordsDeleted>(std::move(done));
  const auto appended = journal_->append(std::move(entries), [log, waiting](const Result<void>& result) {
    if (result) return (*waiting)({}, log->log_start());
    (*waiting)(storage_error(result.error()), -1);
  });
  if (!appended) return (*waiting)(storage_error(appended.error()), -1);
  log->apply_log_start(before);
  log->wake();
}

}  // namespace ledge::store
