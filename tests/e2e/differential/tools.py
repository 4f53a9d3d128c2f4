# SPDX-License-Identifier: Apache-2.0
"""Kafka's command line tools against two servers in the same state: the commands, the state, and what may differ.

All commands run in one JVM (clients/jvm/ToolRunner.java). What must differ between any two clusters is replaced; whatever else
differs needs a row with a reason, which docs/compatibility.md shows.
"""
import dataclasses
import difflib
import json
import re
import struct
import subprocess

import apache_kafka
from support.run import JVM, once, run

from .cases_groups import commit, group_of, member_of, subscription
from .compare import Session
from .registry import fill
from .wire import batch

GROUP_TOOL = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'
TOOLS = {'topics': 'org.apache.kafka.tools.TopicCommand', 'consumer-groups': GROUP_TOOL,
         'groups': 'org.apache.kafka.tools.GroupsCommand', 'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
         'log-dirs': 'org.apache.kafka.tools.LogDirsCommand', 'configs': 'kafka.admin.ConfigCommand',
         'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand', 'cluster': 'org.apache.kafka.tools.ClusterTool',
         'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
         'leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
         'metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand'}


@dataclasses.dataclass(frozen=True)
class Row:
    tool: str     # regular expressions over the tool ...
    command: str  # ... its arguments in one line ...
    kafka: str    # ... and what each prints there, a group of lines that differ; '' for none
    ledge: str
    what: str
    why: str

    def covers(self, tool, command, kafka, ledge):
        return all(re.fullmatch(pattern, text, re.S) for pattern, text in (
            (self.tool, tool), (self.command, command), (self.kafka, kafka), (self.ledge, ledge)))


ROWS = [
    Row('topics', '.*', r'.*min\.insync\.replicas=1.*', '(?!.*min.insync.replicas).*', 'The description of topics does not show min.insync.replicas=1',
        'Apache Kafka writes it as a dynamic default when it formats a node, for eligible leader replicas, which a single node has not.'),
    Row('configs', '.*', r' min\.insync\.replicas=1 .*DYNAMIC_DEFAULT_BROKER_CONFIG.*', r'( min\.insync\.replicas=1 (?!.*DYNAMIC).*)?',
        'min.insync.replicas is a default, not a dynamic broker configuration', 'As above.'),
    Row('broker-api-versions', '', r'.*: [^U].*', r'.*UNSUPPORTED.*', 'APIs that are not served are UNSUPPORTED',
        'What is not served is not advertised; the first table of this page says what is.'),
    Row('broker-api-versions', '', r'.*Telemetry.*UNSUPPORTED.*', r'.*Telemetry.*usable.*', 'Client telemetry is served',
        'It is answered as by a server that wants none; Apache Kafka serves it only with a plugin.'),
    Row('configs', '--alter --entity-type brokers .*', '.*Cannot update these configs dynamically: .*', '.*Cannot update these configs dynamically: .*',
        'The refusal of a broker configuration says where it is set', 'Nothing but the words differs.'),
    Row('configs', '--describe --entity-type users', 'exit code 0', '.*DESCRIBE_USER_SCRAM_CREDENTIALS.*', 'The configurations of users cannot be described',
        'There are no SCRAM credentials yet; what is not served is not advertised.'),
    Row('metadata-quorum', 'describe --status', r'CurrentVoters: .*CONTROLLER://.*', r'CurrentVoters: .*PLAINTEXT://.*',
        'The voter is reached at the listener that the client came in by', 'There is no listener for controllers: one process does all.'),
]


# ---- One JVM for all tools -------------------------------------------------------------------------------------------

class Runner:
    def __init__(self):
        sources = [JVM / 'ToolRunner.java', JVM / 'UiCalls.java']
        path = apache_kafka.class_path()
        classes = once('tool-runner', [*sources, apache_kafka.HERE / 'pom.xml'],
                       lambda folder: run(['javac', '-cp', path, '-d', folder, *sources], timeout=300))
        command = apache_kafka.java('ToolRunner', heap='384M')
        command[command.index(path)] = f'{classes}:{path}'
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def __call__(self, tool_class, *words):
        """Exit code, standard output, standard error."""
        self.process.stdin.write('\x1f'.join(map(str, (tool_class, *words))).encode() + b'\n')
        self.process.stdin.flush()
        code = struct.unpack('>i', self.read(4))[0]
        return code, *(self.read(struct.unpack('>i', self.read(4))[0]).decode() for _ in range(2))

    def read(self, size):
        data = self.process.stdout.read(size)
        assert len(data) == size, 'the JVM ended'
        return data

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)


# ---- The state -------------------------------------------------------------------------------------------------------

PREFIX = 'tools'


