// SPDX-License-Identifier: Apache-2.0
// The machine behind Topics. What is random or counted elsewhere (topic ids, incarnations, boot epoch) is
// passed in; stream ids come from a counter of the machine's own that never goes back.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <set>
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

  /// What a record did; valid until the next call.
  struct Change {
    const TopicView* created = nullptr;
    std::shared_ptr<const TopicView> deleted;
  };
  /// The reader stands behind type and version. Malformed for a record that cannot follow what was applied
  /// before: the journal is not ours, or damaged.
  Result<Change> apply(RecordType type, std::uint8_t version, RecordReader& record);

  /// A topic that is not durable yet is not shown by find() and all(); it takes part in decisions.
  void hide(const Uuid& id) { hidden_.insert(id), changed(false); }
  void show(const Uuid& id) { hidden_.erase(id), changed(true); }

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
  Result<const TopicView*> add(TopicView topic);

  TopicDefaults defaults_;
  std::int32_t node_id_;
  std::uint64_t first_stream_;
  std::uint64_t next_stream_;
  std::size_t partitions_ = 0;
  std::map<std::string, std::shared_ptr<const TopicView>, std::less<>> by_name_;
  std::unordered_map<Uuid, const TopicView*> by_id_;
  /// Names with '_' for '.', of those topics whose name has either: two of the same collide.
  std::map<std::string, std::string, std::less<>> by_metric_name_;
  std::set<Uuid> hidden_;
};

}  // namespace ledge::state
