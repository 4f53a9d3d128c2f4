# SPDX-License-Identifier: Apache-2.0
"""`ledge group list | describe | reset | delete`, against whichever server is under test."""
import json

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from support.ledge import ledge

FIRST = 1_700_000_000_000  # record i of a partition was made i minutes later


@pytest.fixture
def group(server, topic):
    """A topic of three partitions with ten records each, and a group that has committed 4 in the first two of them."""
    admin = AdminClient({'bootstrap.servers': server.bootstrap})
    admin.create_topics([NewTopic(topic, 3, 1)])[topic].result(20)
    producer = confluent_kafka.Producer({'bootstrap.servers': server.bootstrap})
    for p in range(3):
        for i in range(10):
            producer.produce(topic, b'x', partition=p, timestamp=FIRST + 60_000 * i)
    assert producer.flush(30) == 0
    name = f'group of {topic}'
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': name})
    consumer.commit(offsets=[confluent_kafka.TopicPartition(topic, p, 4) for p in range(2)], asynchronous=False)
    consumer.close()
    return name


@pytest.fixture
def run(server):
    def call(*words, code=0):
        result = ledge('group', *words, '--bootstrap', server.bootstrap, '--timeout', 20)
        assert result.returncode == code, (words, result.stdout, result.stderr)
        return json.loads(result.stdout) if '--json' in words and code == 0 else result.stdout + result.stderr
    return call


@pytest.fixture
def committed(run, group):
    return lambda: {(o['topic'], o['partition']): o['offset'] for o in run('describe', group, '--json')['offsets']}


def test_list_and_describe(run, group, topic):
    listed = {g['group']: g for g in run('list', '--json')}
    assert listed[group]['state'] == 'Empty' and listed[group]['type'] == 'classic'
    assert group in run('list')
    told = run('describe', group, '--json')
    assert told['state'] == 'Empty' and told['members'] == []
    assert told['offsets'] == [{'topic': topic, 'partition': p, 'offset': 4, 'end': 10, 'lag': 6, 'member': None} for p in range(2)]
    text = run('describe', group)
    assert 'Empty' in text and [topic, '0', '4', '10', '6', '-'] in [line.split() for line in text.splitlines()]


def test_a_live_member_is_shown_and_keeps_its_offsets_from_being_reset(run, group, topic, server):
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': group, 'client.id': 'somebody'})
    consumer.subscribe([topic])
    while len(consumer.assignment()) < 3:
        consumer.poll(0.1)
    told = run('describe', group, '--json')
    assert told['state'] == 'Stable' and [m['client'] for m in told['members']] == ['somebody']
    assert told['members'][0]['partitions'] == 3 and '127.0.0.1' in told['members'][0]['host']
    assert [o['member'] for o in told['offsets']] == [told['members'][0]['member']] * 3
    assert 'is Stable with 1 members' in run('reset', group, '-t', topic, '--to-earliest', '--execute', code=1)
    assert 'not empty' in run('delete', group, code=1)
    consumer.close()


def test_a_consumer_group_is_described_too(run, topic, server, group):
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': f'modern {topic}', 'group.protocol': 'consumer'})
    consumer.subscribe([topic])
    while len(consumer.assignment()) < 3:
        consumer.poll(0.1)
    told = run('describe', f'modern {topic}', '--json')
    assert (told['type'], told['protocol']) == ('consumer', 'uniform')
    assert [m['partitions'] for m in told['members']] == [3]
    consumer.close()


@pytest.mark.parametrize('flags, wanted', [
    (['--to-earliest'], 0), (['--to-latest'], 10), (['--to-offset', 7], 7), (['--to-offset', 99], 10), (['--shift-by', -3], 1),
    (['--shift-by=3'], 7), (['--shift-by', -30], 0), (['--to-time', f'@{FIRST + 60_000 * 5 - 1}'], 5), (['--to-time', '@-1h'], 10),
], ids=lambda v: ' '.join(map(str, v)) if isinstance(v, list) else '')
def test_reset_shows_first_and_then_does(run, group, topic, committed, flags, wanted):
    which = ['-t', f'{topic}:0,1']
    shown = run('reset', group, *which, *flags, '--json')
    plan = [{'topic': topic, 'partition': p, 'before': 4, 'offset': wanted, 'end': 10} for p in range(2)]
    assert shown == {'group': group, 'executed': False, 'offsets': plan}
    assert 'nothing is changed yet' in run('reset', group, *which, *flags, '--dry-run')
    assert committed() == {(topic, p): 4 for p in range(2)}
    assert run('reset', group, *which, *flags, '--execute', '--json') == {'group': group, 'executed': True, 'offsets': plan}
    assert committed() == {(topic, p): wanted for p in range(2)}


def test_reset_from_a_file_all_topics_and_a_group_that_was_never_there(run, group, topic, committed, own_folder):
    file = own_folder / 'offsets.csv'
    file.write_text(f'{topic},0,2\n"{topic}",2,3\n')
    run('reset', group, '--from-file', file, '--execute')
    assert committed() == {(topic, 0): 2, (topic, 1): 4, (topic, 2): 3}
    run('reset', group, '--all-topics', '--to-latest', '--execute')
    assert committed() == {(topic, p): 10 for p in range(3)}
    run('reset', f'new {topic}', '-t', topic, '--to-offset', 6, '--execute')
    assert [o['offset'] for o in run('describe', f'new {topic}', '--json')['offsets']] == [6, 6, 6]


def test_what_cannot_be_reset_is_refused_and_nothing_changes(run, group, topic, committed, own_folder):
    assert 'give one of' in run('reset', group, '-t', topic, code=2)
    assert 'give one of' in run('reset', group, '-t', topic, '--to-earliest', '--to-latest', code=2)
    assert 'give --topic' in run('reset', group, '--to-earliest', code=2)
    assert 'either' in run('reset', group, '-t', topic, '--to-earliest', '--execute', '--dry-run', code=2)
    assert 'nothing is committed' in run('reset', group, '-t', topic, '--shift-by', 1, '--execute', code=1)  # partition 2
    assert 'no-such-topic' in run('reset', group, '-t', 'no-such-topic', '--to-earliest', '--execute', code=1)
    assert f'{topic}, partition 9' in run('reset', group, '-t', f'{topic}:9', '--to-earliest', '--execute', code=1)
    (own_folder / 'wrong.csv').write_text(f'{topic},0,1\n{topic},zero,1\n')
    assert 'line 2' in run('reset', group, '--from-file', own_folder / 'wrong.csv', '--execute', code=2)
    assert committed() == {(topic, p): 4 for p in range(2)}


def test_delete(run, group):
    assert 'deleted' in run('delete', group)
    assert group not in [g['group'] for g in run('list', '--json')]
    run('describe', group, code=1)
    run('delete', group, code=1)
    assert run('delete', group, '--if-exists', '--json') == {'group': group, 'deleted': False}