def assignment(topic, *partitions):
    """A consumer's part in Kafka's own words (version 0)."""
    return b'\0\0' + struct.pack('>ih', 1, len(topic)) + topic.encode() + struct.pack(f'>i{len(partitions)}i', len(partitions), *partitions) + \
        b'\xff\xff\xff\xff'


class State:
    """Topics, records, groups with and without members, the same on every server."""

    def __init__(self, server):
        self.server = server
        self.session = s = Session(server, PREFIX)
        self.orders = s.topic('orders', 3)
        self.compact = s.topic('compact', 1, cleanup_policy='compact', retention_ms='3600000')
        self.empty = s.topic('empty', 2)
        self.grows = s.topic('grows', 1)
        self.goes = s.topic('goes', 1)
        for p, batches in ((0, 4), (1, 2)):
            fill(s, self.orders, p, batches)
        fill(s, self.compact, 0, 1)
        answer = s.quiet('Produce', 9, {'acks': -1, 'timeoutMs': 10000, 'topicData': [{'name': self.grows, 'partitionData': [
            {'index': 0, 'records': batch(5)}]}]})
        assert answer['responses'][0]['partitionResponses'][0]['errorCode'] == 0
        self.live, self.idle, self.gone = (group_of(s, name) for name in ('live', 'idle', 'gone'))
        for group in (self.live, self.idle, self.gone):
            commit(s, group, self.orders, [(0, 30), (1, 20)])
        commit(s, self.idle, self.compact, [(0, 4)])
        # Sessions are long enough for all commands; nobody sends heartbeats.
        self.member, _ = member_of(s, self.live, protocols=(('range', subscription(self.orders)),),
                                   assignment=assignment(self.orders, 0, 1, 2), session=300000)


# ---- The commands ----------------------------------------------------------------------------------------------------

