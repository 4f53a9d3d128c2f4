# SPDX-License-Identifier: Apache-2.0
"""Classic groups: what needs no clock. Both servers start a group without delay (group.initial.rebalance.delay.ms=0)."""
import time
import uuid

from .registry import case
from .wire import Connection

CONSUMER = 'consumer'


def subscription(*topics):
    """What a consumer says of itself (version 0)."""
    out = b'\0\0' + len(topics).to_bytes(4, 'big')
    for topic in topics:
        out += len(topic).to_bytes(2, 'big') + topic.encode()
    return out + b'\xff\xff\xff\xff'


def group_of(s, name='g'):
    """The name of a group of this case, once its coordinator answers; Apache Kafka creates its topic first."""
    group = f'{s.prefix}-{name}'
    deadline = time.monotonic() + 30
    while True:
        found = s.quiet('FindCoordinator', 4, {'keyType': 0, 'coordinatorKeys': [group]})['coordinators'][0]['errorCode']
        if found == 0:
            found = s.quiet('DescribeGroups', 0, {'groups': [group]})['groups'][0]['errorCode']
        if found == 0:
            return group
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def join_body(group, member='', instance=None, kind=CONSUMER, protocols=(('range', b'meta'),), session=30000, version=9):
    body = {'groupId': group, 'sessionTimeoutMs': session, 'memberId': member, 'protocolType': kind,
            'protocols': [{'name': n, 'metadata': m} for n, m in protocols]}
    if version >= 1:
        body['rebalanceTimeoutMs'] = 60000
    if version >= 5:
        body['groupInstanceId'] = instance
    return body


def member_of(s, group, instance=None, protocols=(('range', b'meta'),), kind=CONSUMER, assignment=b'all', session=30000):
    """A group of one member in its first generation; (member id, generation). Not compared."""
    body = join_body(group, instance=instance, protocols=protocols, kind=kind, session=session, version=7)
    answer = s.quiet('JoinGroup', 7, body)
    if answer['errorCode'] == 79:
        answer = s.quiet('JoinGroup', 7, {**body, 'memberId': answer['memberId']})
    assert answer['errorCode'] == 0, answer
    s.normalise(answer, 'JoinGroup')  # gives the member its name
    member, generation = answer['memberId'], answer['generationId']
    if assignment is not None:
        synced = s.quiet('SyncGroup', 3, {'groupId': group, 'generationId': generation, 'memberId': member, 'groupInstanceId': instance,
                                          'assignments': [{'memberId': member, 'assignment': assignment}]})
        assert synced['errorCode'] == 0, synced
    return member, generation


def commit(s, group, topic, offsets, member='', generation=-1):
    """Not compared."""
    answer = s.quiet('OffsetCommit', 5, {'groupId': group, 'generationIdOrMemberEpoch': generation, 'memberId': member, 'topics': [
        {'name': topic, 'partitions': [{'partitionIndex': p, 'committedOffset': o, 'committedMetadata': f'at {o}'} for p, o in offsets]}]})
    assert all(p['errorCode'] == 0 for t in answer['topics'] for p in t['partitions']), answer


@case('FindCoordinator')
def find_coordinator(s, version):
    group = group_of(s)

    def find(label, *keys, kind=0):
        how = {'keyType': kind} if version >= 1 else {}
        s.call(label, 'FindCoordinator', version, {**how, **({'coordinatorKeys': list(keys)} if version >= 4 else {'key': keys[0]})})
    find('a group', group)
    find('an empty key', '')
    if version >= 1:
        for kind in (3, 7, -1):
            find(f'key type {kind}', group, kind=kind)
    if version >= 4:
        find('none')
        find('three', group, f'{group}-2', '')
        find('the same twice', group, group)


