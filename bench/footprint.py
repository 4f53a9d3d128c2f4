#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Memory and start of the built program, each figure printed beside its aim; also as build/bench/footprint.json.

  RSS idle and empty; with 1,000 partitions; after 1 M records of 100 bytes; after reading them all back;
  from exec to the first answer, empty and with what was stored.
"""
import argparse
import json
import pathlib
import shutil
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / 'tests' / 'e2e'), str(ROOT / 'tests' / 'kafka')]

import confluent_kafka  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from support import ledge, probe  # noqa: E402

HOME = ROOT / 'build' / 'bench'
MB = 1_000_000


def settled_rss(server):
    """The resident set once it has not moved for half a second."""
    last = server.rss_bytes()
    for _ in range(20):
        time.sleep(0.5)
        now = server.rss_bytes()
        if now == last:
            break
        last = now
    return last


def produce(server, topic, records):
    failed = []
    producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap, 'linger.ms': 20, 'batch.size': 262144, 'enable.idempotence': True,
                                         'queue.buffering.max.messages': 200000})
    value = b'x' * 100
    begin = time.monotonic()
    for i in range(records):
        while True:
            try:
                producer.produce(topic, value, partition=0, on_delivery=lambda e, m: e and failed.append(e))
                break
            except BufferError:
                producer.poll(0.02)
        if i % 1000 == 0:
            producer.poll(0)
    if producer.flush(120) or failed:
        sys.exit(f'not all records were acked: {failed[:1]}')
    return records / (time.monotonic() - begin)


def consume(server, topic, records):
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'none', 'enable.auto.commit': False})
    consumer.assign([confluent_kafka.TopicPartition(topic, 0, 0)])
    begin, got = time.monotonic(), 0
    while got < records:
        some = consumer.consume(10000, 30)
        if not some:
            sys.exit(f'read {got} of {records}')
        got += sum(1 for m in some if not m.error())
    consumer.close()
    return records / (time.monotonic() - begin)


def starts(folder, count):
    """Milliseconds from exec to the first answer, COUNT times; the folder keeps its data."""
    times = []
    for _ in range(count):
        server = ledge.Ledge(folder)
        times.append(probe.first_answer(server))
        server.stop()
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--records', type=int, default=1_000_000)
    parser.add_argument('--starts', type=int, default=20)
    options = parser.parse_args()
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    results = {'version': ledge.ledge('version').stdout.strip(), 'program_bytes': ledge.PROGRAM.stat().st_size}
    print(f'{"":<52}{"measured":>12}   aim')

    def show(name, key, value, unit, aim):
        results[key] = value
        print(f'{name:<52}{value:>9.1f} {unit:<2}   {aim}', flush=True)

    show('program, stripped and static', 'program_mb', ledge.PROGRAM.stat().st_size / MB, 'MB', 'a few MB')
    times = starts(HOME / 'start', options.starts)[1:]
    show(f'exec to first answer, empty, median of {len(times)}', 'start_empty_ms', statistics.median(times), 'ms', '<= 5 ms')
    show('exec to first answer, empty, at most', 'start_empty_max_ms', max(times), 'ms', '')

    server = ledge.Ledge(HOME / 'data').start()
    show('RSS idle, empty', 'rss_idle_mb', settled_rss(server) / MB, 'MB', '<= 6 MB')
    admin = AdminClient({'bootstrap.servers': server.bootstrap})
    for topic, future in admin.create_topics([NewTopic(f'many-{i}', 10, 1) for i in range(100)]).items():
        future.result(60)
    show('RSS with 1,000 partitions', 'rss_partitions_mb', settled_rss(server) / MB, 'MB', '<= 8 MB')
    admin.create_topics([NewTopic('load', 1, 1)])['load'].result(20)
    rate = produce(server, 'load', options.records)
    show(f'RSS after {options.records:,} records of 100 bytes', 'rss_produced_mb', settled_rss(server) / MB, 'MB', '<= 10 MB')
    back = consume(server, 'load', options.records)
    show('RSS after replaying them', 'rss_replayed_mb', settled_rss(server) / MB, 'MB', '<= 10 MB')
    show('produced by one Python client, thousand', 'produced_per_s', rate / 1000, '/s', 'the client is the limit')
    show('read by one Python client, thousand', 'read_per_s', back / 1000, '/s', 'the client is the limit')
    server.stop()
    times = starts(HOME / 'data', options.starts)
    show(f'exec to first answer with these data, median of {len(times)}', 'start_full_ms', statistics.median(times), 'ms', '')
    server = ledge.Ledge(HOME / 'data').start()
    show('RSS after a restart with these data', 'rss_restarted_mb', settled_rss(server) / MB, 'MB', '')
    server.stop()
    (HOME / 'footprint.json').write_text(json.dumps(results, indent=2) + '\n')
    shutil.rmtree(HOME / 'data')
    shutil.rmtree(HOME / 'start')


if __name__ == '__main__':
    main()
