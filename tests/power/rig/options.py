# SPDX-License-Identifier: Apache-2.0
"""The part of the command line that the rigs share, and the proof by --no-sync."""
import argparse
import pathlib

from . import report, system


def parser(text):
    made = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument('--no-sync', action='store_true', help='prove the rig: build/dev/ledge without its syncs must lose what was acked in 95 %% of the cuts')
    made.add_argument('--program', type=pathlib.Path, help='the program under test (build/release/ledge; with --no-sync build/dev/ledge)')
    made.add_argument('--result', type=pathlib.Path, help='JSON file that this run is added to (build/power/RIG.json)')
    return made


def parse(made, rig):
    options = made.parse_args()
    options.rig = rig
    options.sabotage = 'no-sync' if options.no_sync else None
    options.program = options.program or (system.DEV / 'ledge' if options.no_sync else system.ROOT / 'build' / 'release' / 'ledge')
    options.result = options.result or system.HOME / (f'{rig}-no-sync.json' if options.no_sync else f'{rig}.json')
    return options


def need_dev_build(options):
    if options.no_sync and not report.program_facts(options.program)['sabotage']:
        raise system.Missing(f'--no-sync needs a dev build, and {options.program} is none')


def prove(with_loss, cuts):
    """The end of a run without syncs."""
    rate = with_loss / max(cuts, 1)
    print(f'\nwithout sync: records were lost in {with_loss} of {cuts} cuts after an ack, {100 * rate:.1f} %')
    if rate < 0.95:
        report.fail('a build without sync must lose in at least 95 % of the cuts; this rig proves nothing')
