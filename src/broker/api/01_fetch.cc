// SPDX-License-Identifier: Apache-2.0
// Fetch: which partitions (sessions, fetch_sessions.h), how much of each (the size rules, here), now or later
// (parked under its partitions with a deadline, here), and as bytes or file ranges (fetch_records.h).
#include "wire/kafka/messages/01_fetch.h"

#include <algorithm>

#include "broker/api/table.h"
#include "broker/fetch_records.h"
#include "broker/fetch_sessions.h"
#include "broker/leader_epoch.h"

namespace ledge::broker {
namespace {

using kafka::FetchRequest;
using kafka::FetchResponse;

constexpr std::int16_t kTopicIdsFrom = 13;
constexpr std::int16_t kSessionsFrom = 7;
constexpr std::int16_t kReplicaStateFrom = 15;

/// What one partition comes to in one look at it.
struct Looked {
  ErrorCode error = ErrorCode::None;
  std::int64_t high_watermark = -1;
  std::int64_t last_stable_offset = -1;
  std::int64_t log_start = -1;
  std::optional<store::Partition::EpochEnd> diverging;
  std::vector<journal::Slice> slices;
  Chain records;
};

FetchSessionRequest session_request(FetchRequest& request, std::int16_t version) {
  FetchSessionRequest out;
  out.session_id = request.session_id;
  out.epoch = version >= kSessionsFrom ? request.session_epoch : FetchSessions::kFinalEpoch;
  out.by_id = version >= kTopicIdsFrom;
  for (const auto& topic : request.topics) {
    for (const auto& partition : topic.partitions) {
      out.targets.push_back({.key = {topic.topic_id, topic.topic, partition.partition},
                             .offset = partition.fetch_offset,
                             .bytes_max = partition.partition_max_bytes,
                             .current_leader_epoch = partition.current_leader_epoch,
                             .last_fetched_epoch = partition.last_fetched_epoch});
    }
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const std::int32_t partition : topic.partitions) {
      out.forgotten.push_back({topic.topic_id, topic.topic, partition});
    }
  }
  return out;
}

/// A fetch in stages, each of which may finish at once or later:
/// look at the partitions -> enough? else park -> look again ... -> bring the records' bytes -> answer.
class FetchOperation : public ParkedCall, public std::enable_shared_from_this<FetchOperation> {
 public:
  FetchOperation(Services& services, Call call, const FetchRequest& request, FetchContext context)
      : services_(services),
        call_(std::move(call)),
        context_(std::move(context)),
        isolation_(request.isolation_level == 1 ? store::Isolation::ReadCommitted
                                                : store::Isolation::ReadUncommitted),
        bytes_max_(static_cast<std::uint64_t>(
            std::clamp(request.max_bytes, std::int32_t{0}, services.options.fetch_bytes_max))),
        bytes_min_(std::min(static_cast<std::uint64_t>(std::max(request.min_bytes, 0)), bytes_max_)),
        deadline_(services.env.loop.now() + std::chrono::milliseconds(std::max(request.max_wait_ms, 0))),
        waits_(request.max_wait_ms > 0),
        from_follower_((call_.version() >= kReplicaStateFrom ? request.replica_state.replica_id
                                                             : request.replica_id) >= 0) {}

  void run() {
    if (context_.kind == FetchContext::Kind::Refused) {
      FetchResponse response;
      response.error_code = call_.code(context_.error);
      return call_.send(response);
    }
    look();
  }

  ConnectionId connection() const override { return call_.connection(); }
  void finish() override {
    parked_ = false;
    give_up_waiting();
    if (!looking_) look();
  }
  void drop() override {
    parked_ = false;
    dropped_ = true;
    waiters_.clear();
    timer_.reset();
    call_.abandon();
  }

 private:
  // --- look
  // ---------------------------------------------------------------------------------------------------------

  void look() {
    looking_ = true;
    dirty_ = false;
    looked_.assign(context_.targets.size(), {});
    bytes_ = 0;
    next_ = 0;
    look_on();
  }

