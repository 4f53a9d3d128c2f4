# SPDX-License-Identifier: Apache-2.0
"""Administration beside creating and deleting topics."""
import time
import uuid

from .registry import NOBODY, case, fill
from .wire import batch, record


def eventually(ask, good):
    """Apache Kafka answers a change before every part of it knows; not compared."""
    deadline = time.monotonic() + 20
    while not good(found := ask()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


def wait_for_partitions(s, topic, count):
    eventually(lambda: s.quiet('Metadata', 12, {'topics': [{'name': topic}], 'allowAutoTopicCreation': False})['topics'][0],
               lambda t: len(t['partitions']) == count and all(p['leaderId'] >= 0 and p['errorCode'] == 0 for p in t['partitions']))
    for p in range(count):
        eventually(lambda: s.quiet('ListOffsets', 5, {'replicaId': -1, 'topics': [{'name': topic, 'partitions': [
            {'partitionIndex': p, 'timestamp': -1}]}]})['topics'][0]['partitions'][0], lambda a: a['errorCode'] == 0)


# ---- More partitions -------------------------------------------------------------------------------------------------

@case('CreatePartitions')
def create_partitions(s, version):
    t, u = s.topic('t', 2), s.topic('u')
    fill(s, t, batches=1)

    def grow(label, *topics, **more):
        s.call(label, 'CreatePartitions', version, {'timeoutMs': 10000, 'topics': [
            {'name': name, 'count': count, 'assignments': to and [{'brokerIds': b} for b in to]} for name, count, to in topics], **more})
    me = s.server.node_id
    grow('none')
    for count in (2, 1, 0, -1):
        grow(f'to {count} of 2', (t, count, None))
    grow('unknown topic', (f'{s.prefix}-none', 3, None))
    grow('bad name', ('a b', 3, None))
    grow('empty name', ('', 3, None))
    grow('only validated', (t, 5, None), validateOnly=True)
    grow('validated, but too few', (t, 2, None), validateOnly=True)
    grow('to 3', (t, 3, None))
    wait_for_partitions(s, t, 3)
    grow('one good, one refused', (t, 3, None), (u, 2, None))
    wait_for_partitions(s, u, 2)
    grow('the same topic twice', (t, 4, None), (t, 5, None))
    grow('assigned', (t, 5, [[me], [me]]))
    wait_for_partitions(s, t, 5)
    grow('too few assignments', (t, 7, [[me]]))
    grow('too many assignments', (t, 6, [[me], [me]]))
    grow('no assignments', (t, 6, []))
    grow('unknown broker', (t, 6, [[99]]))
    grow('no broker', (t, 6, [[]]))
    grow('a broker twice', (t, 6, [[me, me]]))
    s.call('as it is now', 'Metadata', 12, {'topics': [{'name': t}, {'name': u}], 'allowAutoTopicCreation': False})
    fill(s, t, partition=4, batches=1)
    s.call('read from the new one', 'Fetch', 12, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [
        {'topic': t, 'partitions': [{'partition': p, 'fetchOffset': 0, 'partitionMaxBytes': 1000000} for p in (0, 3, 4, 5)]}]})


@case('DescribeTopicPartitions')
def describe_topic_partitions(s, version):
    a, b, c = s.topic('a', 3), s.topic('b', 2), s.topic('c')

    def describe(label, *names, limit=2000, cursor=None):
        s.call(label, 'DescribeTopicPartitions', version, {
            'topics': [{'name': n} for n in names], 'responsePartitionLimit': limit,
            'cursor': cursor and {'topicName': cursor[0], 'partitionIndex': cursor[1]}})
    describe('three', c, a, b)
    describe('the same twice', a, a)
    describe('unknown', f'{s.prefix}-none', a)
    describe('bad names', 'a b', a)
    describe('an empty name', '', a)
    for limit in (0, -1, 1, 2, 3, 4, 5, 6, 7):
        describe(f'at most {limit}', a, b, c, limit=limit)
    describe('an unknown one where the answer is full', a, f'{a}-none', b, limit=3)
    describe('from within a', a, b, c, cursor=(a, 1))
    describe('from b on', a, b, c, cursor=(b, 0))
    describe('from behind the end of a', a, b, c, cursor=(a, 3))
    describe('from far behind the end of a', a, b, c, cursor=(a, 300))
    describe('from a topic that is not asked for', a, b, cursor=(c, 0))
    describe('from a negative partition', a, b, cursor=(a, -1))
    describe('everything', limit=100000)
    describe('internal', '__consumer_offsets_not')


# ---- Configurations --------------------------------------------------------------------------------------------------

