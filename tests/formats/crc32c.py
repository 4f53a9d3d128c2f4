# SPDX-License-Identifier: Apache-2.0
"""CRC-32C, and which single flipped bit explains a wrong one. By google-crc32c where it is installed (build/venv),
otherwise by tables, eight bytes at a time, which takes a hundred times as long."""
import functools
import struct

try:
    from google_crc32c import extend
except ImportError:
    extend = None

_BYTE = []
for _n in range(256):
    for _ in range(8):
        _n = _n >> 1 ^ (0x82F63B78 if _n & 1 else 0)
    _BYTE.append(_n)


def _zeros_behind(value, count):
    for _ in range(count):
        value = value >> 8 ^ _BYTE[value & 255]
    return value


def _words():
    """Four tables: what 16 bits do to the checksum when 6, 4, 2 or 0 further bytes of the word follow them."""
    two = [_BYTE[(_BYTE[n & 255] ^ n >> 8) & 255] ^ _BYTE[n & 255] >> 8 for n in range(65536)]
    tables = [two]
    for _ in range(3):
        tables.append([v >> 16 ^ two[v & 0xFFFF] for v in tables[-1]])
    return tables[::-1]


_A, _B, _C, _D = _words() if not extend else (None,) * 4


def crc32c(data, crc=0):
    """Bodies are asked for again and again (dump, recovery, damaged copies): remembered."""
    if extend:
        return extend(crc, bytes(data))
    return _remembered(bytes(data)) if crc == 0 and len(data) > 256 else _crc32c(data, crc)


@functools.lru_cache(maxsize=20000)
def _remembered(data):
    return _crc32c(data, 0)


def _crc32c(data, crc):
    crc ^= 0xFFFFFFFF
    whole = len(data) // 8 * 8
    for (word,) in struct.iter_unpack('<Q', memoryview(data)[:whole]):
        word ^= crc
        crc = _A[word & 0xFFFF] ^ _B[word >> 16 & 0xFFFF] ^ _C[word >> 32 & 0xFFFF] ^ _D[word >> 48]
    for byte in data[whole:]:
        crc = crc >> 8 ^ _BYTE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


@functools.lru_cache
def _syndromes(length):
    """Of a header of `length` bytes whose last four are its checksum: the difference that each bit makes."""
    zero, out = crc32c(bytes(length - 4)), {}
    for bit in range((length - 4) * 8):
        flipped = bytearray(length - 4)
        flipped[bit // 8] = 1 << bit % 8
        out[crc32c(flipped) ^ zero] = bit
    return out | {1 << bit: (length - 4) * 8 + bit for bit in range(32)}


def repair(header, seed=0, body=False):
    """The header as it was before at most one bit flipped, or None. `body`: its checksum, behind it, is in a header of its
    own and sound."""
    wrong = crc32c(header[:-4], seed) ^ int.from_bytes(header[-4:], 'little')
    if wrong == 0:
        return bytes(header)
    bit = _syndromes(len(header)).get(wrong)
    if bit is None or (body and bit >= len(header) * 8 - 32):
        return None
    mended = bytearray(header)
    mended[bit // 8] ^= 1 << bit % 8
    return bytes(mended)