  /// Reads partitions in order until one has to be waited for. The store may answer before it returns;
  /// `in_loop_` makes that a turn of the loop instead of a deeper call.
  void look_on() {
    if (in_loop_) return;
    in_loop_ = true;
    while (next_ < looked_.size() && !waiting_for_read_) look_at(next_++);
    in_loop_ = false;
    if (!waiting_for_read_) looked_at_all();
  }

  store::PartitionPtr find(const FetchKey& key, ErrorCode& error) const {
    const bool by_id = call_.version() >= kTopicIdsFrom;
    auto partition = by_id ? services_.store.partition(key.topic_id, key.partition)
                           : services_.store.partition(key.topic, key.partition);
    if (partition) return partition;
    const bool id_unknown = by_id && services_.store.topics().find(key.topic_id) == nullptr;
    error = id_unknown ? ErrorCode::UnknownTopicId : ErrorCode::UnknownTopicOrPartition;
    return nullptr;
  }

  void look_at(std::size_t i) {
    const FetchTarget& target = context_.targets[i];
    Looked& looked = looked_[i];
    const store::PartitionPtr partition = find(target.key, looked.error);
    if (!partition) return;
    looked.error = from_follower_ ? ErrorCode::NotLeaderOrFollower  // nobody replicates from here
                                  : check_leader_epoch(*partition, target.current_leader_epoch);
    if (looked.error != ErrorCode::None) return;
    if (target.last_fetched_epoch >= 0 && !check_last_fetched(*partition, target, looked)) return;
    const std::int64_t end = isolation_ == store::Isolation::ReadCommitted ? partition->last_stable_offset()
                                                                           : partition->high_watermark();
    if (target.offset < partition->log_start() || target.offset > partition->log_end()) {
      looked.error = ErrorCode::OffsetOutOfRange;
      return;
    }
    fill_marks(*partition, looked);
    if (target.offset >= end) return;
    read(i, partition);
  }

  static void fill_marks(const store::Partition& partition, Looked& looked) {
    looked.high_watermark = partition.high_watermark();
    looked.last_stable_offset = partition.last_stable_offset();
    looked.log_start = partition.log_start();
  }

  /// KIP-595: tells a reader whose last record is not in this log where the two part. False: the partition is
  /// answered.
  bool check_last_fetched(const store::Partition& partition, const FetchTarget& target, Looked& looked) {
    const auto end = epoch_end(partition, target.last_fetched_epoch);
    if (end.epoch < 0 || end.end_offset < 0) {
      looked.error = ErrorCode::OffsetOutOfRange;
      return false;
    }
    if (end.epoch >= target.last_fetched_epoch && end.end_offset >= target.offset) return true;
    looked.diverging = end;
    fill_marks(partition, looked);
    return false;
  }

  void read(std::size_t i, const store::PartitionPtr& partition) {
    const FetchTarget& target = context_.targets[i];
    const std::uint64_t left = bytes_ < bytes_max_ ? bytes_max_ - bytes_ : 0;
    const std::uint64_t most = std::min(left, static_cast<std::uint64_t>(std::max(target.bytes_max, 0)));
    // The first partition that has records gives at least one batch, whatever the limits say; otherwise a
    // batch larger than a limit could never be read.
    const bool first = bytes_ == 0;
    if (most == 0 && !first) return;
    read_piece(i, partition, target.offset, most, first);
  }

  /// No more than can be copied at first: a list of small batches is long, and is cut there anyway. Where
  /// batches turn out to be large, the rest follows.
  void read_piece(std::size_t i, const store::PartitionPtr& partition, std::int64_t offset,
                  std::uint64_t most, bool first) {
    constexpr std::uint64_t kPiece = limits::fetch_copied_bytes_max;
    const bool small = looked_[i].slices.empty();
    waiting_for_read_ = true;
    services_.store.read(partition, offset, small ? std::min(most, kPiece) : most, first, isolation_,
                         [self = shared_from_this(), i, partition, most, small](store::Read read) {
                           self->waiting_for_read_ = false;
                           if (self->dropped_) return;
                           const std::uint64_t before = self->bytes_;
                           self->was_read(i, std::move(read));
                           const Looked& looked = self->looked_[i];
                           const std::uint64_t got = self->bytes_ - before;
                           if (small && most > kPiece && got < most && large_batches(looked.slices)) {
                             const std::int64_t next = looked.slices.back().last_offset + 1;
                             if (next < partition->high_watermark()) {
                               return self->read_piece(i, partition, next, most - got, false);
                             }
                           }
                           self->look_on();
                         });
  }

