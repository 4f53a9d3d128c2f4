#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Another program fills the disk while clients write.

Each round: clients write without a pause; a file takes all that is left on the disk; writing comes to a stand when the journal
gets no further segment. Then, on the full disk: everything acked is read back; the program is killed, or the power is cut,
and it starts again and serves everything. When the file is removed, writing goes on by itself, without a restart, and what the
clients had outstanding arrives once and in order.

Needs root and loop devices."""
import argparse
import os
import pathlib
import random
import sys
import time

from rig import boxes, check, report, system
from rig.load import Load

STANDSTILL = 1.5  # seconds without an ack
RESUMES = 10


class Round:
    def __init__(self, box, number, seed):
        self.box, self.number, self.chance = box, number, random.Random(seed * 1000 + number)
        self.verdict = check.Verdict()
        self.filler = box.mounted_at / 'filler'
        self.seconds_to_resume = None
        self.server_ended = 0

    def fill(self):
        fd = os.open(self.filler, os.O_CREAT | os.O_WRONLY)
        for size in (1 << 20, 4096):
            block = bytes(size)
            try:
                while True:
                    if os.write(fd, block) < size:
                        break
            except OSError:
                pass  # full
        try:
            os.fsync(fd)
        except OSError:
            pass
        os.close(fd)
        return os.statvfs(self.box.mounted_at).f_bfree

    def stands_still(self, load):
        seen, since = load.acked, time.monotonic()
        deadline = since + 60
        while time.monotonic() - since < STANDSTILL:
            if load.acked != seen:
                seen, since = load.acked, time.monotonic()
            if time.monotonic() > deadline:
                raise RuntimeError('the disk is full, and records are acked all the same for 60 s')
            if self.box.dead() is not None:
                raise RuntimeError(f'the program ended with {self.box.dead()} when the disk was full')
            time.sleep(0.01)
        return seen

    def compare(self, load):
        self.verdict.add(check.check(load, everything=True))

    def run(self):
        self.box.renew(self.chance)
        self.box.start()
        load = Load(self.box.server, self.chance.randrange(1 << 40), refusals=True)
        try:
            load.new_generation()
            time.sleep(self.chance.random() * 0.5)
            self.fill()
            acked = self.stands_still(load)
            self.compare(load)
            for _ in range(2):
                if self.chance.random() < 0.5:
                    self.box.server.kill()
                    self.box.server.spawn()
                else:
                    self.box.cut(0)
                    self.box.power_on()
                    self.box.server.spawn()
                deadline = time.monotonic() + 20
                while not self.box.server.answers():
                    if self.box.dead() is not None or time.monotonic() > deadline:
                        raise RuntimeError(f'on a full disk the program does not start: {self.box.log.read_text()[-600:]}')
                    time.sleep(0.005)
                self.stands_still(load)
                self.compare(load)
            full = load.acked
            self.filler.unlink()
            begin = time.monotonic()
            while load.acked < full + 50:
                if time.monotonic() > begin + RESUMES or load.errors:
                    raise RuntimeError(f'there is room again, and {RESUMES} s later no record is acked {load.errors[:1]}')
                time.sleep(0.005)
            self.seconds_to_resume = time.monotonic() - begin
            load.pause(True)
            if not load.wait_settled(load.topics, 30):
                raise RuntimeError(f'what was outstanding is not acked: {load.errors[:1]}')
            self.compare(load)
            return {'acked': load.acked, 'acked_until_full': acked}
        finally:
            load.stop()
            self.box.cut(0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=20)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    parser.add_argument('--program', type=pathlib.Path, default=system.ROOT / 'build' / 'release' / 'ledge')
    parser.add_argument('--result', type=pathlib.Path, default=system.HOME / 'full-disk.json')
    options = parser.parse_args()
    system.need(programs=['mkfs.ext4', options.program])
    system.HOME.mkdir(parents=True, exist_ok=True)
    system.own_mounts()
    print(f'full-disk: {options.rounds} rounds, seed {options.seed}', flush=True)
    box = boxes.ShutdownBox(system.HOME / f'full-disk-{os.getpid()}', options.program)
    figures, progress, findings, resumes = {'rounds': 0, 'not_recovered': 0, 'acked': 0, 'acked_until_full': 0}, report.Progress(), [], []
    total = check.Verdict()
    try:
        for number in range(options.rounds):
            one = Round(box, number, options.seed)
            figures['rounds'] += 1
            try:
                report.add(figures, one.run())
                resumes.append(one.seconds_to_resume)
            except Exception as e:  # noqa: BLE001: every way of not getting through is the finding
                figures['not_recovered'] += 1
                findings.append(f'round {number}: {type(e).__name__}: {e}')
            total.add(one.verdict)
            progress.say(f'{figures["rounds"]} rounds, {figures["acked"]} records acked, lost {total.lost}, not recovered {figures["not_recovered"]}')
    finally:
        box.close()
    report.add(figures, total.figures())
    if resumes:
        print(f'  writing went on {max(resumes):.2f} s after there was room again, at the latest')
    report.write(options.result, 'full-disk', options.program,
                 {'seed': options.seed, 'seconds': round(progress.seconds, 1), 'resumed_after_s_max': round(max(resumes, default=0), 2),
                  'when': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'figures': figures, 'details': findings + total.details})
    for finding in (findings + total.details)[:20]:
        print(f'  {finding}')
    if findings or total.bad:
        report.fail(f'{figures["not_recovered"]} of {figures["rounds"]} rounds did not recover, {total.bad} findings')


if __name__ == '__main__':
    sys.exit(main())