def config_of(s, topic):
    answer = s.quiet('DescribeConfigs', 4, {'resources': [{'resourceType': 2, 'resourceName': topic, 'configurationKeys': None}]})
    return {c['name']: c['value'] for c in answer['results'][0]['configs'] if c['configSource'] == 1}


class Altering:
    """Changes by one of the two APIs, and what the topic's overrides are then."""

    def __init__(self, s, api, version):
        self.s, self.api, self.version = s, api, version

    def __call__(self, label, *resources, **more):
        # Apache Kafka never answers AlterConfigs that names a resource twice.
        self.s.call(label, self.api, self.version, {'resources': [
            {'resourceType': kind, 'resourceName': name, 'configs': configs} for kind, name, configs in resources], **more},
            patience=2 if label == 'a topic twice' else 12)

    def expect(self, label, topic, **overrides):
        wanted = {k.replace('_', '.'): v for k, v in overrides.items()}
        eventually(lambda: config_of(self.s, topic), lambda found: found == wanted)
        self.s.call(label, 'DescribeConfigs', 4, {'resources': [{'resourceType': 2, 'resourceName': topic, 'configurationKeys': [
            'retention.ms', 'cleanup.policy', 'segment.ms', 'max.message.bytes']}], 'includeSynonyms': True})


def put(name, value):
    return {'name': name, 'value': value}


def step(name, operation, value=None):
    return {'name': name, 'configOperation': operation, 'value': value}


SET, DELETE, APPEND, SUBTRACT = range(4)


@case('IncrementalAlterConfigs')
def incremental_alter_configs(s, version):
    t, u = s.topic('t', retention_ms='3600000'), s.topic('u')
    alter = Altering(s, 'IncrementalAlterConfigs', version)
    alter('nothing')
    alter('no entries', (2, t, []))
    alter('set', (2, t, [step('segment.ms', SET, '5000'), step('max.message.bytes', SET, '2000')]))
    alter.expect('then', t, retention_ms='3600000', segment_ms='5000', max_message_bytes='2000')
    alter('delete', (2, t, [step('segment.ms', DELETE), step('max.message.bytes', DELETE, 'x'), step('flush.ms', DELETE)]))
    alter.expect('then', t, retention_ms='3600000')
    alter('append to the default', (2, t, [step('cleanup.policy', APPEND, 'compact')]))
    alter.expect('then', t, retention_ms='3600000', cleanup_policy='delete,compact')
    alter('append what is there', (2, t, [step('cleanup.policy', APPEND, 'compact')]))
    alter('subtract', (2, t, [step('cleanup.policy', SUBTRACT, 'delete')]))
    alter.expect('then', t, retention_ms='3600000', cleanup_policy='compact')
    alter('subtract what is not there', (2, t, [step('cleanup.policy', SUBTRACT, 'shred')]))
    alter('append to a number', (2, t, [step('retention.ms', APPEND, '1')]))
    alter('append to an unknown key', (2, t, [step('no.such.key', APPEND, '1')]))
    alter('append what is no choice', (2, t, [step('cleanup.policy', APPEND, 'shred')]))
    for key, value in (('no.such.key', '1'), ('retention.ms', 'long'), ('retention.ms', '-2'), ('cleanup.policy', 'shred'),
                       ('compression.type', 'rar'), ('segment.bytes', '10'), ('retention.ms', ''), ('retention.ms', None)):
        alter(f'{key}={value}', (2, t, [step(key, SET, value)]))
    alter('one good entry, one bad', (2, t, [step('segment.ms', SET, '7000'), step('no.such.key', SET, '1')]))
    alter('a key twice', (2, t, [step('segment.ms', SET, '7000'), step('segment.ms', SET, '8000')]))
    alter('a key set and deleted', (2, t, [step('segment.ms', SET, '7000'), step('segment.ms', DELETE)]))
    alter('contradicting', (2, t, [step('min.compaction.lag.ms', SET, '100'), step('max.compaction.lag.ms', SET, '10')]))
    alter('null to append', (2, t, [step('cleanup.policy', APPEND, None)]))
    alter('only validated', (2, t, [step('segment.ms', SET, '7000')]), validateOnly=True)
    alter('only validated, bad', (2, t, [step('segment.ms', SET, 'x')]), validateOnly=True)
    alter('two topics, one bad', (2, u, [step('segment.ms', SET, '9000')]), (2, t, [step('segment.ms', SET, '0')]))
    alter.expect('then', u, segment_ms='9000')
    alter.expect('as before', t, retention_ms='3600000', cleanup_policy='compact')
    alter('a topic twice', (2, t, [step('segment.ms', SET, '7000')]), (2, u, [step('segment.ms', SET, '7000')]),
          (2, t, [step('segment.ms', SET, '7000')]))
    refused_resources(s, alter, lambda key, value: step(key, SET, value))


