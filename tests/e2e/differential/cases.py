# SPDX-License-Identifier: Apache-2.0
"""Frames, the cluster, topics, producing and reading."""
import struct
import time
import uuid

from .registry import KEYS, NOBODY, SERVED, by_name, case, fill
from .wire import batch, old_message, record, records

# ---- Versions, frames, headers ---------------------------------------------------------------------------------------

@case('ApiVersions')
def api_versions(s, version):
    s.call('first', 'ApiVersions', version, {'clientSoftwareName': 'ledge-tests', 'clientSoftwareVersion': '1.0'})
    s.call('again on the same connection', 'ApiVersions', version, {'clientSoftwareName': 'ledge-tests', 'clientSoftwareVersion': '1.0'})


@case('ApiVersions', [3, 4])
def api_versions_client_names(s, version):
    for name, number in (('', '1.0'), ('ok', ''), ('-begins-with-dash', '1.0'), ('has space', '1.0'), ('good.name-1', '1.0-rc.2'), ('x', '1.0.')):
        s.call(f'{name!r} {number!r}', 'ApiVersions', version, {'clientSoftwareName': name, 'clientSoftwareVersion': number})


def frame(data):
    return struct.pack('>i', len(data)) + data


@case('ApiVersions', [0])
def api_versions_too_new(s, version):
    for number in (5, 6, 100, 32767):
        body = struct.pack('>hhih', 18, number, 7, 1) + b'x' + b'\0' + b'\x05ab\0\0\0\0'
        s.raw(f'version {number}', frame(body), 'ApiVersions', 0)


