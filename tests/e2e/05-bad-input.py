# SPDX-License-Identifier: Apache-2.0
"""Hostile and broken clients: what they send is refused, and everybody else is served. Which error code is answered, and
that it is Apache Kafka's, is 04-differential's matter."""
import gzip
import json
import random
import re
import socket
import struct
import threading
import time
import urllib.request

import pytest
from differential.wire import Closed, Connection, batch, compress, record
from support import ledge, probe
from support.target import TARGET

pytestmark = pytest.mark.skipif(TARGET == 'kafka', reason='about Ledge\'s own bounds')
MIB = 1024 * 1024


@pytest.fixture
def own(own_folder):
    with ledge.Ledge(own_folder, http=True) as server:
        yield server
        assert server.process.poll() is None, 'it ended: ' + server.log.read_text(errors='replace')[-3000:]


def is_closed(server, data, patience=5):
    with Connection(server.host, server.port, timeout=patience) as connection:
        try:
            connection.send(data)
            connection.receive_frame()
        except Closed:
            return True
        except TimeoutError:
            return False
    return False


def closings(server):
    """Why the server closed connections, by its log: reason -> how many, those that the rate limit held back included."""
    out = {}
    for line in server.log.read_text(errors='replace').splitlines():
        entry = json.loads(line)
        if entry['event'] in ('connection closed', 'connection refused'):
            out[entry['why']] = out.get(entry['why'], 0) + 1 + entry.get('held_back', 0)
    return out


def closed_by_metrics(server):
    """What /metrics says, reason -> how many."""
    with urllib.request.urlopen(f'http://127.0.0.1:{server.http_port}/metrics', timeout=10) as answer:
        text = answer.read().decode()
    found = re.findall(r'^ledge_connections_(?:closed|refused)_total\{reason="(\w+)"\} (\d+)', text, re.M)
    return {reason: int(n) for reason, n in found if n != '0'}


def still_serves(server):
    probe.answer(server.host, server.port, timeout=5)
    with Connection(server.host, server.port) as connection:
        connection.call('Metadata', 9, {'topics': [{'name': 'alive'}]})
        answer = connection.call('Produce', 9, {'acks': -1, 'timeoutMs': 5000, 'topicData': [
            {'name': 'alive', 'partitionData': [{'index': 0, 'records': batch(1)}]}]})
        assert answer['responses'][0]['partitionResponses'][0]['errorCode'] == 0


def produce_one(connection, topic, data):
    return connection.call('Produce', 9, {'acks': -1, 'timeoutMs': 5000, 'topicData': [
        {'name': topic, 'partitionData': [{'index': 0, 'records': data}]}]})['responses'][0]['partitionResponses'][0]['errorCode']


def frame(data):
    return struct.pack('>i', len(data)) + data


@pytest.mark.parametrize('data', [
    struct.pack('>i', -1), struct.pack('>i', 0x7fffffff), struct.pack('>i', 104857601), frame(b''), frame(b'\0'),
    frame(struct.pack('>hhih', 9999, 0, 1, -1)), frame(struct.pack('>hhih', 0, 99, 1, -1)),
    frame(struct.pack('>hhih', 3, 1, 1, -1) + struct.pack('>i', 0x7ffffff0)),
    frame(struct.pack('>hhih', 1, 4, 1, -1) + b'\xff' * 30), b'GET / HTTP/1.1\r\n\r\n',
], ids=['negative size', '2 GiB', 'over the limit', 'empty', 'one byte', 'unknown api', 'unknown version', 'huge array', 'nonsense', 'http'])
def test_what_cannot_be_a_request_closes_its_connection_and_no_other(own, data):
    with Connection(own.host, own.port) as other:
        other.call('ApiVersions', 0, {})
        before = own.rss_bytes()
        assert is_closed(own, data)
        assert own.rss_bytes() - before < 4 * MIB, 'nothing was allocated for it'
        other.call('ApiVersions', 0, {})
    assert sum(closings(own).values()) == 1, closings(own)
    still_serves(own)
    assert sum(closings(own).values()) == 1, 'who ends a connection by himself leaves no line'