@case('AlterConfigs')
def alter_configs(s, version):
    t, u = s.topic('t', retention_ms='3600000'), s.topic('u')
    alter = Altering(s, 'AlterConfigs', version)
    alter('nothing')
    alter('set', (2, t, [put('segment.ms', '5000'), put('cleanup.policy', 'compact')]))
    alter.expect('the other one is gone', t, segment_ms='5000', cleanup_policy='compact')
    alter('the same again', (2, t, [put('segment.ms', '5000'), put('cleanup.policy', 'compact')]))
    for key, value in (('no.such.key', '1'), ('retention.ms', 'long'), ('cleanup.policy', 'shred'), ('retention.ms', None)):
        alter(f'{key}={value}', (2, t, [put(key, value)]))
    alter('a key twice', (2, t, [put('segment.ms', '7000'), put('segment.ms', '8000')]))
    alter('only validated', (2, t, []), validateOnly=True)
    alter('two topics, one bad', (2, u, [put('segment.ms', '9000')]), (2, t, [put('segment.ms', '0')]))
    alter.expect('then', u, segment_ms='9000')
    alter.expect('as before', t, segment_ms='5000', cleanup_policy='compact')
    alter('a topic twice', (2, t, [put('segment.ms', '7000')]), (2, t, []))
    alter('no entries', (2, t, []))
    alter.expect('all are gone', t)
    refused_resources(s, alter, put)


def refused_resources(s, alter, entry):
    alter('unknown topic', (2, f'{s.prefix}-none', [entry('segment.ms', '7000')]))
    alter('unknown topic, bad value', (2, f'{s.prefix}-none', [entry('segment.ms', 'x')]))
    alter('bad topic name', (2, 'a b', [entry('segment.ms', '7000')]))
    alter('empty topic name', (2, '', [entry('segment.ms', '7000')]))
    alter('unknown resource type', (77, 'x', [entry('segment.ms', '7000')]))
    alter('type 0', (0, 'x', []))
    alter('another broker', (4, '7', [entry('log.retention.ms', '7000')]))
    alter('a broker that is no number', (4, 'one', [entry('log.retention.ms', '7000')]))
    alter('a broker key that needs a restart', (4, '1', [entry('log.dirs', '/x')]))
    alter('a broker key that is dynamic', (4, '1', [entry('message.max.bytes', '2000000')]), validateOnly=True)
    alter('a default of all brokers', (4, '', [entry('message.max.bytes', '2000000')]), validateOnly=True)
    alter('a log level', (8, '1', [entry('kafka.server.KafkaApis', 'INFO')]), validateOnly=True)
    alter('client metrics', (16, 'sub', [entry('interval.ms', '5000')]), validateOnly=True)
    alter('a group', (32, 'g', [entry('consumer.session.timeout.ms', '50000')]), validateOnly=True)
    alter('an empty group', (32, '', [entry('consumer.session.timeout.ms', '50000')]), validateOnly=True)


@case('ListConfigResources')
def list_config_resources(s, version):
    s.topic('a'), s.topic('b')
    s.call('all', 'ListConfigResources', version, {})
    if version >= 1:
        for types in ([2], [4], [8], [16], [32], [2, 4], [2, 2], [0], [1], [2, 77], [-1]):
            s.call(f'types {types}', 'ListConfigResources', version, {'resourceTypes': types})


# ---- Logs ------------------------------------------------------------------------------------------------------------

@case('DescribeLogDirs')
def describe_log_dirs(s, version):
    t, u = s.topic('t', 3), s.topic('u')
    fill(s, t, 0, 3)
    fill(s, t, 2, 1, count=1)

    def describe(label, *topics):
        s.call(label, 'DescribeLogDirs', version, {'topics': [{'topic': name, 'partitions': parts} for name, parts in topics]})
    s.call('everything', 'DescribeLogDirs', version, {'topics': None})
    describe('nothing')
    describe('two', (t, [0, 1, 2]), (u, [0]))
    describe('some', (t, [2]))
    describe('no partitions', (t, []))
    describe('partitions that are not there', (t, [0, 7, -1]), (u, [9]))
    describe('the same twice', (t, [0, 0]), (t, [0]))
    describe('unknown topic', (f'{s.prefix}-none', [0]), ('a b', [0]))


