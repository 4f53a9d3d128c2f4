#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every persistent call of a scripted life fails once.

A life: first start on an empty disk, topics made, records produced until segments are sealed, group offsets committed, a topic
deleted so that its segments are used again, clean stop, second start, more of it, clean stop. build/dev/call_injector counts the
calls of the release program that change what the disk holds. Life number n has its fault at call n; n goes up
until a life ends without one. After the fault the program is started again, what was acked must be there, and the life goes on
to its end. Kinds of fault:

  kill            the program is killed instead of the call; what it wrote before stays in the page cache
  cut             the power is cut before the call: ext4's shutdown without a flush, then the kill
  EIO, ENOSPC     the call fails with this error, later ones do not; then a power cut
  EIO-sticky, ENOSPC-sticky   this call and all later ones fail; then a power cut

With an error the server must go on to serve what it has; that is read back too before the cut.

Needs root and loop devices."""
import json
import multiprocessing
import os
import queue
import random
import signal
import sys
import threading
import time
import traceback

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

from rig import boxes, check, report, system
from rig.load import HEAD, Topic, end_producer, value_of
from rig.offsets import Committer
from rig.options import need_dev_build, parse, parser, prove
from support import ledge

KINDS = ('kill', 'cut', 'EIO', 'EIO-sticky', 'ENOSPC', 'ENOSPC-sticky')
INJECTOR = system.DEV / 'call_injector'
STEP_MAX = 60  # seconds that one step of a life may take, on a disk that others use too
PATIENCE = 1.5  # seconds after a fault in which a program that neither dies nor stops may still get on by itself


class Faulty(boxes.Server):
    """The program under the injector, or without it once the fault was there."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.at, self.kind, self.calls = 0, '', 0
        self.calls_log = self.folder / 'calls'

    def command(self):
        if not self.at:
            return super().command()
        action = {'cut': 'hold'}.get(self.kind, self.kind.removesuffix('-sticky'))
        return [str(INJECTOR), '--log', str(self.calls_log), *(['--at', str(self.at - self.calls), '--do', action] if self.at > self.calls else []),
                *(['--sticky'] if self.kind.endswith('sticky') else []), '--', *super().command()]

    def lines(self):
        try:
            return self.calls_log.read_text().splitlines()
        except FileNotFoundError:
            return []

    def hit(self):
        """The call that the fault took, None before it."""
        lines = self.lines()
        return next((lines[i - 1] for i, line in enumerate(lines) if line.startswith('hit')), None)


class FaultyBox(boxes.ShutdownBox):
    SERVER = Faulty


