# SPDX-License-Identifier: Apache-2.0
"""Ledge as a process: start, stop, restart, a second one on the same folder, wrong configuration, health and metrics."""
import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient
from support import ledge
from support.target import TARGET

pytestmark = pytest.mark.skipif(TARGET == 'kafka', reason='about Ledge as a process')


def produce(server, topic, values):
    errors = []
    producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap, 'linger.ms': 1})
    for value in values:
        producer.produce(topic, value, partition=0, on_delivery=lambda e, m: e and errors.append(e))
    assert producer.flush(30) == 0 and not errors


def consume(server, topic, count):
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'none', 'enable.auto.commit': False})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    values = []
    while len(values) < count:
        some = consumer.consume(count, 20)
        assert some and not some[0].error()
        values += [m.value() for m in some]
    consumer.close()
    return values


def cluster_id(server):
    client = AdminClient({'bootstrap.servers': server.bootstrap})
    return client.describe_cluster().result(20).cluster_id


def test_sigterm_stops_it_cleanly_while_clients_are_connected(own_folder):
    server = ledge.Ledge(own_folder).start()
    idle = [socket.create_connection((server.host, server.port)) for _ in range(20)]
    produce(server, 'a', [b'1', b'2'])
    begin = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - begin < 6
    for connection in idle:
        connection.settimeout(5)
        assert connection.recv(1) == b''
        connection.close()


def test_records_topics_and_identity_survive_a_restart(own_folder):
    values = [b'%d' % i for i in range(1000)]
    with ledge.Ledge(own_folder) as server:
        produce(server, 'kept', values)
        before = cluster_id(server)
    with ledge.Ledge(own_folder, port=server.port) as again:
        assert consume(again, 'kept', 1000) == values
        after = cluster_id(again)
        produce(again, 'kept', [b'more'])
        assert consume(again, 'kept', 1001)[-1] == b'more'
    assert before == after


def test_a_second_serve_on_the_same_folder_is_refused_with_the_pid_of_the_first(own_folder):
    with ledge.Ledge(own_folder) as server:
        second = ledge.Ledge(own_folder)
        result = subprocess.run(second.command(), capture_output=True, text=True, timeout=20)
        assert result.returncode == 1
        assert str(server.pid) in result.stderr + result.stdout
        produce(server, 'still-there', [b'1'])


def test_a_folder_is_free_again_after_kill_9(own_folder):
    server = ledge.Ledge(own_folder).start()
    server.kill()
    with ledge.Ledge(own_folder) as again:
        produce(again, 'a', [b'1'])


def test_a_port_in_use_is_said(own_folder):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        server = ledge.Ledge(own_folder, port=taken.getsockname()[1])
        result = subprocess.run(server.command(), capture_output=True, text=True, timeout=20)
    assert result.returncode == 1 and str(server.port) in result.stderr + result.stdout


@pytest.mark.parametrize('text, says', [
    ('num.partitons: 3\n', ['ledge.yaml:1', 'num.partitions']),
    ('listeners: PLAINTEXT://127.0.0.1:1\nnum.partitions: many\n', ['ledge.yaml:2', 'num.partitions']),
    ('message.max.bytes: -5\n', ['ledge.yaml:1', 'message.max.bytes']),
    ('listeners: [127.0.0.1:99999]\n', ['listeners']),
    ('num.partitions: 1\nnum.partitions: 2\n', ['ledge.yaml:2']),
    ('a: [unclosed\n', ['ledge.yaml']),
    ('\t- bad\n', ['ledge.yaml']),
], ids=['misspelt', 'not a number', 'out of range', 'bad port', 'twice', 'no yaml', 'tab'])
def test_a_wrong_configuration_is_refused_with_its_place(own_folder, text, says):
    file = own_folder / 'ledge.yaml'
    file.write_text(text)
    for command in (['serve', '--config', file, '--data', own_folder / 'data'], ['config', 'validate', '--config', file]):
        result = ledge.ledge(*command, timeout=20)
        assert result.returncode in (1, 2), result.stdout
        for part in says:
            assert part in result.stderr + result.stdout
    assert not (own_folder / 'data').exists() or not any((own_folder / 'data').iterdir())


def test_a_key_by_environment_variable_and_by_file(own_folder):
    file = own_folder / 'ledge.yaml'
    file.write_text('num.partitions: 3\nlog.level: debug\n')
    environment = dict(os.environ, LEDGE_NUM_PARTITIONS='5')
    shown = ledge.ledge('config', 'show', '--config', file, env=environment)
    assert shown.returncode == 0, shown.stderr
    assert re.search(r'num\.partitions\W+5', shown.stdout), shown.stdout
    wrong = ledge.ledge('serve', '--data', own_folder / 'data', '--set', 'num.partitons=3')
    assert wrong.returncode in (1, 2) and 'num.partitions' in wrong.stderr + wrong.stdout