@case('DeleteRecords')
def delete_records(s, version):
    t, empty, u = s.topic('t', 2), s.topic('empty'), s.topic('u')
    compact, both = s.topic('compact', cleanup_policy='compact'), s.topic('both', cleanup_policy='compact,delete')
    fill(s, t)
    fill(s, u, batches=1)
    fill(s, both, batches=1)
    fill(s, compact, batches=1)

    def delete(label, *topics):
        s.call(label, 'DeleteRecords', version, {'timeoutMs': 10000, 'topics': [
            {'name': name, 'partitions': [{'partitionIndex': p, 'offset': o} for p, o in parts]} for name, parts in topics]})
    delete('nothing')
    delete('no partitions', (t, []))
    for offset in (0, 5, 3, 10, 25, 25):
        delete(f'below {offset}', (t, [(0, offset)]))
    for offset in (51, 1000, -2, -100):
        delete(f'{offset}, out of range', (t, [(0, offset)]))
    delete('two partitions', (t, [(0, 30), (1, -1)]))
    delete('an empty log', (empty, [(0, 0)]))
    delete('an empty log to its end', (empty, [(0, -1)]))
    delete('unknown partition among good ones', (t, [(0, 31), (7, 0), (-1, 0)]))
    delete('unknown topic', (f'{s.prefix}-none', [(0, 0)]), (u, [(0, 2)]))
    delete('bad name', ('a b', [(0, 0)]))
    delete('only compacted', (compact, [(0, 5)]))
    delete('compacted and deleted', (both, [(0, 5)]))
    s.call('earliest', 'ListOffsets', 5, {'replicaId': -1, 'topics': [{'name': t, 'partitions': [
        {'partitionIndex': 0, 'timestamp': when}]} for when in (-2,)]})
    for offset in (30, 31, 35):
        s.call(f'fetched from {offset}', 'Fetch', 12, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [
            {'topic': t, 'partitions': [{'partition': 0, 'fetchOffset': offset, 'partitionMaxBytes': 100}]}]})
    s.call('by time, of a deleted record', 'ListOffsets', 5, {'replicaId': -1, 'topics': [{'name': t, 'partitions': [
        {'partitionIndex': 0, 'timestamp': 1_700_000_000_000}]}]})
    delete('all', (t, [(0, -1)]))
    fill(s, t, batches=1)
    s.call('written after that', 'Fetch', 12, {'maxWaitMs': 0, 'minBytes': 0, 'topics': [
        {'topic': t, 'partitions': [{'partition': 0, 'fetchOffset': 50, 'partitionMaxBytes': 100000}]}]})


@case('DescribeProducers')
def describe_producers(s, version):
    t = s.topic('t', 2)
    deadline = time.monotonic() + 20
    ids = []
    while len(ids) < 2:
        one = s.quiet('InitProducerId', 4, {'transactionalId': None, 'transactionTimeoutMs': 60000})
        assert time.monotonic() < deadline, one
        if one['errorCode'] == 0:
            ids.append(one['producerId'])
            s.normalise(one, 'InitProducerId')  # gives it its name

    def describe(label, *topics):
        s.call(label, 'DescribeProducers', version, {'topics': [{'name': n, 'partitionIndexes': p} for n, p in topics]})

    def send(who, count, sequence, epoch=0, partition=0):
        answer = s.quiet('Produce', 9, {'acks': -1, 'timeoutMs': 10000, 'topicData': [{'name': t, 'partitionData': [
            {'index': partition, 'records': batch(count, producer=ids[who], epoch=epoch, sequence=sequence)}]}]})
        assert answer['responses'][0]['partitionResponses'][0]['errorCode'] == 0, answer
    describe('nobody', (t, [0, 1]))
    send(0, 3, 0)
    describe('one', (t, [0, 1]))
    send(0, 2, 3)
    send(1, 1, 0)
    describe('two', (t, [0]))
    send(0, 4, 0, epoch=1)
    describe('a new epoch', (t, [0]))
    s.quiet('Produce', 9, {'acks': -1, 'timeoutMs': 10000, 'topicData': [{'name': t, 'partitionData': [
        {'index': 1, 'records': batch(1, record(0, b'a', b'b'))}]}]})
    describe('a producer without an id', (t, [1]))
    describe('unknown partition', (t, [5, -1, 0]))
    describe('unknown topic', (f'{s.prefix}-none', [0]))
    describe('bad name', ('a b', [0]))
    describe('nothing')
    describe('no partitions', (t, []))
    describe('the same twice', (t, [0, 0]))


# ---- The cluster -----------------------------------------------------------------------------------------------------

