#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second reader and the program agree: on every entry, checksum, snapshot, index row, torn tail and damaged range of
a folder, and on what recovery makes of it.

    test_read_journal.py --ledge PROGRAM --view PROGRAM [--exporter PROGRAM]... [--folder FOLDER]... [--every N] [--max N]
                         [--damaged N] [--seed N]

--exporter runs a test program that copies the disks of its journals (LEDGE_EXPORT_DISKS); --folder takes real data
folders. Of every one, --damaged copies are compared too, each with bits flipped, a page of garbage or zeros, a cut tail, or
a file missing.
"""
import argparse
import base64
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import read_journal  # noqa: E402
from journal_file import Refused  # noqa: E402


class Disagreement(Exception):
    pass


def same(what, program, ours):
    if program == ours:
        return
    if isinstance(program, list) and isinstance(ours, list):
        only = [x for x in program if x not in ours][:3], [x for x in ours if x not in program][:3]
        raise Disagreement(f'{what}: only the program has {only[0]}, only the second reader {only[1]}, '
                           f'{len(program)} and {len(ours)} in all')
    raise Disagreement(f'{what}: the program has {program}, the second reader {ours}')


def by_program(ledge, folder, command, *more):
    run = subprocess.run([ledge, 'journal', command, '--data', str(folder), '--json', *more], capture_output=True, text=True)
    if run.returncode not in (0, 1) or (run.returncode == 1 and not run.stdout and 'damage' not in run.stderr):
        raise Disagreement(f'ledge journal {command} ended with {run.returncode}: {run.stderr[:300]}')
    return run.stdout


def compare(ledge, view, folder):
    """Number of lines that agree. The folder may be changed: recovery is its last use."""
    try:
        info, lines = read_journal.inspect(folder)
    except Refused:
        info, lines = None, None
    recovered = read_journal.recovered(folder)
    if info:
        theirs = json.loads(by_program(ledge, folder, 'info'))
        for s in theirs['segments']:
            del s['problem']
        same('journal id', base64.urlsafe_b64decode(theirs['id'] + '==').hex(), info['id'])
        same('segments', theirs['segments'], info['segments'])
        same('torn tail', theirs['torn_tail_bytes'], info['torn_tail_bytes'])
        same('damage', sorted([d['stream'], d['first_offset'], d['last_offset']] for d in theirs['damage']),
             [list(d) for d in info['damage']])
        dumped = [json.loads(line) for line in by_program(ledge, folder, 'dump', '--index').splitlines()]
        order = lambda x: (x['file'], 'position' in x, x.get('position', 0), x.get('index_piece', 0), x['stream'])
        same('entries and index rows', sorted(dumped, key=order), sorted(lines, key=order))
    if view is None:
        return len(lines or [])
    run = subprocess.run([view, str(folder)], capture_output=True, text=True)
    if run.returncode != 0:
        raise Disagreement(f'recovery of the program failed: {run.returncode} {run.stderr[-300:]}')
    theirs = json.loads(run.stdout)
    if 'refused' in theirs or 'refused' in recovered:
        same('refused', 'refused' in theirs, 'refused' in recovered)
        return len(lines or []) + 1
    same('torn tail that recovery cut', theirs['torn_tail_bytes'], recovered['torn_tail_bytes'])
    same('damage that recovery found', sorted(theirs['damage']), recovered['damage'])
    for a, b in zip(theirs['streams'], recovered['streams']):
        for key in ('stream', 'log_start', 'next_offset', 'lost', 'batches'):
            same(f"stream {a['stream']}, {key}", joined(a[key]) if key == 'lost' else a[key], b[key])
    same('streams', len(theirs['streams']), len(recovered['streams']))
    return len(lines or []) + sum(len(s['batches']) + 1 for s in theirs['streams'])


def joined(ranges):
    out = []
    for first, last in ranges:
        if out and out[-1][1] + 1 == first:
            out[-1][1] = last
        else:
            out.append([first, last])
    return out


def harm(folder, dice):
    """Does one thing to one file, where something is written more often than where nothing is."""
    files = sorted(f for f in folder.iterdir() if f.suffix == '.journal')
    file = dice.choice(files)
    data = bytearray(file.read_bytes())
    if not data:
        return
    used = max(len(data.rstrip(b'\0')), 1)
    at = dice.randrange(used) if dice.random() < 0.8 else dice.randrange(len(data))
    kind = dice.choice(['bit', 'bit', 'header', 'header', 'two bits', 'garbage', 'zeros', 'cut', 'missing'])
    if kind == 'header':
        at = data.rfind(b'\x01LGF', 0, at + 1)
        at = (at if at >= 0 else 0) + dice.randrange(120)
        kind = 'bit'
    if kind in ('bit', 'two bits'):
        for _ in range(1 + (kind == 'two bits')):
            data[min(at, len(data) - 1)] ^= 1 << dice.randrange(8)
            at += dice.randrange(40)
    elif kind == 'missing':
        file.unlink()
        return
    else:
        page = at // 4096 * 4096
        end = len(data) if kind == 'cut' else min(page + 4096, len(data))
        data[page:end] = dice.randbytes(end - page) if kind == 'garbage' else bytes(end - page)
    file.write_bytes(data)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--ledge', required=True)
    parser.add_argument('--view', required=True)
    parser.add_argument('--exporter', action='append', default=[])
    parser.add_argument('--folder', action='append', default=[])
    parser.add_argument('--every', type=int, default=7)
    parser.add_argument('--max', type=int, default=25)
    parser.add_argument('--damaged', type=int, default=3)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--keep')
    args = parser.parse_args()
    dice, counts, lines, bad = random.Random(args.seed), {'whole': 0, 'damaged': 0}, 0, 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        folders = [pathlib.Path(f) for f in args.folder]
        for i, exporter in enumerate(args.exporter):
            to = work / f'disks-{i}'
            env = dict(os.environ, LEDGE_EXPORT_DISKS=str(to), LEDGE_EXPORT_EVERY=str(args.every),
                       LEDGE_EXPORT_MAX=str(args.max))
            more = ['--gtest_filter=-*EveryFlippedBit*'] if exporter.endswith('_test') else ['--seeds', str(args.max)]
            # Whether its own tests pass is theirs to say; what its disks held counts here.
            subprocess.run([exporter, *more], env=env, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            found = sorted(to.iterdir()) if to.exists() else []
            bad += not found
            print(f'{exporter.rsplit("/", 1)[-1]}: {len(found)} disks')
            folders += found
        for folder in folders:
            for copy in range(args.damaged + 1):
                at = work / 'copy'
                shutil.copytree(folder, at)
                for _ in range(dice.choice([1, 1, 1, 2, 5]) if copy else 0):
                    if any(f.suffix == '.journal' for f in at.iterdir()):
                        harm(at, dice)
                kept = work / 'kept'
                shutil.copytree(at, kept)
                try:
                    lines += compare(args.ledge, args.view, at)
                    counts['damaged' if copy else 'whole'] += 1
                except Disagreement as e:
                    bad += 1
                    print(f'{folder.name}, copy {copy}: {e}')
                    if args.keep:
                        shutil.copytree(kept, pathlib.Path(args.keep) / f'{folder.parent.name}-{folder.name}-{copy}',
                                        dirs_exist_ok=True)
                shutil.rmtree(at)
                shutil.rmtree(kept)
    print(f"{counts['whole']} whole and {counts['damaged']} damaged journals agree, {lines} lines; {bad} do not")
    return 1 if bad or counts['whole'] == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
