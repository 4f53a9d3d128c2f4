// SPDX-License-Identifier: Apache-2.0
// The processor's instruction takes eight bytes at a time but answers three cycles later, so long inputs are
// cut into three neighbouring blocks whose checksums are computed side by side. Joining checksums needs "the
// checksum of a after as many zero bytes as b has", a linear map of 32 bits that is kept as four tables of
// 256.
#include "base/crc32c.h"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <sys/auxv.h>
#endif

namespace ledge {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Castagnoli, bits reflected

using Tables = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables make_tables() {
  Tables t{};
  for (std::uint32_t n = 0; n < 256; ++n) {
    std::uint32_t crc = n;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ kPolynomial : crc >> 1;
    t[0][n] = crc;
  }
  for (std::size_t n = 0; n < 256; ++n)
    for (std::size_t k = 1; k < 8; ++k) t[k][n] = t[k - 1][n] >> 8 ^ t[0][t[k - 1][n] & 0xff];
  return t;
}
constexpr Tables kTables = make_tables();

/// Slicing by eight; `crc` is the raw register, not yet inverted.
std::uint32_t raw_portable(const std::uint8_t* p, std::size_t n, std::uint32_t crc) {
  while (n >= 8) {
    const std::uint64_t w = load_le<std::uint64_t>(p) ^ crc;
    crc = kTables[7][w & 0xff] ^ kTables[6][w >> 8 & 0xff] ^ kTables[5][w >> 16 & 0xff] ^
          kTables[4][w >> 24 & 0xff] ^ kTables[3][w >> 32 & 0xff] ^ kTables[2][w >> 40 & 0xff] ^
          kTables[1][w >> 48 & 0xff] ^ kTables[0][w >> 56];
    p += 8;
    n -= 8;
  }
  while (n-- > 0) crc = crc >> 8 ^ kTables[0][(crc ^ *p++) & 0xff];
  return crc;
}

using Matrix = std::array<std::uint32_t, 32>;  // column b: the image of bit b

constexpr std::uint32_t times(const Matrix& m, std::uint32_t v) {
  std::uint32_t sum = 0;
  for (std::size_t b = 0; v != 0; ++b, v >>= 1)
    if (v & 1) sum ^= m[b];
  return sum;
}

/// The register after `bytes` (a power of two) zero bytes, as a table per byte of the register.
struct ZeroBytes {
  std::array<std::array<std::uint32_t, 256>, 4> table{};
  constexpr explicit ZeroBytes(std::size_t bytes) {
    Matrix m{};
    m[0] = kPolynomial;  // one zero bit
    for (std::size_t b = 1; b < 32; ++b) m[b] = std::uint32_t{1} << (b - 1);
    for (std::size_t bits = 1; bits < bytes * 8; bits *= 2) {
      Matrix twice{};
      for (std::size_t b = 0; b < 32; ++b) twice[b] = times(m, m[b]);
      m = twice;
    }
    for (std::size_t byte = 0; byte < 4; ++byte)
      for (std::uint32_t n = 0; n < 256; ++n) table[byte][n] = times(m, n << 8 * byte);
  }
  std::uint32_t operator()(std::uint32_t crc) const {
    return table[0][crc & 0xff] ^ table[1][crc >> 8 & 0xff] ^ table[2][crc >> 16 & 0xff] ^
           table[3][crc >> 24];
  }
};
constexpr std::size_t kLongBlock = 4096;
constexpr std::size_t kShortBlock = 256;
constexpr ZeroBytes kLongZeros{kLongBlock};
constexpr ZeroBytes kShortZeros{kShortBlock};

#if defined(__x86_64__) || (defined(__aarch64__) && defined(__linux__))
#define LEDGE_CRC32C_INSTRUCTION 1

#if defined(__x86_64__)
#define LEDGE_CRC32C_TARGET __attribute__((target("sse4.2")))
bool have_instruction() { return __builtin_cpu_supports("sse4.2"); }
LEDGE_CRC32C_TARGET inline std::uint32_t step8(std::uint32_t crc, std::uint64_t word) {
  return static_cast<std::uint32_t>(_mm_crc32_u64(crc, word));
}
LEDGE_CRC32C_TARGET inline std::uint32_t step1(std::uint32_t crc, std::uint8_t byte) {
  return _mm_crc32_u8(crc, byte);
}
#else
#define LEDGE_CRC32C_TARGET __attribute__((target("+crc")))
bool have_instruction() { return getauxval(AT_HWCAP) & (1UL << 7); }  // HWCAP_CRC32
LEDGE_CRC32C_TARGET inline std::uint32_t step8(std::uint32_t crc, std::uint64_t word) {
  return __crc32cd(crc, word);
}
LEDGE_CRC32C_TARGET inline std::uint32_t step1(std::uint32_t crc, std::uint8_t byte) {
  return __crc32cb(crc, byte);
}
#endif

LEDGE_CRC32C_TARGET std::uint32_t three_blocks(const std::uint8_t* p, std::size_t block,
                                               const ZeroBytes& zeros, std::uint32_t crc) {
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  for (const std::uint8_t* end = p + block; p < end; p += 8) {
    crc = step8(crc, load_le<std::uint64_t>(p));
    b = step8(b, load_le<std::uint64_t>(p + block));
    c = step8(c, load_le<std::uint64_t>(p + 2 * block));
  }
  return zeros(zeros(crc) ^ b) ^ c;
}

LEDGE_CRC32C_TARGET std::uint32_t raw_instruction(const std::uint8_t* p, std::size_t n, std::uint32_t crc) {
  for (; n >= 3 * kLongBlock; p += 3 * kLongBlock, n -= 3 * kLongBlock)
    crc = three_blocks(p, kLongBlock, kLongZeros, crc);
  for (; n >= 3 * kShortBlock; p += 3 * kShortBlock, n -= 3 * kShortBlock)
    crc = three_blocks(p, kShortBlock, kShortZeros, crc);
  for (; n >= 8; p += 8, n -= 8) crc = step8(crc, load_le<std::uint64_t>(p));
  for (; n > 0; ++p, --n) crc = step1(crc, *p);
  return crc;
}
#endif

std::uint32_t raw(const std::uint8_t* p, std::size_t n, std::uint32_t crc) {
#ifdef LEDGE_CRC32C_INSTRUCTION
  if (have_instruction()) return raw_instruction(p, n, crc);
#endif
  return raw_portable(p, n, crc);
}

}  // namespace

std::uint32_t crc32c_portable(ByteView bytes, std::uint32_t crc) {
  return ~raw_portable(bytes.data(), bytes.size(), ~crc);
}

std::uint32_t crc32c_joined(std::uint32_t crc_a, std::uint32_t crc_b, std::size_t bytes_of_b) {
  for (; bytes_of_b >= kLongBlock; bytes_of_b -= kLongBlock) crc_a = kLongZeros(crc_a);
  for (; bytes_of_b >= kShortBlock; bytes_of_b -= kShortBlock) crc_a = kShortZeros(crc_a);
  static constexpr std::array<std::uint8_t, kShortBlock> kZeros{};
  return raw(kZeros.data(), bytes_of_b, crc_a) ^ crc_b;
}

std::uint32_t crc32c(ByteView bytes, std::uint32_t crc) { return ~raw(bytes.data(), bytes.size(), ~crc); }

}  // namespace ledge
