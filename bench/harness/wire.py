# SPDX-License-Identifier: Apache-2.0
"""The few Kafka requests that the measurements make themselves, by hand: no client library's threads beside what is measured."""
import socket
import struct
import time

HOST = '127.0.0.1'


class Refused(Exception):
    """The server answered with an error code."""


def string(s):
    return struct.pack('>h', len(s)) + s.encode()


def receive(sock, size):
    data = b''
    while len(data) < size:
        part = sock.recv(size - len(data))
        if not part:
            raise OSError('closed')
        data += part
    return data


def call(port, key, version, body=b'', timeout=20.0):
    """One request on a connection of its own; the answer behind its correlation id."""
    with socket.create_connection((HOST, port), timeout) as sock:
        sock.settimeout(timeout)
        return ask(sock, key, version, body)


def ask(sock, key, version, body=b''):
    request = struct.pack('>hhi', key, version, 1) + string('bench') + body
    sock.sendall(struct.pack('>i', len(request)) + request)
    return receive(sock, struct.unpack('>i', receive(sock, 4))[0])[4:]


def api_versions(port, timeout=5.0):
    call(port, 18, 0, timeout=timeout)


def create_topic(port, topic, partitions=1):
    answer = call(port, 19, 2, struct.pack('>i', 1) + string(topic) + struct.pack('>ihii', partitions, 1, 0, 0) + struct.pack('>i?', 60000, False), 90)
    code = struct.unpack('>h', answer[4 + 4 + 2 + len(topic):][:2])[0]  # throttle, one topic: name, error
    if code not in (0, 36):
        raise Refused(f'CreateTopics {topic}: error {code}')


def delete_topic(port, topic):
    call(port, 20, 1, struct.pack('>i', 1) + string(topic) + struct.pack('>i', 60000), 90)


def end_offset(ports, topic, partition=0):
    """ListOffsets for the end, from whichever of the ports leads the partition."""
    body = struct.pack('>ibi', -1, 0, 1) + string(topic) + struct.pack('>iiq', 1, partition, -1)
    code = None
    for port in ports:
        answer = call(port, 2, 2, body)
        # throttle, topics, name, partitions, partition, error, timestamp, offset
        _, code, _, offset = struct.unpack('>ihqq', answer[4 + 4 + 2 + len(topic) + 4:][:22])
        if code == 0:
            return offset
    raise Refused(f'ListOffsets {topic}-{partition}: error {code}')


def wait_for(what, seconds, *arguments, pause=0.05):
    """Calls until it neither fails nor is refused; the last failure is the caller's."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return what(*arguments)
        except (OSError, Refused, struct.error):
            if time.monotonic() > deadline:
                raise
            time.sleep(pause)
