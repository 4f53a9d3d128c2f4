# SPDX-License-Identifier: Apache-2.0
"""A client that commits a group's offsets over a plain socket (OffsetCommit version 2, without being a member).

librdkafka could do it, but neither of its ways survives what the rigs do all the time: a consumer's close() waits for good for an
answer that a dead server owes it, and the admin client aborts the process when a broker goes down under a commit."""
import itertools
import socket
import struct

GROUP = 'keeper'


def text(value):
    return struct.pack('>h', len(value)) + value.encode()


class Committer:
    def __init__(self, host, port, timeout=5):
        self.at, self.timeout = (host, port), timeout
        self.socket = None
        self.numbers = itertools.count(1)

    def commit(self, offsets):
        """{(topic, partition): offset}. Those that were acked; OSError when nobody answers."""
        topics = {}
        for (topic, partition), offset in offsets.items():
            topics.setdefault(topic, []).append((partition, offset))
        number = next(self.numbers)
        body = struct.pack('>hhi', 8, 2, number) + text('rig') + text(GROUP) + struct.pack('>i', -1) + text('') + struct.pack('>q', -1)
        body += struct.pack('>i', len(topics))
        for topic, partitions in topics.items():
            body += text(topic) + struct.pack('>i', len(partitions))
            body += b''.join(struct.pack('>iqh', p, offset, -1) for p, offset in partitions)
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.at, timeout=self.timeout)
            self.socket.sendall(struct.pack('>i', len(body)) + body)
            answer = self.receive(struct.unpack('>i', self.receive(4))[0])
        except OSError:
            self.close()
            raise
        return self.acked(answer, number)

    def receive(self, size):
        out = b''
        while len(out) < size:
            part = self.socket.recv(size - len(out))
            if not part:
                raise ConnectionError('closed')
            out += part
        return out

    @staticmethod
    def acked(answer, number):
        at = 0

        def take(form):
            nonlocal at
            value = struct.unpack_from('>' + form, answer, at)[0]
            at += struct.calcsize('>' + form)
            return value
        assert take('i') == number
        out = set()
        for _ in range(take('i')):
            size = take('h')
            topic = answer[at:at + size].decode()
            at += size
            for _ in range(take('i')):
                partition, error = take('i'), take('h')
                if error == 0:
                    out.add((topic, partition))
        return out

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None
