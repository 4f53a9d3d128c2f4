#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ledge beside its peers on this machine, in one run: Apache Kafka (as it comes, and with a flush per message) and kfake (with and
without sync). Measurements alternate between the servers, so that a ratio compares what was measured next to each other.

  run.py                          every question; results in bench/results/reference.json, tables and plots in docs/performance.md
  run.py produce latency ...      these questions only; prints, and keeps results below build/bench
  run.py --list                   the questions

A run that was cut goes on where it was (--fresh begins anew). What was started is ended again, and the disks are removed.
"""
import argparse
import fcntl
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import questions  # noqa: E402
from harness import load, machine, servers, tools, wire  # noqa: E402
from harness.results import Book, spread  # noqa: E402

WORK = tools.BUILD
ROOT = HERE.parent


class Run:
    """What a question gets: servers, tools, and the book to write into."""

    def __init__(self, options):
        self.options = options
        self.quick = options.quick
        self.tools = tools.Tools()
        self.servers = {name: servers.make(name, WORK, self.tools, options.ledge, options.ledge_b, not options.no_loop) for name in options.servers}
        self.book = Book(options.run_file)
        self.failures = 0

    def reps(self, full, quick=2):
        if self.options.reps:
            return self.options.reps
        return quick if self.quick else full

    def say(self, text):
        print(f'{time.strftime("%H:%M:%S", time.gmtime())} {text}', flush=True)

    def chosen(self, names=None):
        return [s for name, s in self.servers.items() if names is None or name in names]

    def rounds(self, question, case, measure, reps, names=None, fewer=None, hold=None):
        """measure(server, rep) -> (metrics, command), in turn for every server, REPS times. FEWER: {server: its repetitions}."""
        for rep in range(reps):
            for server in self.chosen(names):
                if rep >= min(reps, (fewer or {}).get(server.name, reps)) or self.book.has(question, case, server.name, rep):
                    continue
                self.one(question, case, server, rep, measure, hold)

    def one(self, question, case, server, rep, measure, hold=None):
        row = {'question': question, 'case': case, 'server': server.name, 'rep': rep, 'at': round(time.time(), 1)}
        before = self.processors()
        try:
            metrics, command = measure(server, rep)
            metrics.setdefault('foreign', self.foreign(before))
            row.update(metrics={k: round(v, 4) if isinstance(v, float) else v for k, v in metrics.items()}, command=command)
        except (OSError, RuntimeError, ValueError, load.Failed, wire.Refused) as error:
            row.update(error=str(error)[-500:])
            self.failures += 1
            server.kill()
        finally:
            if hold is None:
                server.rest()
        self.book.add(row)
        self.print(row)

    def processors(self):
        """(time, seconds that processors were busy, of these ours: this process, ended children, running servers, the kernel's threads)."""
        own = os.times()
        running = sum(machine.cpu_seconds(s.pid) for s in self.servers.values() if s.process and s.process.poll() is None)
        return time.monotonic(), machine.processors()[0], sum(own[:4]) + running + machine.kernel_seconds()

    def foreign(self, before):
        """Cores that others kept busy since BEFORE, where a question does not look closer itself."""
        now = self.processors()
        return round(max(0.0, (now[1] - before[1] - now[2] + before[2]) / max(now[0] - before[0], 1e-3)), 2)

    def print(self, row):
        if 'error' in row:
            self.say(f'{row["question"]}: {row["case"]}: {row["server"]}: FAILED: {row["error"]}')
            return
        hidden = {'kernel_cpu', 'records', 'device_writes', 'device_bytes', 'seconds', 'curve_us', 'min_us', 'p90_us'}
        text = ', '.join(f'{k} {spread([v])}' for k, v in row['metrics'].items() if k not in hidden and isinstance(v, (int, float)))
        self.say(f'{row["question"]}: {row["case"]}: {row["server"]} #{row["rep"] + 1}: {text}')

    def close(self):
        for server in self.servers.values():
            server.close()
        shutil.rmtree(WORK / 'disks', ignore_errors=True)


def identity(options):
    """What must be equal for a cut run to go on."""
    key = {'servers': options.servers, 'quick': options.quick, 'questions': options.questions, 'no_loop': options.no_loop, 'reps': options.reps}
    for name in ('ledge', 'ledge_b'):
        program = getattr(options, name)
        key[name] = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()[:16] if program else None
    return key


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('questions', nargs='*', metavar='QUESTION', help=' '.join(questions.ALL))
    parser.add_argument('--list', action='store_true', help='the questions, one a line')
    parser.add_argument('--quick', action='store_true', help='two repetitions of shorter loads: for development')
    parser.add_argument('--reps', type=int, help='repetitions instead of what each question has')
    parser.add_argument('--servers', default='', help='only these, with commas: ' + ' '.join(servers.LABELS))
    parser.add_argument('--ledge', default=str(ROOT / 'build' / 'release' / 'ledge'), metavar='PATH')
    parser.add_argument('--ledge-b', metavar='PATH', help='another build, measured in turn with the first')
    parser.add_argument('--no-loop', action='store_true', help='data in a plain folder instead of a file system of its own: no device counters')
    parser.add_argument('--fresh', action='store_true', help='do not go on with a cut run')
    parser.add_argument('--long', action='store_true', help='also what takes long: the start with 20 GB')
    options = parser.parse_args()
    unknown = [q for q in options.questions if q not in questions.ALL]
    if unknown:
        parser.error(f'no such question: {" ".join(unknown)}; there are: {" ".join(questions.ALL)}')
    options.whole = not options.questions and not options.servers and not options.quick and not options.ledge_b
    options.questions = options.questions or list(questions.ALL)
    options.servers = options.servers.split(',') if options.servers else [n for n in servers.LABELS if n != 'ledge-b' or options.ledge_b]
    unknown = [s for s in options.servers if s not in servers.LABELS]
    if unknown:
        parser.error(f'no such server: {" ".join(unknown)}')
    if options.ledge_b and 'ledge-b' not in options.servers:
        options.servers.insert(1, 'ledge-b')
    if not pathlib.Path(options.ledge).exists():
        parser.error(f'{options.ledge} is not there: make build')
    return options


def run_file(options):
    """The file of this run: an unfinished one of the same kind, or a new one."""
    name = 'run' if options.whole else 'part'
    path = WORK / f'{name}.jsonl'
    head = WORK / f'{name}.json'
    key = identity(options)
    if not options.fresh and path.exists() and head.exists() and json.loads(head.read_text()) == key:
        print(f'going on with the run in {path.relative_to(ROOT)}', flush=True)
    else:
        path.unlink(missing_ok=True)
        head.write_text(json.dumps(key))
    return path, head


def save(run, began, path):
    figures, commands = run.book.summary()
    result = {'began': time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime(began)), 'minutes': round((time.time() - began) / 60, 1), 'quick': run.quick,
              'machine': machine.describe(), 'disk': 'ext4 on a loop device' if any(s.disk.loop for s in run.servers.values()) else 'a plain folder',
              'versions': {**{s.name: s.version() for s in run.servers.values()}, 'load': run.tools.librdkafka_version()},
              'program_bytes': pathlib.Path(run.options.ledge).stat().st_size, 'commands': commands, 'figures': figures}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lines(result))
    return result


