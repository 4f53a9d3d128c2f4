# SPDX-License-Identifier: Apache-2.0
"""A case's answers, made comparable: what must differ between any two clusters is replaced by a name."""
import hashlib
import re
import time
import uuid

from .wire import Closed, Connection, take_apart

# What is replaced, and by what; docs/compatibility.md shows this table.
NORMALISED = [
    ('throttleTimeMs', 'left out'),
    ('cluster id, topic ids, producer ids, member ids, fetch session ids', 'replaced by a name when valid; zero and -1 stay'),
    ('host and port of a broker', 'replaced when it is the address that the test connects to'),
    ('leader epochs', 'replaced when 0 or more: an Apache Kafka of one node starts every topic at 0, Ledge begins a new epoch '
                      'at every start'),
    ('timestamps that the server sets (LogAppendTime)', 'replaced when within five minutes of now; the checksum and the '
                                                        'maximum timestamp of such a batch go with them'),
    ('texts of error messages', 'replaced when present; present or absent is compared'),
    ('topics of other cases', 'left out of answers about all topics'),
    ('order of topics, of partitions (Produce, Fetch, Metadata, DescribeLogDirs, DeleteRecords and of offsets of groups), of groups and '
     'their members, of producers and of resources with configurations in an answer', 'sorted: Apache Kafka\'s follows hash tables; Ledge answers in the order of the request'),
    ('path and size of the data folder', 'replaced when absolute, and above 0; the sizes of partitions are compared'),
    ('offsets of the metadata log, its folder\'s id, times of its voters (DescribeQuorum)', 'replaced when 0 or more, not zero, now'),
    ('features in ApiVersions', 'left out: they belong to the cluster, not to a request'),
]
# Fields that tell of all topics, and those to be sorted, by what.
OF_ALL_TOPICS = {'Metadata': ('topics',), 'DescribeTopicPartitions': ('topics',), 'DescribeLogDirs': ('topics',),
                 'ElectLeaders': ('replicaElectionResults',), 'ListConfigResources': ('configResources',),
                 'ListGroups': ('groups',)}
SORTED_PARTITIONS = ('Metadata', 'Fetch', 'DescribeLogDirs', 'DeleteRecords', 'OffsetCommit', 'OffsetFetch', 'OffsetDelete')
SORTED = {('CreatePartitions', 'results'): 'name', ('DescribeProducers', 'activeProducers'): 'producerId',
          ('ListConfigResources', 'configResources'): 'resourceName', ('ElectLeaders', 'replicaElectionResults'): 'topic',
          ('ListGroups', 'groups'): 'groupId', ('DescribeGroups', 'groups'): 'groupId', ('DeleteGroups', 'results'): 'groupId',
          ('JoinGroup', 'members'): 'memberId', ('DescribeGroups', 'members'): 'memberId',
          ('ConsumerGroupDescribe', 'members'): 'memberId'}
MEMBER_ID = r'(ledge-tests|one)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
ERROR_TEXTS = {'errorMessage', 'topicConfigErrorMessage', 'batchIndexErrorMessage'}
EPOCHS = {'leaderEpoch', 'currentLeaderEpoch', 'partitionLeaderEpoch'}


