# SPDX-License-Identifier: Apache-2.0
"""Real clients (librdkafka) that write without a pause and keep book, in memory off the disk under test, of what was acked.

A record's value follows from its topic, partition and number, so that the reader can tell a lost one from an altered one.
"""
import collections
import gc
import hashlib
import random
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from .offsets import Committer

BLOCK = random.Random(2026).randbytes(1 << 17)
HEAD = 12
LARGE = 50000


def value_of(topic, partition, number):
    """12 digits, then 0 to 4,000 bytes of a fixed block: mostly small, some large. Those of a topic
    whose name begins with "large" have 50,000."""
    key = int.from_bytes(hashlib.blake2b(b'%s/%d/%d' % (topic.encode(), partition, number), digest_size=8).digest(), 'little')
    if topic.startswith('large'):
        at = key % (len(BLOCK) - LARGE)
        return b'%012d' % number + BLOCK[at:at + LARGE]
    size = (key >> 32) % 200 if key % 16 else (key >> 32) % 4000
    at = (key >> 8) % (len(BLOCK) - 4000)
    return b'%012d' % number + BLOCK[at:at + size]


class Book:
    """What one producer sent to one partition, and at which offset each number was acked."""

    def __init__(self):
        self.sent = 0
        self.acked = {}


class Topic:
    def __init__(self, name, partitions, idempotent):
        self.name, self.idempotent = name, idempotent
        self.books = [Book() for _ in range(partitions)]
        self.checked = [0] * partitions  # every offset below was read back and found right

    @property
    def partitions(self):
        return len(self.books)


def end_producer(producer):
    """What is outstanding is dropped. A client whose records the server has lost is told so by an error that it raises
    once, wherever it is asked next: here nobody wants to know it any more."""
    producer.purge()
    try:
        producer.flush(0.2)
    except confluent_kafka.KafkaException:
        pass


class Writer:
    """One producer in a thread. With idempotence up to five requests are in flight, without it one.

    At most `outstanding` records are not acked. For a producer without idempotence whose requests may be refused this has to be
    one of each partition: librdkafka has, besides the request in flight, the next one ready to be sent, and when the first is
    refused the next one goes before its repetition (max.in.flight 1 does not change that)."""

    def __init__(self, load, idempotent, partitions, outstanding=300):
        self.load, self.idempotent, self.partitions, self.outstanding = load, idempotent, partitions, outstanding
        self.topic = None
        self.acked = 0
        self.errors = []
        self.paused = False
        self.stopping = False
        self.producer = confluent_kafka.Producer({
            'bootstrap.servers': load.bootstrap, 'acks': 'all', 'linger.ms': 0 if idempotent else 1, 'enable.idempotence': idempotent,
            'max.in.flight': 5 if idempotent else 1, 'compression.type': 'lz4' if idempotent else 'none', **load.patience})
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def delivered(self, topic, error, message):
        if error:
            self.errors.append(f'{message.topic()}/{message.partition()}: {error}')
        else:
            topic.books[message.partition()].acked[int(message.value()[:HEAD])] = message.offset()
            self.acked += 1

    def work(self):
        try:
            self.write_on()
        except confluent_kafka.KafkaException as e:
            self.errors.append(str(e))

    def write_on(self):
        chance = random.Random(self.load.seed * 2 + self.idempotent)
        while not self.stopping:
            topic = self.topic
            if topic is None or self.paused or len(self.producer) > self.outstanding or self.errors:
                self.producer.poll(0.005)
                continue
            for p, book in enumerate(topic.books):
                for _ in range(chance.choice((0, 1, 1, 2)) if self.outstanding else 1):
                    self.producer.produce(topic.name, value_of(topic.name, p, book.sent), partition=p,
                                          on_delivery=lambda e, m, topic=topic: self.delivered(topic, e, m))
                    book.sent += 1
            self.producer.poll(0.001)

    def stop(self):
        self.stopping = True
        self.thread.join()


