// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/00_produce.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ProduceRequest::PartitionProduceData::declaration() {
  using T = PartitionProduceData;
  static constexpr std::array rows{
      field<&T::index>("Index", "0+", "The partition's number."),
      field<&T::records>("Records", "0+", "The record batch.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("PartitionProduceData", rows);
  return self;
}

const declare::Struct& ProduceRequest::TopicProduceData::declaration() {
  using T = TopicProduceData;
  static constexpr std::array rows{
      field<&T::name>("Name", "0-12", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "13+", "The topic's id.").ignorable(),
      field<&T::partition_data>("PartitionData", "0+", "The partitions to append to."),
  };
  static constexpr auto self = structure<T>("TopicProduceData", rows);
  return self;
}

const declare::Struct& ProduceRequest::declaration() {
  using T = ProduceRequest;
  static constexpr std::array rows{
      field<&T::transactional_id>("TransactionalId", "3+",
                                  "The producer's transactional id, null without transactions.")
          .nullable("3+"),
      field<&T::acks>("Acks", "0+",
                      "Who must have the records before the answer: 0 nobody (and there is no answer), 1 the "
                      "leader, -1 all in sync."),
      field<&T::timeout_ms>("TimeoutMs", "0+", "How long the server may take."),
      field<&T::topic_data>("TopicData", "0+", "The topics to append to."),
  };
  static constexpr auto self = structure<T>("ProduceRequest", rows);
  return self;
}

const declare::Struct& ProduceResponse::BatchIndexAndErrorMessage::declaration() {
  using T = BatchIndexAndErrorMessage;
  static constexpr std::array rows{
      field<&T::batch_index>("BatchIndex", "8+", "The place of the refused record in its batch."),
      field<&T::batch_index_error_message>("BatchIndexErrorMessage", "8+", "Why the record was refused.")
          .nullable("8+"),
  };
  static constexpr auto self = structure<T>("BatchIndexAndErrorMessage", rows);
  return self;
}

const declare::Struct& ProduceResponse::LeaderIdAndEpoch::declaration() {
  using T = LeaderIdAndEpoch;
  static constexpr std::array rows{
      field<&T::leader_id>("LeaderId", "10+", "The node id of the leader, -1 if there is none."),
      field<&T::leader_epoch>("LeaderEpoch", "10+", "The leader's epoch."),
  };
  static constexpr auto self = structure<T>("LeaderIdAndEpoch", rows);
  return self;
}

const declare::Struct& ProduceResponse::PartitionProduceResponse::declaration() {
  using T = PartitionProduceResponse;
  static constexpr std::array rows{
      field<&T::index>("Index", "0+", "The partition's number."),
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::base_offset>("BaseOffset", "0+", "The offset of the first appended record."),
      field<&T::log_append_time_ms>(
          "LogAppendTimeMs", "2+",
          "The time that the server gave the records, -1 if they keep their own (CreateTime).")
          .ignorable(),
      field<&T::log_start_offset>("LogStartOffset", "5+", "The first offset that the log still has.")
          .ignorable(),
      field<&T::record_errors>("RecordErrors", "8+", "The records that caused the batch to be refused.")
          .ignorable(),
      field<&T::error_message>("ErrorMessage", "8+", "The error in words, or null.")
          .nullable("8+")
          .ignorable(),
      field<&T::current_leader>("CurrentLeader", "10+", "The leader to go to, when this broker is not it.")
          .tagged(0, "10+"),
  };
  static constexpr auto self = structure<T>("PartitionProduceResponse", rows);
  return self;
}

const declare::Struct& ProduceResponse::TopicProduceResponse::declaration() {
  using T = TopicProduceResponse;
  static constexpr std::array rows{
      field<&T::name>("Name", "0-12", "The topic's name.").ignorable(),
      field<&T::topic_id>("TopicId", "13+", "The topic's id.").ignorable(),
      field<&T::partition_responses>("PartitionResponses", "0+", "One result per partition."),
  };
  static constexpr auto self = structure<T>("TopicProduceResponse", rows);
  return self;
}

const declare::Struct& ProduceResponse::NodeEndpoint::declaration() {
  using T = NodeEndpoint;
  static constexpr std::array rows{
      field<&T::node_id>("NodeId", "10+", "The broker's node id."),
      field<&T::host>("Host", "10+", "The broker's host name."),
      field<&T::port>("Port", "10+", "The broker's port."),
      field<&T::rack>("Rack", "10+", "The broker's rack, or null.").nullable("10+"),
  };
  static constexpr auto self = structure<T>("NodeEndpoint", rows);
  return self;
}

const declare::Struct& ProduceResponse::declaration() {
  using T = ProduceResponse;
  static constexpr std::array rows{
      field<&T::responses>("Responses", "0+", "One result per topic."),
      field<&T::throttle_time_ms>("ThrottleTimeMs", "1+", "How long a quota delays the connection.")
          .ignorable(),
      field<&T::node_endpoints>("NodeEndpoints", "10+",
                                "Where the leaders named in CurrentLeader are reached.")
          .tagged(0, "10+"),
  };
  static constexpr auto self = structure<T>("ProduceResponse", rows);
  return self;
}

}  // namespace ledge::kafka
