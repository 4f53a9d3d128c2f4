// SPDX-License-Identifier: Apache-2.0
// The machine behind Topics. What is random or counted elsewhere (topic ids, incarnations, boot epoch) is
// passed in; stream ids come from a counter of the machine's own that never goes back.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>

#include "state/record.h"
#include "state/topics.h"

namespace ledge::state {

/// What a create request is told, and what to write.
struct CreateDecision {
  Error error;
  TopicView topic;  // as it will be; valid when error.code is None
  Bytes record;
};

class TopicMachine final : public Topics {
 public:
  /// `first_stream`: the lowest journal stream that a partition may get.
  TopicMachine(TopicDefaults defaults, std::int32_t node_id, std::uint64_t first_stream);

  /// Draws ids; the caller's random source.
  using NewUuid = std::function<Uuid()>;
  CreateDecision decide_create(const NewTopic& request, std::int32_t boot_epoch,
                               const NewUuid& new_uuid) const;
  /// The record, or UnknownTopicId.
  Result<Bytes> decide_delete(const Uuid& id) const;
  /// What an existing topic is to become, and what to write.
  struct ChangeDecision {
    Uuid id;
    Bytes record;  // empty: nothing changes
  };
  Result<ChangeDecision> decide_partitions(const MorePartitions& request, const NewUuid& new_uuid) const;
  Result<ChangeDecision> decide_configs(const ConfigChange& request) const;

  /// What a record did; valid until the next call.
  struct Change {
    const TopicView* created = nullptr;
    std::shared_ptr<const TopicView> changed;  // as it is now; partitions are only ever added
    std::shared_ptr<const TopicView> deleted;
  };
  /// The reader stands behind type and version. Malformed for a record that cannot follow what was applied
  /// before: the journal is not ours, or damaged.
  Result<Change> apply(RecordType type, std::uint8_t version, RecordReader& record);

  /// What is not durable yet is not shown by find() and all(), but takes part in decisions: hold() is called
  /// with the topic as it was (nullptr: it was not) behind each apply(), release() when that is durable, in
  /// the same order.
  void hold(const Uuid& id, std::shared_ptr<const TopicView> shown) {
    held_[id].push_back(std::move(shown));
    changed(false);
  }
  void release(const Uuid& id);

  const TopicView* find(std::string_view name) const override;
  const TopicView* find(const Uuid& id) const override;
  std::vector<const TopicView*> all() const override;
  const TopicDefaults& defaults() const override { return defaults_; }

  /// A stream that is there although no topic is known to have it: its id is not given out again.
  void note_stream(std::uint64_t stream) { next_stream_ = std::max(next_stream_, stream + 1); }

  /// The topic itself, for those that outlive its deletion; nullptr when there is none.
  std::shared_ptr<const TopicView> share(const Uuid& id) const;

  std::size_t topic_count() const { return by_name_.size(); }
  std::size_t partition_count() const { return partitions_; }

  void save(RecordWriter& out) const;
  Result<void> load(RecordReader& in);

 private:
  Error check_name(std::string_view name) const;
  Error check_counts(const NewTopic& request, TopicView& topic) const;
  Error check_assignments(const NewTopic& request, TopicView& topic) const;
  /// One partition's brokers.
  Error check_brokers(const std::vector<std::int32_t>& brokers) const;
  Error check_room(std::size_t partitions, std::size_t topics) const;
  Result<const TopicView*> add(TopicView topic);
  Result<Change> apply_deleted(RecordReader& record);
  Result<Change> apply_partitions(RecordReader& record);
  Result<Change> apply_configs(RecordReader& record);
  /// Puts `topic` in the place of what has its id.
  std::shared_ptr<const TopicView> replace(TopicView topic);
  const TopicView* shown(const std::shared_ptr<const TopicView>& topic) const;

  TopicDefaults defaults_;
  std::int32_t node_id_;
  std::uint64_t first_stream_;
  std::uint64_t next_stream_;
  std::size_t partitions_ = 0;
  std::map<std::string, std::shared_ptr<const TopicView>, std::less<>> by_name_;
  std::unordered_map<Uuid, std::shared_ptr<const TopicView>> by_id_;
  /// Names with '_' for '.', of those topics whose name has either: two of the same collide.
  std::map<std::string, std::string, std::less<>> by_metric_name_;
  std::unordered_map<Uuid, std::deque<std::shared_ptr<const TopicView>>> held_;
};

}  // namespace ledge::state
