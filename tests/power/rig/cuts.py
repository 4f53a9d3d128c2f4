# SPDX-License-Identifier: Apache-2.0
"""The loop that the power-cut rigs share: load, cut, start, compare, again. Several boxes run side by side, each with a disk,
a file system, a server and clients of its own; a cut is one cut of one box at a moment of its own."""
import json
import multiprocessing
import os
import queue
import random
import statistics
import time
import traceback

from . import check, report, system
from .load import Load
from .options import need_dev_build, parse, parser, prove

CUTS_PER_LIFE = 16   # then an empty file system and new clients
CUTS_PER_TOPICS = 5  # then new topics, and the ones before are deleted


class Finding(Exception):
    pass


class Run:
    """One box over many cuts. `tell` takes what happened, as a dict."""

    def __init__(self, box, seed, tell, sabotaged, load_seconds):
        self.box, self.seed, self.tell = box, seed, tell
        self.sabotaged, self.load_seconds = sabotaged, load_seconds
        self.chance = random.Random(seed)
        self.load = None
        self.cuts_of_life = 0

    def begin_life(self):
        self.box.renew(self.chance)
        if self.chance.random() < 0.3:
            # Power cuts during the very first start: nothing is acked yet, and it must start all the same.
            for _ in range(self.chance.randrange(1, 4)):
                self.cut_during_start()
        ms = self.box.start()
        self.load = Load(self.box.server, self.chance.randrange(1 << 40))
        self.load.new_generation()
        self.cuts_of_life = 0
        self.tell({'what': 'start', 'ms': ms, 'first': True})

    def end_life(self):
        if self.load:
            self.load.stop()
            self.load = None

    def cut_during_start(self):
        self.box.begin_start()
        time.sleep(self.chance.random() * 0.02)
        self.cut('start')

    def cut(self, during):
        figures = self.box.cut(self.chance.randrange(1 << 60))
        self.tell({'what': 'cut', 'during': during, **figures})

    def wait_for_acks(self, count):
        before, deadline = self.load.acked, time.monotonic() + 30
        while self.load.acked < before + count:
            if self.load.errors:
                raise Finding(f'a producer was told: {self.load.errors[0]}')
            if self.box.dead() is not None:
                raise Finding(f'the program ended by itself with {self.box.dead()}')
            if time.monotonic() > deadline:
                raise Finding('no record is acked for 30 s')
            time.sleep(0.002)

    def under_load(self):
        """Until the moment of the cut, which is at least one ack after the start."""
        self.wait_for_acks(1)
        if self.cuts_of_life and self.cuts_of_life % CUTS_PER_TOPICS == 0:
            self.load.new_generation()
            self.wait_for_acks(5)
        elif self.cuts_of_life % CUTS_PER_TOPICS == 1:
            self.load.drop_oldest()
        time.sleep(self.chance.random() * self.load_seconds)

    def one_cut(self):
        acked = self.load.acked
        self.under_load()
        stopping = not self.sabotaged and self.chance.random() < 0.05
        if stopping:
            self.box.begin_stop()  # cut in a clean stop
            time.sleep(self.chance.random() * 0.01)
        self.cut('stop' if stopping else 'load')
        if not self.sabotaged and self.chance.random() < 0.15:
            self.cut_during_start()
        self.load.pause(True)
        time.sleep(0.002)  # answers that were on their way to the clients
        acked = self.load.acked - acked
        ms = self.box.start()
        self.tell({'what': 'start', 'ms': ms})
        self.cuts_of_life += 1
        last = self.cuts_of_life >= CUTS_PER_LIFE
        if last:
            if not self.load.wait_settled(self.load.topics, 30):
                raise Finding(f'not everything was acked 30 s after the last start: {(self.load.errors or ["no error"])[0]}')
        verdict = check.check(self.load, everything=last)
        self.tell({'what': 'checked', 'acked': acked, 'commits': self.load.commits, **verdict.figures(), 'details': verdict.details})
        if verdict.bad and not self.sabotaged:
            self.keep()
        self.load.commits = 0
        self.load.pause(False)
        return last or verdict.bad

    def keep(self):
        """What a finding left behind: the disk as it is now, after the recovery, and the program's log."""
        self.box.cut(0)
        self.box.keep(system.HOME / 'findings' / f'{self.box.folder.name}-{time.strftime("%H%M%S")}')

    def go(self, may_go_on):
        while may_go_on():
            try:
                self.begin_life()
                while may_go_on(claim=True):
                    if self.one_cut():
                        break
            except Exception as e:  # noqa: BLE001: whatever keeps a box from going on is a finding
                if self.load is None:
                    may_go_on(claim=True)  # a life that does not begin counts as a cut too
                self.tell({'what': 'finding', 'text': f'{type(e).__name__}: {e}', 'trace': traceback.format_exc()[-1500:]})
            self.end_life()
            self.box.cut(0)


