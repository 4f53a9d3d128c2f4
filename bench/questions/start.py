# SPDX-License-Identifier: Apache-2.0
"""From exec to the first answer (ApiVersions, asked every 0.2 ms): on an empty disk; after kill -9 with what was stored.

`serving_ms` is until the end offset of every record is told, so a server that answers before it knows its data is seen.
"""
import time

from harness import load, machine, wire

STARTS_FEWER = {'kafka': 2, 'kafka-flush1': 1}


def started(server, topic, partition, end):
    """Start after a kill: first answer, and until the partition's end is what was acked."""
    begin = time.perf_counter()
    first = server.start(ready=False)
    answer = wire.wait_for(wire.end_offset, 120, server.ports, topic, partition, pause=0.0005)
    serving = (time.perf_counter() - begin) * 1000
    if answer < end:
        raise load.Failed(f'{server.name}: partition ends at {answer} after a kill, {end} were acked')
    return {'first_answer_ms': first, 'serving_ms': max(first, serving), 'rss_mb': machine.rss_mb(server.pid)}


def ask(run):
    def empty(server, rep):
        server.wipe()
        took = server.start(ready=False)
        server.stop()
        return {'first_answer_ms': took}, 'exec to the first answer of ApiVersions, empty disk'

    run.rounds('start', 'empty', empty, run.reps(20, 5), fewer=STARTS_FEWER)

    count = 250_000 if run.quick else 1_000_000
    case = f'after kill -9 with {count:,} x 100 B'

    def killed(server, rep):
        if not server.process:
            server.fresh()
            killed.topic = server.new_topic()
            load.produce(run.tools, server, killed.topic, 100, count)
        server.kill()
        metrics = started(server, killed.topic, 0, count)
        return metrics, 'exec to the first answer of ApiVersions after SIGKILL'

    for server in run.chosen():
        reps = min(run.reps(10, 3), 1 if server.slow_start else 100)
        for rep in range(reps):
            if not run.book.has('start', case, server.name, rep):
                run.one('start', case, server, rep, killed, hold=True)
        server.stop()

    stored(run, 0.1 if run.quick else 1)
    if run.options.long:
        stored(run, 20)


def stored(run, gigabytes):
    """1 KiB records in 1,000 partitions, then SIGKILL; starts with the page cache as it is, and emptied."""
    count = int(gigabytes * 1e9 / 1024)
    case = f'after kill -9 with {gigabytes:g} GB in 1,000 partitions'

    def measure(server, rep):
        if not server.process:
            server.fresh()
            measure.topic = server.new_topic(1000)
            load.produce(run.tools, server, measure.topic, 1024, count, -1, ('sticky.partitioning.linger.ms=0', 'linger.ms=20'), timeout=1200)
        server.kill()
        metrics = started(server, measure.topic, 999, 1)
        server.kill()
        if drop_caches(server):
            cold = started(server, measure.topic, 999, 1)
            metrics.update({'cold_first_answer_ms': cold['first_answer_ms'], 'cold_serving_ms': cold['serving_ms']})
        return metrics, 'exec to the first answer of ApiVersions after SIGKILL; cold: page cache dropped before'

    names = ('ledge', 'ledge-b', 'kfake')
    for server in run.chosen(names if gigabytes < 2 else ('ledge', 'ledge-b')):
        for rep in range(min(run.reps(5, 2), 5 if server.name.startswith('ledge') else 2)):
            if not run.book.has('start', case, server.name, rep):
                run.one('start', case, server, rep, measure, hold=True)
        server.stop()


def drop_caches(server):
    """Nothing of the stored data is in memory any more; only root can do that."""
    server.disk.sync()
    try:
        with open('/proc/sys/vm/drop_caches', 'w') as out:
            out.write('1\n')
        return True
    except OSError:
        return False
