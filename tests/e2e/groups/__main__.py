# SPDX-License-Identifier: Apache-2.0
"""python -m groups [--server ledge|kafka|both] [--jobs N] [FAMILY ...]: the script of a group for client families, and the
rebalances of each phase, side by side; at the end the table that docs/testing.md has. (`make groups`)"""
import argparse
import concurrent.futures
import pathlib
import shutil
import sys
import tempfile

from support.ledge import ROOT

from .expected import differences, heading, row, show
from .members import FAMILIES
from .run import run_family


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--server', choices=('ledge', 'kafka', 'both'), default='both')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--downtime', type=float, default=12.0,
                        help='seconds that Ledge is away after a kill, about as long as Apache Kafka needs to come back')
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('families', nargs='*', metavar='FAMILY', choices=[*FAMILIES, []], default=[])
    options = parser.parse_args()
    options.families = options.families or list(FAMILIES)
    home = ROOT / 'build' / 'e2e'
    home.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix='groups-', dir=home))
    servers = ('kafka', 'ledge') if options.server == 'both' else (options.server,)
    bad, rows = 0, []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = {(family, server): pool.submit(run_family, family, server, scratch / f'{family}-{server}',
                                              options.downtime if server == 'ledge' else 0.0)
                for family in options.families for server in servers}
        for family in options.families:
            done = {}
            for server in servers:
                try:
                    done[server] = work[family, server].result()
                except Exception as error:
                    bad += 1
                    print(f'{family} against {server} failed: {type(error).__name__}: {str(error)[-2000:]}', flush=True)
            if done:
                print(show(family, done), flush=True)
                rows.append(row(family, done))
            # Apache Kafka, away for some twelve seconds too, is what Ledge is held to; what it does otherwise is shown.
            for server, result in done.items():
                wrong = differences(family, result.phases, options.downtime)
                bad += len(wrong) if server == 'ledge' else 0
                for one in wrong:
                    print(f'    {"DIFFERENT" if server == "ledge" else "otherwise"} {server}: {one}', flush=True)
    if not options.keep:
        shutil.rmtree(scratch, ignore_errors=True)
    print(*heading(servers), *rows, sep='\n')
    print(f'{len(options.families) * len(servers)} runs, {bad} differences or failures')
    return 1 if bad else 0


sys.exit(main())