def test_the_log_says_why_but_not_a_thousand_times(own):
    for _ in range(1000):
        assert is_closed(own, struct.pack('>i', -1))
    lines = own.log.read_text(errors='replace').splitlines()
    assert len(lines) < 150, 'log lines are rate limited'
    time.sleep(1.5)  # until the limit lets a line pass, which counts those that it held back
    assert is_closed(own, struct.pack('>i', -1))
    assert closings(own) == {'a frame of an impossible size was announced': 1001}
    still_serves(own)


@pytest.mark.parametrize('announced', [200_000, 50_000_000], ids=['within the request memory', 'more than the request memory'])
def test_half_a_request_and_silence(own_folder, announced):
    """Within the request memory (64 MiB) nobody else notices. Announcements of more hold others up until they are idle for too
    long; memory stays bounded, and afterwards everybody is served."""
    with ledge.Ledge(own_folder, properties=['connections.max.idle.ms=2000']) as own:
        silent = []
        for i in range(200):
            connection = socket.create_connection((own.host, own.port))
            try:
                connection.sendall((struct.pack('>i', announced) + b'\0\0\0\x09' + b'x' * i)[:4 + i])
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused at once is as good
            silent.append(connection)
        rss = own.rss_bytes()
        assert rss < 64 * MIB, f'{rss} bytes for 200 announced requests'
        if announced == 200_000:
            still_serves(own)
        deadline = time.monotonic() + 15
        for connection in silent:
            connection.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                assert connection.recv(1) == b''
            except ConnectionResetError:
                pass  # closed with bytes unread
            connection.close()
        still_serves(own)
        time.sleep(1.5)
        last = [socket.create_connection((own.host, own.port)) for _ in range(2)]  # their lines count what was held back
        last[0].sendall(struct.pack('>i', 100) + b'x')
        for connection in last:
            connection.settimeout(10)
            assert connection.recv(1) == b''
        why = closings(own)
        assert sum(why.values()) == 202, why
        # Whichever clock comes first; the line of an idle one says that it owed the rest of a request.
        assert set(why) <= {'a request was begun and not finished', 'idle for longer than connections.max.idle.ms'}
        assert 'a request was begun and not finished' in own.log.read_text(errors='replace')


def test_a_request_byte_by_byte(own):
    with Connection(own.host, own.port) as connection:
        for byte in probe.ASK:
            connection.socket.sendall(bytes([byte]))
            time.sleep(0.002)
        assert len(connection.receive_frame()) > 20


