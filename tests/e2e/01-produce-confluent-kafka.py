# SPDX-License-Identifier: Apache-2.0
"""confluent-kafka, which carries a newer librdkafka than Debian's: produce, consume, every codec, idempotent, admin."""
import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec

RECORDS = 5000
PARTITIONS = 3


def value(i):
    return f'{{"sensor":{i % 21},"reading":{i}}}'.encode()


def admin(server):
    return AdminClient({'bootstrap.servers': server.bootstrap})


def create(server, topic, partitions=PARTITIONS, **options):
    client = admin(server)  # the calls are answered only as long as the client lives
    for future in client.create_topics([NewTopic(topic, partitions, 1, **options)]).values():
        future.result(20)


def produce(server, topic, records, **settings):
    failed, offsets = [], {p: [] for p in range(PARTITIONS)}

    def delivered(error, message):
        if error:
            failed.append(error)
        else:
            offsets[message.partition()].append(message.offset())
    producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap, 'linger.ms': 5, **settings})
    for i in range(records):
        producer.produce(topic, value(i), str(i).encode(), partition=i % PARTITIONS, timestamp=1_700_000_000_000 + i,
                         headers=[('n', str(i).encode())], on_delivery=delivered)
        producer.poll(0)
    assert producer.flush(60) == 0
    assert not failed
    return offsets


def consume(server, topic, records):
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'not-used',
                                         'enable.auto.commit': False, 'check.crcs': True})
    consumer.assign([confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING) for p in range(PARTITIONS)])
    got = []
    while len(got) < records:
        some = consumer.consume(1000, 20)
        assert some, f'read {len(got)} of {records}'
        for message in some:
            assert message.error() is None, message.error()
        got += some
    consumer.close()
    return got


def check(got, records):
    at = [0] * PARTITIONS
    for message in got:
        p = message.partition()
        i = at[p] * PARTITIONS + p
        assert (message.offset(), message.key(), message.value()) == (at[p], str(i).encode(), value(i))
        assert message.timestamp()[1] == 1_700_000_000_000 + i and message.headers() == [('n', str(i).encode())]
        at[p] += 1
    assert sum(at) == records


@pytest.mark.parametrize('codec', ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
@pytest.mark.parametrize('idempotent', [False, True], ids=['plain', 'idempotent'])
def test_every_codec_reads_back_as_it_was_sent(server, topic, ran, codec, idempotent):
    create(server, topic)
    offsets = produce(server, topic, RECORDS, **{'compression.type': codec, 'enable.idempotence': idempotent})
    assert all(o == list(range(len(o))) for o in offsets.values()), 'offsets of the answers are dense and in order'
    check(consume(server, topic, RECORDS), RECORDS)
    ran(f'confluent-kafka {confluent_kafka.libversion()[0]} {codec}', records=RECORDS)


def test_a_record_as_large_as_allowed(server, topic):
    create(server, topic)
    producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap, 'message.max.bytes': 2_000_000})
    errors = []
    producer.produce(topic, b'x' * 1_048_000, partition=0, on_delivery=lambda e, m: errors.append(e))
    producer.produce(topic, b'x' * 1_100_000, partition=1, on_delivery=lambda e, m: errors.append(e))
    producer.flush(30)
    assert sorted(str(e and e.name()) for e in errors) == ['MSG_SIZE_TOO_LARGE', 'None']


def test_offsets_and_configs_by_the_admin_client(server, topic):
    create(server, topic, config={'retention.ms': '86400000', 'max.message.bytes': '2000000'})
    produce(server, topic, 300)
    partition = confluent_kafka.TopicPartition(topic, 1)
    client = admin(server)
    for spec, expected in ((OffsetSpec.earliest(), 0), (OffsetSpec.latest(), 100), (OffsetSpec.for_timestamp(1_700_000_000_031), 10),
                           (OffsetSpec.max_timestamp(), 99)):
        assert client.list_offsets({partition: spec})[partition].result(20).offset == expected
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    configs = client.describe_configs([resource])[resource].result(20)
    assert configs['retention.ms'].value == '86400000' and configs['max.message.bytes'].value == '2000000'
    assert configs['cleanup.policy'].value == 'delete'


def test_create_describe_and_delete_a_topic(server, topic):
    create(server, topic)
    client = admin(server)
    with pytest.raises(confluent_kafka.KafkaException) as again:
        create(server, topic)
    assert again.value.args[0].name() == 'TOPIC_ALREADY_EXISTS'
    cluster = client.describe_cluster().result(20)
    assert [n.id for n in cluster.nodes] == [server.node_id] and len(cluster.cluster_id) == 22
    first = client.list_topics(topic, 20).topics[topic]
    assert sorted(first.partitions) == [0, 1, 2]
    client.delete_topics([topic])[topic].result(20)
    assert topic not in client.list_topics(timeout=20).topics


def test_a_consumer_beyond_the_end_is_sent_back_to_the_beginning(server, topic):
    create(server, topic)
    produce(server, topic, 30)
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'not-used', 'enable.auto.commit': False,
                                         'auto.offset.reset': 'earliest'})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 1_000_000)])
    message = consumer.poll(20)
    assert message is not None and message.error() is None and message.offset() == 0
    assert consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, 0), timeout=10) == (0, 10)
    consumer.close()