@case('ApiVersions', [0])
def bad_frames(s, version):
    head = struct.pack('>hhih', 18, 0, 7, 1) + b'x'
    s.raw('negative size', struct.pack('>i', -1) + head)
    s.raw('size of 2 GiB', struct.pack('>i', 0x7fffffff) + head)
    s.raw('one byte over the limit', struct.pack('>i', 104857601) + head)
    s.raw('empty frame', struct.pack('>i', 0))
    s.raw('half a header', frame(head[:5]))
    s.raw('client id runs past the end', frame(struct.pack('>hhih', 18, 0, 7, 500) + b'x'))
    s.raw('negative client id length', frame(struct.pack('>hhih', 18, 0, 7, -2)))
    s.raw('a body too long is answered', frame(head + b'left over'), 'ApiVersions', 0)
    s.raw('half a frame and silence', struct.pack('>i', 50) + head, patience=1)
    for key in (-1, 93, 9999, 32767):
        s.raw(f'unknown api {key}', frame(struct.pack('>hhih', key, 0, 7, 1) + b'x'))
    for key in (4, 5, 6, 7):
        s.raw(f'api {key}, gone since 4.0', frame(struct.pack('>hhih', key, 0, 7, 1) + b'x' + bytes(20)))
    s.raw('http', b'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    s.raw('tls', bytes.fromhex('1603010200010001fc0303') + bytes(100), patience=1)


@case('ApiVersions', [0])
def versions_out_of_range(s, version):
    for api, served in SERVED.items():
        if api == 'ApiVersions':
            continue
        for number in {served[0] - 1, served[-1] + 1, 1000} - {-1}:
            s.raw(f'{api} version {number}', frame(struct.pack('>hhih', KEYS[api], number, 7, 1) + b'x' + bytes(40)))
        s.raw(f'{api} version -1', frame(struct.pack('>hhih', KEYS[api], -1, 7, 1) + b'x' + bytes(40)))


# Such a body means something to them, and the answer tells of all that the server has.
ANSWER_ANY_BODY = ('ApiVersions', 'Metadata', 'InitProducerId', 'DescribeCluster', 'DescribeLogDirs', 'ListGroups')


@case('ApiVersions', [0])
def bodies_that_cannot_be_decoded(s, version):
    for api, served in SERVED.items():
        for number in (served[0], served[-1]):
            head = struct.pack('>hhih', KEYS[api], number, 7, 1) + b'x'
            if api not in ANSWER_ANY_BODY:
                s.raw(f'{api} version {number} with nothing', frame(head))
                if (api, number) != ('ElectLeaders', 0):  # asks for all partitions, those of other cases too
                    s.raw(f'{api} version {number} of ff', frame(head + b'\xff' * 60))
                s.raw(f'{api} version {number} of 7f', frame(head + b'\x7f' * 60))
    s.raw('Metadata with a huge array', frame(struct.pack('>hhih', 3, 1, 7, 1) + b'x' + struct.pack('>i', 0x7ffffff0)))
    s.raw('Metadata with a negative string', frame(struct.pack('>hhih', 3, 1, 7, 1) + b'x' + struct.pack('>ih', 1, -5)))


# ---- Metadata and cluster --------------------------------------------------------------------------------------------

@case('Metadata')
def metadata_of_named_topics(s, version):
    one, three = s.topic('one'), s.topic('three', 3)
    extra = {'allowAutoTopicCreation': False} if version >= 4 else {}
    s.call('two topics', 'Metadata', version, {'topics': by_name(one, three), **extra})
    s.call('the same twice', 'Metadata', version, {'topics': by_name(one, one), **extra})
    if version >= 4:
        s.call('unknown, not to be created', 'Metadata', version, {'topics': by_name(f'{s.prefix}-none', three), **extra})
    for bad in ('', '.', '..', 'a b', 'a/b', 'ä', 'x' * 250):
        s.call(f'bad name {bad[:5]!r}', 'Metadata', version, {'topics': by_name(bad), **extra})
    if version >= 1:
        s.call('no topics', 'Metadata', version, {'topics': []})
    s.call('all topics', 'Metadata', version, {'topics': [] if version == 0 else None})
    if 8 <= version <= 10:
        s.call('authorized operations', 'Metadata', version, {'topics': by_name(one), 'includeClusterAuthorizedOperations': True,
                                                              'includeTopicAuthorizedOperations': True})
    if version > 10:
        s.call('authorized operations', 'Metadata', version, {'topics': by_name(one), 'includeTopicAuthorizedOperations': True})


@case('Metadata')
def metadata_creates_a_topic(s, version):
    name = f'{s.prefix}-automatic'
    extra = {'allowAutoTopicCreation': True} if version >= 4 else {}
    s.call('unknown, to be created', 'Metadata', version, {'topics': by_name(name), **extra})
    deadline = time.monotonic() + 15
    while s.quiet('Metadata', 12, {'topics': by_name(name), 'allowAutoTopicCreation': False})['topics'][0]['errorCode'] != 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    s.call('a moment later', 'Metadata', version, {'topics': by_name(name), **extra})


@case('Metadata', range(10, 14))
def metadata_by_topic_id(s, version):
    one = s.topic('one')
    s.call('known', 'Metadata', version, {'topics': [{'topicId': s.id_of(one), 'name': None if version >= 10 else one}]})
    s.call('known, with its name', 'Metadata', version, {'topics': [{'topicId': s.id_of(one), 'name': one}]})
    s.call('unknown', 'Metadata', version, {'topics': [{'topicId': NOBODY, 'name': None}]})
    s.call('neither', 'Metadata', version, {'topics': [{'name': None}]})


@case('DescribeCluster')
def describe_cluster(s, version):
    s.call('plain', 'DescribeCluster', version, {})
    s.call('authorized operations', 'DescribeCluster', version, {'includeClusterAuthorizedOperations': True})
    if version >= 1:
        for kind in (2, 3, 0):
            s.call(f'endpoint type {kind}', 'DescribeCluster', version, {'endpointType': kind})
    if version >= 2:
        s.call('with fenced brokers', 'DescribeCluster', version, {'includeFencedBrokers': True})


# ---- Topics ----------------------------------------------------------------------------------------------------------

def new_topic(name, partitions=1, replicas=1, configs=(), assignments=()):
    return {'name': name, 'numPartitions': partitions, 'replicationFactor': replicas,
            'configs': [{'name': k, 'value': v} for k, v in configs],
            'assignments': [{'partitionIndex': p, 'brokerIds': b} for p, b in assignments]}


@case('CreateTopics')
def create_topics(s, version):
    p = s.prefix

    def create(label, *topics, **more):
        s.call(label, 'CreateTopics', version, {'timeoutMs': 10000, 'topics': list(topics), **more})
    create('none')
    create('one', new_topic(f'{p}-a'))
    create('again', new_topic(f'{p}-a'))
    create('two', new_topic(f'{p}-b', 3), new_topic(f'{p}-c', 2))
    create('one good, one there', new_topic(f'{p}-d'), new_topic(f'{p}-a'))
    create('the same name twice', new_topic(f'{p}-twice'), new_topic(f'{p}-twice'))
    create('only validated', new_topic(f'{p}-validated', 5), validateOnly=True)
    create('validated, but there', new_topic(f'{p}-a'), validateOnly=True)
    create('created after validation', new_topic(f'{p}-validated', 1))
    for count in (0, -1, -2):
        create(f'{count} partitions', new_topic(f'{p}-parts{count}', count))
    for replicas in (0, -1, -2, 2, 3):
        create(f'replication factor {replicas}', new_topic(f'{p}-replicas{replicas}', 1, replicas))
    for bad in ('', '.', '..', 'a b', 'a/b', 'ä', 'x' * 250):
        create(f'bad name {bad[:5]!r}', new_topic(bad))
    create('dots', new_topic(f'{p}.dots.and_lines'))
    create('same name but for dot and line', new_topic(f'{p}.dots_and.lines'))
    create('the longest name', new_topic((p + '-' + 'x' * 249)[:249]))


@case('CreateTopics')
def create_topics_with_assignments(s, version):
    p = s.prefix

    def create(label, *topics):
        s.call(label, 'CreateTopics', version, {'timeoutMs': 10000, 'topics': list(topics)})
    me = s.server.node_id
    create('assigned', new_topic(f'{p}-good', -1, -1, (), [(0, [me]), (1, [me])]))
    create('counts and assignment', new_topic(f'{p}-both', 1, 1, (), [(0, [me])]))
    create('a gap', new_topic(f'{p}-gap', -1, -1, (), [(0, [me]), (2, [me])]))
    create('partition twice', new_topic(f'{p}-twice', -1, -1, (), [(0, [me]), (0, [me])]))
    create('broker twice', new_topic(f'{p}-broker', -1, -1, (), [(0, [me, me])]))
    create('unknown broker', new_topic(f'{p}-unknown', -1, -1, (), [(0, [99])]))
    create('no broker', new_topic(f'{p}-empty', -1, -1, (), [(0, [])]))
    create('negative partition', new_topic(f'{p}-negative', -1, -1, (), [(-1, [me])]))


@case('CreateTopics')
def create_topics_with_configs(s, version):
    p = s.prefix
    good = [('retention.ms', '3600000'), ('cleanup.policy', 'compact'), ('cleanup.policy', 'compact,delete'),
            ('compression.type', 'zstd'), ('max.message.bytes', '2000'), ('message.timestamp.type', 'LogAppendTime'),
            ('min.insync.replicas', '1'), ('segment.bytes', '1048576'), ('flush.messages', '1'), ('retention.bytes', '-1'),
            ('segment.ms', '1000'), ('message.timestamp.after.max.ms', '1000'), ('unclean.leader.election.enable', 'true')]
    bad = [('no.such.key', '1'), ('retention.ms', 'long'), ('retention.ms', '-2'), ('cleanup.policy', 'shred'),
           ('compression.type', 'rar'), ('max.message.bytes', '-1'), ('message.timestamp.type', 'Now'), ('retention.ms', None),
           ('segment.bytes', '10'), ('min.insync.replicas', '0'), ('unclean.leader.election.enable', 'maybe'),
           ('retention.ms', ''), ('segment.ms', '0'), ('max.message.bytes', '3000000000')]
    for i, (key, value) in enumerate(good + bad):
        answer = s.call(f'{key}={value}', 'CreateTopics', version, {'timeoutMs': 10000, 'topics': [new_topic(f'{p}-{i}', 1, 1, [(key, value)])]})
        assert answer
    s.call('a key twice', 'CreateTopics', version, {'timeoutMs': 10000, 'topics': [
        new_topic(f'{p}-double', 1, 1, [('retention.ms', '1000'), ('retention.ms', '2000')])]})


@case('DeleteTopics')
def delete_topics(s, version):
    one, two, three = s.topic('one'), s.topic('two'), s.topic('three')

    def delete(label, *names):
        body = {'topics': by_name(*names)} if version >= 6 else {'topicNames': list(names)}
        s.call(label, 'DeleteTopics', version, {'timeoutMs': 10000, **body})
    delete('none')
    delete('one', one)
    delete('gone', one)
    delete('one good, one unknown', two, f'{s.prefix}-none')
    delete('the same twice', three, three)
    delete('a bad name', 'a b')
    if version >= 6:
        four, five = s.topic('four'), s.topic('five')
        ids = {'four': s.id_of(four), 'five': s.id_of(five)}
        s.call('by id', 'DeleteTopics', 6, {'timeoutMs': 10000, 'topics': [{'name': None, 'topicId': ids['four']}]})
        s.call('unknown id', 'DeleteTopics', 6, {'timeoutMs': 10000, 'topics': [{'name': None, 'topicId': NOBODY}]})
        s.call('name and id', 'DeleteTopics', 6, {'timeoutMs': 10000, 'topics': [{'name': five, 'topicId': ids['five']}]})
        s.call('neither', 'DeleteTopics', 6, {'timeoutMs': 10000, 'topics': [{'name': None}]})


@case('DescribeConfigs')
def describe_configs_of_topics(s, version):
    plain, special = s.topic('plain'), s.topic('special', retention_ms='3600000', cleanup_policy='compact')

    def describe(label, *resources, **more):
        s.call(label, 'DescribeConfigs', version, {'resources': [
            {'resourceType': kind, 'resourceName': name, 'configurationKeys': keys} for kind, name, keys in resources], **more})
    describe('all keys', (2, plain, None))
    describe('overridden', (2, special, None))
    describe('some keys', (2, special, ['retention.ms', 'cleanup.policy', 'no.such.key']))
    describe('empty list of keys', (2, special, []))
    describe('two topics', (2, plain, ['retention.ms']), (2, special, ['retention.ms']))
    describe('unknown topic', (2, f'{s.prefix}-none', None))
    describe('bad name', (2, 'a b', None))
    describe('empty name', (2, '', None))
    describe('nothing')
    describe('synonyms', (2, special, ['retention.ms', 'segment.bytes', 'cleanup.policy', 'max.message.bytes']), includeSynonyms=True)
    if version >= 3:
        describe('documentation', (2, special, ['retention.ms']), includeDocumentation=True)
    describe('unknown resource type', (77, 'x', None))


@case('DescribeConfigs')
def describe_configs_of_brokers(s, version):
    keys = ['num.partitions', 'message.max.bytes', 'auto.create.topics.enable', 'log.retention.ms', 'log.segment.bytes', 'node.id',
            'default.replication.factor', 'min.insync.replicas', 'compression.type', 'log.cleanup.policy', 'delete.topic.enable']
    for name in ('1', '', '7', 'one'):
        s.call(f'broker {name!r}', 'DescribeConfigs', version, {'resources': [{'resourceType': 4, 'resourceName': name, 'configurationKeys': keys}]})


# ---- Producing -------------------------------------------------------------------------------------------------------

def produce(s, version, label, topic, *parts, acks=-1, transactional=None, topic_id=None, **more):
    """parts: (partition, bytes). Addressed by id from version 13 on."""
    data = [{'index': p, 'records': b} for p, b in parts]
    one = {'topicId': topic_id or s.id_of(topic), 'partitionData': data} if version >= 13 else {'name': topic, 'partitionData': data}
    return s.call(label, 'Produce', version, {'transactionalId': transactional, 'acks': acks, 'timeoutMs': 10000, 'topicData': [one]}, **more)


def fetch_all(s, label, topic):
    s.call(label, 'Fetch', 12, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [
        {'topic': topic, 'partitions': [{'partition': 0, 'fetchOffset': 0, 'partitionMaxBytes': 10_000_000}]}]})


