#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the built tests, the end-to-end tests and the short power-cut rigs, says how many of each part ran, ends with 'N passed, N failed'.

A ctest entry that is a GoogleTest binary counts as many tests as it reports; any other entry counts as one. Entries
whose name begins with "sim" or contains "simulation" are the simulation part, all others the unit part.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEV = ROOT / 'build' / 'dev'
RESULTS = ROOT / 'build' / 'test-results'


class Part:
    def __init__(self, name):
        self.name, self.passed, self.failed, self.seconds = name, 0, 0, 0.0
        self.failures = []


def is_simulation(entry):
    return entry.startswith('sim') or 'simulation' in entry


def run_ctest(jobs):
    """One unit and one simulation part, from ctest's JUnit file and the JSON file of each GoogleTest binary."""
    unit, simulation = Part('unit'), Part('simulation')
    gtest = RESULTS / 'gtest'
    gtest.mkdir(parents=True)
    junit = RESULTS / 'ctest.xml'
    environment = dict(os.environ, GTEST_OUTPUT=f'json:{gtest}/', GTEST_BRIEF='1')
    subprocess.run(['ctest', '--test-dir', DEV, '--output-on-failure', f'-j{jobs}', '--timeout', '900', '--no-tests=error',
                    '--output-junit', junit], env=environment, stdout=sys.stdout)
    if not junit.exists():
        unit.failed, unit.failures = 1, ['ctest did not run']
        return [unit, simulation]
    counts = {}
    for file in gtest.glob('*.json'):
        report = json.loads(file.read_text())
        failed = report['failures'] + report.get('errors', 0)
        counts[file.stem] = (report['tests'] - report.get('disabled', 0), failed, report)
    for case in xml.etree.ElementTree.parse(junit).getroot().iter('testcase'):
        name = case.get('name')
        part = simulation if is_simulation(name) else unit
        part.seconds += float(case.get('time', 0))
        good = case.get('status') == 'run'
        ran, failed, _ = counts.get(f'{name}_test', counts.get(name, (1, 0, None)))
        if not good and failed == 0:
            failed = 1
        part.passed += ran - failed
        part.failed += failed
        if failed:
            part.failures.append(name)
    return [unit, simulation]


def run_pytest(part, paths, arguments, environment=None):
    """Adds to the part what pytest reports, and prints what the tests say they did."""
    junit = RESULTS / f'{part.name}-{len(list(RESULTS.iterdir()))}.xml'
    begin = time.monotonic()
    subprocess.run([sys.executable, '-m', 'pytest', *paths, f'--junitxml={junit}', '-o', 'junit_family=xunit1', *arguments], cwd=ROOT,
                   env={**os.environ, **(environment or {})})
    part.seconds += time.monotonic() - begin
    if not junit.exists():
        part.failed += 1
        part.failures.append('pytest did not run')
        return
    ran = 0
    for case in xml.etree.ElementTree.parse(junit).getroot().iter('testcase'):
        ran += 1
        for did in case.iter('property'):
            print(f'    {case.get("name")}: {did.get("name")}: {did.get("value")}')
        # A skipped test is a failed one: nothing is left out in silence.
        if any(child.tag in ('failure', 'error', 'skipped') for child in case):
            part.failed += 1
            part.failures.append(case.get('name'))
        else:
            part.passed += 1
    if ran == 0:
        part.failed += 1
        part.failures.append(f'no test was found in {paths}')


def run_e2e(jobs, arguments):
    """As many tests at a time as there are cores; then the second reader looks at all the journals that they left."""
    part = Part('end-to-end')
    tests, journals = ROOT / 'tests' / 'e2e', ROOT / 'tests' / 'e2e' / '99-journals.py'
    home = ROOT / 'build' / 'e2e' / f'all-{os.getpid()}'
    environment = {'LEDGE_E2E_HOME': str(home)}
    try:
        run_pytest(part, [tests, f'--ignore={journals}'], [f'-n{jobs}', '--dist=loadgroup', '--maxschedchunk=1', *arguments], environment)
        run_pytest(part, [journals], [], environment)
    finally:
        if 'LEDGE_E2E_KEEP' not in os.environ:
            shutil.rmtree(home, ignore_errors=True)
    return part


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--no-e2e', action='store_true')
    parser.add_argument('--jobs', default=os.cpu_count())
    options, rest = parser.parse_known_args()
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)
    parts = run_ctest(options.jobs)
    if not options.no_e2e:
        parts.append(run_e2e(options.jobs, rest))
        parts.append(Part('power'))
        run_pytest(parts[-1], [ROOT / 'tests' / 'power'], [])
    print()
    for part in parts:
        print(f'{part.name:<12} {part.passed:6} passed {part.failed:4} failed   {part.seconds:6.0f} s')
        for failure in part.failures:
            print(f'             failed: {failure}')
    passed, failed = sum(p.passed for p in parts), sum(p.failed for p in parts)
    print(f'\n{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
