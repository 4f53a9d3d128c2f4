// SPDX-License-Identifier: Apache-2.0
#include "wire/kafka/messages/35_describe_log_dirs.h"

namespace ledge::kafka {

using declare::field;
using declare::structure;

const declare::Struct& DescribeLogDirsRequest::DescribableLogDirTopic::declaration() {
  using T = DescribableLogDirTopic;
  static constexpr std::array rows{
      field<&T::topic>("Topic", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("DescribableLogDirTopic", rows);
  return self;
}

const declare::Struct& DescribeLogDirsRequest::declaration() {
  using T = DescribeLogDirsRequest;
  static constexpr std::array rows{
      field<&T::topics>("Topics", "0+", "What to tell of, null for everything.").nullable("0+"),
  };
  static constexpr auto self = structure<T>("DescribeLogDirsRequest", rows);
  return self;
}

const declare::Struct& DescribeLogDirsResponse::DescribeLogDirsPartition::declaration() {
  using T = DescribeLogDirsPartition;
  static constexpr std::array rows{
      field<&T::partition_index>("PartitionIndex", "0+", "The partition's number."),
      field<&T::partition_size>("PartitionSize", "0+", "The bytes of its log."),
      field<&T::offset_lag>("OffsetLag", "0+", "How far it is behind the high watermark."),
      field<&T::is_future_key>("IsFutureKey", "0+", "Whether it is being moved to this folder."),
  };
  static constexpr auto self = structure<T>("DescribeLogDirsPartition", rows);
  return self;
}

const declare::Struct& DescribeLogDirsResponse::DescribeLogDirsTopic::declaration() {
  using T = DescribeLogDirsTopic;
  static constexpr std::array rows{
      field<&T::name>("Name", "0+", "The topic's name."),
      field<&T::partitions>("Partitions", "0+", "The partitions."),
  };
  static constexpr auto self = structure<T>("DescribeLogDirsTopic", rows);
  return self;
}

const declare::Struct& DescribeLogDirsResponse::DescribeLogDirsResult::declaration() {
  using T = DescribeLogDirsResult;
  static constexpr std::array rows{
      field<&T::error_code>("ErrorCode", "0+", "The error, 0 if there is none."),
      field<&T::log_dir>("LogDir", "0+", "The absolute path of the folder."),
      field<&T::topics>("Topics", "0+", "The topics."),
      field<&T::total_bytes>("TotalBytes", "4+", "The size of the volume, -1 unknown.").ignorable(),
      field<&T::usable_bytes>("UsableBytes", "4+", "What is free of the volume, -1 unknown.").ignorable(),
  };
  static constexpr auto self = structure<T>("DescribeLogDirsResult", rows);
  return self;
}

const declare::Struct& DescribeLogDirsResponse::declaration() {
  using T = DescribeLogDirsResponse;
  static constexpr std::array rows{
      field<&T::throttle_time_ms>("ThrottleTimeMs", "0+", "How long a quota delays the connection."),
      field<&T::error_code>("ErrorCode", "3+", "The error, 0 if there is none.").ignorable(),
      field<&T::results>("Results", "0+", "The folders."),
  };
  static constexpr auto self = structure<T>("DescribeLogDirsResponse", rows);
  return self;
}

}  // namespace ledge::kafka
