// SPDX-License-Identifier: Apache-2.0
// Changes of a topic that is there: more partitions, other overrides.
#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "state/topic_machine.h"
#include "state/topic_records.h"

namespace ledge::state {
namespace {

constexpr std::uint8_t kRecordVersion = 0;

}  // namespace

Result<TopicMachine::ChangeDecision> TopicMachine::decide_partitions(const MorePartitions& request,
                                                                     const NewUuid& new_uuid) const {
  const auto found = by_name_.find(request.topic);
  if (found == by_name_.end()) return fail(ErrorCode::UnknownTopicOrPartition);
  const TopicView& topic = *found->second;
  if (request.count == topic.partitions)
    return fail(ErrorCode::InvalidPartitions,
                fmt::format("Topic already has {} partition(s).", topic.partitions));
  if (request.count < topic.partitions)
    return fail(ErrorCode::InvalidPartitions,
                fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.",
                            topic.name, topic.partitions, request.count));
  const auto more = static_cast<std::size_t>(request.count - topic.partitions);
  if (request.assignments && request.assignments->size() != more)
    return fail(ErrorCode::InvalidReplicaAssignment,
                fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were "
                            "specified.",
                            more, request.assignments->size()));
  if (request.count > limits::partitions_per_topic_max)
    return fail(ErrorCode::PolicyViolation, "Excessively large number of partitions per request.");
  if (Error error = check_room(more, 0); error.code != ErrorCode::None)
    return std::unexpected(std::move(error));
  if (request.assignments) {
    for (const auto& brokers : *request.assignments)
      if (Error error = check_brokers(brokers); error.code != ErrorCode::None)
        return std::unexpected(std::move(error));
  }
  RecordWriter record;
  record.begin(RecordType::TopicPartitionsAdded, kRecordVersion);
  record.uuid(topic.id);
  record.uvarlong(more);
  for (std::size_t i = 0; i < more; ++i) {
    record.uvarlong(next_stream_ + i);
    record.uuid(new_uuid());
  }
  return ChangeDecision{topic.id, record.take()};
}

// The order of checks is Kafka's: the name, what the steps come to, and only then whether there is such a
// topic.
Result<TopicMachine::ChangeDecision> TopicMachine::decide_configs(const ConfigChange& request) const {
  const auto found = by_name_.find(request.topic);
  const TopicView* topic = found == by_name_.end() ? nullptr : found->second.get();
  const TopicOverrides none;
  TRY(TopicOverrides overrides,
      change_overrides(topic == nullptr || request.from_nothing ? none : topic->overrides, request.steps));
  TRY_VOID(check_overrides(overrides));
  if (topic == nullptr)
    return fail(ErrorCode::UnknownTopicOrPartition,
                fmt::format("The topic '{}' does not exist.", request.topic));
  if (overrides == topic->overrides) return ChangeDecision{topic->id, {}};
  RecordWriter record;
  record.begin(RecordType::TopicConfigsChanged, kRecordVersion);
  record.uuid(topic->id);
  write_overrides(record, overrides);
  return ChangeDecision{topic->id, record.take()};
}

std::shared_ptr<const TopicView> TopicMachine::replace(TopicView topic) {
  auto kept = std::make_shared<const TopicView>(std::move(topic));
  by_id_.at(kept->id) = kept;
  by_name_.find(kept->name)->second = kept;
  changed(false);
  return kept;
}

Result<TopicMachine::Change> TopicMachine::apply_partitions(RecordReader& record) {
  constexpr std::string_view kWhat = "record of added partitions";
  const auto topic = share(record.uuid());
  TopicView grown = topic ? *topic : TopicView{};
  std::uint64_t next_stream = next_stream_;
  const std::size_t more = record.count(1 + sizeof(Uuid));
  for (std::size_t i = 0; i < more; ++i) {
    const std::uint64_t stream = record.uvarlong();
    grown.streams.push_back(stream);
    grown.incarnations.push_back(record.uuid());
    if (record.ok() && stream < next_stream)
      return fail(ErrorCode::Malformed, fmt::format("{}: a stream that was in use before", kWhat));
    next_stream = stream + 1;
  }
  TRY_VOID(record.finish(kWhat));
  next_stream_ = next_stream;  // whether or not the topic is known: its id must not be used again
  if (!topic) return fail(ErrorCode::Malformed, fmt::format("{}: an unknown topic", kWhat));
  grown.partitions = static_cast<std::int32_t>(grown.streams.size());
  partitions_ += more;
  Change change;
  change.changed = replace(std::move(grown));
  return change;
}

Result<TopicMachine::Change> TopicMachine::apply_configs(RecordReader& record) {
  constexpr std::string_view kWhat = "record of changed topic configs";
  const auto topic = share(record.uuid());
  TopicView changed = topic ? *topic : TopicView{};
  changed.overrides = read_overrides(record);
  TRY_VOID(record.finish(kWhat));
  TRY_VOID(check_read_overrides(changed.overrides));
  if (!topic) return fail(ErrorCode::Malformed, fmt::format("{}: an unknown topic", kWhat));
  changed.config = effective_config(defaults_.config, changed.overrides);
  Change change;
  change.changed = replace(std::move(changed));
  return change;
}

}  // namespace ledge::state
