# SPDX-License-Identifier: Apache-2.0
"""The same requests to Apache Kafka and to Ledge: the same decoded answers, but for the rows of differential/allowed.py.

With LEDGE_E2E_SERVER=kafka two Apache Kafkas are compared, which shows that the comparison itself is steady.
"""
import collections

import pytest
from differential import cases, cases_admin, cases_groups, consumer_group_cases  # noqa: F401: they fill CASES
from differential.allowed import ROWS
from differential.compare import Session, differences
from differential.registry import CASES
from support.target import TARGET

pytestmark = pytest.mark.xdist_group('differential')  # counts over its tests what was of use
ALL = [(name, version) for name, (api, versions, _) in CASES.items() for version in versions]
used = collections.Counter()
ran_already = set()
answers = 0


def run_case(server, name, version):
    function = CASES[name][2]
    session = Session(server, f'd-{name.replace("_", "-")[:40]}-v{version}')
    try:
        function(session, version)
    finally:
        session.reconnect()
    return session.answers


def compare(kafka, ledge, name, version):
    """Differences that no row covers, as lines to read; counts the rows that were of use."""
    global answers
    api = CASES[name][0]
    theirs, ours = run_case(kafka, name, version), run_case(ledge, name, version)
    assert [label for label, _ in theirs] == [label for label, _ in ours]
    answers += len(theirs)
    problems = []
    for (label, a), (_, b) in zip(theirs, ours):
        for path, x, y in differences(a, b):
            rows = [row for row in ROWS if row.covers(api, name, label, path, x, y)]
            used.update(rows)
            if not rows:
                problems.append(f'{label}: {path or "(the answer)"}: Apache Kafka {str(x)[:200]}, Ledge {str(y)[:200]}')
    ran_already.add((name, version))
    return problems


@pytest.mark.parametrize('name, version', ALL, ids=[f'{name}-v{version}' for name, version in ALL])
def test_the_answers_are_apache_kafkas(real_kafka, server, name, version):
    problems = compare(real_kafka, server, name, version)
    assert not problems, f'{len(problems)} differences:\n' + '\n'.join(problems)


@pytest.mark.skipif(TARGET == 'kafka', reason='two Apache Kafkas are compared')
def test_every_difference_that_is_listed_still_occurs(real_kafka, server, ran):
    for name, version in ALL:
        if (name, version) not in ran_already:
            compare(real_kafka, server, name, version)
    stale = [row for row in ROWS if not used[row]]
    assert not stale, 'no longer different: ' + '; '.join(f'{row.api} {row.case} {row.path}' for row in stale)
    ran('differential', cases=len(ALL), answers=answers)