@case('Produce')
def produce_and_fetch(s, version):
    t = s.topic('t', 2)
    produce(s, version, 'one batch', t, (0, batch(3)))
    produce(s, version, 'acks 1', t, (0, batch(2)), acks=1)
    produce(s, version, 'two partitions', t, (0, batch(1)), (1, batch(4)))
    produce(s, version, 'an unknown partition among good ones', t, (0, batch(1)), (7, batch(1)), (1, batch(1)))
    produce(s, version, 'negative partition', t, (-1, batch(1)))
    for acks in (2, -2, 5):
        produce(s, version, f'acks {acks}', t, (0, batch(1)), acks=acks)
    for codec in (1, 2, 3) + ((4,) if version >= 7 else ()):
        produce(s, version, f'codec {codec}', t, (0, batch(50, records(50, 100), codec=codec)))
    produce(s, version, 'base offset not 0', t, (0, batch(2, base_offset=100)))
    produce(s, version, 'null key and value', t, (0, batch(1, record(0, None, None))))
    produce(s, version, 'headers', t, (0, batch(1, record(0, b'k', b'v', headers=[(b'a', b'1'), (b'', None)]))))
    s.call('no topics', 'Produce', version, {'acks': -1, 'timeoutMs': 1000, 'topicData': []})
    produce(s, version, 'no partitions', t)
    fetch_all(s, 'everything', t)