class Life:
    """The script. Its attributes are those that check.check() asks a load for."""

    def __init__(self, box, number, kind, seed):
        self.box, self.server = box, box.server
        self.kind, self.number = kind, number
        self.topics, self.deleted = [], []
        self.committed, self.tried = {}, {}
        self.verdict = check.Verdict()
        self.call = None        # what was hit
        self.acked_before = 0   # acked when the fault came
        self.reads_went_on = 0
        self.server.at, self.server.kind, self.server.calls = number, kind, 0
        self.server.calls_log.unlink(missing_ok=True)
        self.log_from = self.server.log.stat().st_size if self.server.log.exists() else 0
        box.renew(random.Random(seed))
        box.power_on()
        settings = {'bootstrap.servers': box.bootstrap, 'reconnect.backoff.ms': 2, 'reconnect.backoff.max.ms': 10, 'log_level': 0}
        sending = {**settings, 'acks': 'all', 'retry.backoff.ms': 2, 'retry.backoff.max.ms': 20, 'message.timeout.ms': 60000, 'topic.metadata.refresh.fast.interval.ms': 20}
        self.producers = {True: confluent_kafka.Producer({**sending, 'enable.idempotence': True, 'linger.ms': 1}),
                          False: confluent_kafka.Producer({**sending, 'max.in.flight': 1, 'linger.ms': 1})}
        self.admin = AdminClient(settings)
        self.committer = Committer(self.server.host, self.server.port, timeout=1)
        self.errors = []

    @property
    def bootstrap(self):
        return self.box.bootstrap

    @property
    def acked(self):
        return sum(len(b.acked) for t in self.topics for b in t.books)

    # ---- the fault -----------------------------------------------------------------------------------------------------

    def failed_for_good(self):
        with self.server.log.open('rb') as f:
            f.seek(self.log_from)
            return b'nothing is accepted until a restart' in f.read()

    def wait(self, done, what):
        """Until `done`, with the recovery from the fault in between when it comes."""
        deadline, hit_at = time.monotonic() + STEP_MAX, None
        while not done():
            for p in self.producers.values():
                p.poll(0)
            if self.call is None:
                hit = self.server.hit() if self.server.at else None
                if hit and hit_at is None:
                    hit_at = time.monotonic()
                dead = self.server.process.poll() is not None
                if hit and (dead or self.kind in ('cut', 'kill') or self.failed_for_good() or time.monotonic() > hit_at + PATIENCE):
                    self.recover(hit, dead)
                    deadline = time.monotonic() + STEP_MAX
                    continue
                if dead:
                    raise RuntimeError(f'{what}: the program ended by itself with {self.server.process.returncode}')
            elif self.server.process.poll() is not None:
                raise RuntimeError(f'{what}: after the recovery the program ended with {self.server.process.returncode}')
            if self.errors:
                raise RuntimeError(f'{what}: {self.errors[0]}')
            if time.monotonic() > deadline:
                raise RuntimeError(f'{what}: not done in {STEP_MAX} s' + (f' after a fault at {self.call}' if self.call else ''))
            time.sleep(0.004)

    def recover(self, hit, dead):
        self.call = hit
        self.acked_before = self.acked
        if not dead and self.kind not in ('cut', 'kill') and self.acked and self.server.answers():
            # Failed, but alive: what was acked is served all the same.
            seen = check.check(self, everything=True)
            self.verdict.add(seen)
            self.reads_went_on += 1
        if self.kind == 'kill':
            self.server.process.wait(10)
        else:
            self.box.cut(0)
            self.box.power_on()
        self.server.at = 0
        self.server.start_again(STEP_MAX)
        self.wake_clients()
        self.verdict.add(check.check(self, everything=True))

    def started(self):
        self.server.spawn()
        self.wait(self.server.answers, 'start')
        self.wake_clients()

    def wake_clients(self):
        """An idle librdkafka looks for a broker that was away once a second; asked for metadata it looks at once."""
        for p in self.producers.values():
            try:
                p.list_topics(timeout=0.3)
            except confluent_kafka.KafkaException:
                pass  # the fault came meanwhile

    # ---- the steps -----------------------------------------------------------------------------------------------------

    def ask(self, begin, already, what):
        """An administrator's request, repeated until it is answered: the first may have been done unheard."""
        while True:
            futures = list(begin().values())
            self.wait(lambda: all(f.done() for f in futures), what)
            try:
                for f in futures:
                    f.result()
                return
            except confluent_kafka.KafkaException as e:
                code = e.args[0].code()
                if code == already:
                    return
                if self.call is None and not self.server.hit():
                    raise
                time.sleep(0.01)
                self.wait(lambda: True, what)
                if self.call is None:  # the error came before the fault was noticed
                    self.wait(lambda: self.call is not None or not self.server.at or self.server.process.poll() is None, what)

    def create(self, name, partitions, idempotent=True):
        self.ask(lambda: self.admin.create_topics([NewTopic(name, partitions)], request_timeout=5), confluent_kafka.KafkaError.TOPIC_ALREADY_EXISTS,
                 f'create {name}')
        topic = Topic(name, partitions, idempotent)
        self.topics.append(topic)
        return topic

    def delete(self, topic):
        self.topics.remove(topic)  # from the request on it may be gone
        self.ask(lambda: self.admin.delete_topics([topic.name], request_timeout=5), confluent_kafka.KafkaError.UNKNOWN_TOPIC_OR_PART, f'delete {topic.name}')
        self.deleted.append(topic.name)

    def produce(self, topic, count):
        def delivered(error, message):
            if error:
                self.errors.append(f'{topic.name}/{message.partition()}: {error}')
            else:
                topic.books[message.partition()].acked[int(message.value()[:HEAD])] = message.offset()
        for p, book in enumerate(topic.books):
            for _ in range(count):
                self.producers[topic.idempotent].produce(topic.name, value_of(topic.name, p, book.sent), partition=p, on_delivery=delivered)
                book.sent += 1
        self.wait(lambda: all(len(b.acked) == b.sent for b in topic.books), f'produce to {topic.name}')

    def commit(self, topic):
        offsets = {(topic.name, p): len(b.acked) for p, b in enumerate(topic.books)}
        self.tried.update(offsets)
        left = set(offsets)

        def try_on():
            while left and not self.errors:
                try:
                    for key in self.committer.commit({key: offsets[key] for key in left}):
                        self.committed[key] = offsets[key]
                        left.discard(key)
                except OSError:
                    pass
                time.sleep(0.002)
        thread = threading.Thread(target=try_on, daemon=True)
        thread.start()
        self.wait(lambda: not thread.is_alive(), 'commit')

    def stop(self):
        self.server.process.send_signal(signal.SIGTERM)
        recovered = self.call is not None
        process = self.server.process
        self.wait_stopped(process)
        if self.call is not None and not recovered:
            # The fault came while it stopped; it was started again: stop that one.
            self.server.process.send_signal(signal.SIGTERM)
            self.server.process.wait(STEP_MAX)
        self.server.calls += sum(line[0].isdigit() for line in self.server.lines()) if self.server.at else 0
        self.server.calls_log.unlink(missing_ok=True)

    def wait_stopped(self, process):
        deadline = time.monotonic() + STEP_MAX
        while process.poll() is None:
            if self.call is None and self.server.at and self.kind in ('cut',) and self.server.hit():
                break
            if time.monotonic() > deadline:
                raise RuntimeError(f'a clean stop took {STEP_MAX} s')
            time.sleep(0.004)
        if self.call is None and self.server.at and self.server.hit():
            self.recover(self.server.hit(), process.poll() is not None)

    def run(self):
        self.started()
        small = self.create('small', 2)
        plain = self.create('plain', 1, idempotent=False)
        self.produce(small, 20)
        self.produce(plain, 20)
        self.commit(small)
        large = self.create('large-1', 1)
        self.produce(large, 40)
        self.delete(large)
        self.produce(small, 10)
        more = self.create('large-2', 1)
        self.produce(more, 40)
        self.stop()
        self.started()
        self.produce(plain, 20)
        self.produce(more, 20)
        self.commit(small)
        self.delete(more)
        self.produce(small, 20)
        last = self.create('large-3', 1)
        self.produce(last, 20)
        self.verdict.add(check.check(self, everything=True))
        self.stop()
        for _ in ('verify',):
            verified = ledge.ledge('journal', 'verify', '--data', self.server.data)
            if verified.returncode != 0:
                raise RuntimeError(f'ledge journal verify: {verified.stdout[-500:]} {verified.stderr[-500:]}')

    def close(self):
        for p in self.producers.values():
            end_producer(p)
        self.errors.append('over')
        self.committer.close()
        self.box.end_server()
        if self.box.is_mounted:
            system.unmount(self.box.mounted_at)
            self.box.is_mounted = False


