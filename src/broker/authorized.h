// SPDX-License-Identifier: Apache-2.0
// The operations that clients are told they may do (KIP-430): bit n stands for Kafka's AclOperation code n.
// Without authorisation everything that applies to the kind of resource is allowed, as in Apache Kafka
// without an authorizer.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace ledge::broker {

enum class AclOperation : std::int8_t {
  Read = 3,
  Write = 4,
  Create = 5,
  Delete = 6,
  Alter = 7,
  Describe = 8,
  ClusterAction = 9,
  DescribeConfigs = 10,
  AlterConfigs = 11,
  IdempotentWrite = 12,
};

constexpr std::int32_t operation_bits(std::initializer_list<AclOperation> operations) {
  std::int32_t bits = 0;
  for (AclOperation operation : operations) bits |= 1 << static_cast<int>(operation);
  return bits;
}

inline constexpr std::int32_t kTopicOperations = operation_bits(
    {AclOperation::Read, AclOperation::Write, AclOperation::Create, AclOperation::Delete, AclOperation::Alter,
     AclOperation::Describe, AclOperation::DescribeConfigs, AclOperation::AlterConfigs});
inline constexpr std::int32_t kGroupOperations =
    operation_bits({AclOperation::Read, AclOperation::Delete, AclOperation::Describe,
                    AclOperation::DescribeConfigs, AclOperation::AlterConfigs});
inline constexpr std::int32_t kClusterOperations = operation_bits(
    {AclOperation::Create, AclOperation::Alter, AclOperation::Describe, AclOperation::ClusterAction,
     AclOperation::DescribeConfigs, AclOperation::AlterConfigs, AclOperation::IdempotentWrite});

}  // namespace ledge::broker