@case('Produce')
def produce_to_what_is_not_there(s, version):
    t = s.topic('t')
    if version >= 13:
        produce(s, version, 'unknown id', t, (0, batch(1)), topic_id=NOBODY)
        produce(s, version, 'zero id', t, (0, batch(1)), topic_id=uuid.UUID(int=0))
    else:
        for name in (f'{s.prefix}-none', 'a b', ''):
            s.call(f'topic {name[-5:]!r}', 'Produce', version, {'acks': -1, 'timeoutMs': 1000, 'topicData': [
                {'name': name, 'partitionData': [{'index': 0, 'records': batch(1)}]}]})


@case('Produce')
def produce_bad_batches(s, version):
    t = s.topic('t', max_message_bytes='100000')
    good = batch(3)
    compressed = batch(50, records(50), codec=1)
    disputed = ('bytes after the batch', 'record deltas wrong', 'log append time set by a client')
    for label, data in {
        'wrong checksum': batch(3, crc=12345),
        'empty records': b'',
        'two batches': good + good,
        'batch cut short': good[:-5],
        'header cut short': good[:30],
        'bytes after the batch': good + b'12345',
        'magic 0': old_message(0),
        'magic 1': old_message(1),
        'magic 3': batch(3, magic=3),
        'magic -1': batch(3, magic=-1),
        'magic 2 byte set to 1': batch(3, magic=1),
        'negative length': batch(3, length=-1),
        'length of 1': batch(3, length=1),
        'length too long': batch(3, length=len(good) + 100),
        'count too high': batch(3, said=4),
        'count too low': batch(3, said=2),
        'count 0': batch(3, said=0),
        'count negative': batch(3, said=-1),
        'last delta too low': batch(3, last_delta=1),
        'last delta too high': batch(3, last_delta=5),
        'last delta negative': batch(3, last_delta=-1),
        'no records': batch(0, b'', last_delta=0),
        'codec 5': batch(3, attributes=5),
        'codec 7': batch(3, attributes=7),
        'gzip that is none': batch(3, compressed=b'this is not gzip', codec=1),
        'gzip cut short': batch(50, compressed=compressed[61:-10], codec=1),
        'snappy that is none': batch(3, compressed=b'\xff' * 20, codec=2),
        'lz4 that is none': batch(3, compressed=b'this is not lz4', codec=3),
        'control batch': batch(1, record(0, b'\0\0\0\1', b'\0\0\0\0\0\0'), attributes=0x20),
        'transactional without a transaction': batch(1, attributes=0x10),
        'transactional with a producer': batch(1, attributes=0x10, producer=4000, epoch=0, sequence=0),
        'too large': batch(1, record(0, b'k', b'x' * 100001)),
        'largest': batch(1, record(0, b'k', b'x' * 99000)),
        'record deltas wrong': batch(2, record(0, b'a', b'b') + record(7, b'a', b'b')),
        'record cut': batch(2, records(2)[:-3]),
        'record length negative': batch(1, b'\x01' + records(1)[1:]),
        'bytes after the records': batch(1, records(1) + b'abc'),
        'key length past the end': batch(1, b'\x0a\0\0\0\x7e\0'),
        'log append time set by a client': batch(1, attributes=8),
        'reserved attribute bits': batch(1, attributes=0x80),
        'delete horizon bit': batch(1, attributes=0x40),
        'leader epoch set by a client': batch(1, leader_epoch=77),
        'max timestamp too low': batch(3, max_time=1_600_000_000_000),
        'max timestamp too high': batch(3, max_time=1_700_000_999_999),
        'max timestamp -1': batch(3, max_time=-1),
        'timestamp -1': batch(1, time=-1),
        'timestamp far in the future': batch(1, time=4_102_444_800_000),
        'timestamp negative': batch(1, time=-1000),
        'offset negative': batch(1, base_offset=-5),
    }.items():
        # Those on whose acceptance the two servers do not agree have a topic of their own, so that offsets stay alike.
        produce(s, version, label, s.topic(f'own-{len(s.answers)}') if label in disputed else t, (0, data))
    fetch_all(s, 'what was kept', t)


