# SPDX-License-Identifier: Apache-2.0
"""Client families in a group of three over twelve partitions while a producer runs: members join, leave, are killed, and the server
is killed too. Every record reaches somebody, nothing is skipped, and what is committed survives (groups/, docs/testing.md)."""
import concurrent.futures
import types

import pytest
from groups import expected, run, script
from groups import line as books
from groups.members import FAMILIES, Line
from support.run import go_program, java_classes, node_program, rust_program
from support.target import TARGET

pytestmark = pytest.mark.xdist_group('families')  # share the runs, which are bounded here
AT_A_TIME = 3  # a run mostly waits for timers


@pytest.fixture(scope='module')
def runs(scratch, request):
    """All families that were asked for, several at a time; a test waits for its own."""
    wanted = [i.callspec.params['family'] for i in request.session.items if i.module is request.module and
              'family' in i.callspec.params]
    for build in (go_program, node_program, rust_program, lambda: java_classes('GroupMember')):  # before the clock runs
        build()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        yield {f: pool.submit(run.run_family, f, TARGET, scratch / f'group-{f}', 0.0) for f in wanted}


@pytest.mark.parametrize('family', FAMILIES)
@pytest.mark.timeout(1500)
def test_a_group_of_three_through_joins_leaves_kills_and_a_restart(family, runs, ran):
    done = runs[family].result()
    wrong = expected.differences(family, done.phases)
    assert not wrong, '; '.join(wrong)
    ran(family, records=len(done.given()), again=done.again, rebalances=sum(p.rebalances for p in done.phases))


@pytest.mark.parametrize('said, wrong', [
    ('assigned 0|record 0 0|record 0 1', None),
    ('assigned 0|record 0 0|record 0 2', '2 after 0'),
    ('assigned 0|record 0 0|record 0 0', '0 after 0'),
    ('assigned 0|record 0 0|committed|revoked 0|assigned 0|record 0 0', 'committed was 1'),
    ('assigned 0|record 0 0|committed|revoked 0|assigned 0|record 0 1', None),
    ('committed|committed back', 'was committed after'),
    ('committed|told old', 'had been committed'),
], ids=lambda v: v if v and '|' in v else '')
def test_the_script_sees_what_is_wrong(said, wrong):
    """The proof itself can fail: skipped, repeated and forgotten offsets are told from good ones."""
    book = types.SimpleNamespace(events=[], wrong=[])
    member = types.SimpleNamespace(name='m', lines=[])
    for at, words in enumerate(w.split() for w in said.split('|')):
        match words:
            case ['record', p, o]:
                member.lines.append(Line(at, 'record', (int(p),), int(o), 'v'))
            case ['assigned' | 'revoked' as word, p]:
                member.lines.append(Line(at, word, (int(p),), None, None))
            case ['committed']:
                book.events.append((at, books.Committed({0: 1})))
            case ['committed', 'back']:
                book.events.append((at, books.Committed({0: 0})))
            case ['told', 'old']:
                book.events.append((at, books.Fetched({0: 0}, at)))
    checked = script.Run('franz-go', None, book)
    checked.members = [member]

    def check():
        checked.check_commits()
        checked.check_tenures()
    if wrong is None:
        check()
    else:
        with pytest.raises(AssertionError, match=wrong):
            check()
