# SPDX-License-Identifier: Apache-2.0
"""Idle: wakeups, CPU and device writes in 60 s with an open log; then with 3 consumers that wait for records.

All servers are watched at the same time, each on a disk of its own: nothing else is asked of the machine meanwhile. Three waiting
consumers with fetch.wait.max.ms=500 ask six times a second; no server can wake up less often than that for them.
"""
import subprocess
import time

from harness import load, machine


def ask(run):
    seconds = 15 if run.quick else 60
    case, waiting = f'{seconds} s with an open log', '3 waiting consumers'
    todo = [s for s in run.chosen() if not (run.book.has('idle', case, s.name, 0) and run.book.has('idle', waiting, s.name, 0))]
    if not todo:
        return
    topics = {}
    try:
        for server in todo:
            server.up()
            topics[server.name] = server.new_topic()
            load.produce(run.tools, server, topics[server.name], 100, 10_000)
        time.sleep(5)
        for server in todo:
            server.disk.sync()
        time.sleep(6)  # ext4 commits what it still had
        watch(run, case, todo, seconds, 'nothing: the server is left alone')
        consumers, command = [], ''
        for server in todo:
            words = [run.tools.performance(), '-C', '-t', topics[server.name], '-p', 0, '-o', 'end', '-b', server.bootstrap, '-i', 600000]
            command = load.shown(words)
            consumers += [subprocess.Popen([str(w) for w in words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) for _ in range(3)]
        try:
            time.sleep(5)
            watch(run, waiting, todo, seconds // 2, '3 x ' + command, [c.pid for c in consumers])
        finally:
            for consumer in consumers:
                consumer.kill()
                consumer.wait()
    finally:
        for server in todo:
            server.stop()


def watch(run, case, todo, seconds, command, others=()):
    pids = [s.pid for s in todo]
    spans = {}
    for server in todo:
        spans[server.name] = machine.Span(server.pid, server.disk, [*others, *(p for p in pids if p != server.pid)]).__enter__()
    time.sleep(seconds)
    for server in todo:
        spans[server.name].__exit__()
    for server in todo:
        span = spans[server.name]

        def measured(server, rep, span=span):
            return {'wakeups_s': span.wakeups / span.seconds, 'wakeups': span.wakeups, 'cpu_ms_s': span.fine_cpu * 1e3 / span.seconds,
                    'rss_mb': machine.rss_mb(server.pid), **span.beside()}, command

        run.one('idle', case, server, 0, measured, hold=True)