@case('Produce', [8, 13])
def produce_null_records(s, version):
    produce(s, version, 'null records', s.topic('t'), (0, None), patience=2)


@case('Produce', range(3, 7))
def produce_zstd_to_an_old_version(s, version):
    t = s.topic('t')
    produce(s, version, 'zstd', t, (0, batch(3, codec=4)))


@case('Produce')
def produce_to_topics_with_configs(s, version):
    compact = s.topic('compact', cleanup_policy='compact')
    produce(s, version, 'no key to a compacted topic', compact, (0, batch(2, records(2, key=False))))
    produce(s, version, 'keys to a compacted topic', compact, (0, batch(2)))
    stamped = s.topic('stamped', message_timestamp_type='LogAppendTime')
    produce(s, version, 'log append time', stamped, (0, batch(3)))
    produce(s, version, 'log append time, compressed', stamped, (0, batch(3, codec=1)))
    fetch_all(s, 'stamped', stamped)
    early = s.topic('early', message_timestamp_before_max_ms='1000')
    produce(s, version, 'too old', early, (0, batch(2)))
    strict = s.topic('strict', min_insync_replicas='2')
    produce(s, version, 'not enough replicas', strict, (0, batch(1)))
    produce(s, version, 'not enough replicas, acks 1', strict, (0, batch(1)), acks=1)


