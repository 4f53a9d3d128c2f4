# SPDX-License-Identifier: Apache-2.0
"""franz-go's own tests of its client (kgo) and its admin client (kadm), as published, against one server without replicas."""
import collections
import json
import subprocess

import pytest
from support.run import GO_NEWEST, go, go_suite, run
from support.target import make_server

SHARE_GROUPS = 'share groups are not served'
SASL = 'no listener with SASL'
SKIPPED = {
    'kgo': {
        'TestTxnEtl': 'transactions are not served',
        'TestConsumeRegexShareSkipsInternal': SHARE_GROUPS,
        'TestShareGroup': SHARE_GROUPS,
        'TestShareGroupAckOnClose': SHARE_GROUPS,
        'TestShareGroupETL': SHARE_GROUPS,
        'TestShareGroupOffsetsAdmin': SHARE_GROUPS,
        'TestOAuthAuth': SASL,
        'TestSCRAMAuth': SASL,
        'TestSCRAMAuthBadCredentials': SASL,
        'TestIssueProduceBrokerTooOldFailsRecords':
            'only for servers that do not announce Produce 0 to 2; Apache Kafka does, for librdkafka, and so do we',
    },
    'kadm': {},
}


def run_suite(suite, server, records, seconds):
    """What every test and subtest came to ('run': it never ended), the whole under '', and what each printed."""
    program, sources = go_suite(suite)
    gone = SKIPPED[suite].keys() - set(run([program, '-test.list', '.']).stdout.split())
    assert not gone, f'no longer in the suite: {gone}'
    # Most of them wait more than they work: more at a time than there are cores.
    command = [program, '-test.v=test2json', '-test.parallel=8', f'-test.timeout={seconds}s',
               f'-test.skip=^({"|".join(SKIPPED[suite]) or "-"})$']
    environment = dict(GO_NEWEST, KGO_SEEDS=server.bootstrap, KGO_TEST_RF='1', KGO_TEST_RECORDS=str(records))
    events = subprocess.run([go(), 'tool', 'test2json', *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors='replace', cwd=sources, env=environment, timeout=seconds + 60)
    (server.folder / f'{suite}.json').write_text(events.stdout)
    results, printed = {}, collections.defaultdict(str)
    for event in map(json.loads, events.stdout.splitlines()):
        if event['Action'] == 'output':
            printed[event.get('Test', '')] += event['Output']
        elif event['Action'] in ('run', 'pass', 'fail', 'skip'):
            results[event.get('Test', '')] = event['Action']
    return results, printed


def check(suite, server, ran, records, seconds):
    results, printed = run_suite(suite, server, records, seconds)
    bad = {name: result for name, result in results.items() if result != 'pass'}
    assert results and not bad, f'{bad}\n' + '\n'.join(f'{name} printed:\n{printed[name][-4000:]}' for name in bad)
    tests = [name for name in results if name]
    ran(f'franz-go {suite}', tests=sum('/' not in t for t in tests), subtests=sum('/' in t for t in tests),
        skipped=len(SKIPPED[suite]))


@pytest.fixture
def own_server(own_folder):
    with make_server(own_folder / 'server', properties=['group.initial.rebalance.delay.ms=0']) as running:
        yield running


@pytest.mark.timeout(900)
@pytest.mark.parametrize('suite', SKIPPED)
def test_franz_gos_own_suite(own_server, ran, suite):
    check(suite, own_server, ran, records=5000, seconds=300)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_franz_gos_own_suite_with_half_a_million_records(own_server, ran):
    check('kgo', own_server, ran, records=500000, seconds=3000)
