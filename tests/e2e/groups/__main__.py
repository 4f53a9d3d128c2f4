# SPDX-License-Identifier: Apache-2.0
"""python -m groups [--server ledge|kafka|both] [--jobs N] [FAMILY ...]: the script of a group for client families, and the rebalances
of each phase, side by side. (`make groups`)"""
import argparse
import concurrent.futures
import pathlib
import shutil
import sys
import tempfile
import traceback

from support.ledge import ROOT

from .expected import differences, show
from .members import FAMILIES
from .run import run_family


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--server', choices=('ledge', 'kafka', 'both'), default='both')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--downtime', type=float, default=12.0, help='seconds that the killed server is away, on either server')
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('families', nargs='*', metavar='FAMILY', choices=[*FAMILIES, []], default=[])
    options = parser.parse_args()
    options.families = options.families or list(FAMILIES)
    home = ROOT / 'build' / 'e2e'
    home.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix='groups-', dir=home))
    servers = ('kafka', 'ledge') if options.server == 'both' else (options.server,)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = {(f, s): pool.submit(run_family, f, s, scratch / f'{f}-{s}', options.downtime) for f in options.families for s in servers}
        for family in options.families:
            done = {}
            for server in servers:
                try:
                    done[server] = work[family, server].result()
                except Exception:
                    bad += 1
                    print(f'{family} against {server} failed:\n{traceback.format_exc()}', flush=True)
            if done:
                print(show(family, done), flush=True)
            wrong = [f'{s}: {w}' for s, r in done.items() for w in differences(family, r.phases)]
            bad += len(wrong)
            if wrong:
                print(*(f'    DIFFERENT {w}' for w in wrong), sep='\n', flush=True)
    if not options.keep:
        shutil.rmtree(scratch, ignore_errors=True)
    print(f'{len(options.families) * len(servers)} runs, {bad} differences or failures')
    return 1 if bad else 0


sys.exit(main())