@case('Produce')
def produce_without_acks(s, version):
    t = s.topic('t')
    one = {'topicId': s.id_of(t)} if version >= 13 else {'name': t}
    s.connection.send_request('Produce', version, {'acks': 0, 'timeoutMs': 1000, 'topicData': [
        {**one, 'partitionData': [{'index': 0, 'records': batch(3)}]}]})
    s.call('the next answer is the next request\'s', 'DescribeCluster', 0, {})
    s.wait_for_end(t, 3)
    fetch_all(s, 'kept', t)
    s.connection.send_request('Produce', version, {'acks': 0, 'timeoutMs': 1000, 'topicData': [
        {**one, 'partitionData': [{'index': 0, 'records': batch(3, crc=1)}]}]})
    s.call('after one that could not be kept', 'DescribeCluster', 0, {})


@case('Produce')
def idempotent_producers(s, version):
    t = s.topic('t', 2)
    deadline = time.monotonic() + 20
    while (one := s.quiet('InitProducerId', 4, {'transactionalId': None, 'transactionTimeoutMs': 60000}))['errorCode'] != 0:
        assert time.monotonic() < deadline, one  # Apache Kafka is still loading
        time.sleep(0.05)
    producer, epoch = one['producerId'], one['producerEpoch']

    def send(label, sequence, count=2, epoch=epoch, partition=0, who=producer):
        produce(s, version, label, t, (partition, batch(count, producer=who, epoch=epoch, sequence=sequence)))
    send('first', 0)
    send('second', 2)
    send('second again', 2)
    send('first again', 0)
    send('a gap', 10)
    send('part of a batch seen', 3, 1)
    send('next', 4)
    for i in range(4):
        send(f'more {i}', 6 + 2 * i)
    send('the first, long ago', 0)
    send('another count', 12, 1)
    send('other partition, first', 0, partition=1)
    send('other partition, a gap', 5, partition=1)
    send('negative sequence', -1)
    send('negative epoch', 14, epoch=-1)
    send('next epoch, not from 0', 5, epoch=epoch + 1)
    send('next epoch', 0, epoch=epoch + 1)
    send('old epoch', 14)
    send('unknown producer, not from 0', 33, who=producer + 100_000)
    send('unknown producer continues', 35, who=producer + 100_000)
    send('sequence at its largest', 2147483646, who=producer + 200_000)
    send('wraps', 0, who=producer + 200_000)
    send('wraps within a batch', 2147483647, who=producer + 300_000)
    fetch_all(s, 'kept', t)


@case('InitProducerId')
def init_producer_id(s, version):
    for label in ('first', 'second'):
        s.call(label, 'InitProducerId', version, {'transactionalId': None, 'transactionTimeoutMs': 60000})
    s.call('empty transactional id', 'InitProducerId', version, {'transactionalId': '', 'transactionTimeoutMs': 60000})
    s.call('timeout 0', 'InitProducerId', version, {'transactionalId': None, 'transactionTimeoutMs': 0})
    if version >= 3:
        s.call('with an id', 'InitProducerId', version, {'transactionalId': None, 'transactionTimeoutMs': 60000, 'producerId': 5, 'producerEpoch': 0})
        s.call('with an epoch only', 'InitProducerId', version, {'transactionalId': None, 'transactionTimeoutMs': 60000, 'producerEpoch': 3})
        s.call('with an id only', 'InitProducerId', version, {'transactionalId': None, 'transactionTimeoutMs': 60000, 'producerId': 5})


