# SPDX-License-Identifier: Apache-2.0
"""Consumer groups (KIP-848): what both servers answer to members that join, move partitions, leave, and to those in the wrong."""
import time

from .registry import case

BOTH = range(0, 2)
RETRIED = (14, 15, 16)  # while Apache Kafka makes or loads its offsets topic


def begin(s, name):
    group = f'{s.prefix}-{name}'
    deadline = time.monotonic() + 30
    while s.quiet('FindCoordinator', 4, {'keyType': 0, 'coordinatorKeys': [group]})['coordinators'][0]['errorCode'] != 0 or \
            s.quiet('DescribeGroups', 5, {'groups': [group]})['groups'][0]['errorCode'] in RETRIED:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return group


def beat(s, version, label, group, member, epoch, **more):
    return s.call(label, 'ConsumerGroupHeartbeat', version, {'groupId': group, 'memberId': member, 'memberEpoch': epoch, **more})


def join(s, version, label, group, member, topics, **more):
    return beat(s, version, label, group, member, 0, rebalanceTimeoutMs=60000, subscribedTopicNames=topics, topicPartitions=[], **more)


def holds(s, topic, *partitions):
    return {'topicPartitions': [{'topicId': s.id_of(topic), 'partitions': list(partitions)}] if partitions else []}


def describe(s, label, group):
    for version in BOTH:
        s.call(f'{label}, v{version}', 'ConsumerGroupDescribe', version, {'groupIds': [group]})
    s.call(f'{label}, as a classic group', 'DescribeGroups', 6, {'groups': [group]})


@case('ConsumerGroupHeartbeat', BOTH)
def consumer_group_of_one(s, version):
    topic = s.topic('t', 3)
    group = begin(s, 'one')
    beat(s, version, 'no such group', group, 'm1', 1)
    beat(s, version, 'leaves no group', group, 'm1', -1)
    join(s, version, 'joins', group, 'm1', [topic])
    describe(s, 'joined', group)
    beat(s, version, 'nothing new', group, 'm1', 1)
    beat(s, version, 'full request', group, 'm1', 1, rebalanceTimeoutMs=60000, subscribedTopicNames=[topic], **holds(s, topic, 0, 1, 2))
    beat(s, version, 'epoch too high', group, 'm1', 9)
    beat(s, version, 'stranger', group, 'm9', 1)
    join(s, version, 'joins again', group, 'm1', [topic])
    beat(s, version, 'other topics', group, 'm1', 1, subscribedTopicNames=[])
    beat(s, version, 'has given back', group, 'm1', 1, **holds(s, topic))
    beat(s, version, 'asks for range', group, 'm1', 2, serverAssignor='range', subscribedTopicNames=[topic])
    describe(s, 'with range', group)
    s.call('not deleted with members', 'DeleteGroups', 2, {'groupsNames': [group]})
    beat(s, version, 'leaves', group, 'm1', -1)
    beat(s, version, 'leaves twice', group, 'm1', -1)
    describe(s, 'left', group)
    s.call('deleted', 'DeleteGroups', 2, {'groupsNames': [group]})
    describe(s, 'deleted', group)


@case('ConsumerGroupHeartbeat', BOTH)
def consumer_group_hands_over(s, version):
    topic = s.topic('t', 4)
    group = begin(s, 'two')
    join(s, version, 'first', group, 'm1', [topic])
    join(s, version, 'second', group, 'm2', [topic])
    describe(s, 'reconciling', group)
    beat(s, version, 'first is told', group, 'm1', 1)
    beat(s, version, 'second waits', group, 'm2', 2)
    beat(s, version, 'first has not given back', group, 'm1', 1)
    beat(s, version, 'first has given back', group, 'm1', 1, **holds(s, topic, 0, 1))
    beat(s, version, 'the answer was lost', group, 'm1', 1, **holds(s, topic, 0, 1))
    beat(s, version, 'of an older epoch without its partitions', group, 'm1', 1)
    beat(s, version, 'second gets', group, 'm2', 2)
    describe(s, 'stable', group)
    beat(s, version, 'first leaves', group, 'm1', -1)
    beat(s, version, 'second gets all', group, 'm2', 2, **holds(s, topic, 2, 3))
    describe(s, 'one left', group)


