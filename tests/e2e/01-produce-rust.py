# SPDX-License-Identifier: Apache-2.0
"""The rdkafka crate for Rust, with the librdkafka that it builds: produce, consume, codecs, idempotent."""
import pytest
from support.run import run, rust_program

RECORDS = 5000


@pytest.mark.parametrize('settings', [
    ['compression.type=none'],
    ['compression.type=gzip'],
    ['compression.type=snappy'],
    ['compression.type=lz4'],
    ['enable.idempotence=true'],
], ids=lambda s: ' '.join(s))
@pytest.mark.timeout(1200)
def test_rdkafka_reads_back_what_it_produced(server, topic, ran, settings):
    # One partition: it is the auto-created topic's default.
    out = run([rust_program(), server.bootstrap, topic, 1, RECORDS, *settings]).stdout
    assert out == f'{RECORDS} equal\n'
    ran('rdkafka ' + ' '.join(settings), records=RECORDS)