# ---- Reading ---------------------------------------------------------------------------------------------------------

def one_topic(s, version, topic, *partitions):
    return {'topicId': s.id_of(topic), 'partitions': list(partitions)} if version >= 13 else {'topic': topic, 'partitions': list(partitions)}


def part(offset, partition=0, most=1_000_000, epoch=-1):
    return {'partition': partition, 'fetchOffset': offset, 'partitionMaxBytes': most, 'currentLeaderEpoch': epoch}


def without_epoch(version, p):
    return p if version >= 9 else {k: v for k, v in p.items() if k != 'currentLeaderEpoch'}


def fetch(s, version, label, topic, *parts, wait=0, least=0, most=50_000_000, isolation=0, **session):
    topics = [one_topic(s, version, topic, *(without_epoch(version, p) for p in parts))] if parts else []
    return s.call(label, 'Fetch', version, {'maxWaitMs': wait, 'minBytes': least, 'maxBytes': most, 'isolationLevel': isolation,
                                            'topics': topics, **session})


@case('Fetch')
def fetch_by_offset_and_size(s, version):
    t = s.topic('t', 2)
    fetch(s, version, 'an empty partition', t, part(0))
    fill(s, t)
    for offset in (0, 1, 9, 10, 25, 49, 50):
        fetch(s, version, f'from {offset}', t, part(offset))
    for offset in (51, 1000, -1, -2):
        fetch(s, version, f'from {offset}, out of range', t, part(offset))
    fetch(s, version, 'at most one byte of the partition', t, part(0, most=1))
    fetch(s, version, 'at most one byte in all', t, part(0), most=1)
    fetch(s, version, 'at most two and a half batches', t, part(0, most=2900))
    fetch(s, version, 'at most 0 bytes', t, part(0, most=0))
    fetch(s, version, 'two partitions, one empty', t, part(0), part(0, 1))
    fetch(s, version, 'unknown partition', t, part(0, 7), part(40))
    fetch(s, version, 'read committed', t, part(20), isolation=1)
    fetch(s, version, 'waits in vain', t, part(50), wait=300, least=1)
    fetch(s, version, 'does not wait for an error', t, part(99), part(50, 1), wait=5000, least=1)
    fill(s, t, 1, 2)
    fetch(s, version, 'one byte in all for two partitions', t, part(0), part(0, 1), most=1)
    fetch(s, version, 'no topics', t)


@case('Fetch')
def fetch_of_what_is_not_there(s, version):
    t = s.topic('t')
    if version >= 13:
        for label, some in (('unknown id', NOBODY), ('zero id', uuid.UUID(int=0))):
            s.call(label, 'Fetch', version, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [{'topicId': some, 'partitions': [part(0)]}]})
        s.call('known and unknown', 'Fetch', version, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [
            {'topicId': NOBODY, 'partitions': [part(0)]}, one_topic(s, version, t, part(0))]})
    else:
        for name in (f'{s.prefix}-none', 'a b', ''):
            s.call(f'topic {name[-5:]!r}', 'Fetch', version, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [
                {'topic': name, 'partitions': [without_epoch(version, part(0))]}]})


@case('Fetch', range(9, 19))
def fetch_with_leader_epochs(s, version):
    t = s.topic('t')
    fill(s, t, batches=1)
    now = s.epoch_of(t)
    fetch(s, version, 'current', t, part(0, epoch=now))
    fetch(s, version, 'too new', t, part(0, epoch=now + 5))
    if version >= 12:
        fetch(s, version, 'last fetched, current', t, {**part(10, epoch=now), 'lastFetchedEpoch': now})
        fetch(s, version, 'last fetched, too new', t, {**part(10), 'lastFetchedEpoch': now + 5})


