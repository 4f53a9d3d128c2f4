// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"

namespace ledge::client {

/// The hash by which Kafka's own clients choose a key's partition (murmur2, 32 bit, Kafka's seed).
inline std::uint32_t murmur2(ByteView bytes) {
  constexpr std::uint32_t kMultiplier = 0x5bd1e995;
  constexpr std::uint32_t kSeed = 0x9747b28c;
  std::uint32_t hash = kSeed ^ static_cast<std::uint32_t>(bytes.size());
  while (bytes.size() >= 4) {
    std::uint32_t word = load_le<std::uint32_t>(bytes.data()) * kMultiplier;
    word ^= word >> 24;
    hash = hash * kMultiplier ^ word * kMultiplier;
    bytes = bytes.subspan(4);
  }
  for (std::size_t i = bytes.size(); i-- > 0;) hash ^= static_cast<std::uint32_t>(bytes[i]) << 8 * i;
  if (!bytes.empty()) hash *= kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ hash >> 15;
}

inline std::int32_t partition_of_key(ByteView key, std::int32_t partitions) {
  return static_cast<std::int32_t>(murmur2(key) & 0x7fffffff) % partitions;
}

}  // namespace ledge::client
