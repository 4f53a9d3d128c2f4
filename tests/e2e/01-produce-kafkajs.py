# SPDX-License-Identifier: Apache-2.0
"""kafkajs as a producer, plain and idempotent, with the codecs it carries; read back with librdkafka."""
import confluent_kafka
import pytest
from support.run import node_program, run

RECORDS = 3000
PARTITIONS = 2


@pytest.mark.parametrize('codec', ['none', 'gzip'])
@pytest.mark.parametrize('idempotent', ['false', 'true'], ids=['plain', 'idempotent'])
@pytest.mark.timeout(600)
def test_what_kafkajs_produces_is_read_back(server, topic, ran, codec, idempotent):
    out = run(['node', node_program(), server.bootstrap, topic, PARTITIONS, RECORDS, codec, idempotent]).stdout
    assert out == f'{RECORDS} sent\n'
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'not-used', 'check.crcs': True,
                                         'enable.auto.commit': False})
    consumer.assign([confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING) for p in range(PARTITIONS)])
    at = [0] * PARTITIONS
    while sum(at) < RECORDS:
        some = consumer.consume(1000, 20)
        assert some, f'read {sum(at)} of {RECORDS}'
        for message in some:
            p = message.partition()
            i = at[p] * PARTITIONS + p
            assert (message.offset(), message.key(), message.value()) == \
                (at[p], str(i).encode(), f'{{"sensor":{i % 21},"reading":{i}}}'.encode())
            assert message.headers() == [('n', str(i).encode())]
            at[p] += 1
    consumer.close()
    ran(f'kafkajs {codec}', records=RECORDS)
