# SPDX-License-Identifier: Apache-2.0
"""The console tools of Kafka's published jars."""
import re

import apache_kafka
import pytest
from support.run import run
from support.target import TARGET


def tool(server, name, *arguments, **options):
    return run(apache_kafka.tool(name, '--bootstrap-server', server.bootstrap, *arguments), timeout=90, **options).stdout


def console_producer(server, topic, text, *arguments):
    tool(server, 'console-producer', '--topic', topic, *arguments, input=text)


def console_consumer(server, topic, *arguments):
    return tool(server, 'console-consumer', '--topic', topic, '--timeout-ms', '20000', *arguments).splitlines()


def test_console_producer_and_consumer(server, topic, ran):
    text = [f'{i}:Edge message {i}' for i in range(500)]
    console_producer(server, topic, '\n'.join(text) + '\n', '--reader-property', 'parse.key=true', '--reader-property',
                     'key.separator=:', '--compression-codec', 'zstd')
    got = console_consumer(server, topic, '--partition', '0', '--offset', 'earliest', '--max-messages', '500',
                           '--formatter-property', 'print.key=true', '--formatter-property', 'key.separator=:')
    assert got == text
    tail = console_consumer(server, topic, '--partition', '0', '--offset', '490', '--max-messages', '10')
    assert tail == [f'Edge message {i}' for i in range(490, 500)]
    ran('kafka-console-producer and -consumer', records=len(got))


def test_topics_create_list_describe_delete(server, topic):
    assert f'Created topic {topic}.' in tool(server, 'topics', '--create', '--topic', topic, '--partitions', '3', '--config',
                                             'retention.ms=3600000', '--config', 'cleanup.policy=compact')
    assert topic in tool(server, 'topics', '--list').split()
    described = tool(server, 'topics', '--describe', '--topic', topic)
    assert re.search(rf'Topic: {topic}\s+TopicId: \S{{22}}\s+PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention.ms=3600000',
                     described), described
    assert 'cleanup.policy=compact' in described
    assert len(re.findall(rf'Partition: [012]\s+Leader: {server.node_id}\s+Replicas: {server.node_id}\s+Isr: {server.node_id}',
                          described)) == 3
    tool(server, 'topics', '--delete', '--topic', topic)
    assert topic not in tool(server, 'topics', '--list').split()


def test_get_offsets(server, topic):
    console_producer(server, topic, 'a\nb\nc\n')
    for when, expected in (('latest', 3), ('earliest', 0), ('max-timestamp', None)):
        said = tool(server, 'get-offsets', '--topic', topic, '--time', when).strip()
        found = re.fullmatch(rf'{topic}:0:(\d+)', said)
        assert found, said
        assert expected is None or int(found.group(1)) == expected


def test_configs_describe_of_topic_and_broker(server, topic):
    tool(server, 'topics', '--create', '--topic', topic, '--config', 'max.message.bytes=200000')
    mine = tool(server, 'configs', '--describe', '--entity-type', 'topics', '--entity-name', topic)
    assert 'max.message.bytes=200000' in mine
    everything = tool(server, 'configs', '--describe', '--all', '--entity-type', 'topics', '--entity-name', topic)
    for key in ('cleanup.policy=delete', 'retention.ms=', 'segment.bytes=', 'compression.type=producer', 'min.insync.replicas=1'):
        assert key in everything, key
    broker = tool(server, 'configs', '--describe', '--all', '--entity-type', 'brokers', '--entity-name', server.node_id)
    for key in ('num.partitions=1', 'message.max.bytes=1048588', 'listeners=', 'auto.create.topics.enable=true'):
        assert key in broker, key


def test_broker_api_versions(server):
    said = tool(server, 'broker-api-versions')
    assert re.search(rf'^{server.bootstrap} \(id: {server.node_id} rack: ', said, re.M), said
    for api in ('Produce(0): 0 to 13', 'Fetch(1): 4 to 18', 'Metadata(3): 0 to 13', 'ApiVersions(18): 0 to 4'):
        assert api in said, (api, said)


def test_cluster_id(server):
    assert re.fullmatch(r'Cluster ID: \S{22}\s*',
                        run(apache_kafka.tool('cluster', 'cluster-id', '--bootstrap-server', server.bootstrap), timeout=90).stdout)


@pytest.mark.skipif(TARGET == 'kafka', reason='about what Ledge does not serve')
def test_a_tool_that_needs_what_is_not_served_says_so(server, topic):
    result = run(apache_kafka.tool('configs', '--bootstrap-server', server.bootstrap, '--alter', '--entity-type', 'clients',
                                   '--entity-name', topic, '--add-config', 'consumer_byte_rate=1000'), check=False, timeout=90)
    assert result.returncode != 0 and 'does not support ALTER_CLIENT_QUOTAS' in result.stdout + result.stderr
