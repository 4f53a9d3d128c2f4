#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The differences between Ledge's answers and Apache Kafka's that are meant, each with its reason.

A difference that no row covers fails the test; so does a row that covers none any more. `python3 allowed.py` prints
docs/compatibility.md.
"""
import dataclasses
import pathlib
import re
import sys


@dataclasses.dataclass(frozen=True)
class Row:
    api: str       # API, or a regular expression over several
    case: str      # regular expression over "case: label"
    path: str      # regular expression over the path of the value inside the answer
    what: str      # for the reader: what differs
    why: str       # for the reader: why it is meant
    kafka: str = '.*'   # regular expressions over the two values, as Python prints them
    ledge: str = '.*'

    def covers(self, api, case, label, path, kafka, ledge):
        return all(re.fullmatch(pattern, text, re.S) for pattern, text in (
            (self.api, api), (self.case, f'{case}: {label}'), (self.path, path), (self.kafka, str(kafka)), (self.ledge, str(ledge))))


ROWS = [
    Row('ApiVersions', '.*', r'apiKeys\.key \d+', 'APIs that Ledge does not serve are not in the list',
        'What is not served is not advertised; the range of every API that is served is Apache Kafka\'s.', ledge='absent'),
    Row('ApiVersions', '.*', r'apiKeys\.key 7[12]', 'GetTelemetrySubscriptions and PushTelemetry are always served; Apache Kafka lists them '
        'when a receiver is configured', 'The answer is that of a server without subscriptions: no metrics are wanted.', kafka='absent'),
    Row('GetTelemetrySubscriptions', 'get_telemetry_subscriptions: .*', '.*', 'A client may ask again at any time, not only after five '
        'minutes; the number of the subscription is another', 'Nothing is kept of a client.'),
    Row('FindCoordinator', 'find_coordinator: .*', 'errorMessage', 'Without an error the text of versions 1 to 3 is empty; Apache Kafka says NONE',
        'As it is in the later versions of both.', kafka='text', ledge=''),
    Row('Metadata', 'metadata_creates_a_topic: unknown, to be created', r'topics\[0\]\..*',
        'A topic that is created by asking for it is in the first answer; Apache Kafka answers UNKNOWN_TOPIC_OR_PARTITION first',
        'Creating is one step here. The client need not ask again.'),
    Row('CreateTopics', r'create_topics: replication factor [23]', r'topics\[0\]\..*',
        'A replication factor above the number of nodes is lowered to it instead of refused with INVALID_REPLICATION_FACTOR',
        'Connect, MirrorMaker and old Streams ask for 3 by default; a single box has one node. The answer says the effective factor.'),
    Row('CreateTopics|DescribeConfigs', '.*', r'.*configs\.min\.insync\.replicas\.(configSource|readOnly|isDefault)',
        'min.insync.replicas is a default; Apache Kafka reports a dynamic broker default', 'Apache Kafka writes that record when it formats a '
        'node, for eligible leader replicas, which a single node has not.'),
    Row('DescribeConfigs', 'describe_configs_of_brokers: .*', r'.*\.readOnly',
        'Broker configurations are read-only', 'They come from the file, the environment and the command line; nothing changes them at run time.'),
    Row('Produce', r'produce_bad_batches: (codec [57]|(gzip|snappy|lz4) (that is none|cut short))', r'.*\.(errorCode|logStartOffset|errorMessage|recordErrors)',
        'A batch with an unknown codec or that cannot be unpacked is refused with UNSUPPORTED_COMPRESSION_TYPE or INVALID_RECORD instead of '
        'UNKNOWN_SERVER_ERROR', 'The code says whose fault it is.'),
    Row('Produce', r'produce_bad_batches: (negative length|length of 1|magic 3|magic -1)', r'.*\.(errorCode|errorMessage|logStartOffset)',
        'A batch whose length or format cannot be is refused with INVALID_RECORD instead of CORRUPT_MESSAGE',
        'CORRUPT_MESSAGE makes clients send the same bytes again, which cannot help.', kafka='2|text|None|-1|0', ledge='87|text|None|-1|0'),
    Row('Produce', r'produce_bad_batches: bytes after the batch', r'.*',
        'Bytes after the batch are refused with INVALID_RECORD; Apache Kafka drops them in silence', 'What is acked is what was sent.'),
    Row('Produce', r'produce_bad_batches: record deltas wrong', r'.*',
        'A batch whose records do not count 0, 1, 2 is refused with INVALID_RECORD also when it is not compressed',
        'Apache Kafka looks at it only in compressed batches; a consumer would see offsets that do not fit.'),
    Row('Produce', r'produce_bad_batches: log append time set by a client', r'.*',
        'A batch that claims LogAppendTime for a CreateTime topic is refused with INVALID_TIMESTAMP also when it is not compressed',
        'Apache Kafka checks it only in compressed batches.'),
    Row('Produce', r'idempotent_producers: negative epoch', r'.*\.(errorCode|errorMessage|logStartOffset)',
        'A producer id without an epoch is refused with INVALID_RECORD instead of INVALID_PRODUCER_EPOCH',
        'Such a batch is malformed; the code for epochs would make a client ask for a new producer id.', kafka='47|text|None|-1|0', ledge='87|text|None|-1|0'),
    Row('DeleteRecords|OffsetCommit', r'(delete_records|offset_commit): no partitions', 'topics', 'A topic without partitions is in the answer',
        'Every topic asked for is answered.'),
    Row('IncrementalAlterConfigs|AlterConfigs', r'\w+: (a broker key that is dynamic|a default of all brokers|a log level|client metrics|a group)',
        r'responses\[0\]\.error(Code|Message)', 'Only topics have configurations that can be changed at run time; the others are refused '
        'with INVALID_REQUEST', 'Those of brokers come from the file, the environment and the command line. Those of single groups and of '
        'client metrics have no use here yet.', ledge='42|text'),
    Row('AlterConfigs', 'alter_configs: a topic twice', '', 'A resource that is named twice is refused with INVALID_REQUEST; Apache Kafka never '
        'answers', 'A request without an answer blocks its connection.', kafka='no answer'),
    Row('DescribeTopicPartitions', 'describe_topic_partitions: an empty name', '.*', 'An empty topic name is refused with '
        'INVALID_TOPIC_EXCEPTION; Apache Kafka answers UNKNOWN_SERVER_ERROR for all topics', 'The code says whose fault it is, and the other '
        'topics are answered.'),
    Row('DescribeQuorum', 'describe_quorum: the quorum', r'nodes\[0\]\.listeners\[0\]\..*', 'The voter is reached at the listener that the '
        'client came in by', 'There is no listener for controllers: one process does all.'),
    Row('Produce', 'produce_and_fetch: no partitions', 'responses', 'A topic without partitions is in the answer', 'Every topic asked for is answered.'),
    Row('Produce', 'produce_null_records: null records', '', 'Null records are refused with INVALID_RECORD; Apache Kafka never answers',
        'A request without an answer blocks its connection.', kafka='no answer'),
    Row('Metadata', 'metadata_by_topic_id: neither', '.*', 'A topic with neither name nor id is answered with an error of its own; Apache Kafka '
        'answers UNKNOWN_SERVER_ERROR without brokers', 'The code says whose fault it is, and the other topics are answered.'),
    Row('DescribeConfigs', r"describe_configs_of_brokers: broker ''", r'results\[0\]\.configs.*', 'The cluster-wide defaults are empty; Apache Kafka '
        'has min.insync.replicas there', 'As above.'),
    Row('ApiVersions', 'bad_frames: negative client id length', '', 'A client id with a length below -1 closes the connection',
        'Apache Kafka takes any negative length for null; the definition knows only -1.', ledge='connection closed'),
    Row('Fetch', r'fetch_by_offset_and_size: at most two and a half batches', r'.*\.records',
        'An answer ends with a whole batch; Apache Kafka\'s may end within one', 'Clients throw a part of a batch away and fetch it again.'),
]


def page():
    """docs/compatibility.md."""
    here = pathlib.Path(__file__).resolve().parent
    sys.path[:0] = [str(here.parent), str(here.parents[1] / 'kafka')]
    from differential import cases, cases_admin, cases_groups, consumer_group_cases  # noqa: F401: they fill CASES
    from differential.compare import NORMALISED
    from differential.registry import CASES, KEYS, SERVED
    out = ['# Compatibility with Apache Kafka', '',
           '<!-- Printed by tests/e2e/differential/allowed.py (make docs); change the rows there. -->', '',
           'The end-to-end tests send the same requests to a real Apache Kafka 4.2 and to Ledge, decode both answers by Kafka\'s own',
           'published definitions and compare them, for every version of every API that Ledge serves: good requests, refused ones and',
           'bytes that are no request. This page lists every difference that is meant. A difference that is not listed fails the test;',
           'so does a listed one that no longer occurs.', '',
           'What has been tried with real clients, and how: [testing.md](testing.md).', '',
           '## APIs served', '', '| key | API | versions | cases compared per version |', '|---|---|---|---|']
    for api, versions in sorted(SERVED.items(), key=lambda item: KEYS[item[0]]):
        cases = sum(1 for of, _, _ in CASES.values() if of == api)
        out.append(f'| {KEYS[api]} | {api} | {versions[0]}-{versions[-1]} | {cases} |')
    out += ['', 'Produce is advertised from version 0, as Apache Kafka does (librdkafka switches compression off otherwise); versions 0 to 2',
            'are refused as there. What is not served is not advertised.', '',
            '## Differences that are meant', '', '| API | difference | why |', '|---|---|---|']
    told = {}
    for row in ROWS:
        told.setdefault((row.what, row.why), []).append(row.api)
    for (what, why), apis in told.items():
        names = ', '.join(sorted({name for api in apis for name in re.sub(r'[().*]', '', api).split('|') if name})) or 'all'
        out.append(f'| {names} | {what} | {why} |')
    out += ['', '## What is not compared', '', 'These differ between any two clusters and are replaced before comparing.', '', '| value | how |', '|---|---|']
    out += [f'| {value} | {how} |' for value, how in NORMALISED]
    return '\n'.join(out) + '\n'


if __name__ == '__main__':
    print(page(), end='')