def lines(result):
    """JSON with one server's figures of one case on a line: small, and a diff shows what changed."""
    def dump(value):
        return json.dumps(value, separators=(', ', ': '), sort_keys=True)

    head = [f'"{key}": {dump(value)}' for key, value in result.items() if key != 'figures']
    body = []
    for question, cases in result['figures'].items():
        inner = [f'  {dump(case)}: {{\n' + ',\n'.join(f'   {dump(server)}: {dump(cells[server])}' for server in cells) + '}' for case, cells in cases.items()]
        body.append(f' {dump(question)}: {{\n' + ',\n'.join(inner) + '}')
    return '{' + ',\n'.join(head) + ',\n"figures": {\n' + ',\n'.join(body) + '}}\n'


def table(figures):
    """What was measured, one line a figure: for a terminal."""
    for question, cases in figures.items():
        for case, cells in cases.items():
            print(f'\n{question}: {case}')
            for server, metrics in cells.items():
                shown = [f'{m} {spread(v)}' for m, v in metrics.items() if m not in ('curve_us', 'failures', 'kernel_cpu', 'device_writes', 'seconds')]
                print(f'  {server:<13}{"; ".join(shown)}' + (f'; FAILED: {metrics["failures"][0][:100]}' if 'failures' in metrics else ''))


def main():
    options = parse()
    if options.list:
        for name, module in questions.ALL.items():
            print(f'{name:<12}{module.__doc__.strip().splitlines()[0]}')
        return 0
    WORK.mkdir(parents=True, exist_ok=True)
    alone = (WORK / 'lock').open('w')
    try:
        fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print('another run is going on in this folder: waiting for it', flush=True)
        fcntl.flock(alone, fcntl.LOCK_EX)
    options.run_file, head = run_file(options)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(129))
    began = time.time()
    run = Run(options)
    run.tools.all()
    interrupted = True
    try:
        for name in options.questions:
            began_one = time.time()
            try:
                questions.ALL[name].ask(run)
            except Exception:  # noqa: BLE001 - one question that breaks does not take the others' figures with it
                traceback.print_exc()
                run.failures += 1
                for server in run.servers.values():
                    server.kill()
            run.say(f'{name}: {time.time() - began_one:.0f} s')
        interrupted = False
    except KeyboardInterrupt:
        print('\ninterrupted; the same command goes on where it was', flush=True)
        return 130
    finally:
        if interrupted:
            print('cleaning up', flush=True)
        run.close()
    target = HERE / 'results' / 'reference.json' if options.whole else WORK / 'part-result.json'
    result = save(run, began, target)
    table(result['figures'])
    print(f'\n{target.relative_to(ROOT)}: {(time.time() - began) / 60:.1f} minutes, {run.failures} failures')
    head.unlink()
    if options.whole:
        import report
        report.write(result)
    return 1 if run.failures else 0


if __name__ == '__main__':
    sys.exit(main())
