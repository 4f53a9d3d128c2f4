// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/10_find_coordinator.h"

#include "broker/api/table.h"

namespace ledge::broker {
namespace {

using kafka::FindCoordinatorRequest;
using kafka::FindCoordinatorResponse;

enum KeyType : std::int8_t { kGroup = 0, kTransaction = 1 };
constexpr std::int16_t kManyKeysFrom = 4;

/// This node coordinates every group. Transactions are not served: an error that clients give up on at once,
/// and whose text says why, is kinder than one that they retry for a minute.
Error check(std::int8_t key_type) {
  if (key_type == kGroup) return {};
  if (key_type == kTransaction)
    return {ErrorCode::UnsupportedVersion, "Transactions are not supported by this broker."};
  return {ErrorCode::InvalidRequest, std::string{error_text(ErrorCode::InvalidRequest)}};
}

/// `to` is the response itself or one of its coordinators: they have the same fields.
void fill(auto& to, const Services& services, Call& call, const Error& error) {
  to.error_code = call.code(error.code);
  to.error_message = error.detail;  // empty, not null, when all is well
  const bool here = error.code == ErrorCode::None;
  to.node_id = here ? services.node_id() : -1;
  to.host = here ? call.listener().advertised.host : "";
  to.port = here ? call.listener().advertised.port : -1;
}

}  // namespace

void find_coordinator(Services& services, Call call) {
  auto request = decode_or_refuse<FindCoordinatorRequest>(services, call);
  if (!request) return;
  const Error error = check(request->key_type);
  // Before a group writes anything, as in Kafka: a subscription to internal topics finds it at once.
  if (error.code == ErrorCode::None) services.store.make_offsets_topic();
  FindCoordinatorResponse response;
  if (call.version() < kManyKeysFrom) {
    fill(response, services, call, error);
  } else {
    for (std::string& key : request->coordinator_keys) {
      auto& coordinator = response.coordinators.emplace_back();
      coordinator.key = std::move(key);
      fill(coordinator, services, call, error);
    }
  }
  call.send(response);
}

}  // namespace ledge::broker