def commands(t, folder):
    """(tool, arguments) in the order in which they are run; T: the State."""
    plan = folder / f'offsets-{t.server.port}.csv'
    plan.write_text(f'{t.orders},0,7\n{t.orders},1,3\n')
    below = folder / f'below-{t.server.port}.json'
    below.write_text(json.dumps({'version': 1, 'partitions': [{'topic': t.orders, 'partition': 1, 'offset': 5}]}))
    elect = folder / f'elect-{t.server.port}.json'
    elect.write_text(json.dumps({'partitions': [{'topic': t.orders, 'partition': 0}]}))
    some = f'{PREFIX}-.*'
    reset = ('--reset-offsets', '--group', t.idle)
    yield from (('topics', *a) for a in (
        ('--list',), ('--list', '--topic', some), ('--list', '--exclude-internal'),
        ('--describe', '--topic', some), ('--describe', '--topic', t.orders), ('--describe', '--topic', some, '--topics-with-overrides'),
        ('--describe', '--topic', some, '--under-replicated-partitions'), ('--describe', '--topic', some, '--unavailable-partitions'),
        ('--describe', '--topic', some, '--under-min-isr-partitions'), ('--describe', '--topic', some, '--at-min-isr-partitions'),
        ('--describe', '--topic', 'tools-none'), ('--describe', '--topic-id', 'AAAAAAAAAAAAAAAAAAAAQQ'),
        ('--create', '--topic', 'tools-new', '--partitions', 2, '--config', 'retention.ms=5000'),
        ('--create', '--topic', 'tools-new'), ('--create', '--topic', 'tools-new', '--if-not-exists'),
        ('--create', '--topic', 'tools.new'), ('--create', '--topic', 'tools_new'), ('--create', '--topic', 'tools new'),
        ('--create', '--topic', 'tools-bad', '--config', 'no.such.key=1'), ('--create', '--topic', 'tools-bad', '--partitions', 0),
        ('--create', '--topic', 'tools-assigned', '--replica-assignment', '1,1,1'),
        ('--create', '--topic', 'tools-bad', '--replica-assignment', '7'),
        ('--describe', '--topic', 'tools-assigned'),
        ('--alter', '--topic', t.grows, '--partitions', 3), ('--describe', '--topic', t.grows),
        ('--alter', '--topic', t.grows, '--partitions', 3), ('--alter', '--topic', t.grows, '--partitions', 2),
        ('--alter', '--topic', t.grows, '--partitions', 5, '--replica-assignment', '1,1,1,1,1'),
        ('--alter', '--topic', 'tools-none', '--partitions', 3), ('--alter', '--topic', 'tools-none', '--partitions', 3, '--if-exists'),
        ('--delete', '--topic', t.goes), ('--delete', '--topic', 'tools-none'), ('--delete', '--topic', 'tools-none', '--if-exists'),
        ('--list', '--topic', some)))
    yield from (('consumer-groups', *a) for a in (
        ('--list',), ('--list', '--state'), ('--list', '--state', 'Stable'), ('--list', '--state', 'Nonsense'), ('--list', '--type'),
        ('--list', '--type', 'classic'), ('--list', '--type', 'consumer'),
        ('--describe', '--group', t.live), ('--describe', '--group', t.live, '--offsets', '--verbose'),
        ('--describe', '--group', t.live, '--members'), ('--describe', '--group', t.live, '--members', '--verbose'),
        ('--describe', '--group', t.live, '--state'), ('--describe', '--group', t.live, '--state', '--verbose'),
        ('--describe', '--group', t.idle), ('--describe', '--group', t.idle, '--members'), ('--describe', '--group', t.idle, '--state'),
        ('--describe', '--group', 'tools-none'), ('--describe', '--group', 'tools-none', '--members'),
        ('--describe', '--group', 'tools-none', '--state'), ('--describe', '--all-groups'), ('--describe', '--all-groups', '--state'),
        (*reset, '--topic', t.orders, '--to-earliest'), (*reset, '--topic', t.orders, '--to-latest', '--dry-run'),
        (*reset, '--topic', t.orders, '--to-current', '--dry-run'), (*reset, '--topic', f'{t.orders}:0', '--to-offset', 12, '--dry-run'),
        (*reset, '--topic', f'{t.orders}:0', '--to-offset', 99999, '--dry-run'), (*reset, '--topic', t.orders, '--shift-by', -5, '--dry-run'),
        (*reset, '--topic', t.orders, '--to-datetime', '2023-11-14T22:13:22.000', '--dry-run'),
        (*reset, '--topic', t.orders, '--by-duration', 'PT1H', '--dry-run'), (*reset, '--all-topics', '--to-earliest', '--dry-run'),
        (*reset, '--from-file', plan, '--dry-run'), (*reset, '--topic', t.orders, '--to-earliest', '--export', '--dry-run'),
        (*reset, '--topic', 'tools-none', '--to-earliest', '--dry-run'), (*reset, '--topic', f'{t.orders}:9', '--to-earliest', '--dry-run'),
        (*reset, '--topic', t.orders, '--to-earliest', '--execute'), ('--describe', '--group', t.idle),
        (*reset, '--from-file', plan, '--execute'), ('--describe', '--group', t.idle),
        ('--reset-offsets', '--group', t.live, '--topic', t.orders, '--to-earliest', '--execute'),
        ('--reset-offsets', '--group', 'tools-made', '--topic', t.orders, '--to-latest', '--execute'), ('--describe', '--group', 'tools-made'),
        ('--delete-offsets', '--group', t.idle, '--topic', t.compact), ('--delete-offsets', '--group', t.idle, '--topic', 'tools-none'),
        ('--delete-offsets', '--group', t.live, '--topic', t.orders), ('--delete-offsets', '--group', 'tools-none', '--topic', t.orders),
        ('--describe', '--group', t.idle),
        ('--delete', '--group', t.gone), ('--delete', '--group', t.live), ('--delete', '--group', 'tools-none'),
        ('--delete', '--group', t.idle, '--group', 'tools-none'), ('--list',)))
    yield from (('groups', *a) for a in (
        ('--list',), ('--list', '--group-type', 'classic'), ('--list', '--group-type', 'consumer'), ('--list', '--consumer'),
        ('--list', '--share'), ('--list', '--streams'), ('--list', '--protocol', 'consumer'), ('--list', '--protocol', 'nonsense')))
    yield from (('get-offsets', *a) for a in (
        ('--topic', t.orders), ('--topic', some), ('--topic', some, '--exclude-internal-topics'), ('--topic', t.orders, '--partitions', '1,2'),
        ('--topic-partitions', f'{t.orders}:0,{t.compact}:0'), ('--topic-partitions', f'{t.orders}:1-'),
        *(('--topic', t.orders, '--time', when) for when in ('earliest', 'latest', 'max-timestamp', 'earliest-local', 'latest-tiered',
                                                             '-1', '-2', '-3', '1700000001000', '9700000000000', 'nonsense')),
        ('--topic', 'tools-none'), ('--topic', t.empty, '--time', 'earliest')))
    yield from (('log-dirs', *a) for a in (
        ('--describe', '--topic-list', f'{t.orders},{t.compact}'), ('--describe', '--topic-list', t.orders, '--broker-list', 1),
        ('--describe', '--topic-list', 'tools-none'), ('--describe', '--broker-list', 7)))
    yield ('broker-api-versions',)
    yield ('cluster', 'cluster-id')
    yield ('cluster', 'list-endpoints')
    yield ('cluster', 'list-endpoints', '--include-fenced-brokers')
    topics = ('--entity-type', 'topics', '--entity-name', t.compact)
    yield from (('configs', *a) for a in (
        ('--describe', *topics), ('--describe', '--all', *topics), ('--describe', '--entity-type', 'topics', '--entity-name', 'tools-none'),
        ('--alter', *topics, '--add-config', 'segment.ms=5000,max.message.bytes=2000'), ('--describe', *topics),
        ('--alter', *topics, '--delete-config', 'segment.ms'), ('--alter', *topics, '--delete-config', 'segment.ms'),
        ('--alter', *topics, '--add-config', 'cleanup.policy=[compact,delete]'), ('--describe', *topics),
        ('--alter', *topics, '--add-config', 'retention.ms=long'), ('--alter', *topics, '--add-config', 'no.such.key=1'),
        ('--alter', '--entity-type', 'topics', '--entity-name', 'tools-none', '--add-config', 'retention.ms=1'),
        ('--describe', '--entity-type', 'brokers', '--entity-name', 1), ('--describe', '--entity-type', 'brokers', '--entity-default'),
        ('--alter', '--entity-type', 'brokers', '--entity-name', 1, '--add-config', 'log.dirs=/x'),
        ('--describe', '--entity-type', 'users'), ('--describe', '--entity-type', 'clients', '--entity-name', 'x'),
        ('--describe', '--entity-type', 'ips'), ('--describe', '--entity-type', 'groups', '--entity-name', t.idle),
        ('--describe', '--entity-type', 'groups'), ('--describe', '--entity-type', 'client-metrics')))
    yield ('delete-records', '--offset-json-file', below)
    yield ('get-offsets', '--topic', t.orders, '--time', 'earliest')
    yield ('leader-election', '--election-type', 'preferred', '--path-to-json-file', elect)
    yield ('leader-election', '--election-type', 'preferred', '--topic', 'tools-none', '--partition', 0)
    yield ('leader-election', '--election-type', 'preferred', '--all-topic-partitions')
    yield ('metadata-quorum', 'describe', '--status')
    yield ('metadata-quorum', 'describe', '--replication')


