# SPDX-License-Identifier: Apache-2.0
"""Kafka's own Java client: producer and consumer with assigned partitions."""
import pytest
from support.run import java_classes, jvm, run

RECORDS = 5000


def client(*arguments):
    return run(jvm('JavaClient', *arguments, classes=[java_classes('JavaClient')]), timeout=150).stdout


@pytest.mark.parametrize('settings', [
    [],
    ['compression.type=gzip'],
    ['compression.type=snappy', 'linger.ms=20'],
    ['compression.type=lz4', 'batch.size=200000', 'linger.ms=20'],
    ['compression.type=zstd'],
    ['enable.idempotence=false', 'acks=1'],
    ['enable.idempotence=false', 'acks=0'],
], ids=lambda s: ' '.join(s) or 'defaults')
def test_the_java_client_reads_back_what_it_produced(server, topic, ran, settings):
    assert f'{RECORDS} equal' in client('round', server.bootstrap, topic, 4, RECORDS, *settings)
    ran('Java ' + ' '.join(settings), records=RECORDS)


def test_offsets_by_time_seek_and_position(server, topic, ran):
    assert '1000 equal' in client('times', server.bootstrap, topic)
    ran('Java by time', records=1000)
