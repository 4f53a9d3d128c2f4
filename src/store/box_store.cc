// SPDX-License-Identifier: Apache-2.0
#include "store/box_store.h"

#include <array>

#include "base/check.h"
#include "base/log.h"

namespace ledge::store {
namespace {

constexpr std::string_view kPoisoned = "the journal failed";

}  // namespace

BoxStore::BoxStore(os::Env env, const Options& options)
    : env_(env), options_(options), state_(env, options) {}

Result<std::unique_ptr<BoxStore>> BoxStore::open(os::Env env, const Options& options,
                                                 JournalOpener open_journal) {
  std::unique_ptr<BoxStore> store{new BoxStore(env, options)};
  const std::array<journal::Participant*, 1> participants = {&store->state_};
  TRY(store->journal_, open_journal(participants));
  TRY_VOID(store->state_.recovered(*store->journal_));
  store->journal_->on_poisoned([raw = store.get()](const Error& why) { raw->journal_failed(why); });
  TRY_VOID(store->begin_boot());
  return store;
}

Result<void> BoxStore::begin_boot() {
  state::IdentityMachine& machine = state_.identity;
  std::vector<Bytes> records;
  if (machine.cluster_id().is_zero()) {
    Bytes record = machine.decide_identity(env_.random.uuid());
    TRY_VOID(append_records({std::move(record)}, {}, [](const Result<void>&) {}));
  }
  records.push_back(machine.decide_boot(env_.random.uuid(), state_.boot_epoch_min()));
  TRY_VOID(append_records(std::move(records), {}, [this](const Result<void>& result) {
    if (!result) return;  // on_poisoned tells
    ready_ = true;
    for (os::Callback& call : std::exchange(when_ready_, {})) call();
  }));
  state_.start_leading();
  identity_ = {.cluster_id = machine.cluster_id(),
               .journal_id = journal_->id(),
               .boot_id = machine.boot().id,
               .boot_epoch = machine.boot().epoch,
               .node_id = options_.node_id};
  return {};
}

void BoxStore::when_ready(os::Callback done) {
  if (ready_ || failed_.code != ErrorCode::None) return done();
  when_ready_.push_back(std::move(done));
}

Result<BoxState::Change> BoxStore::append_records(std::vector<Bytes> records,
                                                  std::vector<journal::Entry> more,
                                                  journal::Durable durable) {
  std::vector<journal::Entry> entries;
  std::vector<SharedBytes> bodies;
  std::int64_t offset = state_.next_record;
  for (Bytes& record : records) {
    bodies.push_back(SharedBytes::take(std::move(record)));
    journal::EntryHeader header;
    header.stream = kStateStream;
    header.first_offset = header.last_offset = offset++;
    entries.push_back({header, bodies.back()});
  }
  for (journal::Entry& entry : more) entries.push_back(std::move(entry));
  TRY_VOID(journal_->append(std::move(entries),
                            [this, durable = std::move(durable)](const Result<void>& result) mutable {
                              durable(result);
                              records_written(result);
                            }));
  BoxState::Change change;
  for (const SharedBytes& body : bodies) {
    ++state_.next_record;
    auto applied = state_.apply(body.view());
    CHECK(applied.has_value());  // decided on this very state
    std::ranges::move(applied->created, std::back_inserter(change.created));
    std::ranges::move(applied->deleted, std::back_inserter(change.deleted));
  }
  return change;
}

void BoxStore::when_settled(Settled done) {
  if (failed_.code != ErrorCode::None) return done(storage_error(failed_));
  if (metadata_end() >= state_.next_record) return done({});
  settling_.emplace(state_.next_record, std::move(done));
}

void BoxStore::records_written(const Result<void>& result) {
  const Error error = result ? Error{} : storage_error(result.error());
  while (!settling_.empty() && (!result || settling_.begin()->first <= metadata_end()))
    settling_.extract(settling_.begin()).mapped()(error);
}

PartitionPtr BoxStore::partition(const Uuid& topic_id, std::int32_t index) {
  const state::TopicView* topic = topics().find(topic_id);
  if (topic == nullptr || index >= topic->partitions) return nullptr;  // what is not durable yet too
  Log* log = state_.log(topic_id, index);
  return log == nullptr ? nullptr : log->shared_from_this();
}

PartitionPtr BoxStore::partition(std::string_view topic, std::int32_t index) {
  const state::TopicView* found = topics().find(topic);
  return found == nullptr ? nullptr : partition(found->id, index);
}

Error BoxStore::refusal() const {
  if (draining_) return {ErrorCode::ShuttingDown, "the server is stopping"};
  return failed_.code == ErrorCode::None ? Error{} : storage_error(failed_);
}

void BoxStore::new_producer_id(ProducerIdDone done) {
  if (Error why = refusal(); why.code != ErrorCode::None) return done({std::move(why), -1, -1});
  if (!state_.producer_ids.empty()) return done({{}, state_.producer_ids.take(), 0});
  want_producer_id_.push_back(std::move(done));
  if (!reserving_) reserve_producer_ids();
}

void BoxStore::reserve_producer_ids() {
  CHECK(!reserving_);
  reserving_ = true;
  const std::int64_t first = state_.producer_ids.reserved_end();
  std::vector<Bytes> records;
  records.push_back(state_.producer_ids.decide_block());
  const auto appended = append_records(std::move(records), {}, [this, first](const Result<void>& result) {
    reserving_ = false;
    if (!result) return answer_producer_ids(storage_error(result.error()));
    state_.producer_ids.open_block(first);
    answer_producer_ids({});
  });
  if (appended) return;
  reserving_ = false;
  answer_producer_ids(storage_error(appended.error()));
}

void BoxStore::answer_producer_ids(const Error& error) {
  auto waiting = std::exchange(want_producer_id_, {});
  for (ProducerIdDone& done : waiting) {
    if (error.code != ErrorCode::None) {
      done({error, -1, -1});
    } else {
      new_producer_id(std::move(done));  // reserves again when the block does not do for all
    }
  }
}

std::unique_ptr<Waiter> BoxStore::wait(const PartitionPtr& partition, std::function<void()> changed) {
  return std::make_unique<LogWaiter>(static_cast<Log&>(*partition), std::move(changed));
}

std::vector<state::ActiveProducer> BoxStore::producers(const PartitionPtr& partition) const {
  const state::Producers* producers = static_cast<const Log&>(*partition).producers();
  if (producers == nullptr) return {};
  return producers->active(env_.loop.now(), state_.producer_options());
}

void BoxStore::journal_failed(const Error& why) {
  if (failed_.code != ErrorCode::None) return;
  failed_ = why.code == ErrorCode::None ? Error{ErrorCode::JournalPoisoned, std::string{kPoisoned}} : why;
  LOG_ERROR("the journal failed; nothing is accepted until a restart recovers", {{"why", why.text()}});
  auto waiting = std::exchange(duplicates_, {});
  for (ParkedDuplicate& duplicate : waiting) duplicate.done({.error = storage_error(failed_)});
  for (os::Callback& call : std::exchange(when_ready_, {})) call();
}

void BoxStore::drain(os::Callback done) {
  draining_ = true;
  journal_->drain(std::move(done));
}

Store::Stats BoxStore::stats() const {
  Stats out = stats_;
  out.topics = state_.topics.topic_count();
  out.partitions = state_.topics.partition_count();
  out.producers = state_.producer_count();
  return out;
}

}  // namespace ledge::store