@case('Fetch', range(7, 19))
def fetch_sessions(s, version):
    t = s.topic('t', 3)
    fill(s, t, 0, 1)
    first = fetch(s, version, 'opened', t, part(0), part(0, 1), sessionId=0, sessionEpoch=0)
    number = first['sessionId']

    def again(label, epoch, *parts, **more):
        return fetch(s, version, label, t, *parts, sessionId=number, sessionEpoch=epoch, **more)
    again('nothing has changed but the offset not moved', 1)
    again('moved', 2, part(10))
    again('nothing new', 3)
    fill(s, t, 1, 1)
    again('new in the other', 4)
    again('added a partition', 5, part(0, 2))
    forgotten = {'topicId': s.id_of(t)} if version >= 13 else {'topic': t}
    again('forgotten', 6, forgottenTopicsData=[{**forgotten, 'partitions': [1]}])
    fill(s, t, 1, 1)
    again('quiet after forgotten', 7)
    again('wrong epoch', 20)
    again('an error in a session', 8, part(5000))
    again('an error again', 9)
    again('closed', -1)
    again('after closing', 10)
    fetch(s, version, 'unknown session', t, part(0), sessionId=424242, sessionEpoch=1)
    fetch(s, version, 'no session wanted', t, part(10), sessionId=0, sessionEpoch=-1)
    fetch(s, version, 'incremental without a session', t, part(10), sessionId=0, sessionEpoch=5)


@case('ListOffsets')
def list_offsets(s, version):
    empty, t = s.topic('empty'), s.topic('t')
    fill(s, t)

    def ask(label, topic, *times, partition=0, epoch=-1, isolation=0):
        extra = {'currentLeaderEpoch': epoch} if version >= 4 else {}
        s.call(label, 'ListOffsets', version, {'replicaId': -1, 'isolationLevel': isolation, 'topics': [{'name': topic, 'partitions': [
            {'partitionIndex': partition, 'timestamp': when, **extra} for when in times]}]})
    for when in (-1, -2, -3, -4, -5, -6, -7, -100):
        ask(f'time {when}', t, when)
        ask(f'time {when}, empty', empty, when)
    base = 1_700_000_000_000
    for when in (0, 1, base - 1, base, base + 1, base + 9, base + 10, base + 1000, base + 3005, base + 4009, base + 4010, 2**62):
        ask(f'time {when}', t, when)
    ask('by time, empty', empty, base)
    ask('unknown partition', t, -1, partition=9)
    ask('unknown topic', f'{s.prefix}-none', -1)
    ask('bad name', 'a b', -1)
    ask('the same partition twice', t, -1, -2)
    if version >= 2:
        ask('read committed', t, -1, isolation=1)
        ask('read committed by time', t, base + 5, isolation=1)
    if version >= 4:
        now = s.epoch_of(t)
        ask('current epoch', t, -1, epoch=now)
        ask('epoch too new', t, -1, epoch=now + 5)
    s.call('no topics', 'ListOffsets', version, {'replicaId': -1, 'topics': []})


@case('ListOffsets')
def list_offsets_out_of_time_order(s, version):
    t = s.topic('t')
    payload = record(0, b'a', b'x', time_delta=500) + record(1, b'b', b'y', time_delta=0) + record(2, b'c', b'z', time_delta=100)
    for codec in (0, 1):
        data = batch(3, payload, codec=codec, max_time=1_700_000_000_500)
        s.quiet('Produce', 9, {'acks': -1, 'timeoutMs': 1000, 'topicData': [{'name': t, 'partitionData': [{'index': 0, 'records': data}]}]})
    for when in (1_700_000_000_000, 1_700_000_000_050, 1_700_000_000_200, 1_700_000_000_500, 1_700_000_000_501, -3):
        s.call(f'time {when}', 'ListOffsets', version, {'replicaId': -1, 'topics': [{'name': t, 'partitions': [{'partitionIndex': 0, 'timestamp': when}]}]})


@case('OffsetForLeaderEpoch')
def offset_for_leader_epoch(s, version):
    empty, t = s.topic('empty'), s.topic('t')
    fill(s, t, batches=2)
    now = s.epoch_of(t)

    def ask(label, topic, epoch, current=-1, partition=0):
        replica = {'replicaId': -1} if version >= 3 else {}
        s.call(label, 'OffsetForLeaderEpoch', version, {**replica, 'topics': [{'topic': topic, 'partitions': [
            {'partition': partition, 'currentLeaderEpoch': current, 'leaderEpoch': epoch}]}]})
    ask('current', t, now)
    ask('too new', t, now + 5)
    ask('-1', t, -1)
    ask('current, empty', empty, s.epoch_of(empty))
    ask('with the current epoch', t, now, now)
    ask('with an epoch too new', t, now, now + 5)
    ask('unknown partition', t, now, partition=8)
    ask('unknown topic', f'{s.prefix}-none', 0)
