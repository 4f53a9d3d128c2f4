// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/29_describe_acls.h"

#include "broker/api/table.h"

namespace ledge::broker {

/// There is no authorizer yet. User interfaces ask at their start and take this answer for "no security
/// pages", and any other for a fault.
void describe_acls(Services& services, Call call) {
  auto request = decode_or_refuse<kafka::DescribeAclsRequest>(services, call);
  if (!request) return;
  kafka::DescribeAclsResponse response;
  response.error_code = call.code(ErrorCode::SecurityDisabled);
  response.error_message = "No Authorizer is configured on the broker";
  call.send(response);
}

}  // namespace ledge::broker
