# SPDX-License-Identifier: Apache-2.0
"""Groups with group.protocol=consumer (KIP-848): three members over twelve partitions while a producer runs, through joins,
leaves, a kill of a member and of the server; a subscription by regular expression; and what tools see of them."""
import collections
import importlib
import signal
import subprocess
import sys
import time

import apache_kafka
import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from support.run import CLIENTS
from support.target import make_server

groups = importlib.import_module('08-groups')

PARTITIONS = groups.PARTITIONS
MEMBER = CLIENTS / 'python' / 'member.py'
# The bounds are for Kafka, whose defaults have to lie in them; Ledge says that they have no effect.
PROPERTIES = ['group.consumer.session.timeout.ms=6000', 'group.consumer.heartbeat.interval.ms=500',
              'group.consumer.min.session.timeout.ms=6000', 'group.consumer.min.heartbeat.interval.ms=500']


def librdkafka(server, topic, group):
    return [sys.executable, MEMBER, 'confluent', server.bootstrap, topic, group, 'consumer-protocol']


def java(server, topic, group):
    return apache_kafka.tool('console-consumer', '--bootstrap-server', server.bootstrap, '--topic', topic, '--group', group,
                             *(a for p in ('group.protocol=consumer', 'auto.offset.reset=earliest', 'auto.commit.interval.ms=500')
                               for a in ('--command-property', p)))


FAMILIES = {'librdkafka': librdkafka, 'java': java}


def tool(server, name, *arguments):
    done = subprocess.run([str(a) for a in apache_kafka.tool(name, '--bootstrap-server', server.bootstrap, *arguments)],
                          capture_output=True, text=True, timeout=90, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


@pytest.mark.parametrize('family', FAMILIES)
def test_a_group_of_three_through_joins_leaves_kills_and_a_restart(family, own_folder, ran):
    group, topic = f'modern-{family}', 'grouped'
    with make_server(own_folder, properties=PROPERTIES) as server:
        admin = AdminClient({'bootstrap.servers': server.bootstrap})
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(20)
        feed = groups.Feed(server.bootstrap, topic)
        feed.start()
        members = []

        def join():
            members.append(groups.Member(FAMILIES[family](server, topic, group)))
            groups.wait_until(f'member {len(members)} is given records', lambda m=members[-1]: m.values)
            return members[-1]

        try:
            first, second, third = join(), join(), join()
            described = tool(server, 'consumer-groups', '--describe', '--group', group, '--members', '--verbose')
            assert described.count(f'{group} ') >= 3, described
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
            groups.wait_until('every record was given to somebody', lambda: not missing(), 60)
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


def test_a_subscription_by_expression_finds_topics_that_come_later(own_folder, ran):
    with make_server(own_folder, properties=PROPERTIES) as server:
        admin = AdminClient({'bootstrap.servers': server.bootstrap})
        admin.create_topics([NewTopic('meter-1', 2, 1), NewTopic('other', 1, 1)])['meter-1'].result(20)
        consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'by-regex', 'group.protocol': 'consumer',
                                             'auto.offset.reset': 'earliest', 'topic.metadata.refresh.interval.ms': 1000})
        consumer.subscribe(['^meter-[0-9]+$'])

        def assigned():
            consumer.poll(0.2)
            return sorted((p.topic, p.partition) for p in consumer.assignment())
        groups.wait_until('the first topic', lambda: assigned() == [('meter-1', 0), ('meter-1', 1)], 30)
        admin.create_topics([NewTopic('meter-2', 1, 1)])['meter-2'].result(20)
        began = time.monotonic()
        groups.wait_until('the second topic', lambda: ('meter-2', 0) in assigned(), 60)
        consumer.close()
        ran('regex', seconds=round(time.monotonic() - began, 1))


def test_tools_see_what_kind_of_group_it_is(own_folder, ran):
    with make_server(own_folder, properties=PROPERTIES) as server:
        admin = AdminClient({'bootstrap.servers': server.bootstrap})
        admin.create_topics([NewTopic('t', 3, 1)])['t'].result(20)
        member = groups.Member(java(server, 't', 'seen'))
        try:
            groups.wait_until('the member', lambda: '(1)' in tool(server, 'consumer-groups', '--list', '--state') or
                              'Stable' in tool(server, 'consumer-groups', '--list', '--state'), 60)
            listed = tool(server, 'consumer-groups', '--list', '--type')
            assert [line.split() for line in listed.splitlines() if 'seen' in line] == [['seen', 'Consumer']], listed
            state = tool(server, 'consumer-groups', '--describe', '--group', 'seen', '--state')
            assert 'Stable' in state and 'uniform' in state, state
            refused = tool(server, 'consumer-groups', '--delete', '--group', 'seen')
            assert 'GroupNotEmptyException' in refused, refused
        finally:
            member.end()
        gone = tool(server, 'consumer-groups', '--delete', '--group', 'seen')
        assert 'successful' in gone, gone
        ran('tools', groups=1)