class Load:
    """Two producers, one idempotent, and a group's offsets; all live on over the power cuts."""

    def __init__(self, server, seed, refusals=False):
        """refusals: the server may have to refuse records."""
        self.address, self.bootstrap, self.seed = (server.host, server.port), server.bootstrap, seed
        self.patience = {'reconnect.backoff.ms': 2, 'reconnect.backoff.max.ms': 10, 'retry.backoff.ms': 2, 'retry.backoff.max.ms': 20, 'message.timeout.ms': 300000,
                         'topic.metadata.refresh.fast.interval.ms': 20, 'socket.timeout.ms': 10000, 'log_level': 0,
                         'topic.metadata.refresh.interval.ms': -1}
        self.admin = AdminClient({'bootstrap.servers': self.bootstrap, **{k: v for k, v in self.patience.items() if k.startswith(('reconnect', 'log', 'socket'))}})
        self.writers = [Writer(self, True, 4), Writer(self, False, 2, 0 if refusals else 300)]
        self.topics, self.deleted, self.generation = [], [], 0
        self.committed = collections.Counter()  # (topic, partition) -> the largest offset whose commit was acked
        self.tried = collections.Counter()
        self.commits = 0
        self.paused = self.stopping = False
        self.committing = threading.Thread(target=self.work_commits, daemon=True)
        self.committing.start()

    @property
    def acked(self):
        return sum(w.acked for w in self.writers)

    @property
    def errors(self):
        return [e for w in self.writers for e in w.errors]

    def work_commits(self):
        """The group's offsets, one request after the other: how many of each partition were acked."""
        committer = Committer(*self.address)
        while not self.stopping:
            time.sleep(0.01)
            if self.paused:
                continue
            wanted = {(t.name, p): len(b.acked) for t in list(self.topics) for p, b in enumerate(t.books)}
            wanted = {key: offset for key, offset in wanted.items() if offset > self.tried[key]}
            if not wanted:
                continue
            for key, offset in wanted.items():
                self.tried[key] = offset
            try:
                for key in committer.commit(wanted):
                    self.committed[key] = wanted[key]
                    self.commits += 1
            except OSError:
                pass  # not acked
        committer.close()

    def new_generation(self):
        """New topics for the producers. The old ones are kept until drop_oldest()."""
        self.generation += 1
        made = [Topic(f'{"idempotent" if w.idempotent else "plain"}-{self.generation}', w.partitions, w.idempotent) for w in self.writers]
        for future in self.admin.create_topics([NewTopic(t.name, t.partitions) for t in made], request_timeout=20).values():
            future.result()
        self.topics += made
        for writer, topic in zip(self.writers, made):
            writer.topic = topic

    def drop_oldest(self):
        """Deletes the topics of the generation before this one; once acked they may not come back."""
        old = [t for t in self.topics if not t.name.endswith(f'-{self.generation}')]
        if not old:
            return
        # Nothing is written to them any more; what is under way would fail with its topic.
        if not self.wait_settled(old, 30):
            raise RuntimeError(f'records of a topic that nothing is written to any more are not acked for 30 s {self.errors[:1]}')
        for future in self.admin.delete_topics([t.name for t in old], request_timeout=20).values():
            future.result()
        self.topics = [t for t in self.topics if t not in old]
        self.deleted += [t.name for t in old]

    def pause(self, paused):
        """Nothing new is written, but what was is delivered, again where that is needed."""
        for one in (self, *self.writers):
            one.paused = paused

    def settled(self, topic):
        return all(len(b.acked) == b.sent for b in topic.books)

    def wait_settled(self, topics, seconds):
        deadline = time.monotonic() + seconds
        while not all(map(self.settled, topics)):
            if time.monotonic() > deadline or self.errors:
                return False
            time.sleep(0.002)
        return True

    def stop(self):
        self.stopping = True
        for writer in self.writers:
            writer.topic = None
        self.committing.join()
        for writer in self.writers:
            writer.stop()
            end_producer(writer.producer)
        self.writers, self.admin = [], None
        gc.collect()  # the clients' threads end with them
