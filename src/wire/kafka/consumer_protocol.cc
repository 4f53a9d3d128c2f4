// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/consumer_protocol.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& ConsumerProtocolSubscription::TopicPartition::declaration() {
  using T = TopicPartition;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "1+", "The topic."),
      field<&T::partitions>("Partitions", "1+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartition", rows);
  return self;
}

const declare::Struct& ConsumerProtocolSubscription::declaration() {
  using T = ConsumerProtocolSubscription;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "The topics that the member reads."),
      field<&T::user_data>("UserData", "0+", "The assignor's own bytes, or null.").nullable("0+"),
      field<&T::owned_partitions>("OwnedPartitions", "1+", "What it holds.").ignorable(),
      field<&T::generation_id>("GenerationId", "2+", "The generation in which it got them.").ignorable(),
      field<&T::rack_id>("RackId", "3+", "Where the member is, or null.").nullable("3+").ignorable(),
  };
  static constexpr auto self = structure<T>("ConsumerProtocolSubscription", rows);
  return self;
}

const declare::Struct& ConsumerProtocolAssignment::TopicPartition::declaration() {
  using T = TopicPartition;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0+", "The topic."),
      field<&T::partitions>("Partitions", "0+", "Its partitions."),
  };
  static constexpr auto self = structure<T>("TopicPartition", rows);
  return self;
}

const declare::Struct& ConsumerProtocolAssignment::declaration() {
  using T = ConsumerProtocolAssignment;
  static constexpr std::array rows{
      field<&T::assigned_partitions>("AssignedPartitions", "0+", "What the member shall read."),
      field<&T::user_data>("UserData", "0+", "The assignor's own bytes, or null.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("ConsumerProtocolAssignment", rows);
  return self;
}

}  // namespace ledge::kafka
