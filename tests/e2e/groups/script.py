# SPDX-License-Identifier: Apache-2.0
"""One script for every client family and for either server: a group of three over twelve partitions through joins, clean leaves,
kills and a restart of the server while a producer runs. Counts the rebalances of each phase; proves that every record was given to
somebody, that nothing was skipped, and that what was given twice had not been committed."""
import collections
import dataclasses
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from . import line as books
from .members import FAMILIES, HEARTBEAT_MS, SESSION_MS, Member

PARTITIONS = 12
TOPIC = 'grouped'
SLACK = 0.5  # a member's line may be read so much later than it was said
QUIET = 4 * HEARTBEAT_MS / 1000  # every member has asked several times whether something changed

# The bounds of consumer groups are for Kafka, whose settings have to lie in them; Ledge says that they have no effect.
PROPERTIES = [f'group.min.session.timeout.ms={SESSION_MS}', 'group.initial.rebalance.delay.ms=500',
              f'group.consumer.session.timeout.ms={SESSION_MS}', f'group.consumer.min.session.timeout.ms={SESSION_MS}',
              f'group.consumer.heartbeat.interval.ms={HEARTBEAT_MS}', f'group.consumer.min.heartbeat.interval.ms={HEARTBEAT_MS}']


class Feed(threading.Thread):
    """Writes numbered records, some hundred a second, over all partitions, through restarts of the server."""

    def __init__(self, bootstrap):
        super().__init__(daemon=True)
        self.producer = confluent_kafka.Producer({'bootstrap.servers': bootstrap, 'enable.idempotence': True, 'linger.ms': 20,
                                                  'reconnect.backoff.max.ms': 200, 'log_level': 2})
        self.sent, self.failed, self.stopping = 0, [], threading.Event()

    def run(self):
        while not self.stopping.is_set():
            for _ in range(PARTITIONS):
                self.producer.produce(TOPIC, str(self.sent), partition=self.sent % PARTITIONS,
                                      on_delivery=lambda error, _: error and self.failed.append(error))
                self.sent += 1
            self.producer.poll(0)
            self.stopping.wait(0.08)

    def finish(self):
        self.stopping.set()
        self.join(10)
        assert self.producer.flush(60) == 0
        assert not self.failed, self.failed[:3]


@dataclasses.dataclass
class Phase:
    name: str
    rebalances: int = 0  # generations of a classic group, epochs of a consumer group, that members were told for the first time
    told: int = 0        # joins answered in a classic group, assignments told in a consumer group, to all members together
    seconds: float = 0.0


