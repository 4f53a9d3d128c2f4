# SPDX-License-Identifier: Apache-2.0
"""A consumer group of three over twelve partitions while a producer runs: members join, leave, are killed, and the server is
killed too. Every record reaches somebody, what is committed survives, and nobody reads our documentation first."""
import collections
import signal
import subprocess
import sys
import threading
import time

import apache_kafka
import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from support.run import CLIENTS
from support.target import make_server

PARTITIONS = 12
MEMBER = CLIENTS / 'python' / 'member.py'


def python_member(library, strategy='range'):
    return lambda server, topic, group: [sys.executable, MEMBER, library, server.bootstrap, topic, group, strategy]


def console_consumer(server, topic, group):
    return apache_kafka.tool('console-consumer', '--bootstrap-server', server.bootstrap, '--topic', topic, '--group', group,
                             *(a for p in ('auto.offset.reset=earliest', 'session.timeout.ms=6000', 'heartbeat.interval.ms=500',
                                           'auto.commit.interval.ms=500') for a in ('--command-property', p)))


FAMILIES = {'librdkafka-range': python_member('confluent'), 'librdkafka-cooperative': python_member('confluent', 'cooperative-sticky'),
            'kafka-python': python_member('kafka-python'), 'java-console': console_consumer}


class Member:
    """A process that prints what it is given."""

    def __init__(self, command):
        self.values = collections.Counter()
        self.process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        stdin=subprocess.DEVNULL, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.values[line.strip()] += 1

    def end(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(10)


class Feed(threading.Thread):
    """Writes numbered records, some hundred a second, over all partitions, through restarts of the server."""

    def __init__(self, bootstrap, topic):
        super().__init__(daemon=True)
        self.producer = confluent_kafka.Producer({'bootstrap.servers': bootstrap, 'enable.idempotence': True, 'linger.ms': 20})
        self.topic, self.sent, self.failed, self.stopping = topic, 0, [], threading.Event()

    def run(self):
        while not self.stopping.is_set():
            for _ in range(10):
                self.producer.produce(self.topic, str(self.sent), partition=self.sent % PARTITIONS,
                                      on_delivery=lambda error, _: error and self.failed.append(error))
                self.sent += 1
            self.producer.poll(0.05)

    def finish(self):
        self.stopping.set()
        self.join(10)
        assert self.producer.flush(60) == 0
        assert not self.failed, self.failed[:3]


def wait_until(what, condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f'waited {seconds} s for: {what}'
        time.sleep(0.05)


@pytest.mark.parametrize('family', FAMILIES)
def test_a_group_of_three_through_joins_leaves_kills_and_a_restart(family, own_folder, ran):
    group = f'group-{family}'
    topic = 'grouped'
    with make_server(own_folder, properties=['group.initial.rebalance.delay.ms=500']) as server:
        admin = AdminClient({'bootstrap.servers': server.bootstrap})  # lives until the call is answered
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(20)
        feed = Feed(server.bootstrap, topic)
        feed.start()
        members = []

        def join():
            members.append(Member(FAMILIES[family](server, topic, group)))
            wait_until(f'member {len(members)} is given records', lambda m=members[-1]: m.values)
            return members[-1]

        try:
            first, second, third = join(), join(), join()
            second.end()
            fourth = join()
            third.end(signal.SIGKILL)
            server.kill()
            server.start()
            fifth = join()
            feed.finish()
            wanted = {str(i) for i in range(feed.sent)}

            def missing():
                got = collections.Counter()
                for member in list(members):
                    got.update(dict(member.values))
                return wanted - set(got)
            wait_until('every record was given to somebody', lambda: not missing(), 60)
            for member in (first, fourth, fifth):
                member.end()
        finally:
            feed.stopping.set()
            for member in members:
                member.end(signal.SIGKILL)
        reader = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': group})
        committed = reader.committed([confluent_kafka.TopicPartition(topic, p) for p in range(PARTITIONS)], 20)
        ends = [reader.get_watermark_offsets(confluent_kafka.TopicPartition(topic, p), 20)[1] for p in range(PARTITIONS)]
        reader.close()
        assert [c.offset for c in committed] == ends, 'what a member commits as it leaves is where the log ends'
        given = sum(sum(m.values.values()) for m in members)
        ran(family, records=feed.sent, given=given, again=given - feed.sent)


@pytest.mark.parametrize('group', [[], ['--group', 'shop']], ids=['without a name', 'named'])
def test_the_java_console_consumer_is_the_first_thing_on_a_fresh_install(own_folder, group, ran):
    """It is there before the topic, the records and __consumer_offsets."""
    with make_server(own_folder) as server:
        reader = subprocess.Popen([str(c) for c in apache_kafka.tool('console-consumer', '--bootstrap-server', server.bootstrap, '--topic', 'first',
                                                                     '--from-beginning', '--max-messages', 100, *group)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        try:
            deadline = time.monotonic() + 30
            while 'first' not in AdminClient({'bootstrap.servers': server.bootstrap}).list_topics(timeout=10).topics:
                assert time.monotonic() < deadline and reader.poll() is None
                time.sleep(0.2)
            producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap})
            for i in range(100):
                producer.produce('first', f'line {i}')
            assert producer.flush(30) == 0
            said, errors = reader.communicate(timeout=60)
        finally:
            reader.kill()
        assert sorted(said.split('\n')[:-1]) == sorted(f'line {i}' for i in range(100)), errors[-2000:]
        ran('console consumer', records=100)