@case('JoinGroup')
def join_group(s, version):
    group = group_of(s)

    def join(label, **fields):
        fields = {'group': group, 'version': version, **fields}
        return s.call(label, 'JoinGroup', version, join_body(fields.pop('group'), **fields))
    join('empty group id', group='')
    for session in (0, -1, 5999, 1800001):
        join(f'session timeout {session}', session=session)
    join('no protocol type', kind='')
    join('no protocols', protocols=())
    join('unknown member', member='nobody-1')
    first = join('first')
    member = first['memberId']
    if version >= 4:
        join('with an id of another group', group=f'{group}-other', member=member)
        first = join('with the id that was given', member=member)
    generation = first['generationId']
    join('the leader again', member=member)
    s.call('heartbeat', 'Heartbeat', 0, {'groupId': group, 'generationId': generation + 1, 'memberId': member})
    join('another protocol type', kind='connect')
    join('no protocol in common', protocols=(('other', b''),))
    join('a member of another protocol type', member=member, kind='connect')
    s.call('then', 'DescribeGroups', 4, {'groups': [group]})


@case('JoinGroup', range(5, 10))
def join_group_static(s, version):
    group = group_of(s)
    ours = {'instance': 'one', 'version': version}
    first = s.call('first', 'JoinGroup', version, join_body(group, **ours))
    member, generation = first['memberId'], first['generationId']
    s.call('leads', 'SyncGroup', 3, {'groupId': group, 'generationId': generation, 'memberId': member, 'groupInstanceId': 'one',
                                     'assignments': [{'memberId': member, 'assignment': b'all'}]})
    again = s.call('comes back', 'JoinGroup', version, join_body(group, **ours))
    s.call('is given what it had', 'SyncGroup', 3, {'groupId': group, 'generationId': again['generationId'], 'memberId': again['memberId'],
                                                    'groupInstanceId': 'one', 'assignments': []})
    s.call('the old one is fenced', 'Heartbeat', 3, {'groupId': group, 'generationId': again['generationId'], 'memberId': member,
                                                     'groupInstanceId': 'one'})
    s.call('joins with the old id', 'JoinGroup', version, join_body(group, member=member, **ours))
    s.call('an unknown instance with an id', 'JoinGroup', version, join_body(group, member='x-1', instance='two', version=version))
    s.call('then', 'DescribeGroups', 4, {'groups': [group]})


@case('SyncGroup')
def sync_group(s, version):
    group = group_of(s)
    member, generation = member_of(s, group, assignment=None)

    def sync(label, group=group, member=member, generation=generation, assignments=(), **more):
        protocol = {'protocolType': CONSUMER, 'protocolName': 'range'} if version >= 5 else {}
        s.call(label, 'SyncGroup', version, {'groupId': group, 'generationId': generation, 'memberId': member, 'assignments': [
            {'memberId': m, 'assignment': a} for m, a in assignments], **{**protocol, **more}})
    sync('empty group id', group='')
    sync('unknown group', group=f'{group}-none')
    sync('unknown member', member='nobody-1')
    sync('old generation', generation=generation - 1)
    sync('future generation', generation=generation + 1)
    if version >= 5:
        sync('another protocol type', protocolType='connect')
        sync('another protocol', protocolName='other')
        sync('no protocol type', protocolType=None)
        sync('no protocol', protocolName=None)
    if version >= 3:
        sync('an unknown instance', groupInstanceId='nobody')
    sync('the leader\'s', assignments=[(member, b'all'), ('nobody-1', b'x')])
    sync('again', assignments=[(member, b'other')])
    sync('again without')


@case('Heartbeat')
def heartbeat(s, version):
    group = group_of(s)
    member, generation = member_of(s, group, assignment=None)

    def beat(label, group=group, member=member, generation=generation, **more):
        s.call(label, 'Heartbeat', version, {'groupId': group, 'generationId': generation, 'memberId': member, **more})
    beat('before the assignment')
    s.quiet('SyncGroup', 3, {'groupId': group, 'generationId': generation, 'memberId': member,
                             'assignments': [{'memberId': member, 'assignment': b'all'}]})
    beat('stable')
    beat('empty group id', group='')
    beat('unknown group', group=f'{group}-none')
    beat('unknown member', member='nobody-1')
    beat('no member', member='')
    beat('old generation', generation=generation - 1)
    beat('future generation', generation=generation + 1)
    if version >= 3:
        beat('an unknown instance', groupInstanceId='nobody')
    s.quiet('LeaveGroup', 0, {'groupId': group, 'memberId': member})
    beat('after leaving')


