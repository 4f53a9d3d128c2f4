// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/60_describe_cluster.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeClusterRequest::declaration() {
  using T = DescribeClusterRequest;
  static constexpr std::array rows{
      field<&T::include_cluster_authorized_operations>(
          "IncludeClusterAuthorizedOperations", "0+",
          "Whether to say what the client may do with the cluster."),
      field<&T::endpoint_type>("EndpointType", "1+", "1 brokers, 2 controllers."),
      field<&T::include_fenced_brokers>("IncludeFencedBrokers", "2+", "Whether to list fenced brokers too."),
  };
  static constexpr auto self = structure<T>("DescribeClusterRequest", rows);
  return self;
}

const declare::Struct& DescribeClusterResponse::DescribeClusterBroker::declaration() {
  using T = DescribeClusterBroker;
  static constexpr std::array rows{
      field<&T::broker_id>("BrokerId", "0+", "The broker's node id."),
      field<&T::host>("Host", "0+", "The broker's host name."),
      field<&T::port>("Port", "0+", "The broker's port."),
      field<&T::rack>("Rack", "0+", "The broker's rack, or null.").nullable("0+"),
      field<&T::is_fenced>("IsFenced", "2+", "Whether the broker is fenced."),
  };
  static constexpr auto self = structure<T>("DescribeClusterBroker", rows);
  return self;
}

const declare::Struct& DescribeClusterResponse::declaration() {
  using T = DescribeClusterResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
      field<&T::endpoint_type>("EndpointType", "1+", "1 brokers, 2 controllers."),
      field<&T::cluster_id>("ClusterId", "0+", "The cluster's id."),
      field<&T::controller_id>("ControllerId", "0+", "The node id for administrative requests."),
      field<&T::brokers>("Brokers", "0+", "The live brokers."),
      field<&T::cluster_authorized_operations>(
          "ClusterAuthorizedOperations", "0+",
          "Bit n is set if ACL operation n is allowed; the lowest integer if not asked for."),
  };
  static constexpr auto self = structure<T>("DescribeClusterResponse", rows);
  return self;
}

}  // namespace ledge::kafka
