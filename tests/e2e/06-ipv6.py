# SPDX-License-Identifier: Apache-2.0
"""IPv6 on loopback: listeners, advertised addresses, both families on one port, the HTTP port and the commands."""
import socket
import urllib.request

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from differential.wire import Connection
from support import ledge
from support.target import TARGET

pytestmark = pytest.mark.skipif(TARGET == 'kafka', reason='about Ledge\'s own listeners')


def free_port_of_both():
    with socket.socket(socket.AF_INET6) as s:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(('::', 0))
        return s.getsockname()[1]


class Six(ledge.Ledge):
    """Listens where `listeners` says; `host` is where the tests look whether it started."""

    def __init__(self, folder, listeners, advertised=None, host='::1', port=None, more=()):
        super().__init__(folder, host=host, port=port, properties=more)
        self.listeners, self.advertise = listeners, advertised

    def command(self):
        sets = ['listeners=' + self.listeners, *(['advertised.listeners=' + self.advertise] if self.advertise else []),
                *self.properties]
        return [str(ledge.PROGRAM), 'serve', '--data', str(self.data), *(a for s in sets for a in ('--set', s))]


def brokers(host, port):
    with Connection(host, port) as connection:
        return [(b['host'], b['port']) for b in connection.call('Metadata', 9, {'topics': []})['brokers']]


def produce_and_read_back(bootstrap, topic):
    sent = [b'%d' % i for i in range(100)]
    producer = Producer({'bootstrap.servers': bootstrap})
    for value in sent:
        producer.produce(topic, value)
    assert producer.flush(20) == 0
    consumer = Consumer({'bootstrap.servers': bootstrap, 'group.id': 'six', 'enable.auto.commit': False})
    consumer.assign([TopicPartition(topic, 0, 0)])
    got = []
    while len(got) < len(sent):
        message = consumer.poll(20)
        assert message is not None and not message.error(), message and message.error()
        got.append(message.value())
    consumer.close()
    assert got == sent


@pytest.fixture
def port():
    return free_port_of_both()


def test_a_client_on_ipv6_is_told_the_ipv6_address(own_folder, port):
    with Six(own_folder, f'PLAINTEXT://[::1]:{port}', port=port):
        assert brokers('::1', port) == [('::1', port)]
        with pytest.raises(OSError):
            socket.create_connection(('127.0.0.1', port), timeout=2)
        produce_and_read_back(f'[::1]:{port}', 'six')
        bootstrap = f'[::1]:{port}'
        assert ledge.ledge('topic', 'create', 'by-command', '-b', bootstrap).returncode == 0
        assert 'by-command' in ledge.ledge('topic', 'list', '-b', bootstrap).stdout


def test_an_advertised_address_in_brackets_is_given_without_them(own_folder, port):
    with Six(own_folder, f'PLAINTEXT://127.0.0.1:{port}', f'PLAINTEXT://[2001:db8::7]:9999', host='127.0.0.1', port=port):
        assert brokers('127.0.0.1', port) == [('2001:db8::7', 9999)]


@pytest.mark.parametrize('everywhere', ['[::]', ''], ids=['[::]', 'no address'])
def test_both_families_on_one_port(own_folder, port, everywhere):
    with Six(own_folder, f'PLAINTEXT://{everywhere}:{port}', f'PLAINTEXT://localhost:{port}', host='127.0.0.1', port=port):
        assert brokers('127.0.0.1', port) == brokers('::1', port) == [('localhost', port)]
        produce_and_read_back(f'127.0.0.1:{port}', 'four')
        produce_and_read_back(f'[::1]:{port}', 'six')


def test_a_listener_for_each_family_advertises_its_own(own_folder, port):
    other = free_port_of_both()
    with Six(own_folder, f'FOUR://127.0.0.1:{port},SIX://[::1]:{other}', port=other,
             more=['listener.security.protocol.map=FOUR:PLAINTEXT,SIX:PLAINTEXT', 'inter.broker.listener.name=FOUR']):
        assert brokers('127.0.0.1', port) == [('127.0.0.1', port)]
        assert brokers('::1', other) == [('::1', other)]


def test_the_limit_of_connections_per_address_counts_ipv6_addresses(own_folder, port):
    with Six(own_folder, f'PLAINTEXT://[::1]:{port}', port=port, more=['max.connections.per.ip=3']):
        held = [socket.create_connection(('::1', port)) for _ in range(6)]
        closed = 0
        for connection in held:
            connection.settimeout(1)
            try:
                closed += connection.recv(1) == b''
            except TimeoutError:
                pass
            except ConnectionResetError:
                closed += 1
            connection.close()
        assert closed in (3, 4)  # one more while the connection that saw it start is not gone yet


def test_health_on_ipv6(own_folder, port):
    http = free_port_of_both()
    with Six(own_folder, f'PLAINTEXT://[::1]:{port}', port=port, more=[f'http.listener=[::1]:{http}']):
        with urllib.request.urlopen(f'http://[::1]:{http}/healthz', timeout=10) as answer:
            assert answer.status == 200
