// SPDX-License-Identifier: Apache-2.0
#include "broker/alter_configs.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "broker/config_resource.h"
#include "broker/topic_name.h"

namespace ledge::broker {
namespace {

Error invalid(std::string message) { return {ErrorCode::InvalidRequest, std::move(message)}; }

bool known(std::int8_t operation) {
  return operation >= static_cast<std::int8_t>(state::ConfigOperation::Set) &&
         operation <= static_cast<std::int8_t>(state::ConfigOperation::Subtract);
}

bool deletes(const AlteredConfig& config) {
  return config.operation == static_cast<std::int8_t>(state::ConfigOperation::Delete);
}

Error check_entries(const AlteredResource& resource) {
  std::set<std::string_view> seen;
  for (const AlteredConfig& config : resource.configs)
    if (!seen.insert(config.name).second) return invalid("Error due to duplicate config keys");
  std::string nulls;
  for (const AlteredConfig& config : resource.configs)
    if (!config.value && !deletes(config)) nulls += (nulls.empty() ? "" : ", ") + config.name;
  if (!nulls.empty()) return invalid("Null value not supported for : " + nulls);
  for (const AlteredConfig& config : resource.configs)
    if (!known(config.operation))
      return invalid("Unknown operations type " + std::to_string(config.operation));
  return {};
}

/// They come from the file, the environment and the command line; nothing changes them at run time.
Error check_broker(const Services& services, const AlteredResource& resource) {
  if (!resource.name.empty()) {
    std::int32_t id = 0;
    const char* end = resource.name.data() + resource.name.size();
    const auto [at, error] = std::from_chars(resource.name.data(), end, id);
    if (error != std::errc{} || at != end)
      return invalid("Node id must be an integer, but it is: " + resource.name);
    if (id != services.node_id())
      return invalid("Unexpected broker id, expected " + std::to_string(services.node_id()) +
                     ", but received " + resource.name);
  }
  if (resource.configs.empty()) return {};
  std::string names;
  for (const AlteredConfig& config : resource.configs) names += (names.empty() ? "" : ", ") + config.name;
  return invalid("Cannot update these configs dynamically: " + names +
                 "; they are set where the server starts");
}

Error check_resource(const Services& services, const AlteredResource& resource, bool replace) {
  if (Error error = check_entries(resource); error.code != ErrorCode::None) return error;
  switch (resource.type) {
    case kTopic:
      if (resource.name.empty()) return invalid("Default topic resources are not allowed.");
      if (!topic_name_ok(resource.name))
        return {ErrorCode::InvalidTopicException, topic_name_fault(resource.name)};
      return {};
    case kBroker: return check_broker(services, resource);
    case kBrokerLogger:
      if (!replace) return invalid("Log levels are set where the server starts");
      break;  // AlterConfigs does not know them
    case kClientMetrics: return invalid("Subscriptions to client metrics are not kept by this server");
    case kGroup:
      if (resource.name.empty()) return invalid("Default group resources are not allowed.");
      return invalid("Configurations of single groups are not kept by this server");
    default: break;
  }
  return invalid("Unknown resource type " + std::to_string(resource.type));
}

state::ConfigChange as_change(AlteredResource& resource, bool replace) {
  state::ConfigChange out;
  out.topic = std::move(resource.name);
  out.from_nothing = replace;
  for (AlteredConfig& config : resource.configs)
    out.steps.push_back({std::move(config.name), static_cast<state::ConfigOperation>(config.operation),
                         std::move(config.value).value_or("")});
  return out;
}

}  // namespace

void alter_resources(Services& services, Alteration alteration,
                     std::move_only_function<void(std::vector<Error>)> done) {
  std::map<std::pair<std::int8_t, std::string>, int> times;
  for (const AlteredResource& resource : alteration.resources) ++times[{resource.type, resource.name}];
  std::vector<Error> answers;
  std::vector<state::ConfigChange> changes;
  std::vector<std::size_t> positions;  // of `changes` among the answers
  for (AlteredResource& resource : alteration.resources) {
    answers.push_back(times[{resource.type, resource.name}] > 1
                          ? invalid("Each resource must appear at most once.")
                          : check_resource(services, resource, alteration.replace));
    if (answers.back().code != ErrorCode::None || resource.type != kTopic) continue;
    positions.push_back(answers.size() - 1);
    changes.push_back(as_change(resource, alteration.replace));
  }
  services.store.change_configs(std::move(changes), alteration.validate_only,
                                [answers = std::move(answers), positions = std::move(positions),
                                 done = std::move(done)](std::vector<Error> errors) mutable {
                                  for (std::size_t i = 0; i < errors.size(); ++i)
                                    answers[positions[i]] = std::move(errors[i]);
                                  done(std::move(answers));
                                });
}

}  // namespace ledge::broker