@case('LeaveGroup')
def leave_group(s, version):
    group = group_of(s)

    def leave(label, *members, group=group):
        body = {'members': [{'memberId': m, 'groupInstanceId': i} for m, i in members]} if version >= 3 else {'memberId': members[0][0]}
        s.call(label, 'LeaveGroup', version, {'groupId': group, **body})
    leave('unknown group', ('nobody-1', None))
    leave('empty group id', ('nobody-1', None), group='')
    member, _ = member_of(s, group)
    leave('unknown member', ('nobody-1', None))
    leave('leaves', (member, None))
    leave('again', (member, None))
    s.call('then', 'DescribeGroups', 4, {'groups': [group]})
    if version >= 3:
        leave('nobody')
        member, _ = member_of(s, group, instance='one')
        leave('an unknown instance and an id', ('x-1', 'two'), ('', 'two'))
        leave('an instance with another id', ('x-1', 'one'))
        leave('three at once', ('nobody-1', None), ('', 'one'), (member, None))
        s.call('then', 'DescribeGroups', 4, {'groups': [group]})


@case('OffsetCommit')
def offset_commit(s, version):
    group, t = group_of(s), s.topic('t', 2)

    def put(label, *parts, group=group, member='', generation=-1, topic=t, **more):
        one = {'topicId': s.known_topics[topic][0] if topic in s.known_topics else topic} if version >= 10 else {'name': topic}
        extra = {'committedLeaderEpoch': -1} if version >= 6 else {}
        s.call(label, 'OffsetCommit', version, {'groupId': group, 'generationIdOrMemberEpoch': generation, 'memberId': member, 'topics': [
            {**one, 'partitions': [{'partitionIndex': p, 'committedOffset': o, 'committedMetadata': m, **extra} for p, o, m in parts]}], **more})

    def show(label):
        s.call(label, 'OffsetFetch', 7, {'groupId': group, 'topics': None, 'requireStable': False})
    put('by nobody to a new group', (0, 5, 'here'), (1, 0, None))
    show('then')
    put('unknown partition among good ones', (0, 6, ''), (7, 1, ''), (-1, 1, ''), (1, 2, ''))
    put('negative offset', (0, -5, ''))
    put('the longest metadata', (0, 7, 'x' * 4096))
    put('metadata too long', (0, 8, 'x' * 4097), (1, 9, ''))
    put('empty group id', (0, 1, ''), group='')
    put('unknown topic', (0, 1, ''), topic=uuid.UUID(int=77) if version >= 10 else f'{s.prefix}-none')
    if version < 10:
        put('bad topic name', (0, 1, ''), topic='a b')
    put('a generation and no group', (0, 1, ''), group=f'{group}-none', generation=3, member='x-1')
    put('a member and no generation', (0, 1, ''), member='x-1')
    s.call('no topics', 'OffsetCommit', version, {'groupId': group, 'generationIdOrMemberEpoch': -1, 'memberId': '', 'topics': []})
    put('no partitions')
    show('then')
    member, generation = member_of(s, group, assignment=None)
    put('before the assignment', (0, 10, ''), member=member, generation=generation)
    s.quiet('SyncGroup', 3, {'groupId': group, 'generationId': generation, 'memberId': member,
                             'assignments': [{'memberId': member, 'assignment': b'all'}]})
    put('by the member', (0, 11, 'mine'), member=member, generation=generation)
    put('by nobody into a group with members', (0, 12, ''))
    put('unknown member', (0, 13, ''), member='x-1', generation=generation)
    put('old generation', (0, 14, ''), member=member, generation=generation - 1)
    put('future generation', (0, 15, ''), member=member, generation=generation + 1)
    if version >= 7:
        put('an unknown instance', (0, 16, ''), member=member, generation=generation, groupInstanceId='nobody')
    show('then')