def worker(make_box, number, options, load_seconds, left, events):
    def tell(event):
        events.put((number, event))

    def may_go_on(claim=False):
        with left.get_lock():
            if left.value <= 0:
                return False
            left.value -= claim
            return True
    try:
        system.own_mounts()
        box = make_box(system.HOME / f'{options.rig}-{os.getpid()}', options.program, options.sabotage)
        try:
            Run(box, options.seed * 1000 + number, tell, options.no_sync, load_seconds).go(may_go_on)
        finally:
            box.close()
    except BaseException as e:  # noqa: BLE001: the parent reports it
        tell({'what': 'error', 'text': f'{type(e).__name__}: {e}', 'trace': traceback.format_exc()[-2000:]})
    tell({'what': 'end'})


class Totals:
    def __init__(self):
        self.figures = {k: 0 for k in ('cuts', 'cuts_with_loss', 'cuts_in_start', 'cuts_in_stop', 'acked', 'commits', 'records', 'compared', 'lost',
                                       'altered', 'reordered', 'doubled', 'commits_lost', 'topics_lost', 'not_recovered')}
        self.figures.update(fates={}, disk={})
        self.start_ms, self.details, self.errors = [], [], []

    def take(self, number, event):
        f, what = self.figures, event['what']
        if what == 'cut':
            during = event['during']
            f['fates'][event['fate']] = f['fates'].get(event['fate'], 0) + 1
            report.add(f['disk'], {k: v for k, v in event.items() if isinstance(v, int)})
            if during != 'load':
                f[f'cuts_in_{during}'] += 1
        elif what == 'start':
            self.start_ms.append(event['ms'])
        elif what == 'checked':
            f['cuts'] += 1
            bad = sum(event[k] for k in ('lost', 'altered', 'reordered', 'doubled', 'commits_lost', 'topics_lost'))
            f['cuts_with_loss'] += bad > 0
            for key in ('acked', 'commits', 'records', 'compared', 'lost', 'altered', 'reordered', 'doubled', 'commits_lost', 'topics_lost'):
                f[key] += event[key]
            self.details += [f'box {number}: {d}' for d in event['details']]
        elif what == 'finding':
            f['cuts'] += 1
            f['cuts_with_loss'] += 1
            f['not_recovered'] += 1
            self.details.append(f'box {number}: {event["text"]}')
        elif what == 'error':
            self.errors.append(f'box {number}: {event["text"]}\n{event["trace"]}')

    def line(self):
        f = self.figures
        return (f'{f["cuts"]} cuts, {f["acked"]} records acked, {f["compared"]} compared; lost {f["lost"]}, altered {f["altered"]}, '
                f'reordered {f["reordered"]}, doubled {f["doubled"]}')


def arguments(rig, text, cuts, boxes=3):
    made = parser(text)
    made.add_argument('--cuts', type=int, default=cuts, help=f'power cuts under load, over all boxes ({cuts})')
    made.add_argument('--boxes', type=int, default=boxes, help=f'boxes side by side ({boxes})')
    made.add_argument('--seed', type=int, default=int(time.time()), help='what is drawn: moments, fates, sizes (the clock); the machine adds its own')
    return parse(made, rig)


def run(make_box, options, load_seconds=0.12):
    need_dev_build(options)
    print(f'{options.rig}: {options.cuts} cuts of {options.boxes} boxes, seed {options.seed}, {options.program.name} of {options.program.parent.name}'
          + (', without its syncs' if options.no_sync else ''), flush=True)
    system.HOME.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context('fork')
    left, events = context.Value('i', options.cuts), context.Queue()
    workers = [context.Process(target=worker, args=(make_box, i, options, load_seconds, left, events), daemon=True) for i in range(options.boxes)]
    for w in workers:
        w.start()
    totals, progress, running = Totals(), report.Progress(), len(workers)
    while running:
        try:
            number, event = events.get(timeout=2)
        except queue.Empty:
            if any(w.exitcode not in (None, 0) for w in workers):
                report.fail(f'a box of the rig ended by itself: {[w.exitcode for w in workers]}')
            continue
        if event['what'] == 'end':
            running -= 1
        totals.take(number, event)
        progress.say(totals.line())
    progress.say(totals.line(), now=True)
    f = totals.figures
    entry = {'seed': options.seed, 'boxes': options.boxes, 'seconds': round(progress.seconds, 1), 'when': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
             'start_ms_median': round(statistics.median(totals.start_ms), 1) if totals.start_ms else None,
             'start_ms_max': round(max(totals.start_ms), 1) if totals.start_ms else None, 'figures': f, 'details': totals.details[:40]}
    print(f'  {progress.seconds / max(f["cuts"], 1):.2f} s a cut; start to first answer: median {entry["start_ms_median"]} ms, at most {entry["start_ms_max"]} ms')
    report.write(options.result, options.rig, options.program, entry)
    for detail in totals.details[:20] if not options.no_sync else totals.details[:3]:
        print(f'  {detail}')
    if totals.errors:
        report.fail('the rig itself:\n' + '\n'.join(totals.errors))
    if f['cuts'] < options.cuts:
        report.fail(f'{f["cuts"]} of {options.cuts} cuts were made')
    if options.no_sync:
        prove(f['cuts_with_loss'], f['cuts'])
    elif f['cuts_with_loss']:
        report.fail(f'{f["cuts_with_loss"]} of {f["cuts"]} cuts did harm')
    return json.loads(options.result.read_text())
