#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Another program fills the disk while clients write.

Each round: clients write without a pause; a file takes all that is left on the disk; writing comes to a stand when the journal
gets no further segment. Then, on the full disk: everything acked is read back; the program is killed, or the power is cut,
and it starts again and serves everything. When the file is removed, writing goes on by itself, without a restart, and what the
clients had outstanding arrives once and in order.

With --no-sync a round ends with the first comparison after a power cut. It is what was acked while the disk was filled and
after that which is lost: when room gets scarce ext4 writes back by itself what is older.

Needs root and loop devices."""
import os
import random
import sys
import time

from rig import boxes, check, report, system
from rig.load import Load
from rig.options import need_dev_build, parse, parser, prove

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
            if not self.box.server.sabotage:  # what counts there is found after the cut
                self.compare(load)
            for _ in range(2):
                if not self.box.server.sabotage and self.chance.random() < 0.5:
                    self.box.server.kill()
                else:
                    self.box.cut(0)
                    self.box.power_on()
                self.box.server.start_again(20)
                self.stands_still(load)
                self.compare(load)
                if self.box.server.sabotage:
                    return {'acked': load.acked, 'acked_until_full': acked}
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
    made = parser(__doc__)
    made.add_argument('--rounds', type=int, default=20)
    made.add_argument('--seed', type=int, default=int(time.time()))
    options = parse(made, 'full-disk')
    system.need(programs=['mkfs.ext4', options.program])
    need_dev_build(options)
    system.HOME.mkdir(parents=True, exist_ok=True)
    system.own_mounts()
    print(f'full-disk: {options.rounds} rounds, seed {options.seed}', flush=True)
    box = boxes.ShutdownBox(system.HOME / f'full-disk-{os.getpid()}', options.program, options.sabotage)
    figures = {'rounds': 0, 'with_loss': 0, 'not_recovered': 0, 'acked': 0, 'acked_until_full': 0}
    progress, findings, resumes = report.Progress(), [], []
    total = check.Verdict()
    try:
        for number in range(options.rounds):
            one = Round(box, number, options.seed)
            figures['rounds'] += 1
            gone = False
            try:
                report.add(figures, one.run())
                if one.seconds_to_resume is not None:
                    resumes.append(one.seconds_to_resume)
            except Exception as e:  # noqa: BLE001: every way of not getting through is the finding
                gone = isinstance(e, check.Unreadable)
                figures['not_recovered'] += 1
                findings.append(f'round {number}: {type(e).__name__}: {e}')
            figures['with_loss'] += gone or one.verdict.bad > 0
            total.add(one.verdict)
            progress.say(f'{figures["rounds"]} rounds, {figures["acked"]} records acked, lost {total.lost}, not recovered {figures["not_recovered"]}')
    finally:
        box.close()
    report.add(figures, total.figures())
    if resumes:
        print(f'  writing went on {max(resumes):.2f} s after there was room again, at the latest')
    report.write(options.result, options.rig, options.program,
                 {'seed': options.seed, 'seconds': round(progress.seconds, 1), 'resumed_after_s_max': round(max(resumes, default=0), 2),
                  'when': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'figures': figures, 'details': findings + total.details})
    for finding in (findings + total.details)[:3 if options.no_sync else 20]:
        print(f'  {finding}')
    if options.no_sync:
        prove(figures['with_loss'], figures['rounds'])
    elif findings or total.bad:
        report.fail(f'{figures["not_recovered"]} of {figures["rounds"]} rounds did not recover, {total.bad} findings')


if __name__ == '__main__':
    sys.exit(main())