@case('OffsetFetch')
def offset_fetch(s, version):
    group, other = group_of(s), group_of(s, 'h')
    t, u = s.topic('t', 3), s.topic('u')
    commit(s, group, t, [(0, 5), (2, 7)])
    commit(s, group, u, [(0, 1)])

    def fetch(label, *topics, all_of=False, group=group, **more):
        def of(pair):
            name, parts = pair
            return {**({'topicId': s.id_of(name) if name in s.known_topics else uuid.UUID(int=77)} if version >= 10 else {'name': name}),
                    'partitionIndexes': parts}
        asked = None if all_of else [of(pair) for pair in topics]
        body = {'groups': [{'groupId': group, 'topics': asked, **more}]} if version >= 8 else {'groupId': group, 'topics': asked}
        s.call(label, 'OffsetFetch', version, body)
    fetch('two', (t, [0, 2]), (u, [0]))
    fetch('without a commit', (t, [1]))
    fetch('partitions that are not there', (t, [0, 9, -1]))
    fetch('unknown topic', (f'{s.prefix}-none', [0]))
    fetch('no partitions', (t, []))
    fetch('no topics')
    fetch('unknown group', (t, [0]), group=f'{group}-none')
    fetch('empty group id', (t, [0]), group='')
    if version >= 2:
        fetch('all', all_of=True)
        fetch('all of an unknown group', all_of=True, group=f'{group}-none')
    if version >= 7:
        body = {'groups': [{'groupId': group, 'topics': None}]} if version >= 8 else {'groupId': group, 'topics': None}
        s.call('stable ones', 'OffsetFetch', version, {**body, 'requireStable': True})
    if version >= 8:
        s.call('two groups', 'OffsetFetch', version, {'groups': [{'groupId': g, 'topics': None} for g in (group, other)]})
        s.call('no groups', 'OffsetFetch', version, {'groups': []})
    if version >= 9:
        fetch('an unknown member', (t, [0]), memberId='x-1', memberEpoch=3)


@case('OffsetDelete')
def offset_delete(s, version):
    group, t, u = group_of(s), s.topic('t', 2), s.topic('u')
    commit(s, group, t, [(0, 5), (1, 7)])
    commit(s, group, u, [(0, 1)])

    def delete(label, *topics, group=group):
        s.call(label, 'OffsetDelete', version, {'groupId': group, 'topics': [
            {'name': n, 'partitions': [{'partitionIndex': p} for p in parts]} for n, parts in topics]})
    delete('unknown group', (t, [0]), group=f'{group}-none')
    delete('empty group id', (t, [0]), group='')
    delete('nothing')
    delete('one', (t, [0]))
    delete('again', (t, [0]))
    delete('partitions that are not there', (t, [1, 9, -1]), (f'{s.prefix}-none', [0]))
    s.call('left', 'OffsetFetch', 7, {'groupId': group, 'topics': None, 'requireStable': False})
    member_of(s, group, protocols=(('range', subscription(u)),))
    delete('of a topic that a member reads', (u, [0]), (t, [1]))
    foreign = group_of(s, 'connect')
    commit(s, foreign, t, [(0, 5)])
    member_of(s, foreign, kind='connect')
    delete('of a group that is no consumer', (t, [0]), group=foreign)


