// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/32_describe_configs.h"

#include <algorithm>
#include <charconv>

#include "broker/api/table.h"
#include "broker/config_resource.h"
#include "broker/topic_configs.h"
#include "broker/topic_name.h"

namespace ledge::broker {
namespace {

using kafka::DescribeConfigsRequest;
using kafka::DescribeConfigsResponse;

struct Found {
  ErrorCode error = ErrorCode::None;
  std::string message;
  std::vector<ConfigEntry> entries;
};

Found invalid(std::string message) { return {ErrorCode::InvalidRequest, std::move(message), {}}; }

Found without_entries(Found found) {
  found.entries.clear();
  return found;
}

Found topic_settings(const Services& services, const std::string& name) {
  if (!topic_name_ok(name)) return {ErrorCode::InvalidTopicException, topic_name_fault(name), {}};
  const state::TopicView* topic = services.store.topics().find(name);
  if (topic == nullptr) return {ErrorCode::UnknownTopicOrPartition, "", {}};
  return {ErrorCode::None, "", topic_config_entries(services.options, *topic)};
}

/// The empty name asks for what is set dynamically for all nodes: nothing, ever.
Found broker_settings(const Services& services, const Listener& listener, const std::string& name) {
  if (name.empty()) return {};
  std::int32_t id = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
  if (error != std::errc{} || end != name.data() + name.size()) {
    return invalid("Broker id must be an integer, but it is: " + name);
  }
  if (id != services.node_id()) {
    return invalid("Unexpected broker id, expected " + std::to_string(services.node_id()) +
                   " or empty string, but received " + name);
  }
  Found found{ErrorCode::None, "", broker_config_entries(services.options, services.node_id())};
  for (ConfigEntry& entry : found.entries) {
    // Where nothing was configured, clients are told where they came in.
    if (entry.name != "advertised.listeners" || entry.value) continue;
    entry.value = listener.name + "://" + listener.advertised.text();
    entry.synonyms = {{entry.name, entry.value, ConfigSource::Default}};
  }
  return found;
}

Found settings(const Services& services, const Listener& listener,
               const DescribeConfigsRequest::DescribeConfigsResource& resource) {
  switch (resource.resource_type) {
    case kTopic: return topic_settings(services, resource.resource_name);
    case kBroker: return broker_settings(services, listener, resource.resource_name);
    case kBrokerLogger:  // log levels are not set here, but whose they are is checked
      return without_entries(broker_settings(services, listener, resource.resource_name));
    case kClientMetrics:
      if (resource.resource_name.empty())
        return invalid("Client metrics subscription name must not be empty");
      return {};
    case kGroup:
      if (resource.resource_name.empty()) return invalid("Group name must not be empty");
      return {};
    default:
      return invalid(
          "This most likely occurs because of a request being malformed by the client library or the message "
          "was sent to an "
          "incompatible broker. See the broker logs for more details.");
  }
}

DescribeConfigsResponse::DescribeConfigsResourceResult as_result(const DescribeConfigsRequest& request,
                                                                 ConfigEntry entry) {
  DescribeConfigsResponse::DescribeConfigsResourceResult out;
  out.name = entry.name;
  out.value = std::move(entry.value);
  out.read_only = entry.read_only;
  out.config_source = static_cast<std::int8_t>(entry.source);
  out.config_type = static_cast<std::int8_t>(entry.type);
  out.documentation = std::nullopt;
  if (request.include_documentation) out.documentation = std::string{entry.doc};
  if (!request.include_synonyms) return out;
  for (ConfigSynonym& synonym : entry.synonyms) {
    DescribeConfigsResponse::DescribeConfigsSynonym one;
    one.name = synonym.name;
    one.value = std::move(synonym.value);
    one.source = static_cast<std::int8_t>(synonym.source);
    out.synonyms.push_back(std::move(one));
  }
  return out;
}

}  // namespace

void describe_configs(Services& services, Call call) {
  auto request = decode_or_refuse<DescribeConfigsRequest>(services, call);
  if (!request) return;
  DescribeConfigsResponse response;
  for (const auto& resource : request->resources) {
    auto& out = response.results.emplace_back();
    out.resource_type = resource.resource_type;
    out.resource_name = resource.resource_name;
    Found found = settings(services, call.listener(), resource);
    out.error_code = call.code(found.error);
    out.error_message = std::move(found.message);  // empty, not null, when all is well
    for (ConfigEntry& entry : found.entries) {
      const auto& keys = resource.configuration_keys;
      if (keys && !keys->empty() && std::ranges::find(*keys, entry.name) == keys->end()) continue;
      out.configs.push_back(as_result(*request, std::move(entry)));
    }
  }
  call.send(response);
}

}  // namespace ledge::broker
