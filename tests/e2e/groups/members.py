# SPDX-License-Identifier: Apache-2.0
"""The client families, and a member of a group as a process that tells what happens to it (clients/python/group_member.py
has the lines)."""
import collections
import dataclasses
import subprocess
import sys
import threading
import time

from support.run import CLIENTS, go_program, java_classes, jvm, node_program, rust_program

SESSION_MS, HEARTBEAT_MS = 6000, 500


def python(library, *settings):
    return lambda where, name: [sys.executable, CLIENTS / 'python' / 'group_member.py', library, *where, *settings]


def go(library):
    return lambda where, name: [go_program('member'), library, *where]


def rust(*settings):
    return lambda where, name: [rust_program('member'), *where, *settings]


def java(*settings, static=False):
    def command(where, name):
        named = [f'group.instance.id={name}'] if static else []
        return jvm('GroupMember', *where, *settings, *named, classes=[java_classes('GroupMember')])
    return command


def kafkajs(where, name):
    return ['node', node_program().with_name('member.js'), *where]


@dataclasses.dataclass(frozen=True)
class Family:
    command: object
    protocol: str = 'eager'    # or 'cooperative': partitions are handed over one by one; or 'consumer': and by the server
    static: bool = False
    commits_late: bool = False  # it may leave without having committed what it was given last


ASSIGNOR = 'partition.assignment.strategy=org.apache.kafka.clients.consumer.'
FAMILIES = {
    'java': Family(java(ASSIGNOR + 'RangeAssignor')),
    'java-cooperative': Family(java(ASSIGNOR + 'CooperativeStickyAssignor'), 'cooperative'),
    'java-static': Family(java(ASSIGNOR + 'RangeAssignor', static=True), static=True),
    'java-consumer': Family(java('group.protocol=consumer'), 'consumer'),
    'librdkafka': Family(rust('partition.assignment.strategy=range')),
    'librdkafka-cooperative': Family(rust('partition.assignment.strategy=cooperative-sticky'), 'cooperative'),
    'librdkafka-consumer': Family(rust('group.protocol=consumer'), 'consumer'),
    'confluent-kafka': Family(python('confluent-kafka', 'partition.assignment.strategy=range')),
    'franz-go': Family(go('franz-go'), 'cooperative'),
    'sarama': Family(go('sarama'), commits_late=True),
    'kafkajs': Family(kafkajs),
    'kafka-python': Family(python('kafka-python')),
    'aiokafka': Family(python('aiokafka')),
}

Line = collections.namedtuple('Line', 'at word partitions offset value')


class Member:
    def __init__(self, family, where, name):
        self.name = name
        self.lines = []   # what it said
        self.owned = set()
        self.fresh = set()  # partitions of which it was given records since the driver last emptied this
        self.ready = False  # it waits for go(): only members that take long to start say so
        self.refused = 0
        self.stderr = []
        self.process = subprocess.Popen([str(c) for c in family.command(where, name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.threads = [threading.Thread(target=t, daemon=True) for t in (self._read, self._read_errors)]
        for thread in self.threads:
            thread.start()

    def _read(self):
        for text in self.process.stdout:
            word, _, rest = text.rstrip('\n').partition(' ')
            at = time.monotonic()
            if word == 'record':
                partition, offset, value = rest.split(' ', 2)
                self.lines.append(Line(at, word, (int(partition),), int(offset), value))
                self.fresh.add(int(partition))
            elif word in ('assigned', 'revoked'):
                partitions = tuple(map(int, filter(None, rest.split(','))))
                self.lines.append(Line(at, word, partitions, None, None))
                self.owned = self.owned | set(partitions) if word == 'assigned' else self.owned - set(partitions)
            elif word == 'committed':
                for pair in rest.split():
                    partition, offset = map(int, pair.split(':'))
                    self.lines.append(Line(at, word, (partition,), offset, None))
            elif word == 'ready':
                self.ready = True
            elif word == 'refused':
                self.refused += 1
                self.stderr.append('refused ' + rest)
            else:
                self.stderr.append('not a line of the protocol: ' + text)

    def _read_errors(self):
        for text in self.process.stderr:
            self.stderr.append(text)
            del self.stderr[:-200]

    @property
    def alive(self):
        return self.process.poll() is None

    def go(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()

    def leave(self):
        """Asks it to end as its users end it."""
        self.process.stdin.close()

    def join(self, timeout=30):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f'{self.name} did not end within {timeout} s: {self.stderr[-20:]}') from None
        for thread in self.threads:
            thread.join(10)

    def kill(self):
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join(10)
        self.owned = set()