@case('ElectLeaders')
def elect_leaders(s, version):
    t, u = s.topic('t', 2), s.topic('u')

    def elect(label, topics, kind=0):
        body = {'topicPartitions': topics and [{'topic': n, 'partitions': p} for n, p in topics], 'timeoutMs': 10000}
        s.call(label, 'ElectLeaders', version, {**body, **({'electionType': kind} if version >= 1 else {})})
    elect('preferred', [(t, [0, 1]), (u, [0])])
    elect('unknown partition', [(t, [0, 9, -1])])
    elect('unknown topic', [(f'{s.prefix}-none', [0]), ('a b', [0])])
    elect('no partitions', [(t, [])])
    elect('everything', None)
    s.call('no topics', 'ElectLeaders', version, {'topicPartitions': [], 'timeoutMs': 1000})
    if version >= 1:
        elect('unclean', [(t, [0])], 1)
        elect('unclean, everything', None, 1)
        elect('unknown type', [(t, [0])], 7)
        elect('unknown type, everything', None, 7)


@case('ListPartitionReassignments')
def list_partition_reassignments(s, version):
    t = s.topic('t', 2)
    s.call('everything', 'ListPartitionReassignments', version, {'topics': None})
    for label, name, parts in (('one', t, [0, 1]), ('unknown partition', t, [9]), ('unknown topic', f'{s.prefix}-none', [0]),
                               ('bad name', 'a b', [0]), ('no partitions', t, [])):
        s.call(label, 'ListPartitionReassignments', version, {'topics': [{'name': name, 'partitionIndexes': parts}]})
    s.call('no topics', 'ListPartitionReassignments', version, {'topics': []})


@case('DescribeClientQuotas')
def describe_client_quotas(s, version):
    def ask(label, *parts, strict=False):
        s.call(label, 'DescribeClientQuotas', version, {'strict': strict, 'components': [
            {'entityType': kind, 'matchType': how, 'match': name} for kind, how, name in parts]})
    ask('all')
    ask('all, strict', strict=True)
    for kind in ('user', 'client-id', 'ip'):
        ask(f'a {kind}', (kind, 0, 'x'))
        ask(f'the default {kind}', (kind, 1, None))
        ask(f'any {kind}', (kind, 2, None))
    ask('user and client', ('user', 0, 'x'), ('client-id', 2, None))
    ask('a name that is null', ('user', 0, None))
    ask('a default with a name', ('user', 1, 'x'))
    ask('any with a name', ('user', 2, 'x'))
    ask('unknown way to match', ('user', 3, None))
    ask('unknown kind', ('planet', 0, 'x'))
    ask('empty kind', ('', 0, 'x'))
    ask('a kind twice', ('user', 0, 'x'), ('user', 0, 'y'))
    ask('address and user', ('ip', 0, '10.0.0.1'), ('user', 0, 'x'))


@case('DescribeQuorum')
def describe_quorum(s, version):
    def ask(label, *topics):
        s.call(label, 'DescribeQuorum', version, {'topics': [
            {'topicName': n, 'partitions': [{'partitionIndex': p} for p in parts]} for n, parts in topics]})
    ask('the quorum', ('__cluster_metadata', [0]))
    ask('another partition', ('__cluster_metadata', [1]))
    ask('two partitions', ('__cluster_metadata', [0, 1]))
    ask('another topic', ('a', [0]))
    ask('two topics', ('__cluster_metadata', [0]), ('a', [0]))
    ask('nothing')


@case('GetTelemetrySubscriptions')
def get_telemetry_subscriptions(s, version):
    answer = s.call('first', 'GetTelemetrySubscriptions', version, {'clientInstanceId': uuid.UUID(int=0)})
    if answer:
        s.call('again', 'GetTelemetrySubscriptions', version, {'clientInstanceId': answer['clientInstanceId']})
    s.call('an id of its own', 'GetTelemetrySubscriptions', version, {'clientInstanceId': NOBODY})


@case('PushTelemetry')
def push_telemetry(s, version):
    def push(label, client=NOBODY, subscription=1, codec=0, metrics=b''):
        s.call(label, 'PushTelemetry', version, {'clientInstanceId': client, 'subscriptionId': subscription, 'terminating': False,
                                                 'compressionType': codec, 'metrics': metrics})
    push('no client', client=uuid.UUID(int=0))
    push('another subscription')


@case('DescribeAcls')
def describe_acls(s, version):
    some = {'resourceTypeFilter': 1, 'resourceNameFilter': None, 'principalFilter': None, 'hostFilter': None, 'operation': 1,
            'permissionType': 1, 'patternTypeFilter': 1}
    s.call('any', 'DescribeAcls', version, some)
    s.call('a topic', 'DescribeAcls', version, {**some, 'resourceTypeFilter': 2, 'resourceNameFilter': 'x', 'patternTypeFilter': 3})