class Run:
    def __init__(self, family, server, line, downtime=0.0):
        self.family_name, self.family = family, FAMILIES[family]
        self.server, self.line, self.downtime = server, line, downtime
        self.group = f'group-{family}'
        self.members, self.alive, self.phases = [], [], []
        self.started = 0

    # -- steps -----------------------------------------------------------------------------------------------------

    def start(self, name=None, go=True):
        self.started += 1
        name = name or f'member-{self.started}'
        member = Member(self.family, (self.line.bootstrap, TOPIC, self.group, SESSION_MS, HEARTBEAT_MS), name)
        self.members.append(member)
        self.alive.append(member)
        if go:
            member.go()
        return member

    def wait(self, what, condition, seconds=180):
        deadline = time.monotonic() + seconds
        while not condition():
            for member in self.alive:
                assert member.alive, f'{member.name} ended by itself: {"".join(member.stderr[-30:])}'
            assert not self.line.wrong, self.line.wrong
            assert time.monotonic() < deadline, f'{self.family_name}: waited {seconds} s for: {what}; owned: ' + \
                ', '.join(f'{m.name} {sorted(m.owned)}' for m in self.alive) + f'; the last events: {self.line.events[-12:]}; ' + \
                ''.join(t for m in self.alive for t in m.stderr[-5:])
            time.sleep(0.02)

    def settled(self):
        """Everybody has an equal share, all shares together are the topic, records flow, and nothing has changed for a while."""
        shares = [set(m.owned) for m in self.alive]
        if sum(map(len, shares)) != PARTITIONS or set().union(*shares) != set(range(PARTITIONS)):
            return False
        if any(len(s) != PARTITIONS // len(shares) for s in shares):
            return False
        changes = [at for at, e in reversed(self.line.events[-400:]) if isinstance(e, books.Joined) or self.is_change(e)]
        said = [ln.at for m in self.alive for ln in m.lines if ln.word in ('assigned', 'revoked')]
        if time.monotonic() - max([*changes, *said], default=0) < QUIET:
            return False
        return all(set(m.owned) <= m.fresh for m in self.alive)

    @staticmethod
    def is_change(event):
        return isinstance(event, books.Beat) and event.assigned is not None

    def phase(self, name, step):
        """Runs a step, waits until the group has settled after it, and counts what the server made its members do."""
        begin, first = time.monotonic(), len(self.line.events)
        for member in self.members:
            member.fresh.clear()
        step()
        if self.alive:
            self.wait(f'the group settles: {name}', self.settled)
        events = [e for _, e in self.line.events]
        before, now = ({(type(e), e[1]) for e in part if isinstance(e, (books.Joined, books.Beat))}
                       for part in (events[:first], events[first:]))
        told = sum(isinstance(e, books.Joined) or self.is_change(e) for e in events[first:])
        self.phases.append(Phase(name, len(now - before), told, time.monotonic() - begin))

    def leave(self, member):
        self.alive.remove(member)
        member.leave()
        member.join()

    def kill(self, member):
        self.alive.remove(member)
        member.kill()

    def come_back(self, member):
        """A static member's process is replaced by another one with its name, which is there before the session ends."""
        successor = self.start(member.name, go=False)
        self.wait('the successor has started', lambda: successor.ready)
        self.leave(member)
        successor.go()

    def restart_server(self):
        self.server.kill()
        self.line.cut()
        acked = self.acknowledged()
        time.sleep(self.downtime)  # before the start: sessions run from there, and must not end while the line is closed
        self.server.start()
        committed = self.committed()
        lost = {p: (committed[p], o) for p, o in acked.items() if committed[p] < o}
        assert not lost, f'the server has forgotten commits that it had acknowledged (partition: has, had): {lost}'
        for member in self.alive:
            member.fresh.clear()
        self.line.open((self.server.host, self.server.port))

    def acknowledged(self):
        """What the server has acknowledged as committed, by partition: the latest word."""
        offsets = {}
        for _, event in list(self.line.events):
            if isinstance(event, books.Committed):
                offsets.update(event.offsets)
        return offsets

    def committed(self):
        # Around the line: clients are not to see the server before the script lets them.
        from differential.wire import Connection
        answer = None
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with Connection(self.server.host, self.server.port) as connection:
                answer = connection.call('OffsetFetch', 7, {'groupId': self.group, 'requireStable': True, 'topics': [
                    {'name': TOPIC, 'partitionIndexes': list(range(PARTITIONS))}]})
            if answer['errorCode'] == 0 and all(p['errorCode'] == 0 for t in answer['topics'] for p in t['partitions']):
                return {p['partitionIndex']: p['committedOffset'] for t in answer['topics'] for p in t['partitions']}
            time.sleep(0.1)  # still loading
        raise AssertionError(f'no committed offsets: {answer}')

    # -- the script ------------------------------------------------------------------------------------------------

    def run(self):
        admin = AdminClient({'bootstrap.servers': self.line.bootstrap, 'log_level': 2})  # lives until the call is answered
        admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(30)
        feed = Feed(self.line.bootstrap)
        feed.start()
        try:
            self.phase('first joins', self.start)
            self.phase('second joins', self.start)
            self.phase('third joins', self.start)
            first, second, third = self.alive
            if self.family.static:
                self.phase('third comes back', lambda: self.come_back(third))
                third = self.alive[-1]
            self.phase('second leaves', lambda: self.leave(second))
            self.phase('fourth joins', self.start)
            self.phase('third is killed', lambda: self.kill(third))
            self.phase('server is killed', self.restart_server)
            self.phase('fifth joins', self.start)
            self.phase('fifth is killed, sixth joins', lambda: (self.kill(self.alive[-1]), self.start()))
            feed.finish()
            self.wait('every record was given to somebody', lambda: len(self.given()) == feed.sent)
            while self.alive:
                self.leave(self.alive[0])
            self.check(feed.sent)
        finally:
            feed.stopping.set()
            for member in self.members:
                if member.alive:
                    member.kill()
        return self

    # -- what must hold --------------------------------------------------------------------------------------------

    def given(self):
        return {ln.value for m in self.members for ln in list(m.lines) if ln.word == 'record'}

    def check(self, sent):
        assert not self.line.wrong, self.line.wrong
        missing = {str(i) for i in range(sent)} - self.given()
        assert not missing, f'{len(missing)} records were given to nobody: {sorted(missing, key=int)[:10]}'
        committed = self.committed()
        if not self.family.commits_late:
            ends = {p: (sent + PARTITIONS - 1 - p) // PARTITIONS for p in range(PARTITIONS)}
            assert committed == ends, f'committed as the members left: {committed}, the log ends at {ends}'
        self.check_commits()
        self.check_tenures()

    def check_commits(self):
        """What was acknowledged never goes back, and who asks is told nothing older."""
        latest = collections.defaultdict(list)
        for at, event in self.line.events:
            if isinstance(event, books.Committed):
                for p, offset in event.offsets.items():
                    assert not latest[p] or latest[p][-1][1] <= offset, f'partition {p}: {offset} was committed after {latest[p][-1]}'
                    latest[p].append((at, offset))
            elif isinstance(event, books.Fetched):
                for p, offset in event.offsets.items():
                    known = [o for acked, o in latest[p] if acked < event.asked]
                    assert not known or offset >= known[-1], f'partition {p}: told {offset}, {known[-1]} had been committed'

    def check_tenures(self):
        """From being assigned a partition until losing it a member sees consecutive offsets, and begins no earlier than what had been
        acknowledged as committed before it was assigned, and no later than the first offset that nobody had been given."""
        commits = collections.defaultdict(list)  # partition: [(time, offset)]
        for at, event in self.line.events:
            if isinstance(event, books.Committed):
                for partition, offset in event.offsets.items():
                    commits[partition].append((at, offset))
        self.again = 0
        everything = sorted(((ln, m) for m in self.members for ln in m.lines), key=lambda pair: pair[0].at)
        next_of, assigned_at = {}, {}
        reached = collections.Counter()
        for ln, member in everything:
            if ln.word in ('assigned', 'revoked'):
                for p in ln.partitions:
                    next_of.pop((member.name, p), None)
                    assigned_at[member.name, p] = ln.at
            elif ln.word == 'record':
                p = ln.partitions[0]
                expected = next_of.get((member.name, p))
                if expected is None:
                    # Partitions are fetched for after the assignment, so all that was acknowledged before is known.
                    before = [o for at, o in commits[p] if at < assigned_at.get((member.name, p), 0) - SLACK]
                    floor = before[-1] if before else 0
                    assert ln.offset >= floor, f'{member.name} was given {p}/{ln.offset}, committed was {floor}'
                else:
                    assert ln.offset == expected, f'{member.name}, partition {p}: {ln.offset} after {expected - 1}'
                next_of[member.name, p] = ln.offset + 1
                self.again += ln.offset < reached[p]
                reached[p] = max(reached[p], ln.offset + 1)