  void was_read(std::size_t i, store::Read read) {
    Looked& looked = looked_[i];
    if (read.error.code != ErrorCode::None && !looked.slices.empty())
      return;  // what was read before it stands
    if (read.error.code != ErrorCode::None) {
      looked = {};
      looked.error = read.error.code;
      return;
    }
    looked.high_watermark = read.high_watermark;
    looked.last_stable_offset = read.last_stable_offset;
    looked.log_start = read.log_start;
    for (journal::Slice& slice : read.slices) {
      bytes_ += slice.bytes.length;
      looked.slices.push_back(std::move(slice));
    }
  }

  // --- wait
  // ---------------------------------------------------------------------------------------------------------

  bool must_answer() const {
    if (!waits_ || services_.stopping || looked_.empty() || bytes_ >= bytes_min_) return true;
    return std::ranges::any_of(looked_,
                               [](const Looked& l) { return l.error != ErrorCode::None || l.diverging; });
  }

  void looked_at_all() {
    looking_ = false;
    if (dropped_) return;
    if (must_answer()) return bring();
    if (dirty_) return look_later();  // something arrived behind our back
    if (parked_) return;
    park();
  }

  void park() {
    call_.release_frame();
    parked_ = true;
    services_.parked.add(shared_from_this());
    for (std::size_t i = 0; i < looked_.size(); ++i) {
      ErrorCode gone = ErrorCode::None;
      const auto partition = find(context_.targets[i].key, gone);
      const bool moved = !partition || partition->high_watermark() != looked_[i].high_watermark;
      if (moved) changed();  // while another partition was being read
      if (partition) waiters_.push_back(services_.store.wait(partition, [this] { changed(); }));
    }
    timer_ = services_.env.loop.timer();
    timer_->set(deadline_, [weak = weak_from_this()] {
      if (auto self = weak.lock()) self->unpark_and_finish();
    });
  }

  /// Many partitions may change in one turn of the loop: looked at once, afterwards.
  void changed() {
    if (std::exchange(dirty_, true) || looking_) return;
    look_later();
  }

  void look_later() {
    services_.env.loop.post([weak = weak_from_this()] {
      auto self = weak.lock();
      if (self && self->parked_ && !self->looking_) self->look();
    });
  }

  void unpark_and_finish() {
    const auto keep = shared_from_this();
    services_.parked.remove(this);
    finish();
  }

  void give_up_waiting() {
    waits_ = false;
    waiters_.clear();
    timer_.reset();
  }

  // --- answer
  // -------------------------------------------------------------------------------------------------------

  void bring() {
    if (parked_) {
      services_.parked.remove(this);
      parked_ = false;
    }
    give_up_waiting();
    next_ = 0;
    copied_ = 0;
    bring_on();
  }

  /// As look_on(): one partition after the other, no deeper call for what is there at once.
  void bring_on() {
    if (in_loop_) return;
    in_loop_ = true;
    while (next_ < looked_.size() && !waiting_for_read_) bring_records(next_++);
    in_loop_ = false;
    if (!waiting_for_read_) answer();
  }

  void bring_records(std::size_t i) {
    if (looked_[i].slices.empty()) return;
    waiting_for_read_ = true;
    fetch_records(services_, std::exchange(looked_[i].slices, {}), bytes_, copied_,
                  [self = shared_from_this(), i](Result<FetchedRecords> got) {
                    self->waiting_for_read_ = false;
                    Looked& looked = self->looked_[i];
                    if (got) {
                      looked.records = std::move(got->chain);
                      self->copied_ += got->copied;
                    } else {
                      looked = {};
                      looked.error = got.error().code;
                    }
                    self->bring_on();
                  });
  }

