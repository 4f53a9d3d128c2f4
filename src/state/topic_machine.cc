// SPDX-License-Identifier: Apache-2.0
#include "state/topic_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/limits.h"
#include "state/topic_records.h"

namespace ledge::state {
namespace {

constexpr std::uint8_t kRecordVersion = 0;  // of all kinds so far
constexpr std::uint8_t kSnapshotVersion = 0;
/// Kafka's; they belong to the broker, clients only read them.
constexpr std::array<std::string_view, 3> kInternalTopics = {"__consumer_offsets", "__share_group_state",
                                                             "__transaction_state"};
constexpr std::string_view kMetadataTopic = "__cluster_metadata";

bool legal(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
         c == '-';
}

/// Metric names cannot tell '.' from '_'. Empty: the name has neither.
std::string metric_name(std::string_view name) {
  if (name.find_first_of("._") == name.npos) return {};
  std::string out{name};
  std::ranges::replace(out, '.', '_');
  return out;
}

Error invalid_name(std::string text) {
  return {ErrorCode::InvalidTopicException, "Topic name is invalid: " + std::move(text)};
}

Error check_characters(std::string_view name) {
  if (name.empty()) return invalid_name("the empty string is not allowed");
  if (name == "." || name == "..") return invalid_name(fmt::format("'{}' is not allowed", name));
  if (std::cmp_greater(name.size(), limits::topic_name_bytes_max))
    return invalid_name(fmt::format("the length of '{}' is longer than the max allowed length {}", name,
                                    limits::topic_name_bytes_max));
  if (!std::ranges::all_of(name, legal))
    return invalid_name(fmt::format(
        "'{}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'", name));
  return {};
}

void write_topic(RecordWriter& out, const TopicView& topic) {
  out.string(topic.name);
  out.uuid(topic.id);
  out.le(topic.replication_factor);
  out.le(topic.created_boot_epoch);
  write_overrides(out, topic.overrides);
  out.uvarlong(topic.streams.size());
  for (std::size_t i = 0; i < topic.streams.size(); ++i) {
    out.uvarlong(topic.streams[i]);
    out.uuid(topic.incarnations[i]);
  }
}

TopicView read_topic(RecordReader& in) {
  TopicView topic;
  topic.name = in.string();
  topic.id = in.uuid();
  topic.replication_factor = in.le<std::int16_t>();
  topic.created_boot_epoch = in.le<std::int32_t>();
  topic.overrides = read_overrides(in);
  const std::size_t partitions = in.count(1 + sizeof(Uuid));
  topic.streams.reserve(partitions);
  topic.incarnations.reserve(partitions);
  for (std::size_t i = 0; i < partitions; ++i) {
    topic.streams.push_back(in.uvarlong());
    topic.incarnations.push_back(in.uuid());
  }
  topic.partitions = static_cast<std::int32_t>(partitions);
  topic.internal = std::ranges::count(kInternalTopics, topic.name) > 0;
  return topic;
}

}  // namespace

TopicMachine::TopicMachine(TopicDefaults defaults, std::int32_t node_id, std::uint64_t first_stream)
    : defaults_(std::move(defaults)),
      node_id_(node_id),
      first_stream_(first_stream),
      next_stream_(first_stream) {}

Error TopicMachine::check_name(std::string_view name) const {
  if (name == kMetadataTopic)
    return {ErrorCode::InvalidRequest, fmt::format("Creation of internal topic {} is prohibited.", name)};
  if (Error error = check_characters(name); error.code != ErrorCode::None) return error;
  if (by_name_.contains(name))
    return {ErrorCode::TopicAlreadyExists, fmt::format("Topic '{}' already exists.", name)};
  const auto twin = by_metric_name_.find(metric_name(name));
  if (twin != by_metric_name_.end())
    return {ErrorCode::InvalidTopicException,
            fmt::format("Topic '{}' collides with existing topic: {}", name, twin->second)};
  return {};
}

Error TopicMachine::check_counts(const NewTopic& request, TopicView& topic) const {
  if (request.replication_factor == 0 || request.replication_factor < -1)
    return {ErrorCode::InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value."};
  if (request.partitions == 0 || request.partitions < -1)
    return {ErrorCode::InvalidPartitions, "Number of partitions was set to an invalid non-positive value."};
  topic.partitions = request.partitions == -1 ? defaults_.partitions : request.partitions;
  const std::int16_t wanted =
      request.replication_factor == -1 ? defaults_.replication_factor : request.replication_factor;
  if (wanted > 1 && !defaults_.clamp_replication_factor)
    return {ErrorCode::InvalidReplicationFactor,
            fmt::format("Unable to replicate the partition {} time(s): The target replication factor of {} "
                        "cannot be reached because only 1 broker(s) are registered.",
                        wanted, wanted)};
  topic.replication_factor = 1;  // of what was asked for, one node can give one
  return {};
}

Error TopicMachine::check_assignments(const NewTopic& request, TopicView& topic) const {
  if (request.replication_factor != -1)
    return {ErrorCode::InvalidRequest,
            "A manual partition assignment was specified, but replication factor was not set to -1."};
  if (request.partitions != -1)
    return {ErrorCode::InvalidRequest,
            "A manual partition assignment was specified, but numPartitions was not set to -1."};
  for (const auto& [partition, brokers] : request.assignments) {
    if (Error error = check_brokers(brokers); error.code != ErrorCode::None) return error;
  }
  std::int32_t expected = 0;
  for (const auto& [partition, brokers] : request.assignments) {
    if (partition != expected++)
      return {ErrorCode::InvalidReplicaAssignment,
              "partitions should be a consecutive 0-based integer sequence"};
  }
  topic.partitions = expected;
  topic.replication_factor = 1;
  return {};
}

Error TopicMachine::check_brokers(const std::vector<std::int32_t>& brokers) const {
  constexpr auto kCode = ErrorCode::InvalidReplicaAssignment;
  if (brokers.empty()) return {kCode, "The manual partition assignment includes an empty replica list."};
  for (const std::int32_t broker : brokers) {
    if (broker != node_id_)
      return {kCode, fmt::format("The manual partition assignment includes broker {}, but no such broker is "
                                 "registered.",
                                 broker)};
  }
  if (brokers.size() > 1)
    return {kCode,
            fmt::format("The manual partition assignment includes the broker {} more than once.", node_id_)};
  return {};
}

Error TopicMachine::check_room(std::size_t partitions, std::size_t topics) const {
  if (std::cmp_less_equal(partitions_ + partitions, limits::partitions_max) &&
      std::cmp_less_equal(by_name_.size() + topics, limits::topics_max))
    return {};
  return {ErrorCode::PolicyViolation,
          fmt::format("There are {} topics of {} partitions; at most {} of {} are possible.", by_name_.size(),
                      partitions_, limits::topics_max, limits::partitions_max)};
}

CreateDecision TopicMachine::decide_create(const NewTopic& request, std::int32_t boot_epoch,
                                           const NewUuid& new_uuid) const {
  CreateDecision out;
  out.error = check_name(request.name);
  if (out.error.code != ErrorCode::None) return out;
  auto overrides = check_topic_configs(request.configs);
  if (!overrides) {
    out.error = std::move(overrides).error();
    return out;
  }
  TopicView& topic = out.topic;
  out.error = request.has_assignments && !request.assignments.empty() ? check_assignments(request, topic)
                                                                      : check_counts(request, topic);
  if (out.error.code != ErrorCode::None) return out;
  const auto partitions = static_cast<std::size_t>(topic.partitions);
  if (topic.partitions > limits::partitions_per_topic_max)
    out.error = {ErrorCode::PolicyViolation, "Excessively large number of partitions per request."};
  else
    out.error = check_room(partitions, 1);
  if (out.error.code != ErrorCode::None) return out;

  topic.name = request.name;
  topic.internal = std::ranges::count(kInternalTopics, topic.name) > 0;
  topic.overrides = *std::move(overrides);
  topic.config = effective_config(defaults_.config, topic.overrides);
  topic.created_boot_epoch = boot_epoch;
  do topic.id = new_uuid();
  while (by_id_.contains(topic.id));
  for (std::size_t i = 0; i < partitions; ++i) {
    topic.streams.push_back(next_stream_ + i);
    topic.incarnations.push_back(new_uuid());
  }
  RecordWriter record;
  record.begin(RecordType::TopicCreated, kRecordVersion);
  write_topic(record, topic);
  out.record = record.take();
  return out;
}

Result<Bytes> TopicMachine::decide_delete(const Uuid& id) const {
  if (!by_id_.contains(id))
    return fail(ErrorCode::UnknownTopicId, "This server does not host this topic ID.");
  RecordWriter record;
  record.begin(RecordType::TopicDeleted, kRecordVersion);
  record.uuid(id);
  return record.take();
}

Result<const TopicView*> TopicMachine::add(TopicView topic) {
  const std::string where = "topic '" + topic.name + "'";
  if (check_characters(topic.name).code != ErrorCode::None || topic.streams.empty())
    return fail(ErrorCode::Malformed, where + ": not a valid topic");
  if (by_name_.contains(topic.name) || by_id_.contains(topic.id))
    return fail(ErrorCode::Malformed, where + ": created twice");
  TRY_VOID(check_read_overrides(topic.overrides));
  topic.config = effective_config(defaults_.config, topic.overrides);
  partitions_ += topic.streams.size();
  if (std::string metric = metric_name(topic.name); !metric.empty())
    by_metric_name_.emplace(std::move(metric), topic.name);
  auto kept = std::make_shared<const TopicView>(std::move(topic));
  by_id_.emplace(kept->id, kept);
  changed(true);
  return by_name_.emplace(kept->name, kept).first->second.get();
}

Result<TopicMachine::Change> TopicMachine::apply(RecordType type, std::uint8_t version,
                                                 RecordReader& record) {
  TRY_VOID(expect_version(version, kRecordVersion, "record of a topic"));
  switch (type) {
    case RecordType::TopicCreated: break;
    case RecordType::TopicDeleted: return apply_deleted(record);
    case RecordType::TopicPartitionsAdded: return apply_partitions(record);
    case RecordType::TopicConfigsChanged: return apply_configs(record);
    default: CHECK(false);
  }
  TopicView topic = read_topic(record);
  TRY_VOID(record.finish("record of a created topic"));
  for (const std::uint64_t stream : topic.streams) {
    if (stream < next_stream_)
      return fail(ErrorCode::Malformed, "topic '" + topic.name + "': its stream was in use before");
    next_stream_ = stream + 1;
  }
  Change change;
  TRY(change.created, add(std::move(topic)));
  return change;
}

Result<TopicMachine::Change> TopicMachine::apply_deleted(RecordReader& record) {
  Change change;
  const Uuid id = record.uuid();
  TRY_VOID(record.finish("record of a deleted topic"));
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return fail(ErrorCode::Malformed, "an unknown topic was deleted");
  const auto named = by_name_.find(found->second->name);
  CHECK(named != by_name_.end());
  change.deleted = named->second;
  partitions_ -= change.deleted->streams.size();
  by_metric_name_.erase(metric_name(change.deleted->name));
  held_.erase(id);
  by_id_.erase(found);
  by_name_.erase(named);
  changed(false);
  return change;
}

void TopicMachine::release(const Uuid& id) {
  const auto found = held_.find(id);
  if (found == held_.end()) return;  // deleted meanwhile
  found->second.pop_front();
  if (found->second.empty()) held_.erase(found);
  changed(true);
}

const TopicView* TopicMachine::shown(const std::shared_ptr<const TopicView>& topic) const {
  const auto held = held_.find(topic->id);
  return held == held_.end() ? topic.get() : held->second.front().get();
}

const TopicView* TopicMachine::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : shown(found->second);
}

const TopicView* TopicMachine::find(const Uuid& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : shown(found->second);
}

std::shared_ptr<const TopicView> TopicMachine::share(const Uuid& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<const TopicView*> TopicMachine::all() const {
  std::vector<const TopicView*> out;
  out.reserve(by_name_.size());
  for (const auto& [name, topic] : by_name_) {
    if (const TopicView* view = shown(topic)) out.push_back(view);
  }
  return out;
}

void TopicMachine::save(RecordWriter& out) const {
  out.le(kSnapshotVersion);
  out.uvarlong(next_stream_);
  out.uvarlong(by_name_.size());
  for (const auto& [name, topic] : by_name_) write_topic(out, *topic);
}

Result<void> TopicMachine::load(RecordReader& in) {
  CHECK(by_name_.empty());
  TRY_VOID(expect_version(in.le<std::uint8_t>(), kSnapshotVersion, "snapshot of the topics"));
  next_stream_ = in.uvarlong();
  constexpr std::size_t kTopicBytesMin = 1 + 16 + 2 + 4 + 1 + 1;
  const std::size_t topics = in.count(kTopicBytesMin);
  for (std::size_t i = 0; i < topics; ++i) {
    TopicView topic = read_topic(in);
    if (!in.ok()) break;
    for (const std::uint64_t stream : topic.streams) {
      if (stream < first_stream_ || stream >= next_stream_)
        return fail(ErrorCode::Malformed, "topic '" + topic.name + "': its stream cannot be");
    }
    TRY_VOID(add(std::move(topic)));
  }
  if (!in.ok() || next_stream_ < first_stream_)
    return fail(ErrorCode::Malformed, "snapshot of the topics: ends too early");
  return {};
}

}  // namespace ledge::state
