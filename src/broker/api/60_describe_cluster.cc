// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/60_describe_cluster.h"

#include "broker/api/table.h"
#include "broker/authorized.h"

namespace ledge::broker {

void describe_cluster(Services& services, Call call) {
  enum EndpointType : std::int8_t { kBrokers = 1, kControllers = 2 };
  auto request = decode_or_refuse<kafka::DescribeClusterRequest>(services, call);
  if (!request) return;
  kafka::DescribeClusterResponse response;
  if (request->endpoint_type == kBrokers) {
    response.error_code = call.code(ErrorCode::None);
    response.cluster_id = services.store.identity().cluster_id.text();
    response.controller_id = services.node_id();
    kafka::DescribeClusterResponse::DescribeClusterBroker self;
    self.broker_id = services.node_id();
    self.host = call.listener().advertised.host;
    self.port = call.listener().advertised.port;
    if (!services.options.rack.empty()) self.rack = services.options.rack;
    response.brokers.push_back(self);
    if (request->include_cluster_authorized_operations)
      response.cluster_authorized_operations = kClusterOperations;
  } else if (request->endpoint_type == kControllers) {
    response.error_code = call.code(ErrorCode::MismatchedEndpointType);
    response.error_message =
        "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER";
  } else {
    response.error_code = call.code(ErrorCode::UnsupportedEndpointType);
    response.error_message = "Unsupported endpoint type " + std::to_string(request->endpoint_type);
  }
  call.send(response);
}

}  // namespace ledge::broker