  void answer() {
    FetchResponse response;
    response.error_code = call_.code(ErrorCode::None);
    std::vector<FetchTold> told;
    told.reserve(looked_.size());
    for (const Looked& looked : looked_) {
      told.push_back({looked.error, looked.high_watermark, looked.log_start, !looked.records.empty(),
                      looked.diverging.has_value()});
    }
    if (context_.kind == FetchContext::Kind::Opening) {
      const bool by_id = call_.version() >= kTopicIdsFrom;
      response.session_id = services_.sessions.open(context_.targets, told, by_id, services_.env.random.u64(),
                                                    services_.env.loop.now());
    } else if (context_.session) {
      response.session_id = context_.session->id();
    }
    for (std::size_t i = 0; i < looked_.size(); ++i) {
      const FetchKey& key = context_.targets[i].key;
      if (context_.session && !context_.session->tell(key, told[i])) continue;
      add(response, key, looked_[i]);
    }
    call_.send(response);
  }

  /// KAFKA_STORAGE_ERROR is known from version 6 on.
  ErrorCode error_known_to(ErrorCode error) const {
    constexpr std::int16_t kStorageErrorFrom = 6;
    const bool unknown =
        wire_code(error) == wire_code(ErrorCode::KafkaStorageError) && call_.version() < kStorageErrorFrom;
    return unknown ? ErrorCode::NotLeaderOrFollower : error;
  }

  void add(FetchResponse& response, const FetchKey& key, Looked& looked) {
    if (response.responses.empty() || response.responses.back().topic != key.topic ||
        response.responses.back().topic_id != key.topic_id) {
      auto& topic = response.responses.emplace_back();
      topic.topic = key.topic;
      topic.topic_id = key.topic_id;
    }
    auto& out = response.responses.back().partitions.emplace_back();
    out.partition_index = key.partition;
    out.error_code = call_.code(error_known_to(looked.error));
    out.high_watermark = looked.high_watermark;
    out.last_stable_offset = looked.last_stable_offset;
    out.log_start_offset = looked.log_start;
    if (looked.diverging) {
      out.diverging_epoch.epoch = looked.diverging->epoch;
      out.diverging_epoch.end_offset = looked.diverging->end_offset;
    }
    // Null for read_uncommitted; the aborted transactions, of which there are none yet, for read_committed.
    // Failures give what Apache gives: an empty list for what is not here, null else.
    const bool missing =
        looked.error == ErrorCode::UnknownTopicOrPartition || looked.error == ErrorCode::UnknownTopicId;
    const bool committed = looked.error == ErrorCode::None && isolation_ == store::Isolation::ReadCommitted;
    out.aborted_transactions.reset();
    if (missing || committed) out.aborted_transactions.emplace();
    out.records = std::move(looked.records);
  }

  Services& services_;
  Call call_;
  FetchContext context_;
  const store::Isolation isolation_;
  const std::uint64_t bytes_max_;
  const std::uint64_t bytes_min_;
  const Instant deadline_;
  bool waits_;
  const bool from_follower_;

  std::vector<Looked> looked_;
  std::uint64_t bytes_ = 0;   // in looked_
  std::uint64_t copied_ = 0;  // into the answer
  std::size_t next_ = 0;
  bool looking_ = false, in_loop_ = false, waiting_for_read_ = false;
  bool parked_ = false, dropped_ = false;
  bool dirty_ = false;  // a partition changed since the last look began
  std::vector<std::unique_ptr<store::Waiter>> waiters_;
  std::unique_ptr<os::Timer> timer_;
};

}  // namespace

void fetch(Services& services, Call call) {
  auto request = decode_or_refuse<FetchRequest>(services, call);
  if (!request) return;
  FetchContext context =
      services.sessions.begin(session_request(*request, call.version()), services.env.loop.now());
  std::make_shared<FetchOperation>(services, std::move(call), *request, std::move(context))->run();
}

}  // namespace ledge::broker