def get(server, path):
    try:
        with urllib.request.urlopen(f'http://127.0.0.1:{server.http_port}{path}', timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_health_and_metrics(own_folder):
    with ledge.Ledge(own_folder, http=True) as server:
        assert get(server, '/healthz')[0] == 200 and get(server, '/readyz')[0] == 200
        assert get(server, '/nothing')[0] == 404
        produce(server, 'counted', [b'x'] * 100)
        status, text = get(server, '/metrics')
        assert status == 200
        names = set()
        for line in text.splitlines():
            if line.startswith('# TYPE '):
                names.add(line.split()[2])
            elif line and not line.startswith('#'):
                assert re.fullmatch(r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[^}]*\})? -?[0-9.eE+naifNI-]+', line), line
        assert len(names) > 5 and all(name.startswith(('ledge_', 'process_')) for name in names)


def requests(server):
    """How many of each API came so far."""
    return {api: int(n) for api, n in re.findall(r'^ledge_requests_total\{api="(\w+)"\} (\d+)', get(server, '/metrics')[1], re.M)}


def test_clients_that_have_nothing_to_do_ask_for_nothing(own_folder):
    """librdkafka, as it comes: a producer that is idle, a consumer that waits at the end. An answer that it takes for "at once"
    makes it ask without end, and every other test pass."""
    with ledge.Ledge(own_folder, http=True) as server:
        produce(server, 'quiet', [b'x'])
        producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap})
        consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'quiet', 'auto.offset.reset': 'earliest'})
        consumer.subscribe(['quiet'])
        deadline = time.monotonic() + 30
        while consumer.poll(0.1) is None:
            assert time.monotonic() < deadline
        producer.poll(1)
        before, end = requests(server), time.monotonic() + 4
        while time.monotonic() < end:
            producer.poll(0)
            consumer.poll(0.2)
        came = {api: n - before.get(api, 0) for api, n in requests(server).items() if n > before.get(api, 0)}
        consumer.close()
    # A fetch waits for half a second, a member says every three that it lives, an offset is committed every five.
    allowed = {'Fetch': 12, 'Heartbeat': 3, 'OffsetCommit': 2, 'Metadata': 4}
    assert all(n <= allowed.get(api, 1) for api, n in came.items()), came


def test_logs_are_json_where_there_is_no_terminal(own_folder):
    with ledge.Ledge(own_folder) as server:
        produce(server, 'a', [b'1'])
    lines = server.log.read_text().splitlines()
    assert lines
    for line in lines:
        json.loads(line)


def test_ledges_own_commands_create_produce_consume_describe(own_folder):
    with ledge.Ledge(own_folder) as server:
        def command(*arguments, **options):
            result = ledge.ledge(*arguments, '--bootstrap', server.bootstrap, **options)
            assert result.returncode == 0, (arguments, result.stderr)
            return result.stdout
        command('topic', 'create', 'mine', '--partitions', '2')
        assert 'mine' in command('topic', 'list')
        assert '2' in command('topic', 'describe', 'mine')
        text = ''.join(f'line {i}\n' for i in range(100))
        result = subprocess.run([ledge.PROGRAM, 'produce', '--topic', 'mine', '--bootstrap', server.bootstrap, '--partition', '0'], input=text, text=True,
                                capture_output=True, timeout=30)
        assert result.returncode == 0, result.stderr
        assert command('consume', '--topic', 'mine', '--partition', '0', '--exit') == text
        command('topic', 'alter', 'mine', '--partitions', '3', '--config', 'retention.ms=5000', '--dry-run')
        assert 'retention.ms' not in command('topic', 'describe', 'mine')
        command('topic', 'alter', 'mine', '--partitions', '3', '--config', 'retention.ms=5000', '--config', 'segment.ms=7000')
        command('topic', 'alter', 'mine', '--reset', 'segment.ms')
        told = json.loads(command('topic', 'describe', 'mine', '--json'))
        assert len(told['partitions']) == 3 and told['configs'].keys() == {'retention.ms'}, told
        for wrong in (('--partitions', '2'), ('--partitions', '4', '--config', 'no.such.key=1')):
            assert ledge.ledge('topic', 'alter', 'mine', *wrong, '--bootstrap', server.bootstrap).returncode == 1
        assert len(json.loads(command('topic', 'describe', 'mine', '--json'))['partitions']) == 3  # all or nothing
        command('topic', 'delete', 'mine')
        assert 'mine' not in command('topic', 'list').split()


@pytest.mark.parametrize('sent', [signal.SIGTERM, signal.SIGINT])
def test_stopped_right_after_the_start_it_starts_again(own_folder, sent):
    for delay in (0, 0.002, 0.005, 0.02):
        server = ledge.Ledge(own_folder)
        server.spawn()
        time.sleep(delay)
        server.process.send_signal(sent)
        server.process.wait(10)
    with ledge.Ledge(own_folder) as again:
        produce(again, 'a', [b'1'])
