# SPDX-License-Identifier: Apache-2.0
"""Progress on the terminal and totals in a JSON file, to which further runs of the same program add."""
import hashlib
import json
import pathlib
import subprocess
import sys
import time

from . import system


def program_facts(program):
    said = subprocess.run([str(program), 'version', '--json'], capture_output=True, text=True, check=True)
    facts = json.loads(said.stdout)
    return {'version': facts['version'], 'commit': facts['commit'], 'build': facts['build'],
            'sabotage': 'sabotage' in facts['features'], 'sha256': hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()[:16]}


class Progress:
    def __init__(self, every=5.0):
        self.begin = self.last = time.monotonic()
        self.every = every

    @property
    def seconds(self):
        return time.monotonic() - self.begin

    def say(self, text, now=False):
        if now or time.monotonic() - self.last >= self.every:
            self.last = time.monotonic()
            print(f'  {self.seconds:6.1f} s  {text}', flush=True)


def add(into, figures):
    for key, value in figures.items():
        if isinstance(value, dict):
            add(into.setdefault(key, {}), value)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            into[key] = round(into.get(key, 0) + value, 3)


def write(path, rig, program, run):
    """Adds `run` to the file. Runs of another build of the program are not mixed: they begin the file anew."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = program_facts(program)
    result = {'rig': rig, 'program': facts, 'runs': []}
    if path.exists():
        old = json.loads(path.read_text())
        if old['rig'] == rig and old['program']['sha256'] == facts['sha256']:
            result = old
    result['runs'].append(run)
    result['totals'] = {}
    for one in result['runs']:
        add(result['totals'], one['figures'])
    path.write_text(json.dumps(result, indent=1) + '\n')
    print(f'\n{path.relative_to(system.ROOT) if path.is_relative_to(system.ROOT) else path}: '
          f'{len(result["runs"])} run(s) of commit {facts["commit"] or "unknown"}')
    for key, value in result['totals'].items():
        print(f'  {key:<16} {value}')


def fail(text):
    print(f'\nFAILED: {text}', flush=True)
    sys.exit(1)
