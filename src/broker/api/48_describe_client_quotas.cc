// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/48_describe_client_quotas.h"

#include <algorithm>
#include <set>

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::DescribeClientQuotasRequest;

enum MatchType : std::int8_t { kExact = 0, kDefault = 1, kSpecified = 2 };

Error invalid(std::string message) { return {ErrorCode::InvalidRequest, std::move(message)}; }

Error check_match(const DescribeClientQuotasRequest::ComponentData& component) {
  switch (component.match_type) {
    case kExact:
      if (!component.match)
        return invalid("Request specified MATCH_TYPE_EXACT, but set match string to null.");
      return {};
    case kDefault:
    case kSpecified:
      if (component.match)
        return invalid("Request specified no match by name, but also specified a match string.");
      return {};
    default: return invalid("Unknown match type " + std::to_string(component.match_type));
  }
}

Error check(const DescribeClientQuotasRequest& request) {
  std::set<std::string_view> types;
  for (const auto& component : request.components) {
    const std::string& type = component.entity_type;
    if (type.empty()) return invalid("Invalid empty entity type.");
    if (!types.insert(type).second)
      return invalid("Entity type " + type + " cannot appear more than once in the filter.");
    if (type != "ip" && type != "user" && type != "client-id")
      return {ErrorCode::UnsupportedVersion, "Unsupported entity type " + type};
    if (Error error = check_match(component); error.code != ErrorCode::None) return error;
  }
  if (types.contains("ip") && types.size() > 1)
    return invalid(
        "Invalid entity filter component combination. IP filter component should not be used with "
        "user or clientId filter component.");
  return {};
}

}  // namespace

/// The read side only: nothing sets quotas yet, so that no entity has one.
void describe_client_quotas(Services& services, Call call) {
  auto request = decode_or_refuse<DescribeClientQuotasRequest>(services, call);
  if (!request) return;
  Error error = check(*request);
  kafka::DescribeClientQuotasResponse response;
  response.error_code = call.code(error.code);
  response.error_message = std::move(error.detail);  // empty, not null, when all is well
  if (error.code != ErrorCode::None) response.entries.reset();
  call.send(response);
}

}  // namespace ledge::broker