@case('ConsumerGroupHeartbeat', BOTH)
def consumer_group_static_members(s, version):
    topic = s.topic('t', 2)
    group = begin(s, 'static')
    join(s, version, 'joins', group, 'm1', [topic], instanceId='i1')
    join(s, version, 'same instance, in use', group, 'm2', [topic], instanceId='i1')
    beat(s, version, 'fenced', group, 'm2', 1, instanceId='i1')
    beat(s, version, 'unknown instance', group, 'm1', 1, instanceId='i9')
    beat(s, version, 'goes for a while', group, 'm1', -2, instanceId='i1')
    describe(s, 'away', group)
    join(s, version, 'comes back', group, 'm2', [topic], instanceId='i1')
    describe(s, 'back', group)
    beat(s, version, 'the old one', group, 'm1', 1, instanceId='i1')
    beat(s, version, 'leaves', group, 'm2', -1, instanceId='i1')
    describe(s, 'gone', group)


@case('ConsumerGroupHeartbeat', BOTH)
def consumer_group_requests_that_are_refused(s, version):
    topic = s.topic('t')
    group = begin(s, 'refused')
    join(s, version, 'no group', '', 'm1', [topic])
    join(s, version, 'empty instance', group, 'm1', [topic], instanceId='')
    join(s, version, 'empty rack', group, 'm1', [topic], rackId='')
    beat(s, version, 'joins without a timeout', group, 'm1', 0, subscribedTopicNames=[topic], topicPartitions=[])
    beat(s, version, 'joins without saying what it has', group, 'm1', 0, rebalanceTimeoutMs=1000, subscribedTopicNames=[topic])
    beat(s, version, 'joins with partitions', group, 'm1', 0, rebalanceTimeoutMs=1000, subscribedTopicNames=[topic], **holds(s, topic, 0))
    beat(s, version, 'joins without topics', group, 'm1', 0, rebalanceTimeoutMs=1000, topicPartitions=[])
    beat(s, version, 'goes for a while without an instance', group, 'm1', -2)
    beat(s, version, 'epoch -3', group, 'm1', -3)
    beat(s, version, 'no member', group, '', 1)
    join(s, version, 'unknown assignor', group, 'm1', [topic], serverAssignor='mine')
    if version >= 1:
        join(s, version, 'no member id', group, '', [topic])
        join(s, version, 'bad expression', group, 'm1', [], subscribedTopicRegex='a(')
    s.call('describe without a name', 'ConsumerGroupDescribe', version, {'groupIds': ['']})


@case('ConsumerGroupHeartbeat', [1])
def consumer_group_offsets(s, version):
    topic = s.topic('t')
    group = begin(s, 'offsets')
    join(s, version, 'joins', group, 'm1', [topic])

    def commit(label, api_version, member, epoch):
        s.call(label, 'OffsetCommit', api_version, {'groupId': group, 'memberId': member, 'generationIdOrMemberEpoch': epoch, 'topics': [
            {'name': topic, 'topicId': s.id_of(topic), 'partitions': [{'partitionIndex': 0, 'committedOffset': 5}]}]})
    for number in (9, 10):
        commit(f'commit v{number}', number, 'm1', 1)
        commit(f'commit v{number}, stale', number, 'm1', 0)
        commit(f'commit v{number}, stranger', number, 'm9', 1)
        commit(f'commit v{number}, nobody', number, '', -1)
        for member, epoch in (('m1', 1), ('m1', 0), ('m9', 1), (None, -1)):
            s.call(f'fetch v{number} {member} {epoch}', 'OffsetFetch', number, {'groups': [
                {'groupId': group, 'memberId': member, 'memberEpoch': epoch, 'topics': [
                    {'name': topic, 'topicId': s.id_of(topic), 'partitionIndexes': [0, 1]}]}]})
    commit('commit of an old version', 8, 'm1', 1)
    s.call('offsets of a topic that is read', 'OffsetDelete', 0, {'groupId': group, 'topics': [
        {'name': topic, 'partitions': [{'partitionIndex': 0}]}]})
    beat(s, version, 'leaves', group, 'm1', -1)
    commit('commit of a tool', 9, '', -1)
    s.call('offsets of an empty group', 'OffsetDelete', 0, {'groupId': group, 'topics': [
        {'name': topic, 'partitions': [{'partitionIndex': 0}]}]})
