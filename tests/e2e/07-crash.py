# SPDX-License-Identifier: Apache-2.0
"""kill -9 in a loop while a real client writes and keeps book of what was acked."""
import random
import statistics
import threading
import time

import confluent_kafka
import pytest
from support import ledge
from support.probe import first_answer
from support.target import TARGET

pytestmark = pytest.mark.skipif(TARGET == 'kafka', reason='about Ledge as a process')
TOPIC = 'crash'
PARTITIONS = 4


class Load:
    """A librdkafka producer in a thread: numbers 0, 1, 2 ... to each partition, and what was acked of them."""

    def __init__(self, bootstrap, **settings):
        self.producer = confluent_kafka.Producer({
            'bootstrap.servers': bootstrap, 'acks': 'all', 'linger.ms': 1, 'reconnect.backoff.ms': 5, 'reconnect.backoff.max.ms': 20,
            'retry.backoff.ms': 5, 'message.timeout.ms': 120000, 'queue.buffering.max.messages': 2000, 'log_level': 0, **settings})
        self.sent = [0] * PARTITIONS
        self.acked = [{} for _ in range(PARTITIONS)]  # number -> offset
        self.errors = []
        self.count = 0
        self.stopping = False
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def delivered(self, error, message):
        if error:
            self.errors.append(str(error))
        else:
            self.acked[message.partition()][int(message.value()[:12])] = message.offset()
            self.count += 1

    def work(self):
        padding = b'x' * 100
        while not self.stopping and not self.errors:
            for p in range(PARTITIONS):
                try:
                    self.producer.produce(TOPIC, b'%012d' % self.sent[p] + padding, partition=p, on_delivery=self.delivered)
                    self.sent[p] += 1
                except BufferError:
                    self.producer.poll(0.01)
            self.producer.poll(0)

    def stop(self):
        self.stopping = True
        self.thread.join()
        assert self.producer.flush(60) == 0


def read_all(bootstrap):
    consumer = confluent_kafka.Consumer({'bootstrap.servers': bootstrap, 'group.id': 'none', 'enable.auto.commit': False, 'check.crcs': True})
    partitions = [confluent_kafka.TopicPartition(TOPIC, p, 0) for p in range(PARTITIONS)]
    ends = [consumer.get_watermark_offsets(p, timeout=20)[1] for p in partitions]
    consumer.assign(partitions)
    found = [[] for _ in range(PARTITIONS)]
    while sum(map(len, found)) < sum(ends):
        some = consumer.consume(5000, 20)
        assert some, f'read {sum(map(len, found))} of {sum(ends)}'
        for message in some:
            assert not message.error(), message.error()
            found[message.partition()].append((message.offset(), int(message.value()[:12])))
    consumer.close()
    return found


def kill_loop(folder, times, idempotent, seed):
    chance = random.Random(seed)
    server = ledge.Ledge(folder, properties=[f'num.partitions={PARTITIONS}', 'journal.segment.bytes=4194304'])
    server.start()
    starts = []
    load = Load(server.bootstrap, **{'enable.idempotence': idempotent, 'max.in.flight': 5 if idempotent else 1})
    try:
        for n in range(times):
            before, deadline = load.count, time.monotonic() + 60
            while load.count < before + 200:
                assert not load.errors, f'after {n} kills: {load.errors[0]}'
                assert server.process.poll() is None, server.log.read_text(errors='replace')[-3000:]
                assert time.monotonic() < deadline, f'no progress after {n} kills'
                time.sleep(0.005)
            time.sleep(chance.random() * 0.25)
            server.kill()
            starts.append(first_answer(server))
    finally:
        try:
            if server.process.poll() is None:
                load.stop()
            else:
                load.stopping = True
                load.thread.join()
        finally:
            found = read_all(server.bootstrap) if server.process.poll() is None else None
            server.stop()
    assert not load.errors, load.errors[0]
    return load, found, starts


def check(load, found, idempotent):
    for p in range(PARTITIONS):
        assert [offset for offset, _ in found[p]] == list(range(len(found[p]))), 'offsets are dense'
        at = dict(found[p])
        for number, offset in load.acked[p].items():
            assert at.get(offset) == number, f'partition {p}: {number} was acked at {offset}, where {at.get(offset)} is now'
        numbers = [number for _, number in found[p]]
        if idempotent:
            assert numbers == list(range(load.sent[p])), f'partition {p}: every number once and in order'
        else:
            first = list(dict.fromkeys(numbers))
            assert first == list(range(load.sent[p])), f'partition {p}: first appearances in order'


def report(ran, what, times, load, starts):
    ran(what, kills=times, acked=sum(map(len, load.acked)), lost=0, **{
        'ms median start to first answer': f'{statistics.median(starts):.1f}', 'ms at most': f'{max(starts):.1f}'})


@pytest.mark.parametrize('idempotent', [True, False], ids=['idempotent', 'plain'])
@pytest.mark.timeout(300)
def test_what_was_acked_is_there_after_every_kill(own_folder, ran, idempotent):
    load, found, starts = kill_loop(own_folder, 20 if idempotent else 8, idempotent, seed=1)
    check(load, found, idempotent)
    report(ran, 'kill -9', len(starts), load, starts)


@pytest.mark.long
@pytest.mark.parametrize('idempotent', [True, False], ids=['idempotent', 'plain'])
@pytest.mark.timeout(1800)
def test_what_was_acked_is_there_after_two_hundred_kills(own_folder, ran, idempotent):
    load, found, starts = kill_loop(own_folder, 200, idempotent, seed=2)
    check(load, found, idempotent)
    report(ran, 'kill -9', len(starts), load, starts)
