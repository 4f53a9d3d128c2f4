# SPDX-License-Identifier: Apache-2.0
"""Kafka's tools print the same against Ledge as against Apache Kafka in the same state, but for the rows of
differential/tools.py; and what web consoles ask at their start is answered without an unexpected error."""
import collections

import apache_kafka
import pytest
from differential import tools
from support.target import TARGET, make_server

pytestmark = pytest.mark.xdist_group('tools')  # share two servers and a JVM


@pytest.fixture(scope='module')
def runner():
    one = tools.Runner()
    yield one
    one.close()


@pytest.fixture(scope='module')
def states(scratch):
    # Servers of their own: the commands also print the topics and groups that other tests left.
    with apache_kafka.Broker(scratch / 'tools-kafka') as kafka, \
            make_server(scratch / 'tools', properties=['group.initial.rebalance.delay.ms=0']) as server:
        yield tools.State(kafka), tools.State(server)


def test_the_tools_print_what_they_print_against_apache_kafka(runner, states, scratch, ran):
    used, problems, compared = collections.Counter(), [], 0
    kafka, ledge = states
    for (tool, *theirs), (_, *ours) in zip(tools.commands(kafka, scratch), tools.commands(ledge, scratch), strict=True):
        shown = []
        for state, arguments in ((kafka, theirs), (ledge, ours)):
            words = list(map(str, arguments))
            place = 1 if tool in ('cluster', 'metadata-quorum') else 0
            connect = ['--bootstrap-server', state.server.bootstrap]
            if tool == 'metadata-quorum':
                words = [*connect, *words]
            else:
                words[place:place] = connect
            shown.append(tools.normalise(state, tool, tuple(map(str, arguments)), *runner(tools.TOOLS[tool], *words)))
        compared += 1
        command = ' '.join(map(str, ours))
        for a, b in tools.differing(*shown):
            rows = [row for row in tools.ROWS if row.covers(tool, command, a, b)]
            used.update(rows)
            if not rows:
                problems.append(f'{tool} {command}\n  Apache Kafka: {a}\n  Ledge: {b}')
    ran('tools', commands=compared, differences_that_are_meant=sum(used.values()))
    assert not problems, f'{len(problems)} differences:\n' + '\n'.join(problems)
    if TARGET != 'kafka':
        stale = [row for row in tools.ROWS if not used[row]]
        assert not stale, 'no longer different: ' + '; '.join(f'{row.tool} {row.command} {row.what}' for row in stale)


def test_what_web_consoles_ask_at_their_start_is_answered(runner, states, ran):
    expected = {'kafbat connect describeAcls': 'SecurityDisabledException', 'akhq describeAcls': 'SecurityDisabledException'}
    answers = []
    for state in states:
        code, out, err = runner('UiCalls', state.server.bootstrap, state.orders, f'{tools.PREFIX}-console')
        assert code == 0, err
        answers.append(dict(line.split(': ') for line in out.splitlines()))
    kafka, ledge = answers
    assert len(ledge) > 35 and ledge.keys() == kafka.keys()
    assert kafka == ledge, {name: (kafka[name], ledge[name]) for name in ledge if kafka[name] != ledge[name]}
    unexpected = {name: answer for name, answer in ledge.items() if answer != expected.get(name, 'ok')}
    assert not unexpected
    ran('web consoles', calls=len(ledge))
