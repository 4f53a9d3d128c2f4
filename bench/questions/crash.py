# SPDX-License-Identifier: Apache-2.0
"""20 times kill -9 under an idempotent librdkafka producer: what was acked and is lost, duplicated or out of order.

The producer numbers its records per partition and keeps every ack. SIGKILL keeps the page cache: this is kinder than a power cut,
and a server that never syncs passes it. What a power cut does is shown by tests/power.
"""
import collections
import random
import threading
import time

import confluent_kafka
from harness import load

PARTITIONS = 4


class Producer:
    """Numbers 0, 1, 2 ... to each partition; what became of each. After a fatal error it begins anew, with the next numbers."""

    def __init__(self, server, topic):
        self.server, self.topic = server, topic
        self.sent = [0] * PARTITIONS
        self.acked = [{} for _ in range(PARTITIONS)]  # number -> offset
        self.count, self.failed, self.fatal = 0, 0, 0
        self.stopping = False
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def connect(self):
        return confluent_kafka.Producer({
            'bootstrap.servers': self.server.bootstrap, 'enable.idempotence': True, 'linger.ms': 1, 'reconnect.backoff.ms': 5, 'reconnect.backoff.max.ms': 100,
            'retry.backoff.ms': 5, 'message.timeout.ms': 180000, 'queue.buffering.max.messages': 2000, 'log_level': 0,
            'error_cb': self.failing, 'topic.metadata.refresh.interval.ms': 2000})

    def failing(self, error):
        if error.fatal():
            self.broken = True

    def delivered(self, error, message):
        if error:
            self.failed += 1
        else:
            self.acked[message.partition()][int(message.value()[:12])] = message.offset()
            self.count += 1

    def work(self):
        padding = b'x' * 100
        self.broken = False
        producer = self.connect()
        while not self.stopping:
            if self.broken:
                self.fatal += 1
                producer.purge()
                producer.flush(10)
                self.broken = False
                producer = self.connect()
            for p in range(PARTITIONS):
                try:
                    producer.produce(self.topic, b'%012d' % self.sent[p] + padding, partition=p, on_delivery=self.delivered)
                    self.sent[p] += 1
                except BufferError:
                    producer.poll(0.01)
                except confluent_kafka.KafkaException:
                    self.broken = True
                    break
            producer.poll(0)
        self.left = producer.flush(120)

    def stop(self):
        self.stopping = True
        self.thread.join()


def read_all(server, topic):
    """Numbers in the order of their offsets, by partition."""
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'none', 'enable.auto.commit': False, 'log_level': 0, 'enable.partition.eof': True,
                                         'auto.offset.reset': 'earliest'})
    found = [[] for _ in range(PARTITIONS)]
    consumer.assign([confluent_kafka.TopicPartition(topic, p, confluent_kafka.OFFSET_BEGINNING) for p in range(PARTITIONS)])
    ended, quiet = set(), time.monotonic()
    while len(ended) < PARTITIONS and time.monotonic() - quiet < 30:
        for message in consumer.consume(5000, 1):
            quiet = time.monotonic()
            if not message.error():
                found[message.partition()].append((message.offset(), int(message.value()[:12])))
            elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                ended.add(message.partition())
    consumer.close()
    return found


def judge(producer, found):
    lost = duplicated = reordered = elsewhere = 0
    for p in range(PARTITIONS):
        numbers = [n for _, n in found[p]]
        times = collections.Counter(numbers)
        at = dict(found[p])
        lost += sum(1 for n in producer.acked[p] if n not in times)
        elsewhere += sum(1 for n, offset in producer.acked[p].items() if n in times and offset >= 0 and at.get(offset) != n)
        duplicated += sum(t - 1 for t in times.values())
        highest, seen = -1, set()
        for n in numbers:
            if n not in seen and n < highest:
                reordered += 1
            seen.add(n)
            highest = max(highest, n)
    return {'lost': lost, 'duplicated': duplicated, 'reordered': reordered, 'not_where_acked': elsewhere}


def kill_loop(server, kills, seed):
    chance = random.Random(seed)
    server.fresh()
    topic = server.new_topic(PARTITIONS)
    producer = Producer(server, topic)
    starts = []
    try:
        for n in range(kills):
            before, deadline = producer.count, time.monotonic() + 120
            while producer.count < before + 500:
                if time.monotonic() > deadline:
                    raise load.Failed(f'{server.name}: nothing is acked any more after {n} kills')
                time.sleep(0.005)
            time.sleep(chance.random() * 0.25)
            server.kill()
            starts.append(server.start(ready=False))
    finally:
        producer.stop()
    starts.sort()
    found = read_all(server, topic)
    return {'kills': kills, 'acked': producer.count, **judge(producer, found), 'refused': producer.failed, 'fatal': producer.fatal,
            'first_answer_ms': starts[len(starts) // 2], 'first_answer_max_ms': starts[-1]}


def ask(run):
    kills = 5 if run.quick else 20
    case = f'{kills} x kill -9'
    command = 'confluent-kafka producer: enable.idempotence=true, linger.ms=1, 4 partitions, 112 B records; SIGKILL at random moments'
    for server in run.chosen():
        if not server.slow_start and not run.book.has('crash', case, server.name, 0):
            run.one('crash', case, server, 0, lambda s, rep: (kill_loop(s, kills, 1), command), hold=True)
            server.stop()
    # A killed Kafka takes seconds to come back: the two of them at the same time.
    slow = [s for s in run.chosen() if s.slow_start and not run.book.has('crash', case, s.name, 0)]
    outcome = {}

    def loop(server):
        try:
            outcome[server.name] = kill_loop(server, kills, 1)
        except Exception as error:  # noqa: BLE001 - handed to the thread that reports it
            outcome[server.name] = error

    threads = [threading.Thread(target=loop, args=(s,), daemon=True) for s in slow]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    def told(server, rep):
        got = outcome[server.name]
        if isinstance(got, Exception):
            raise RuntimeError(str(got))
        return got, command

    for server in slow:
        run.one('crash', case, server, 0, told, hold=True)
        server.stop()
