# SPDX-License-Identifier: Apache-2.0
"""kcat with Debian's librdkafka: produce, consume, every codec, idempotent, every kind of acks."""
import json
import subprocess

import pytest
from support.run import run

RECORDS = 2000


def lines(n=RECORDS):
    return [f'k{i}\t' + json.dumps({'sensor': i % 21, 'reading': i, 'text': 'abcdefgh' * (i % 9)}) for i in range(n)]


def kcat(server, *arguments, **options):
    return run(['kcat', '-b', server.bootstrap, '-m', '20', *arguments], **options)


def produce(server, topic, text, *settings):
    kcat(server, '-P', '-t', topic, '-p', '0', '-K', '\t', *(a for s in settings for a in ('-X', s)), input='\n'.join(text) + '\n')


def consume(server, topic, *arguments):
    """All records from the beginning to the end of partition 0."""
    out = kcat(server, '-C', '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-f', '%k\\t%s\\n', *arguments).stdout
    return out.splitlines()


@pytest.mark.parametrize('codec', ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
def test_what_kcat_produces_with_a_codec_it_reads_back(server, topic, ran, codec):
    sent = lines()
    produce(server, topic, sent, f'compression.codec={codec}', 'acks=all')
    assert consume(server, topic) == sent
    ran(f'kcat {codec}', records=len(sent))


def test_an_idempotent_producer(server, topic, ran):
    sent = lines()
    produce(server, topic, sent, 'enable.idempotence=true', 'batch.num.messages=50')
    assert consume(server, topic) == sent
    ran('kcat idempotent', records=len(sent))


@pytest.mark.parametrize('acks', ['0', '1', 'all'])
def test_acks(server, topic, ran, acks):
    sent = lines(200)
    produce(server, topic, ['first\twith acks=all, so that the topic is there'])
    produce(server, topic, sent, f'acks={acks}')
    # Without acks nothing says when the records have arrived: read until all are there.
    got = kcat(server, '-C', '-t', topic, '-p', '0', '-o', '1', '-c', '200', '-q', '-f', '%k\\t%s\\n').stdout.splitlines()
    assert got == sent
    ran(f'kcat acks={acks}', records=len(sent))


def test_consumed_with_checksums_headers_and_timestamps(server, topic):
    kcat(server, '-P', '-t', topic, '-p', '0', '-H', 'site=Britomart', '-H', 'empty=', '-k', 'key', input='value')
    read = json.loads(kcat(server, '-C', '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-J', '-X', 'check.crcs=true').stdout)
    assert (read['key'], read['payload'], read['offset'], read['partition']) == ('key', 'value', 0, 0)
    assert read['headers'] == ['site', 'Britomart', 'empty', '']
    assert read['tstype'] == 'create' and read['ts'] > 1_600_000_000_000


def test_a_null_value_stays_null(server, topic):
    kcat(server, '-P', '-t', topic, '-p', '0', '-Z', '-K', '\t', input='gone\t\n')
    read = json.loads(kcat(server, '-C', '-t', topic, '-p', '0', '-o', 'beginning', '-e', '-q', '-J').stdout)
    assert read['key'] == 'gone' and read['payload'] is None


def test_the_list_shows_broker_and_topic(server, topic):
    produce(server, topic, lines(1))
    listed = json.loads(kcat(server, '-L', '-J').stdout)
    assert [b['id'] for b in listed['brokers']] == [server.node_id]
    assert listed['brokers'][0]['name'] == server.bootstrap
    mine = next(t for t in listed['topics'] if t['topic'] == topic)
    assert mine['partitions'][0]['leader'] == server.node_id and mine['partitions'][0]['isrs'] == [{'id': server.node_id}]


def test_offsets_by_time(server, topic):
    produce(server, topic, lines(100))
    first = json.loads(kcat(server, '-C', '-t', topic, '-p', '0', '-o', 'beginning', '-c', '1', '-q', '-J').stdout)
    for time, expected in ((first['ts'], 0), (4102444800000, -1)):
        assert kcat(server, '-Q', '-t', f'{topic}:0:{time}').stdout.strip() == f'{topic} [0] offset {expected}'


def test_a_consumer_that_waits_at_the_end_gets_what_comes_later(server, topic):
    produce(server, topic, ['a\tfirst'])
    waiting = subprocess.Popen(['kcat', '-b', server.bootstrap, '-C', '-t', topic, '-p', '0', '-o', '0', '-c', '2', '-q', '-u',
                                '-f', '%s\\n'], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
    try:
        assert waiting.stdout.readline() == 'first\n'
        produce(server, topic, ['b\tsecond'])
        out, _ = waiting.communicate(timeout=20)
        assert out == 'second\n' and waiting.returncode == 0
    finally:
        waiting.kill()
        waiting.wait()
