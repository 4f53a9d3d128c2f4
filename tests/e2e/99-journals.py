# SPDX-License-Identifier: Apache-2.0
"""The second reader of the journal agrees with the program on the data folders that the tests before this one left.

Those of the same run; with LEDGE_E2E_HOME all that are in that folder (tools/run_tests.py).
"""
import os
import pathlib
import shutil
import sys

import pytest
from support import ledge
from support.target import TARGET

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'formats'))
import test_read_journal  # noqa: E402

pytestmark = pytest.mark.skipif(TARGET == 'kafka', reason='about Ledge\'s own files')
FOLDERS_MAX, BYTES_MAX = 80, 4 << 30
VIEW = ledge.ROOT / 'build' / 'dev' / 'journal_view'


def allocated(folder):
    return sum(f.stat().st_blocks * 512 for f in folder.glob('*.journal'))


def test_the_second_reader_agrees_on_every_data_folder(scratch, own_folder, ran):
    with ledge.Ledge(own_folder) as server:  # there is one, whatever ran before
        assert ledge.ledge('topic', 'create', 'read-twice', '-b', server.bootstrap).returncode == 0
    runs = pathlib.Path(os.environ['LEDGE_E2E_HOME']).glob('run-*') if 'LEDGE_E2E_HOME' in os.environ else [scratch]
    folders = sorted(p for run in runs for p in run.glob('*/data') if p.parent.name != 'shared' and any(p.glob('segment-*.journal')))
    total, lines, compared = 0, 0, 0
    for folder in folders[-FOLDERS_MAX:]:
        total += allocated(folder)
        if total > BYTES_MAX:
            break
        copy = own_folder / 'copy'
        shutil.copytree(folder, copy)
        try:
            lines += test_read_journal.compare(str(ledge.PROGRAM), str(VIEW) if VIEW.exists() else None, copy)
        except test_read_journal.Disagreement as difference:
            pytest.fail(f'{folder.parent.name}: {difference}')
        compared += 1
        shutil.rmtree(copy)
    ran('second reader', folders=compared, **{'of': len(folders), 'lines': lines, 'recovery too': VIEW.exists()})
