# SPDX-License-Identifier: Apache-2.0
"""franz-go (kgo): produce, consume, every codec, idempotent and not."""
import pytest
from support.run import go_program, run

RECORDS = 5000


@pytest.mark.parametrize('codec', ['none', 'gzip', 'snappy', 'lz4', 'zstd'])
@pytest.mark.parametrize('idempotent', ['true', 'false'], ids=['idempotent', 'plain'])
@pytest.mark.timeout(900)
def test_franz_go_reads_back_what_it_produced(server, topic, ran, codec, idempotent):
    out = run([go_program(), server.bootstrap, topic, 3, RECORDS, codec, idempotent]).stdout
    assert out == f'{RECORDS} equal\n'
    ran(f'franz-go {codec}', records=RECORDS)