@case('DescribeGroups')
def describe_groups(s, version):
    group, empty, t = group_of(s), group_of(s, 'empty'), s.topic('t')
    member_of(s, group, protocols=(('range', subscription(t)), ('other', b'x')))
    commit(s, empty, t, [(0, 5)])

    def describe(label, *groups, **more):
        s.call(label, 'DescribeGroups', version, {'groups': list(groups), **more})
    describe('stable', group)
    describe('offsets only', empty)
    describe('unknown', f'{group}-none')
    describe('empty id', '')
    describe('none')
    describe('two, one unknown', empty, f'{group}-none')
    describe('the same twice', empty, empty)
    if version >= 3:
        describe('authorized operations', empty, f'{group}-none', includeAuthorizedOperations=True)
    joining = group_of(s, 'joining')
    member_of(s, joining, assignment=None)
    describe('before the assignment', joining)


@case('ListGroups')
def list_groups(s, version):
    group, empty, t = group_of(s), group_of(s, 'empty'), s.topic('t')
    member_of(s, group)
    member_of(s, group_of(s, 'joining'), assignment=None, kind='connect')
    commit(s, empty, t, [(0, 5)])
    s.call('all', 'ListGroups', version, {})
    if version >= 4:
        for states in (['Stable'], ['empty'], ['Stable', 'CompletingRebalance'], ['Nonsense'], ['']):
            s.call(f'states {states}', 'ListGroups', version, {'statesFilter': states})
    if version >= 5:
        for types in (['classic'], ['Classic'], ['consumer'], ['nonsense'], ['consumer', 'classic']):
            s.call(f'types {types}', 'ListGroups', version, {'typesFilter': types})
        s.call('both filters', 'ListGroups', version, {'typesFilter': ['classic'], 'statesFilter': ['Empty']})


@case('DeleteGroups')
def delete_groups(s, version):
    group, empty, t = group_of(s), group_of(s, 'empty'), s.topic('t')
    member, _ = member_of(s, group)
    commit(s, empty, t, [(0, 5)])

    def delete(label, *groups):
        s.call(label, 'DeleteGroups', version, {'groupsNames': list(groups)})
    delete('none')
    delete('unknown', f'{group}-none')
    delete('empty id', '')
    delete('with a member, and without', group, empty)
    delete('again', empty)
    s.quiet('LeaveGroup', 0, {'groupId': group, 'memberId': member})
    delete('the same twice', group, group)
    s.call('then', 'DescribeGroups', 4, {'groups': [group, empty]})
    s.call('and its offsets', 'OffsetFetch', 7, {'groupId': empty, 'topics': None, 'requireStable': False})


@case('JoinGroup', [2, 5, 9])
def two_members(s, version):
    """A second member comes, and both get their part: parked answers on two connections."""
    group = group_of(s)
    first, generation = member_of(s, group)
    with Connection(s.server.host, s.server.port) as other:
        body = join_body(group, version=version)
        if version >= 4:
            body['memberId'] = other.call('JoinGroup', version, body)['memberId']
        other.send_request('JoinGroup', version, body)
        deadline = time.monotonic() + 10
        while s.quiet('Heartbeat', 3, {'groupId': group, 'generationId': generation, 'memberId': first})['errorCode'] != 27:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        s.call('while the other waits', 'DescribeGroups', 4, {'groups': [group]})
        s.call('the first comes back', 'JoinGroup', version, join_body(group, member=first, version=version))
        told = other.receive('JoinGroup', version)
        s.answers.append(('the second is in', s.normalise(told, 'JoinGroup')))
        second, generation = told['memberId'], told['generationId']
        other.send_request('SyncGroup', 3, {'groupId': group, 'generationId': generation, 'memberId': second, 'assignments': []})
        s.call('the leader assigns', 'SyncGroup', 3, {'groupId': group, 'generationId': generation, 'memberId': first, 'assignments': [
            {'memberId': first, 'assignment': b'a'}, {'memberId': second, 'assignment': b'b'}]})
        s.answers.append(('the second gets its part', s.normalise(other.receive('SyncGroup', 3), 'SyncGroup')))
        s.call('the second leaves', 'LeaveGroup', 3, {'groupId': group, 'members': [{'memberId': second}]})
        s.call('the first is told', 'Heartbeat', 3, {'groupId': group, 'generationId': generation, 'memberId': first})