def one_life(box, number, kind, seed):
    life = Life(box, number, kind, seed)
    event = {'n': number, 'kind': kind, 'unreadable': False}
    try:
        life.run()
    except Exception as e:  # noqa: BLE001: every way of not getting through is the finding
        event['unreadable'] = isinstance(e, check.Unreadable)
        event['text'] = f'{type(e).__name__}: {e}'
        event['trace'] = traceback.format_exc()[-1500:]
        event['log'] = life.server.log.read_bytes()[life.log_from:].decode(errors='replace')[-3000:]
    finally:
        life.close()
    return {**event, 'call': life.call, 'calls': life.server.calls, 'acked': life.acked, 'acked_before': life.acked_before,
            'reads_went_on': life.reads_went_on, 'figures': life.verdict.figures(), 'bad': life.verdict.bad, 'details': life.verdict.details}


def worker(number, options, jobs, events):
    try:
        system.own_mounts()
        box = FaultyBox(system.HOME / f'every-call-{os.getpid()}', options.program, options.sabotage)
        try:
            while (job := jobs.get()) is not None:
                events.put(one_life(box, *job, options.seed))
        finally:
            box.close()
    except BaseException as e:  # noqa: BLE001: the parent reports it
        events.put({'error': f'{type(e).__name__}: {e}\n{traceback.format_exc()[-2000:]}'})
    events.put(None)


def arguments():
    made = parser(__doc__)
    made.add_argument('--kinds', default=','.join(KINDS), help='some of ' + ','.join(KINDS) + '; --no-sync has cut alone')
    made.add_argument('--from', dest='first', type=int, default=1, help='the first call that fails (1)')
    made.add_argument('--to', type=int, help='the last one (none: until a life has no such call)')
    made.add_argument('--step', type=int, default=1, help='only every so many-th call (1)')
    made.add_argument('--boxes', type=int, default=3)
    made.add_argument('--seed', type=int, default=1)
    options = parse(made, 'every-call')
    options.kinds = ['cut'] if options.no_sync else options.kinds.split(',')
    if bad := set(options.kinds) - set(KINDS):
        made.error(f'no such kind: {", ".join(bad)}')
    return options