class Session:
    """Runs one case against one server and keeps the answers."""

    def __init__(self, server, prefix):
        self.server, self.prefix = server, prefix
        self.answers = []
        self.names = {}        # an id -> what it is called in the comparison
        self.connection = None
        self.known_topics = {}

    # -- for cases --

    def topic(self, name, partitions=1, **configs):
        """Creates a topic of this case and gives its full name; not compared."""
        full = f'{self.prefix}-{name}'
        answer = self.quiet('CreateTopics', 7, {'timeoutMs': 10000, 'topics': [
            {'name': full, 'numPartitions': partitions, 'replicationFactor': 1,
             'configs': [{'name': k.replace('_', '.'), 'value': v} for k, v in configs.items()]}]})['topics'][0]
        assert answer['errorCode'] == 0, answer
        self.learn_topic(full, answer['topicId'])
        deadline = time.monotonic() + 20
        while True:  # Apache Kafka answers before every part of it knows the topic
            told = self.quiet('Metadata', 12, {'topics': [{'name': full}], 'allowAutoTopicCreation': False})['topics'][0]
            if told['errorCode'] == 0 and len(told['partitions']) == partitions and \
                    all(p['errorCode'] == 0 and p['leaderId'] >= 0 for p in told['partitions']):
                break
            assert time.monotonic() < deadline, told
            time.sleep(0.02)
        # ... and the partition can be asked before it can be read.
        for p in range(partitions):
            while self.quiet('ListOffsets', 5, {'replicaId': -1, 'topics': [{'name': full, 'partitions': [
                    {'partitionIndex': p, 'timestamp': -1}]}]})['topics'][0]['partitions'][0]['errorCode'] != 0:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        self.known_topics[full] = (answer['topicId'], told['partitions'][0]['leaderEpoch'])
        return full

    def wait_for_end(self, topic, end):
        """Until partition 0 can be read up to END; where nothing was answered nothing else tells."""
        deadline = time.monotonic() + 10
        while self.quiet('ListOffsets', 5, {'replicaId': -1, 'topics': [{'name': topic, 'partitions': [
                {'partitionIndex': 0, 'timestamp': -1}]}]})['topics'][0]['partitions'][0]['offset'] < end:
            assert time.monotonic() < deadline, f'{topic} does not reach {end}'
            time.sleep(0.02)

    def learn_topic(self, name, topic_id):
        if topic_id.int != 0:
            self.names[topic_id] = f'id of {name}'

    def id_of(self, topic):
        return self.known_topics[topic][0]

    def epoch_of(self, topic):
        return self.known_topics[topic][1]

    def quiet(self, api, version, body):
        if not self.connection:
            self.connection = Connection(self.server.host, self.server.port, timeout=12)
        return self.connection.call(api, version, body)

    def call(self, label, api, version, body, patience=12):
        """One request; its answer, the closed connection or the silence is compared."""
        if not self.connection:
            self.connection = Connection(self.server.host, self.server.port)
        self.connection.socket.settimeout(patience)
        try:
            answer = self.quiet(api, version, body)
        except Closed:
            self.note(label, 'connection closed')
            return None
        except TimeoutError:
            self.note(label, 'no answer')
            return None
        self.answers.append((label, self.normalise(answer, api)))
        return answer

    def note(self, label, what):
        self.reconnect()
        self.answers.append((label, what))

    def reconnect(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def raw(self, label, data, api=None, version=0, patience=2):
        """Raw bytes on a connection of their own: closed, silent, or an answer (decoded as API and VERSION if given)."""
        with Connection(self.server.host, self.server.port, timeout=patience) as connection:
            try:
                connection.send(data)
                frame = connection.receive_frame()
            except Closed:
                self.answers.append((label, 'connection closed'))
                return
            except TimeoutError:
                self.answers.append((label, 'no answer'))
                return
        if api:
            from . import schema
            answer = schema.response(api).decode(version, frame[4:])
            self.answers.append((label, self.normalise(answer, api)))
        else:
            self.answers.append((label, f'answer of {len(frame)} bytes'))

    # -- normalising --

    def normalise(self, value, api, key='', parent=None):
        if isinstance(value, dict):
            out = {k: self.normalise(v, api, k, value) for k, v in value.items() if k != 'throttleTimeMs'}
            if api == 'ApiVersions':
                for k in ('supportedFeatures', 'finalizedFeaturesEpoch', 'finalizedFeatures', 'zkMigrationReady'):
                    out.pop(k, None)
            if 'replicaDirectoryId' in out and value['replicaDirectoryId'].int != 0:
                out['replicaDirectoryId'] = 'folder id'
            if 'host' in out and (value['host'], value['port']) == (self.server.host, self.server.port):
                out['host'], out['port'] = 'host', 'port'
            return out
        if isinstance(value, list):
            if key in OF_ALL_TOPICS.get(api, ()):
                value = [t for t in value if self.is_mine(api, t)]
            if (api, key) in SORTED:
                by = SORTED[api, key]
                value = sorted(value, key=lambda v: (str(self.normalise(v[by], api, by)), v.get('resourceType', 0)))
            if key in ('topics', 'responses') and value and isinstance(value[0], dict):
                for t in value:
                    if t.get('topicId') and (t.get('name') or t.get('topic')) and t.get('errorCode', 0) == 0:
                        self.learn_topic(t.get('name') or t.get('topic'), t['topicId'])
                value = sorted(value, key=lambda t: (str(t.get('name') or t.get('topic') or self.names.get(t.get('topicId'), '')),
                                                     t.get('errorCode', 0)))
            if key == 'partitionResponses' or (key == 'partitions' and api in SORTED_PARTITIONS):
                value = sorted(value, key=lambda p: p.get('index', p.get('partitionIndex')))
            if api == 'ApiVersions' and key == 'apiKeys':
                return {f'key {a["apiKey"]}': f'{a["minVersion"]}-{a["maxVersion"]}' for a in value}
            if key == 'configs' and value and isinstance(value[0], dict):
                return {c['name']: {k: self.normalise(v, api, k, c) for k, v in c.items() if k != 'name'} for c in value}
            return [self.normalise(v, api, key, parent) for v in value]
        if isinstance(value, uuid.UUID):
            return 'no id' if value.int == 0 else self.names.get(value, 'unnamed id')
        if isinstance(value, bytes):
            if key == 'records':
                return [self.normalise_batch(b) for b in take_apart(value)]
            return value.hex()
        if key == 'clusterId' and value is not None:
            return 'cluster id' if re.fullmatch(r'[A-Za-z0-9_-]{22}', value) else value
        if key == 'producerId' and value >= 0:
            return self.names.setdefault(('producer', value), f'producer {sum(k[0] == "producer" for k in self.names if isinstance(k, tuple)) + 1}')
        if key == 'sessionId' and value > 0:
            return 'session'
        if key in ('memberId', 'leader') and re.fullmatch(MEMBER_ID, value or ''):
            return self.names.setdefault(('member', value), f'member {sum(k[0] == "member" for k in self.names if isinstance(k, tuple)) + 1}')
        if key in EPOCHS and value >= 0:
            return 'epoch'
        if key == 'logDir' and value.startswith('/'):
            return 'folder'
        if key in ('totalBytes', 'usableBytes') and value > 0:
            return 'bytes'
        if api == 'DescribeQuorum' and key in ('highWatermark', 'logEndOffset') and value >= 0:
            return 'offset'
        if api == 'DescribeQuorum' and key.endswith('Timestamp') and self.is_now(value):
            return 'now'
        if key == 'logAppendTimeMs' and self.is_now(value):
            return 'now'
        if key in ERROR_TEXTS and value:
            return 'text'
        if key == 'documentation' and value is not None:
            return 'text'
        return value

    def is_mine(self, api, item):
        """Whether an item of an answer about all topics belongs to this case."""
        if api == 'ListConfigResources' and item.get('resourceType', 16) != 2:
            return True
        name = next((item[k] for k in ('name', 'topic', 'resourceName', 'groupId') if k in item), None)
        return name is None or name.startswith(self.prefix) or item.get('errorCode', 0) != 0 or \
            any(p.get('errorCode') for p in item.get('partitionResult', ()))

    def normalise_batch(self, b):
        out = {k: self.normalise(v, '', k) for k, v in b.items()}
        if 'payload' in b and len(b['payload']) > 200:
            out['payload'] = f'{len(b["payload"]) // 2} bytes, sha256 {hashlib.sha256(b["payload"].encode()).hexdigest()[:16]}'
        if b.get('attributes', 0) & 8 and self.is_now(b['maxTimestamp']):
            out['maxTimestamp'] = 'now'
            out['crc'] = 'of now'
        if isinstance(out.get('producerId'), str):  # a producer id is in the checksum
            out['crc'] = 'of a producer'
        return out

    @staticmethod
    def is_now(value):
        return abs(value / 1000 - time.time()) < 300


def differences(kafka, ledge, path=''):
    """(path, Apache Kafka's value, Ledge's value) for every place where two answers are not the same."""
    if isinstance(kafka, dict) and isinstance(ledge, dict):
        for key in sorted(kafka.keys() | ledge.keys()):
            yield from differences(kafka.get(key, 'absent'), ledge.get(key, 'absent'), f'{path}.{key}' if path else key)
    elif isinstance(kafka, list) and isinstance(ledge, list) and len(kafka) == len(ledge):
        for i, (a, b) in enumerate(zip(kafka, ledge)):
            yield from differences(a, b, f'{path}[{i}]')
    elif kafka != ledge or type(kafka) is not type(ledge):
        yield path, kafka, ledge