# ---- What they print -------------------------------------------------------------------------------------------------

def normalise(t, tool, arguments, code, out, err):
    """The lines that are compared."""
    # Behind its first line an error is a Java stack trace: code of the tool, not of a server.
    said = [line for line in err.splitlines() if not re.match(r'\s+at |\s*\.\.\. \d+ more|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ ', line)]
    lines = [f'exit code {code}', *out.splitlines(), *(f'! {line}' for line in said)]
    words = [(re.escape(t.member), 'MEMBER'), (re.escape(t.server.bootstrap), 'SERVER'), (rf'\b{t.server.port}\b', 'PORT'),
             (r'(TopicId: |topic id |Cluster ID: |ClusterId: +)[A-Za-z0-9_-]{22}', r'\1ID'), (r'"logDir":"/[^"]*"', '"logDir":"FOLDER"'),
             (r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*', 'TIME'), (r'(offsets|below|elect)-PORT', r'\1')]
    if tool == 'metadata-quorum':
        words += [(r'\b\d{13}\b', 'NOW'), (r'((Epoch|HighWatermark|LagTimeMs|MaxFollowerLagTimeMs): +)\d+', r'\1N'),
                  (r'"directoryId": "[^"]*"', '"directoryId": "ID"')]
    shown = []
    for line in lines:
        for pattern, to in words:
            line = re.sub(pattern, to, line)
        line = re.sub(r'\s+', ' ', line).rstrip()
        shown.append(re.sub(r'^1 \S{22} \d+ ', '1 ID N ', line) if tool == 'metadata-quorum' else line)
    if is_about_everything(tool, arguments):
        shown = [line for line in shown if PREFIX in line or not re.search(r'\b(d|e2e|tools)-', line)]
    if tool in ('topics', 'consumer-groups', 'groups', 'log-dirs', 'configs', 'leader-election', 'get-offsets'):
        shown = sorted(shown, key=lambda line: (line.startswith('!'), not line.startswith('exit'), line))
    return shown


def is_about_everything(tool, arguments):
    return arguments in (('--list',), ('--list', '--exclude-internal')) or tool in ('groups', 'consumer-groups', 'leader-election', 'configs')


def differing(kafka, ledge):
    """Groups of lines that are not the same, as (Apache Kafka's, Ledge's) texts."""
    for kind, a, b, c, d in difflib.SequenceMatcher(None, kafka, ledge, autojunk=False).get_opcodes():
        if kind != 'equal':
            yield '\n'.join(kafka[a:b]), '\n'.join(ledge[c:d])
