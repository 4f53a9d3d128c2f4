// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace ledge {

/// CRC-32C (Castagnoli), the checksum of Kafka's record batches and of every frame of ours. `crc` continues
/// an earlier result: crc32c(b, crc32c(a)) is the checksum of a followed by b. Uses the processor's
/// instruction where there is one.
std::uint32_t crc32c(ByteView bytes, std::uint32_t crc = 0);

/// The checksum of a followed by b from those of a and of b, without reading either: a microsecond for a
/// megabyte of b.
std::uint32_t crc32c_joined(std::uint32_t crc_a, std::uint32_t crc_b, std::size_t bytes_of_b);

/// crc32c by tables alone: what a processor without the instruction runs, and what tests compare with.
std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t crc = 0);

}  // namespace ledge
