// SPDX-License-Identifier: Apache-2.0
// All that the store derives from the journal: the machines and the partitions. Changes only by entries that
// are in the journal, at run time and at recovery by the same functions.
#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "journal/journal.h"
#include "state/groups/group_coordinator.h"
#include "state/identity.h"
#include "state/topic_machine.h"
#include "store/log.h"
#include "store/store.h"

namespace ledge::store {

/// The program's own streams. Ids below journal::kFirstPartitionStream.
inline constexpr journal::StreamId kStateStream{1};  // records of the machines, one to an entry

class BoxState final : public journal::Participant {
 public:
  using Logs = std::vector<std::shared_ptr<Log>>;

  BoxState(os::Env env, const Options& options);

  std::uint32_t snapshot_tag() const override { return 0x45524f54; }  // "TORE"
  Bytes take_snapshot() const override;
  Result<void> load_snapshot(ByteView part) override;
  Result<void> replay(const journal::EntryHeader& header, ByteView body) override;
  /// After the journal is open. Malformed: the snapshot tells of more than the journal holds.
  Result<void> recovered(const journal::Journal& journal);
  /// Every partition leads under the epoch of the newest start.
  void start_leading();
  /// The lowest boot epoch that gives every partition a leader epoch that it never had.
  std::int32_t boot_epoch_min() const { return boot_epoch_min_; }
  /// Entries that belong to no topic, because the records that would say so are lost.
  std::uint64_t orphans() const { return orphans_; }

  /// A record of the state stream, ours or replayed. The logs that it created or deleted.
  struct Change {
    Logs created;
    Logs deleted;
  };
  Result<Change> apply(ByteView record);
  /// The state stream's next offset; an appended record moves it.
  std::int64_t next_record = 0;

  const Logs* logs(const Uuid& topic) const;
  Log* log(const Uuid& topic, std::int32_t index) const;

  const state::ProducerOptions& producer_options() const { return producer_options_; }
  std::size_t producer_count() const;

  state::IdentityMachine identity;
  state::ProducerIdMachine producer_ids;
  state::TopicMachine topics;
  state::GroupCoordinator groups;

  /// Records of groups that are appended, in that order, and not applied yet: other than all else here they
  /// count when they are durable. A snapshot holds them all the same, for what lies before it is not
  /// replayed.
  std::deque<std::shared_ptr<const std::vector<state::GroupRecord>>> groups_in_flight;

  /// The partitions of `__consumer_offsets`, also while its creation is not durable; nullptr when there is
  /// none.
  const Logs* offsets_logs() const { return logs(offsets_topic_); }

 private:
  /// The groups' state as records, with those in flight.
  std::vector<state::GroupRecord> group_records() const;
  Result<void> replay_record(const journal::EntryHeader& header, ByteView body);
  Result<void> replay_group_records(ByteView batch);
  Result<void> replay_batch(const journal::EntryHeader& header, ByteView body);
  std::shared_ptr<Log> make_log(const std::shared_ptr<const state::TopicView>& topic, std::int32_t index);
  Change create_logs(const state::TopicView& topic);
  Change change_logs(const std::shared_ptr<const state::TopicView>& topic);
  Change delete_logs(const state::TopicView& topic);

  os::Loop& loop_;
  state::ProducerOptions producer_options_;
  std::unordered_map<Uuid, Logs> logs_;
  std::unordered_map<std::uint64_t, Log*> by_stream_;  // during recovery only
  bool recovering_ = true;
  bool records_lost_ = false;  // the state stream had a hole: the records behind it need not fit
  std::int32_t boot_epoch_min_ = 0;
  Uuid offsets_topic_;
  std::uint64_t orphans_ = 0;
};

}  // namespace ledge::store
