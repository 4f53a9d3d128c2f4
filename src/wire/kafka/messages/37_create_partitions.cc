// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/37_create_partitions.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& CreatePartitionsRequest::CreatePartitionsAssignment::declaration() {
  using T = CreatePartitionsAssignment;
  static constexpr std::array rows{
      field<&T::broker_ids>("BrokerIds", "0+", "The node ids of the replicas."),
  };
  static constexpr auto self = structure<T>("CreatePartitionsAssignment", rows);
  return self;
}

const declare::Struct& CreatePartitionsRequest::CreatePartitionsTopic::declaration() {
  using T = CreatePartitionsTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::count>("Count", "0+", "How many partitions there shall be in all."),
      field<&T::assignments>("Assignments", "0+",
                             "The brokers of each new partition, null to leave that to the server.")
          .nullable("0+"),
  };
  static constexpr auto self = structure<T>("CreatePartitionsTopic", rows);
  return self;
}

const declare::Struct& CreatePartitionsRequest::declaration() {
  using T = CreatePartitionsRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::timeout_ms>("TimeoutMs", "0+", "How long the server may take."),
      field<&T::validate_only>("ValidateOnly", "0+", "Whether to check without changing anything."),
  };
  static constexpr auto self = structure<T>("CreatePartitionsRequest", rows);
  return self;
}

const declare::Struct& CreatePartitionsResponse::CreatePartitionsTopicResult::declaration() {
  using T = CreatePartitionsTopicResult;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "0+", "The error in words, or null.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("CreatePartitionsTopicResult", rows);
  return self;
}

const declare::Struct& CreatePartitionsResponse::declaration() {
  using T = CreatePartitionsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::results>("Results", "0+", "One result per item of the request."),
  };
  static constexpr auto self = structure<T>("CreatePartitionsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
