// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/19_create_topics.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& CreateTopicsRequest::CreatableReplicaAssignment::declaration() {
  using T = CreatableReplicaAssignment;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::broker_ids>("BrokerIds", "0+", "The node ids of the replicas."),
  };
  static constexpr auto self = structure<T>("CreatableReplicaAssignment", rows);
  return self;
}

const declare::Struct& CreateTopicsRequest::CreatableTopicConfig::declaration() {
  using T = CreatableTopicConfig;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The entry's key."),
      field<&T::value>("Value", "0+", "The entry's value.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("CreatableTopicConfig", rows);
  return self;
}

const declare::Struct& CreateTopicsRequest::CreatableTopic::declaration() {
  using T = CreatableTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::num_partitions>("NumPartitions", "0+",
                                "The number of partitions, -1 for the default or with assignments."),
      field<&T::replication_factor>("ReplicationFactor", "0+",
                                    "The number of replicas, -1 for the default or with assignments."),
      field<&T::assignments>("Assignments", "0+", "The brokers of each partition, instead of numbers."),
      field<&T::configs>("Configs", "0+", "The configuration entries."),
  };
  static constexpr auto self = structure<T>("CreatableTopic", rows);
  return self;
}

const declare::Struct& CreateTopicsRequest::declaration() {
  using T = CreateTopicsRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::timeout_ms>("timeoutMs", "0+", "How long the server may take."),
      field<&T::validate_only>("validateOnly", "1+", "Whether to check without creating."),
  };
  static constexpr auto self = structure<T>("CreateTopicsRequest", rows);
  return self;
}

const declare::Struct& CreateTopicsResponse::CreatableTopicConfigs::declaration() {
  using T = CreatableTopicConfigs;
  static constexpr std::array rows{
      field<&T::name>("Name", "5+", "The entry's key."),
      field<&T::value>("Value", "5+", "The entry's value.").nullable("5+"),
      field<&T::read_only>("ReadOnly", "5+", "Whether the entry cannot be changed."),
      field<&T::config_source>("ConfigSource", "5+", "Where the value comes from.").ignorable(),
      field<&T::is_sensitive>("IsSensitive", "5+", "Whether the value is a secret and not told."),
  };
  static constexpr auto self = structure<T>("CreatableTopicConfigs", rows);
  return self;
}

const declare::Struct& CreateTopicsResponse::CreatableTopicResult::declaration() {
  using T = CreatableTopicResult;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::topic_id>("TopicId", "7+", "The topic's id.").ignorable(),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::error_message>("ErrorMessage", "1+", "The error in words, or null.")
          .nullable("0+")
          .ignorable(),
      field<&T::topic_config_error_code>("TopicConfigErrorCode", "5+",
                                         "Why the configuration is not told, 0 if it is.")
          .tagged(0, "5+")
          .ignorable(),
      field<&T::num_partitions>("NumPartitions", "5+", "The number of partitions.").ignorable(),
      field<&T::replication_factor>("ReplicationFactor", "5+", "The number of replicas.").ignorable(),
      field<&T::configs>("Configs", "5+", "The configuration entries.").nullable("5+").ignorable(),
  };
  static constexpr auto self = structure<T>("CreatableTopicResult", rows);
  return self;
}

const declare::Struct& CreateTopicsResponse::declaration() {
  using T = CreateTopicsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "2+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::topics>("Topics", "0+", "The topics."),
  };
  static constexpr auto self = structure<T>("CreateTopicsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
