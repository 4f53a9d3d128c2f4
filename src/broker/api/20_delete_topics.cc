// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/20_delete_topics.h"

#include <map>

#include "broker/api/table.h"
#include "broker/groups.h"

namespace ledge::broker {
namespace {

using kafka::DeleteTopicsRequest;
using kafka::DeleteTopicsResponse;

constexpr std::int16_t kDisabledKnownFrom = 3;

/// The request in one shape for all versions.
struct Target {
  std::optional<std::string> name;
  Uuid id;
};

/// What one item comes to before anything is deleted.
struct Verdict {
  ErrorCode error = ErrorCode::None;
  std::string message;
  bool answered = true;  // false: another item speaks for this one
};

/// Judges items in request order; the texts are Apache's. Nothing is deleted that the request names twice.
class Judge {
 public:
  Judge(const state::Topics& topics, const std::vector<Target>& targets) : topics_(topics) {
    for (const Target& target : targets) {
      if (target.name && target.id.is_zero()) ++names_[*target.name];
      if (!target.name && !target.id.is_zero()) ++ids_[target.id];
    }
  }

  Verdict operator()(const Target& target, Uuid& found) {
    if (target.name && !target.id.is_zero()) {
      return {ErrorCode::InvalidRequest, "You may not specify both topic name and topic id."};
    }
    if (!target.name && target.id.is_zero()) {
      return {ErrorCode::InvalidRequest, "Neither topic name nor id were specified."};
    }
    return target.name ? by_name(*target.name, found) : by_id(target.id, found);
  }

 private:
  Verdict by_name(const std::string& name, Uuid& found) {
    if (Verdict twice = once(names_[name], "Duplicate topic name."); twice.error != ErrorCode::None)
      return twice;
    const state::TopicView* topic = topics_.find(name);
    if (topic == nullptr) {
      return {ErrorCode::UnknownTopicOrPartition, "This server does not host this topic-partition."};
    }
    found = topic->id;
    if (!ids_.contains(topic->id)) return {};
    return {ErrorCode::InvalidRequest, "The provided topic name maps to an ID that was already supplied."};
  }

  Verdict by_id(const Uuid& id, Uuid& found) {
    if (Verdict twice = once(ids_[id], "Duplicate topic id."); twice.error != ErrorCode::None) return twice;
    const state::TopicView* topic = topics_.find(id);
    if (topic == nullptr) return {ErrorCode::UnknownTopicId, "This server does not host this topic ID."};
    found = id;
    return {.error = ErrorCode::None, .message = {}, .answered = !names_.contains(topic->name)};
  }

  /// Refuses what is there more than once, at its first place; `times` becomes 0 for the others.
  static Verdict once(int& times, std::string message) {
    if (times == 1) return {};
    const bool first = times > 1;
    times = 0;
    return {ErrorCode::InvalidRequest, std::move(message), first};
  }

  const state::Topics& topics_;
  std::map<std::string, int> names_;
  std::map<Uuid, int> ids_;
};

/// What is not there may have been deleted a moment ago: a client that asks again takes that for done.
void send_settled(Services& services, Call call, DeleteTopicsResponse response) {
  services.store.when_settled(
      [call = std::move(call), response = std::move(response)](const Error& error) mutable {
        for (auto& out : response.responses) {
          const bool unknown = out.error_code == call.code(ErrorCode::UnknownTopicOrPartition) ||
                               out.error_code == call.code(ErrorCode::UnknownTopicId);
          if (error.code == ErrorCode::None || !unknown) continue;
          out.error_code = call.code(error.code);
          out.error_message = error.detail;
        }
        call.send(response);
      });
}

}  // namespace

void delete_topics(Services& services, Call call) {
  auto request = decode_or_refuse<DeleteTopicsRequest>(services, call);
  if (!request) return;
  std::vector<Target> targets;
  for (auto& topic : request->topics) targets.push_back({std::move(topic.name), topic.topic_id});
  for (auto& name : request->topic_names) targets.push_back({std::move(name), {}});

  DeleteTopicsResponse response;
  std::vector<Uuid> ids;               // to delete
  std::vector<std::size_t> positions;  // their places in the response
  Judge judge(services.store.topics(), targets);
  for (const Target& target : targets) {
    Uuid id;
    Verdict verdict = judge(target, id);
    if (!verdict.answered) continue;
    if (!services.options.delete_topics) {
      const bool known = call.version() >= kDisabledKnownFrom;
      verdict = {known ? ErrorCode::TopicDeletionDisabled : ErrorCode::InvalidRequest,
                 "Topic deletion is disabled."};
    }
    auto& out = response.responses.emplace_back();
    out.name = target.name;
    out.topic_id = id.is_zero() ? target.id : id;
    if (verdict.error != ErrorCode::None) {
      out.error_code = call.code(verdict.error);
      out.error_message = std::move(verdict.message);
      continue;
    }
    out.name = services.store.topics().find(id)->name;
    ids.push_back(id);
    positions.push_back(response.responses.size() - 1);
  }

  services.store.delete_topics(std::move(ids),
                               [&services, call = std::move(call), response = std::move(response),
                                positions = std::move(positions)](std::vector<Error> errors) mutable {
                                 for (std::size_t i = 0; i < errors.size(); ++i) {
                                   auto& out = response.responses[positions[i]];
                                   out.error_code = call.code(errors[i].code);
                                   if (errors[i].code == ErrorCode::None)
                                     services.groups.topic_deleted(*out.name);
                                   else
                                     out.error_message = errors[i].detail;
                                 }
                                 send_settled(services, std::move(call), std::move(response));
                               });
}

}  // namespace ledge::broker
