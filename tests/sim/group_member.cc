// SPDX-License-Identifier: Apache-2.0
#include "group_member.h"

#include <algorithm>

#include "reader.h"

namespace ledge::sim {

namespace {
constexpr std::int16_t kStaticCommit = 7, kModernOffsets = 9;
constexpr std::uint64_t kNoAssignment = ~std::uint64_t{0};  // never the current one

/// What one partition's committed offset is said to be; nullopt: no good answer.
std::optional<std::int64_t> found_in(const kafka::OffsetFetchResponse& response, std::int32_t partition,
                                     ErrorCode* error) {
  const auto look = [&](const auto& topics) -> std::optional<std::int64_t> {
    for (const auto& topic : topics)
      for (const auto& each : topic.partitions)
        if (each.partition_index == partition) {
          *error = error_from_wire(each.error_code);
          return each.committed_offset;
        }
    return std::nullopt;
  };
  const bool old = response.groups.empty();
  const auto found = old ? look(response.topics) : look(response.groups[0].topics);
  const std::int16_t whole = old ? response.error_code : response.groups[0].error_code;
  if (whole != 0) *error = error_from_wire(whole);
  return found;
}

bool passes_by(ErrorCode code) {
  return code == ErrorCode::CoordinatorNotAvailable || code == ErrorCode::NotCoordinator ||
         code == ErrorCode::StaleMemberEpoch || code == ErrorCode::UnknownMemberId;
}
}  // namespace

GroupMember::GroupMember(Scene& scene, GroupOracle& group, const GroupOptions& options, int number,
                         std::string instance)
    : scene_(scene),
      group_(group),
      options_(options),
      who_{number, std::move(instance)},
      client_(scene, options.name + "-member-" + std::to_string(number)) {
  client_.every(Duration{scene.random.between(50, 200) * 1'000'000}, [this] { act(); });
}

GroupMember::~GroupMember() { group_.gives_up_all(who_); }

void GroupMember::act() {
  if (gone_ || !topic().usable()) return;
  if (!asking_ && step()) return;
  if (gone_ || !stable()) return;
  const auto unknown = [](const auto& each) { return each.second.position < 0; };
  if (!asking_ && std::ranges::any_of(parts_, unknown)) fetch_offsets();
  if (!asking_ && !committing_ && now() >= commit_due_) commit();
  if (!fetching_) fetch();
}

bool GroupMember::settled() const {
  return stable() && !leaving_ && std::ranges::all_of(parts_, [](const auto& each) {
           const Part& part = each.second;
           return part.end >= 0 && part.position == part.end && (part.committed == part.end || part.end == 0);
         });
}

Partitions GroupMember::owned() const {
  Partitions out;
  for (const auto& [partition, part] : parts_) out.insert(partition);
  return out;
}

std::string GroupMember::status() const {
  std::string out = client_.name() + (is_static() ? " (" + who_.instance + ")" : "") + " generation " +
                    std::to_string(generation_) + (stable() ? " stable" : "") + (asking_ ? " asking" : "") +
                    (fetching_ ? " fetching" : "") + (gone_ ? " gone" : "");
  for (const auto& [partition, part] : parts_)
    out += " [" + std::to_string(partition) + ": " + std::to_string(part.position) + "/" +
           std::to_string(part.committed) + "/" + std::to_string(part.end) + "]";
  return out;
}

void GroupMember::violate(const char* what, ErrorCode code) {
  scene_.oracle.violate(client_.name() + ", " + what + ": " + std::string{error_name(code)});
}

// --- partitions

void GroupMember::take(std::int32_t partition, Instant session_ends) {
  if (parts_.try_emplace(partition).second)
    scene_.say(client_.name() + " takes " + std::to_string(partition) + " in " + std::to_string(generation_));
  group_.takes(who_, partition, generation_, session_ends);
  ++assignment_;
}

void GroupMember::give_up(std::int32_t partition) {
  scene_.say(client_.name() + " gives up " + std::to_string(partition));
  group_.gives_up(who_, partition);
  parts_.erase(partition);
  ++assignment_;
}

void GroupMember::lose_all() {
  if (!parts_.empty()) scene_.say(client_.name() + " gives up everything");
  group_.gives_up_all(who_);
  parts_.clear();
  ++assignment_;
}

// --- records

void GroupMember::fetch_offsets() {
  kafka::OffsetFetchRequest request;
  request.group_id = options_.name;
  auto& group = request.groups.emplace_back();
  group.group_id = options_.name;
  const bool modern = options_.protocol == GroupOptions::Protocol::Modern;
  if (modern) {
    group.member_id = member_id_;
    group.member_epoch = generation_;
  }
  std::map<std::int32_t, GroupOracle::Mark> marks;
  auto& old = request.topics->emplace_back();
  auto& asked = group.topics->emplace_back();
  old.name = asked.name = topic().name;
  asked.topic_id = topic().id;
  for (const auto& [partition, part] : parts_) {
    if (part.position >= 0) continue;
    old.partition_indexes.push_back(partition);
    asked.partition_indexes.push_back(partition);
    marks[partition] = group_.fetch_sent(partition);
  }
  ask_coordinator<kafka::OffsetFetchRequest, kafka::OffsetFetchResponse>(
      std::move(request), modern ? kModernOffsets : 1, 0s,
      [this, marks = std::move(marks), assignment = assignment_,
       generation = generation_](const Result<kafka::OffsetFetchResponse>& response) {
        if (!response) return;
        for (const auto& [partition, mark] : marks) {
          ErrorCode error = ErrorCode::None;
          const auto offset = found_in(*response, partition, &error);
          if (passes_by(error)) continue;
          if (!offset || error != ErrorCode::None) return violate("OffsetFetch", error);
          group_.fetched(partition, mark, generation, *offset);
          const auto part = parts_.find(partition);
          if (assignment != assignment_ || part == parts_.end() || part->second.position >= 0) continue;
          part->second.position = std::max<std::int64_t>(*offset, 0);
          part->second.committed = *offset;
        }
      });
}

/// One partition at a time, by chance.
void GroupMember::fetch() {
  auto part = parts_.end();
  for (auto each = parts_.begin(); each != parts_.end(); ++each)
    if (each->second.position >= 0 && (part == parts_.end() || scene_.random.chance(0.5))) part = each;
  if (part == parts_.end()) return;
  fetching_ = true;
  kafka::FetchRequest request;
  request.max_wait_ms = static_cast<std::int32_t>(scene_.random.below(500));
  request.min_bytes = 1;
  request.max_bytes = 1 << 23;
  auto& asked_topic = request.topics.emplace_back();
  asked_topic.topic = topic().name;
  asked_topic.topic_id = topic().id;
  auto& asked = asked_topic.partitions.emplace_back();
  asked.partition = part->first;
  asked.fetch_offset = part->second.position;
  asked.partition_max_bytes =
      static_cast<std::int32_t>(scene_.finishing ? 1 << 23 : 1 + scene_.random.below(100000));
  client_.ask<kafka::FetchRequest, kafka::FetchResponse>(
      std::move(request), 4, 500ms,
      [this, partition = part->first, from = part->second.position,
       assignment = assignment_](const Result<kafka::FetchResponse>& response) {
        fetching_ = false;
        if (assignment == assignment_) fetched(response, partition, from);
      });
}

void GroupMember::fetched(const Result<kafka::FetchResponse>& response, std::int32_t partition,
                          std::int64_t from) {
  const auto found = parts_.find(partition);
  if (!response || found == parts_.end() || found->second.position != from) return;
  if (response->responses.size() != 1 || response->responses[0].partitions.size() != 1) return;
  const auto& data = response->responses[0].partitions[0];
  const ErrorCode code = error_from_wire(data.error_code);
  if (code == ErrorCode::KafkaStorageError || code == ErrorCode::NotLeaderOrFollower) return;
  if (code != ErrorCode::None) return violate("Fetch", code);
  Part& part = found->second;
  part.end = data.high_watermark;
  if (!data.records) return;
  Bytes all;
  for (const ChainPiece& piece : data.records->pieces()) {
    const ByteView view = std::get<SharedBytes>(piece).view();
    all.insert(all.end(), view.begin(), view.end());
  }
  std::vector<Oracle::ReadRecord> records;
  const std::string log = partition_name(topic().id, partition);
  BatchesRead{scene_.oracle, log}.take(all, &part.position, &records);
  if (records.empty()) return;
  group_.processed(partition, from, part.position);
  scene_.figures["records consumed"] += records.size();
}

void GroupMember::commit() {
  commit_due_ = now() + scene_.random.delay(1s);
  kafka::OffsetCommitRequest request;
  const bool modern = options_.protocol == GroupOptions::Protocol::Modern;
  // Now and then a thread of its own commits for a generation that is over.
  const bool late = !modern && scene_.random.chance(0.05);
  const std::int32_t generation = generation_ - (late ? 1 : 0);
  request.group_id = options_.name;
  request.generation_id_or_member_epoch = generation;
  request.member_id = member_id_;
  request.group_instance_id = instance_field();
  auto& topics = request.topics.emplace_back();
  topics.name = topic().name;
  topics.topic_id = topic().id;
  SentCommits sent;
  for (const auto& [partition, part] : parts_) {
    if (part.position <= 0 || part.position == part.committed) continue;
    topics.partitions.push_back({.partition_index = partition, .committed_offset = part.position});
    sent[partition] = {group_.commit_sent(who_, partition, generation, part.position), part.position};
  }
  if (sent.empty()) return;
  committing_ = true;
  const std::int16_t lowest = modern ? kModernOffsets : is_static() ? kStaticCommit : 2;
  client_.ask<kafka::OffsetCommitRequest, kafka::OffsetCommitResponse>(
      std::move(request), lowest, 0s,
      [this, sent = std::move(sent), late,
       assignment = assignment_](const Result<kafka::OffsetCommitResponse>& response) {
        committing_ = false;
        committed(response, sent, late ? kNoAssignment : assignment);
      },
      INT16_MAX, SimClient::To::Coordinator);
}

void GroupMember::committed(const Result<kafka::OffsetCommitResponse>& response, const SentCommits& sent,
                            std::uint64_t assignment) {
  using Outcome = GroupOracle::Outcome;
  if (!response || response->topics.size() != 1) return;
  ErrorCode worst = ErrorCode::None;
  for (const auto& each : response->topics[0].partitions) {
    const auto mine = sent.find(each.partition_index);
    if (mine == sent.end()) return violate("OffsetCommit answers something else", ErrorCode::None);
    const ErrorCode code = error_from_wire(each.error_code);
    const bool unknown = code == ErrorCode::CoordinatorNotAvailable || code == ErrorCode::KafkaStorageError;
    const Outcome outcome = unknown                   ? Outcome::Unknown
                            : code == ErrorCode::None ? Outcome::Done
                                                      : Outcome::Refused;
    group_.commit_ended(each.partition_index, mine->second.commit, outcome);
    if (code != ErrorCode::None) worst = code;
    const auto part = parts_.find(each.partition_index);
    if (outcome == Outcome::Done && assignment == assignment_ && part != parts_.end())
      part->second.committed = mine->second.offset;
  }
  // A member that learns here that it is none looks after itself, unless it has done so already.
  if (worst != ErrorCode::None && assignment == assignment_ && stable() && !gone_) commit_refused(worst);
}

}  // namespace ledge::sim
