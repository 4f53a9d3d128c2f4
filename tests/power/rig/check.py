# SPDX-License-Identifier: Apache-2.0
"""Reads back what is there after a cut and compares it with the book."""
import dataclasses

import confluent_kafka
from confluent_kafka import TopicPartition

from .load import HEAD, value_of
from .offsets import GROUP


@dataclasses.dataclass
class Verdict:
    records: int = 0     # read back
    compared: int = 0    # of them acked, and compared with the book
    lost: int = 0        # acked and not there
    altered: int = 0     # there, with other bytes
    reordered: int = 0   # acked at an offset where it no longer is, or before one that was sent earlier
    doubled: int = 0     # an idempotent producer's record, twice
    commits_lost: int = 0
    topics_lost: int = 0  # acked creation undone, or acked deletion undone
    details: list = dataclasses.field(default_factory=list)

    @property
    def bad(self):
        return self.lost + self.altered + self.reordered + self.doubled + self.commits_lost + self.topics_lost

    def found(self, what, detail):
        setattr(self, what, getattr(self, what) + 1)
        if len(self.details) < 20:
            self.details.append(f'{what}: {detail}')

    def add(self, other):
        for field in dataclasses.fields(self):
            if field.name != 'details':
                setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        self.details += other.details[:max(0, 20 - len(self.details))]

    def figures(self):
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != 'details'}


class Unreadable(Exception):
    """The server does not give what it has, or does not even start: a finding of its own."""


def read_range(consumer, starts, ends):
    """{(topic, partition): {offset: value}} of everything between."""
    left = {key: (starts[key], ends[key]) for key in ends if ends[key] > starts[key]}
    out = {key: {} for key in ends}
    if not left:
        return out
    consumer.assign([TopicPartition(*key, start) for key, (start, _) in left.items()])
    missing = sum(end - start for start, end in left.values())
    while missing > 0:
        some = consumer.consume(min(missing, 2000), 15)
        if not some:
            raise Unreadable(f'{missing} records are announced and do not come')
        for message in some:
            if message.error():
                raise Unreadable(f'{message.topic()}/{message.partition()}: {message.error()}')
            key = message.topic(), message.partition()
            if message.offset() < ends[key] and message.offset() not in out[key]:
                out[key][message.offset()] = message.value()
                missing -= 1
    consumer.unassign()
    return out


def check(load, everything=False, back=200):
    """Compares the log with the book: from `back` offsets before what was found right already, or everything."""
    verdict = Verdict()
    # The book first: what is acked from here on is the next check's.
    books = {(t.name, p): dict(b.acked) for t in load.topics for p, b in enumerate(t.books)}
    committed = dict(load.committed)
    consumer = confluent_kafka.Consumer({'bootstrap.servers': load.bootstrap, 'group.id': GROUP, 'enable.auto.commit': False, 'check.crcs': True,
                                         'fetch.wait.max.ms': 5, 'topic.metadata.refresh.interval.ms': -1, 'auto.offset.reset': 'error', 'log_level': 0})
    try:
        known = consumer.list_topics(timeout=20).topics
        for name in load.deleted:
            if name in known:
                verdict.found('topics_lost', f'the deletion of {name} was acked, and it is back')
        topics = []
        for topic in load.topics:
            if topic.name not in known or len(known[topic.name].partitions) != topic.partitions:
                verdict.found('topics_lost', f'the creation of {topic.name} was acked, and it is gone')
                for p in range(topic.partitions):
                    verdict.lost += len(books[topic.name, p])
            else:
                topics.append(topic)
        keys = [(t.name, p) for t in topics for p in range(t.partitions)]
        ends = {key: consumer.get_watermark_offsets(TopicPartition(*key), timeout=20)[1] for key in keys}
        starts = {(t.name, p): 0 if everything else max(0, t.checked[p] - back) for t in topics for p in range(t.partitions)}
        for key in keys:
            starts[key] = min(starts[key], ends[key])
        found = read_range(consumer, starts, ends)
        for topic in topics:
            for p in range(topic.partitions):
                compare(topic, p, books[topic.name, p], starts[topic.name, p], ends[topic.name, p], found[topic.name, p], verdict)
        check_commits(consumer, keys, committed, load.tried, verdict)
    finally:
        consumer.close()
    return verdict


def compare(topic, p, book, start, end, found, verdict):
    where = f'{topic.name}/{p}'
    verdict.records += len(found)
    numbers = {}
    before = None
    for offset in range(start, end):
        value = found.get(offset)
        if value is None:
            verdict.found('lost', f'{where}: offset {offset} is a hole')
            continue
        number = int(value[:HEAD]) if value[:HEAD].isdigit() else -1
        if value != value_of(topic.name, p, number):
            verdict.found('altered', f'{where}: the record at offset {offset} has other bytes')
            continue
        if topic.idempotent:
            if number in numbers:
                verdict.found('doubled', f'{where}: {number} at {numbers[number]} and {offset}')
            if before is not None and number != before + 1:
                verdict.found('reordered', f'{where}: {number} at {offset} comes after {before}')
            before = number
        elif number not in numbers:
            # Without idempotence a retry may repeat a record, but a first appearance never overtakes another.
            if before is not None and number > before + 1:
                verdict.found('reordered', f'{where}: {number} at {offset} comes after {before}')
            before = number if before is None else max(before, number)
        numbers.setdefault(number, offset)
    for number, offset in book.items():
        if offset < start:
            continue
        verdict.compared += 1
        value = found.get(offset)
        if value is not None and value[:HEAD] == b'%012d' % number:
            continue
        if number in numbers:
            verdict.found('reordered', f'{where}: {number} was acked at {offset} and is at {numbers[number]}')
        else:
            verdict.found('lost', f'{where}: {number} was acked at {offset}, the log ends at {end}')
    topic.checked[p] = end


def check_commits(consumer, keys, committed, tried, verdict):
    """committed: as it was before; tried: as it is, for clients may commit while the log is read."""
    asked = [TopicPartition(*key) for key in keys if tried.get(key, 0)]
    if not asked:
        return
    for p in consumer.committed(asked, timeout=20):
        key = p.topic, p.partition
        if p.error:
            raise Unreadable(f'the committed offset of {key}: {p.error}')
        now = max(p.offset, 0)
        if now < committed.get(key, 0) or now > tried[key]:
            verdict.found('commits_lost', f'{key}: {committed.get(key, 0)} was acked, {tried[key]} was tried, {now} is there')
