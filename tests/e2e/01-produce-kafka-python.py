# SPDX-License-Identifier: Apache-2.0
"""kafka-python, a client in pure Python: produce, consume, every codec, offsets by time."""
import kafka
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

RECORDS = 1000
PARTITIONS = 2


def value(i):
    return f'{{"sensor":{i % 21},"reading":{i}}}'.encode()


@pytest.mark.parametrize('codec', [None, 'gzip', 'snappy', 'lz4', 'zstd'])
@pytest.mark.parametrize('idempotent', [False, True], ids=['plain', 'idempotent'])
def test_every_codec_reads_back_as_it_was_sent(server, topic, ran, codec, idempotent):
    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap)
    admin.create_topics([NewTopic(topic, PARTITIONS, 1)])
    admin.close()
    producer = kafka.KafkaProducer(bootstrap_servers=server.bootstrap, compression_type=codec, acks='all', linger_ms=5,
                                   enable_idempotence=idempotent)
    sent = [producer.send(topic, value(i), str(i).encode(), partition=i % PARTITIONS, timestamp_ms=1_700_000_000_000 + i,
                          headers=[('n', str(i).encode())]) for i in range(RECORDS)]
    producer.flush(60)
    for i, future in enumerate(sent):
        assert future.get(10).offset == i // PARTITIONS
    producer.close()

    consumer = kafka.KafkaConsumer(bootstrap_servers=server.bootstrap, auto_offset_reset='earliest', consumer_timeout_ms=20000,
                                   enable_auto_commit=False)
    partitions = [kafka.TopicPartition(topic, p) for p in range(PARTITIONS)]
    consumer.assign(partitions)
    assert consumer.end_offsets(partitions) == {p: RECORDS // PARTITIONS for p in partitions}
    assert consumer.offsets_for_times({partitions[0]: 1_700_000_000_001})[partitions[0]].offset == 1
    consumer.seek_to_beginning()
    at = [0] * PARTITIONS
    for record in consumer:
        i = at[record.partition] * PARTITIONS + record.partition
        assert (record.offset, record.key, record.value) == (at[record.partition], str(i).encode(), value(i))
        assert record.timestamp == 1_700_000_000_000 + i and record.headers == [('n', str(i).encode())]
        at[record.partition] += 1
        if sum(at) == RECORDS:
            break
    consumer.close()
    assert sum(at) == RECORDS
    ran(f'kafka-python {codec or "none"}', records=RECORDS)