def test_a_million_tiny_requests_are_answered_in_order(own, ran):
    requests, chunk = 1_000_000, 10_000
    with socket.create_connection((own.host, own.port), timeout=60) as s:
        s.sendall(probe.ASK)
        size = 4 + struct.unpack('>i', s.recv(4, socket.MSG_WAITALL))[0]
        s.recv(size - 4, socket.MSG_WAITALL)
        begin = time.monotonic()

        def send():
            for first in range(0, requests, chunk):
                s.sendall(b''.join(struct.pack('>ihhih', 10, 18, 0, i, -1) for i in range(first, first + chunk)))
        sender = threading.Thread(target=send)
        sender.start()
        rss = 0
        for first in range(0, requests, chunk):
            data = bytearray()
            while len(data) < size * chunk:
                part = s.recv(min(1 << 20, size * chunk - len(data)))
                assert part, 'closed'
                data += part
            for n in (0, 1, chunk // 2, chunk - 1):
                assert struct.unpack_from('>ii', data, n * size) == (size - 4, first + n)
            rss = max(rss, own.rss_bytes())
        sender.join()
    assert rss < 64 * MIB
    ran('tiny requests', requests=requests, **{'requests/s': f'{requests / (time.monotonic() - begin):,.0f}', 'MB RSS at most': f'{rss / 1e6:.1f}'})
    still_serves(own)


def test_answers_that_nobody_takes_stop_the_reading_not_the_memory(own):
    with socket.create_connection((own.host, own.port)) as s:
        s.settimeout(1)
        sent = 0
        try:
            for _ in range(5000):
                s.sendall(probe.ASK * 1000)
                sent += 1000
        except TimeoutError:
            pass
        assert sent < 5_000_000, 'it stopped reading'
        assert own.rss_bytes() < 96 * MIB
        still_serves(own)


def bombs():
    payload = record(0, b'k', b'\0' * (900 * MIB // 3))
    yield 'gzip', batch(1, compressed=gzip.compress(payload, 9), codec=1)
    yield 'zstd', batch(1, compressed=compress(4, payload), codec=4)
    yield 'lz4', batch(1, compressed=compress(3, record(0, b'k', b'\0' * (200 * MIB))), codec=3)
    yield 'a million empty records', batch(1_000_000, compressed=gzip.compress(record(0, b'', b'') * 1_000_000, 9), codec=1)
    # Snappy says how much it unpacks to: 2 GiB in a few bytes.
    yield 'snappy', batch(1, compressed=b'\xff\xff\xff\xff\x07' + b'\xfe\x01\x00' * 1000, codec=2)


def test_zip_bombs_are_refused_within_bounds(own_folder, ran):
    with ledge.Ledge(own_folder, properties=['message.max.bytes=7000000']) as own, Connection(own.host, own.port) as connection:
        connection.call('Metadata', 9, {'topics': [{'name': 'bombed'}]})
        assert produce_one(connection, 'bombed', batch(1)) == 0
        for name, data in bombs():
            before, begin = own.rss_bytes(), time.monotonic()
            code = produce_one(connection, 'bombed', data)
            took, grown = time.monotonic() - begin, own.rss_bytes() - before
            assert code != 0, f'{name} was kept'
            assert took < 10 and grown < 80 * MIB, f'{name}: {took:.1f} s, {grown} bytes more'
            ran(f'{name} bomb', **{'bytes': len(data), 'error': code, 's': f'{took:.2f}'})
        assert produce_one(connection, 'bombed', batch(1)) == 0


def test_many_connections_at_once(own):
    connections = [socket.create_connection((own.host, own.port)) for _ in range(500)]
    for connection in connections:
        connection.sendall(probe.ASK)
    for connection in connections:
        connection.settimeout(10)
        assert len(connection.recv(4, socket.MSG_WAITALL)) == 4
        connection.close()
    still_serves(own)


def test_connections_over_the_limit_are_closed(own_folder):
    with ledge.Ledge(own_folder, properties=['max.connections=10']) as own:
        time.sleep(0.3)  # the connection that saw it start is gone
        connections = [socket.create_connection((own.host, own.port)) for _ in range(15)]
        answered = 0
        for connection in connections:
            connection.settimeout(5)
            try:
                connection.sendall(probe.ASK)
                answered += len(connection.recv(4, socket.MSG_WAITALL)) == 4
            except (ConnectionResetError, BrokenPipeError):
                pass
        for connection in connections:
            connection.close()
        assert answered == 10
        time.sleep(0.2)
        still_serves(own)
        assert closings(own) == {'max.connections': 5}


def test_random_bytes_after_a_good_header(own):
    chance = random.Random(7)
    with Connection(own.host, own.port) as good:
        for api, low, high in ((0, 3, 13), (1, 4, 18), (2, 1, 11), (3, 0, 13), (18, 0, 4), (19, 2, 7), (20, 1, 6), (22, 0, 5), (23, 2, 4), (32, 1, 4), (60, 0, 2)):
            for version in range(low, high + 1):
                for _ in range(10):
                    body = bytes(chance.choice((0, 1, 2, 0x7f, 0x80, 0xff, chance.randrange(256))) for _ in range(chance.randrange(80)))
                    with socket.create_connection((own.host, own.port)) as s:
                        s.sendall(frame(struct.pack('>hhih', api, version, 1, -1) + body))
                        s.shutdown(socket.SHUT_WR)
            good.call('ApiVersions', 0, {})
    still_serves(own)
    # Half of it decodes by chance. What was closed has its line: as many as the metric counts, whatever was held back.
    by_metric = closed_by_metrics(own)
    assert set(by_metric) == {'bad_request'} and by_metric['bad_request'] > 100
    time.sleep(1.5)
    assert is_closed(own, frame(struct.pack('>hhih', 9999, 0, 1, -1)))
    assert sum(closings(own).values()) == by_metric['bad_request'] + 1
