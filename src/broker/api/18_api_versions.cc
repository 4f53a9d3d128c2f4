// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/18_api_versions.h"

#include <algorithm>

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::ApiVersionsRequest;
using kafka::ApiVersionsResponse;

bool alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// KIP-511: [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
bool software_name_ok(const std::string& text) {
  return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

std::vector<ApiVersionsResponse::ApiVersion> ranges() {
  std::vector<ApiVersionsResponse::ApiVersion> out;
  for (const ApiRow& row : api_rows()) {
    ApiVersionsResponse::ApiVersion range;
    range.api_key = row.api.key;
    range.min_version = row.advertised_min >= 0 ? row.advertised_min : row.api.min_version;
    range.max_version = row.api.max_version;
    out.push_back(range);
  }
  return out;
}

/// Features are switches that clients act on, so only what is done here is named (KIP-584).
/// - metadata.version is what tools show as the version of the cluster; 29 is 4.2-IV1, whose message versions
/// these are.
///   Its minimum, 7 (3.3-IV3), is Apache's.
/// - group.version 1: consumer groups (KIP-848) are served.
/// - transaction.version is not finalised: at 2 Java producers would leave AddPartitionsToTxn to us.
///   share.version, streams.version and kraft.version are switches of things that are not here.
/// The epoch only has to grow when a level changes; levels are constants of a release.
void add_features(ApiVersionsResponse& response, std::int16_t version) {
  constexpr std::int16_t kLowestMayBeZeroFrom = 4;
  struct Feature {
    std::string_view name;
    std::int16_t lowest, level;
  };
  for (const Feature& feature : {Feature{"group.version", 0, 1}, Feature{"metadata.version", 7, 29}}) {
    ApiVersionsResponse::FinalizedFeatureKey finalized;
    finalized.name = feature.name;
    finalized.min_version_level = feature.level;
    finalized.max_version_level = feature.level;
    response.finalized_features.push_back(finalized);
    // Older clients do not take a lowest level of 0 for one.
    if (feature.lowest == 0 && version < kLowestMayBeZeroFrom) continue;
    ApiVersionsResponse::SupportedFeatureKey supported;
    supported.name = feature.name;
    supported.min_version = feature.lowest;
    supported.max_version = feature.level;
    response.supported_features.push_back(supported);
  }
  response.finalized_features_epoch = 0;
}

}  // namespace

void api_versions(Services& services, Call call) {
  constexpr std::int16_t kNamesSoftwareFrom = 3;
  auto request = decode_or_refuse<ApiVersionsRequest>(services, call);
  if (!request) return;
  ApiVersionsResponse response;
  if (call.version() >= kNamesSoftwareFrom && !(software_name_ok(request->client_software_name) &&
                                                software_name_ok(request->client_software_version))) {
    response.error_code = call.code(ErrorCode::InvalidRequest);
  } else {
    response.error_code = call.code(ErrorCode::None);
    response.api_keys = ranges();
    add_features(response, call.version());
  }
  call.send(response);
}

void api_versions_unsupported(Call call) {
  // The body is not looked at: nobody knows its layout. KIP-511: the answer is version 0, and naming this
  // API's range in it lets the client come back with the best common version at once.
  ApiVersionsResponse response;
  response.error_code = call.code(ErrorCode::UnsupportedVersion);
  std::ranges::copy_if(ranges(), std::back_inserter(response.api_keys),
                       [](const auto& range) { return range.api_key == ApiVersionsRequest::api.key; });
  call.send_in_version(response, 0);
}

}  // namespace ledge::broker
