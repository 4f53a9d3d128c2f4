# SPDX-License-Identifier: Apache-2.0
"""The short forms of the rigs, as `make test` runs them. The long ones are commands of their own (docs/testing.md)."""
import json
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent


def rig(name, folder, *arguments):
    """Runs a rig to its end; the totals of its result. What it says is shown when it fails."""
    result = folder / 'result.json'
    ran = subprocess.run([sys.executable, str(HERE / f'{name}.py'), *map(str, arguments), '--seed', '1', '--result', str(result)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=170)
    assert ran.returncode == 0, ran.stdout[-6000:]
    return json.loads(result.read_text())['totals']


def nothing_wrong(totals):
    wrong = ('lost', 'altered', 'reordered', 'doubled', 'commits_lost', 'topics_lost', 'not_recovered')
    assert {k: totals[k] for k in wrong} == dict.fromkeys(wrong, 0)


@pytest.mark.parametrize('name', ['block_cut', 'fs_shutdown'])
@pytest.mark.timeout(180)
def test_power_cuts_take_nothing_that_was_acked(name, tmp_path, record_property):
    totals = rig(name, tmp_path, '--cuts', 30)
    nothing_wrong(totals)
    assert totals['cuts'] == 30 and totals['compared'] > 30
    record_property('totals', json.dumps(totals))


@pytest.mark.parametrize('name', ['block_cut', 'fs_shutdown'])
@pytest.mark.timeout(180)
def test_the_rig_finds_a_build_that_does_not_sync(name, tmp_path):
    totals = rig(name, tmp_path, '--cuts', 10, '--no-sync')
    assert totals['cuts_with_loss'] == totals['cuts'] == 10


@pytest.mark.timeout(180)
def test_a_life_recovers_from_a_failing_call(tmp_path):
    # The shortest life has some 140 calls, how many depends on what falls into one commit.
    totals = rig('every_call', tmp_path, '--step', 41, '--from', 9, '--to', 132)
    nothing_wrong(totals)
    assert totals['recovered'] == totals['lives'] == 6 * 4


@pytest.mark.timeout(180)
def test_a_life_whose_power_is_cut_tells_a_build_that_does_not_sync(tmp_path):
    # Both in the second run of a life: at its start and while it writes. Without syncs a life has some 130 calls.
    totals = rig('every_call', tmp_path, '--no-sync', '--from', 95, '--to', 119, '--step', 24)
    assert totals['with_loss'] == totals['with_acks_before'] == totals['lives'] == 2


@pytest.mark.timeout(180)
def test_a_full_disk_is_started_on_read_from_and_left_again(tmp_path):
    totals = rig('full_disk', tmp_path, '--rounds', 1)
    nothing_wrong(totals)
    assert totals['acked'] > totals['acked_until_full'] > 0


@pytest.mark.timeout(180)
def test_a_full_disk_tells_a_build_that_does_not_sync(tmp_path):
    totals = rig('full_disk', tmp_path, '--rounds', 2, '--no-sync')
    assert totals['with_loss'] == totals['rounds'] == 2