def main():
    options = arguments()
    system.need(programs=['mkfs.ext4', INJECTOR, options.program])
    need_dev_build(options)
    system.HOME.mkdir(parents=True, exist_ok=True)
    print(f'every-call: {", ".join(options.kinds)} at every {"" if options.step == 1 else f"{options.step}th "}call from {options.first}', flush=True)
    context = multiprocessing.get_context('fork')
    jobs, events = context.Queue(), context.Queue()
    workers = [context.Process(target=worker, args=(i, options, jobs, events), daemon=True) for i in range(options.boxes)]
    for w in workers:
        w.start()
    following = {kind: options.first for kind in options.kinds}  # the next call of each kind; None: all were there
    figures = {'lives': 0, 'recovered': 0, 'not_recovered': 0, 'with_acks_before': 0, 'with_loss': 0, 'reads_went_on': 0, 'acked': 0, 'kinds': {}, 'calls': {}}
    findings, errors, progress, waiting, running = [], [], report.Progress(), 0, len(workers)
    longest = 0

    def feed():
        nonlocal waiting
        while waiting < options.boxes * 2 and (kind := next((k for k in options.kinds if following[k] is not None), None)):
            jobs.put((following[kind], kind))
            waiting += 1
            following[kind] += options.step
            if options.to and following[kind] > options.to:
                following[kind] = None
    feed()
    while running:
        if waiting == 0:
            for _ in workers:
                jobs.put(None)
            waiting = -1
        try:
            event = events.get(timeout=2)
        except queue.Empty:
            if any(w.exitcode not in (None, 0) for w in workers):
                report.fail(f'a box of the rig ended by itself: {[w.exitcode for w in workers]}')
            continue
        if event is None:
            running -= 1
            continue
        if 'error' in event:
            errors.append(event['error'])
            following = dict.fromkeys(following)
            waiting = max(waiting - 1, 0)
            continue
        waiting -= 1
        if event['call'] is None and 'text' not in event:
            following[event['kind']] = None  # a whole life without a fault: its calls are counted
            longest = max(longest, event['calls'])
        else:
            figures['lives'] += 1
            figures['kinds'][event['kind']] = figures['kinds'].get(event['kind'], 0) + 1
            name = (event['call'] or '0 none').split()[1]
            figures['calls'][name] = figures['calls'].get(name, 0) + 1
            figures['acked'] += event['acked']
            figures['reads_went_on'] += event['reads_went_on']
            figures['with_acks_before'] += event['acked_before'] > 0
            # Where a segment's name outlived its content the server announces records that it cannot give, or finds nothing that
            # it could start from: lost too.
            figures['with_loss'] += event['acked_before'] > 0 and (event['bad'] > 0 or event['unreadable'])
            report.add(figures, event['figures'])
            good = not event['bad'] and 'text' not in event
            figures['recovered' if good else 'not_recovered'] += 1
            if not good:
                findings.append(f'{event["kind"]} at {event["call"]}: ' + '; '.join([*event['details'][:3], event.get('text', '')]))
                if not options.no_sync:
                    (system.HOME / f'every-call-{event["kind"]}-{event["n"]}.finding').write_text(json.dumps(event, indent=1))
        feed()
        progress.say(f'{figures["lives"]} lives, call {event["n"]}, {figures["recovered"]} recovered, {figures["acked"]} records acked, '
                     f'lost {figures.get("lost", 0)}, altered {figures.get("altered", 0)}, reordered {figures.get("reordered", 0)}')
    entry = {'kinds': options.kinds, 'first': options.first, 'to': options.to, 'step': options.step, 'seed': options.seed, 'calls_of_a_life': longest,
             'seconds': round(progress.seconds, 1), 'when': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'figures': figures, 'details': findings[:40]}
    if longest:
        print(f'  a whole life has {longest} persistent calls')
    report.write(options.result, options.rig, options.program, entry)
    for finding in findings[:3 if options.no_sync else 20]:
        print(f'  {finding}')
    if errors:
        report.fail('the rig itself:\n' + '\n'.join(errors))
    if options.no_sync:
        prove(figures['with_loss'], figures['with_acks_before'])
    elif findings:
        report.fail(f'{len(findings)} of {figures["lives"]} lives did not recover')
    elif not figures['lives']:
        report.fail('no fault came')


if __name__ == '__main__':
    sys.exit(main())
