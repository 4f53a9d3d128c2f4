# SPDX-License-Identifier: Apache-2.0
"""Flash: bytes and flushes that reach the device for lone acks, for a trickle with a commit window, and for 64 KiB batches.

Counted at the loop device below the server's own ext4, its journal and a last sync included. One 4 KiB block is the least that a file
system writes: 41 times a record of 100 B. At 10/s, ext4 besides writes the file's new time through its journal every 5 s, or every 60 s
when it is mounted with `commit=60`: both ways. A record waits for its own sync in either.
"""
import subprocess
import time

from harness import load


SYNCED = ('ledge', 'ledge-b', 'kafka-flush1', 'kfake-sync')


def counted(server, size, work, batch=1):
    """Device bytes per byte of payload, flushes per record or batch: from a quiet disk to a quiet disk."""
    time.sleep(1)
    server.disk.sync()
    time.sleep(1)
    before = server.disk.counters()
    told, command = work()
    flushes = server.disk.counters()['flushes'] - before['flushes']
    server.disk.sync()
    time.sleep(0.5)
    written = server.disk.counters()['bytes'] - before['bytes']
    keep = {k: told[k] for k in ('foreign', 'p50_us', 'mb_s', 'records') if k in told}
    return {'times_payload': written / (told['records'] * size), 'flushes_record': flushes / (told['records'] / batch), 'device_bytes': written, 'device_bytes_each': written / told['records'], 'flushes': flushes, **keep}, command


def has_window(server):
    return subprocess.run([str(server.program), 'config', 'explain', 'commit.window.ms'], capture_output=True).returncode == 0


def ask(run):
    usable = [s for s in run.chosen()]
    for server in usable:
        server.disk.mount()
    if not all(s.disk.device for s in usable):
        run.say('flash: not measured: a loop device with a file system of its own needs root')
        return
    trickle(run, 'lone acks, one after the other', 0, 1)
    trickle(run, 'lone acks, 10/s', 10, 1)
    trickle(run, '10/s, window of 100 ms', 10, 1, window=True)
    trickle(run, '10/s, ten at a time, window of 100 ms', 10, 10, window=True)
    trickle(run, 'lone acks, 10/s, commit=60', 10, 1, seldom=True)
    trickle(run, '10/s, ten at a time, window of 100 ms, commit=60', 10, 10, window=True, seldom=True)
    batches(run)


def trickle(run, case, rate, burst, window=False, seldom=False):
    count = (rate or 20) * (10 if run.quick else 20)

    def measure(server, rep):
        server.wipe()
        server.options = ['commit.window.ms=100'] if window else []
        try:
            if seldom:
                server.disk.remount('commit=60')
            if window and not has_window(server):
                raise load.Failed('this build has no commit.window.ms')
            server.start()
            topic = server.new_topic()
            # What a first record costs, the topic's first entries among it, is not counted.
            settings = [f'bench.burst={burst}', 'bench.warm.up=0']
            load.latency(run.tools, server, topic, 100, 50, 0)
            return counted(server, 100, lambda: load.latency(run.tools, server, topic, 100, count, rate, settings))
        finally:
            server.options = []
            server.disk.remount('commit=5')

    # At 10/s those that sync before the ack are of interest: the others write when they like.
    names = ('ledge', 'ledge-b') if window else SYNCED if rate else None
    run.rounds('flash', case, measure, 1, names)


def batches(run):
    count = 50_000 if run.quick else 200_000

    def measure(server, rep):
        server.fresh()
        topic = server.new_topic()
        settings = ['batch.size=65536', 'linger.ms=50']
        load.produce(run.tools, server, topic, 1024, 20_000, 0, settings)
        return counted(server, 1024, lambda: load.produce(run.tools, server, topic, 1024, count, 0, settings), batch=63)

    run.rounds('flash', 'batches of 64 KiB', measure, 1 if run.quick else 2, fewer={'kafka': 1, 'kafka-flush1': 1})
