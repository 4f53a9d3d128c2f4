// SPDX-License-Identifier: Apache-2.0
// What `__consumer_offsets` holds of consumer groups (KIP-848): keys and values, in the versions that
// Kafka 4.2 writes. Both are preceded by a 16-bit number: of a key the kind of record (api.key), of a value
// its version.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wire/kafka/messages/api.h"

namespace ledge::kafka {

struct ConsumerGroupMetadataKey {
  static constexpr Api api{.key = 3, .name = "ConsumerGroupMetadata", .first_flexible = Api::kNeverFlexible};

  std::string group_id;

  static const declare::Struct& declaration();
};

struct ConsumerGroupMetadataValue {
  static constexpr Api api{.key = 3, .name = "ConsumerGroupMetadata"};

  std::int32_t epoch = 0;
  std::int64_t metadata_hash = 0;

  static const declare::Struct& declaration();
};

struct ConsumerGroupPartitionMetadataKey {
  static constexpr Api api{
      .key = 4, .name = "ConsumerGroupPartitionMetadata", .first_flexible = Api::kNeverFlexible};

  std::string group_id;

  static const declare::Struct& declaration();
};

struct ConsumerGroupPartitionMetadataValue {
  static constexpr Api api{.key = 4, .name = "ConsumerGroupPartitionMetadata"};

  struct PartitionMetadata {
    std::int32_t partition = 0;
    std::vector<std::string> racks;
    static const declare::Struct& declaration();
  };
  struct TopicMetadata {
    Uuid topic_id;
    std::string topic_name;
    std::int32_t num_partitions = 0;
    std::vector<PartitionMetadata> partition_metadata;
    static const declare::Struct& declaration();
  };

  std::vector<TopicMetadata> topics;

  static const declare::Struct& declaration();
};

struct ConsumerGroupMemberMetadataKey {
  static constexpr Api api{
      .key = 5, .name = "ConsumerGroupMemberMetadata", .first_flexible = Api::kNeverFlexible};

  std::string group_id;
  std::string member_id;

  static const declare::Struct& declaration();
};

struct ConsumerGroupMemberMetadataValue {
  static constexpr Api api{.key = 5, .name = "ConsumerGroupMemberMetadata"};

  struct ClassicProtocol {
    std::string name;
    Bytes metadata;
    static const declare::Struct& declaration();
  };
  struct ClassicMemberMetadata {
    std::int32_t session_timeout_ms = 0;
    std::vector<ClassicProtocol> supported_protocols;
    static const declare::Struct& declaration();
  };

  std::optional<std::string> instance_id = std::string{};
  std::optional<std::string> rack_id = std::string{};
  std::string client_id;
  std::string client_host;
  std::vector<std::string> subscribed_topic_names;
  std::optional<std::string> subscribed_topic_regex = std::string{};
  std::int32_t rebalance_timeout_ms = -1;
  std::optional<std::string> server_assignor = std::string{};
  std::optional<ClassicMemberMetadata> classic_member_metadata;

  static const declare::Struct& declaration();
};

struct ConsumerGroupTargetAssignmentMetadataKey {
  static constexpr Api api{
      .key = 6, .name = "ConsumerGroupTargetAssignmentMetadata", .first_flexible = Api::kNeverFlexible};

  std::string group_id;

  static const declare::Struct& declaration();
};

struct ConsumerGroupTargetAssignmentMetadataValue {
  static constexpr Api api{.key = 6, .name = "ConsumerGroupTargetAssignmentMetadata"};

  std::int32_t assignment_epoch = 0;

  static const declare::Struct& declaration();
};

struct ConsumerGroupTargetAssignmentMemberKey {
  static constexpr Api api{
      .key = 7, .name = "ConsumerGroupTargetAssignmentMember", .first_flexible = Api::kNeverFlexible};

  std::string group_id;
  std::string member_id;

  static const declare::Struct& declaration();
};

struct ConsumerGroupTargetAssignmentMemberValue {
  static constexpr Api api{.key = 7, .name = "ConsumerGroupTargetAssignmentMember"};

  struct TopicPartition {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::vector<TopicPartition> topic_partitions;

  static const declare::Struct& declaration();
};

struct ConsumerGroupCurrentMemberAssignmentKey {
  static constexpr Api api{
      .key = 8, .name = "ConsumerGroupCurrentMemberAssignment", .first_flexible = Api::kNeverFlexible};

  std::string group_id;
  std::string member_id;

  static const declare::Struct& declaration();
};

struct ConsumerGroupCurrentMemberAssignmentValue {
  static constexpr Api api{.key = 8, .name = "ConsumerGroupCurrentMemberAssignment"};

  struct TopicPartitions {
    Uuid topic_id;
    std::vector<std::int32_t> partitions;
    static const declare::Struct& declaration();
  };

  std::int32_t member_epoch = 0;
  std::int32_t previous_member_epoch = 0;
  std::int8_t state = 0;
  std::vector<TopicPartitions> assigned_partitions;
  std::vector<TopicPartitions> partitions_pending_revocation;

  static const declare::Struct& declaration();
};

struct ConsumerGroupRegularExpressionKey {
  static constexpr Api api{
      .key = 16, .name = "ConsumerGroupRegularExpression", .first_flexible = Api::kNeverFlexible};

  std::string group_id;
  std::string regular_expression;

  static const declare::Struct& declaration();
};

struct ConsumerGroupRegularExpressionValue {
  static constexpr Api api{.key = 16, .name = "ConsumerGroupRegularExpression"};

  std::vector<std::string> topics;
  std::int64_t version = 0;
  std::int64_t timestamp = 0;

  static const declare::Struct& declaration();
};

}  // namespace ledge::kafka
