# SPDX-License-Identifier: Apache-2.0
"""A connection that sends bytes and gets bytes, request headers, and record batches built and taken apart by hand."""
import gzip
import socket
import struct
import zlib

from . import schema


def crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82f63b78 if n & 1 else n >> 1
        table.append(n)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >> 8)
    return crc ^ 0xffffffff


class Closed(Exception):
    """The server closed the connection."""


class Connection:
    def __init__(self, host, port, timeout=30):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.correlation = 0

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed from error

    def take(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                part = self.socket.recv(size - len(data))
            except ConnectionResetError as error:
                raise Closed from error
            if not part:
                raise Closed
            data += part
        return bytes(data)

    def receive_frame(self):
        return self.take(struct.unpack('>i', self.take(4))[0])

    def header(self, api_key, version, flexible, client_id='ledge-tests'):
        self.correlation += 1
        client = struct.pack('>h', -1) if client_id is None else struct.pack('>h', len(client_id)) + client_id.encode()
        return struct.pack('>hhi', api_key, version, self.correlation) + client + (b'\0' if flexible else b'')

    def send_request(self, api, version, body):
        """BODY: bytes, or a dictionary of fields for the definition."""
        message = schema.request(api)
        if not isinstance(body, bytes):
            body = message.encode(version, body)
        data = self.header(message.api_key, version, message.flexible(version)) + body
        self.send(struct.pack('>i', len(data)) + data)

    def receive(self, api, version):
        frame = self.receive_frame()
        correlation = struct.unpack('>i', frame[:4])[0]
        assert correlation == self.correlation, f'answer {correlation} to request {self.correlation}'
        message = schema.response(api)
        at = 4
        if message.flexible(version) and api != 'ApiVersions':
            assert frame[4] == 0, 'a tag in the response header'
            at = 5
        return message.decode(version, frame[at:])

    def call(self, api, version, body):
        self.send_request(api, version, body)
        return self.receive(api, version)


# ---- record batches, magic 2 -----------------------------------------------------------------------------------------

def varint(value):
    out = bytearray()
    schema.put_uvarint(out, (value << 1) ^ (value >> 63))
    return bytes(out)


def record(delta, key, value, time_delta=0, headers=()):
    def piece(data):
        return varint(-1) if data is None else varint(len(data)) + data
    body = b'\0' + varint(time_delta) + varint(delta) + piece(key) + piece(value) + varint(len(headers))
    for name, content in headers:
        body += varint(len(name)) + name + piece(content)
    return varint(len(body)) + body


def records(n, size=10, first=0, key=True):
    return b''.join(record(i, b'k%d' % (first + i) if key else None, (b'v%d-' % (first + i)).ljust(size, b'x'), time_delta=i)
                    for i in range(n))


def compress(codec, data):
    """Codec 0 to 4; snappy as one raw block, as librdkafka writes it."""
    match codec:
        case 1:
            return gzip.compress(data, mtime=0)
        case 2:
            import snappy
            return snappy.compress(data)
        case 3:
            import lz4.frame
            return lz4.frame.compress(data, block_size=lz4.frame.BLOCKSIZE_MAX64KB, block_linked=False, content_checksum=False)
        case 4:
            import zstandard
            return zstandard.ZstdCompressor(write_content_size=False).compress(data)
    return data


def batch(count, payload=None, *, codec=0, base_offset=0, attributes=None, time=1_700_000_000_000, max_time=None, producer=-1,
          epoch=-1, sequence=-1, last_delta=None, said=None, magic=2, crc=None, length=None, leader_epoch=-1, compressed=None):
    """A batch of COUNT records, every header field as asked, so that wrong ones can be made."""
    payload = records(count) if payload is None else payload
    body = compress(codec, payload) if compressed is None else compressed
    tail = struct.pack('>hiqqqhii', codec if attributes is None else attributes, count - 1 if last_delta is None else last_delta,
                       time, time + count - 1 if max_time is None else max_time, producer, epoch, sequence,
                       count if said is None else said) + body
    checksum = crc32c(tail) if crc is None else crc
    return struct.pack('>qiibI', base_offset, len(tail) + 9 if length is None else length, leader_epoch, magic, checksum) + tail


def old_message(magic, value=b'old'):
    """A message of format 0 or 1."""
    inner = struct.pack('>bb', magic, 0) + (struct.pack('>q', 1_700_000_000_000) if magic else b'')
    inner += struct.pack('>i', -1) + struct.pack('>i', len(value)) + value
    return struct.pack('>qi', 0, len(inner) + 4) + struct.pack('>I', zlib.crc32(inner)) + inner


def take_apart(data):
    """Batches of an answer as dictionaries; a cut last one is told as such."""
    found = []
    while data:
        if len(data) < 61:
            return found + [{'cut': len(data)}]
        base, length, leader_epoch, magic, crc = struct.unpack('>qiibI', data[:21])
        if 12 + length > len(data):
            return found + [{'cut': len(data)}]
        tail = data[21:12 + length]
        names = ('attributes', 'lastOffsetDelta', 'baseTimestamp', 'maxTimestamp', 'producerId', 'producerEpoch', 'baseSequence', 'count')
        one = dict(zip(names, struct.unpack('>hiqqqhii', tail[:40])))
        one.update(baseOffset=base, length=length, partitionLeaderEpoch=leader_epoch, magic=magic, crc=crc,
                   crcGood=crc == crc32c(tail), payload=tail[40:].hex())
        found.append(one)
        data = data[12 + length:]
    return found
