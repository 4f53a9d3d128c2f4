# SPDX-License-Identifier: Apache-2.0
"""Consumer groups: 1,000 groups of 3 members with a heartbeat every 3 s, and one group of 1,000; memory, CPU, wakeups.

The members are ours (bench/load/groups.cc): connections of their own, join, sync, heartbeats, nothing fetched. `left_*` is after they
have left: groups without members must cost nothing. Beside Apache Kafka; kfake is no server for groups of this number.
"""
import json
import select
import subprocess
import time

from harness import load, machine

CASES = (('1,000 groups of 3', 1000, 3), ('1 group of 1,000', 1, 1000))


def line(process, timeout):
    ready, _, _ = select.select([process.stdout], [], [], timeout)
    text = process.stdout.readline() if ready else ''
    if not text.startswith('{'):
        process.kill()
        raise load.Failed(f'groups: {text or process.stderr.read()[-300:] or "no answer in time"}')
    return json.loads(text)


def ask(run):
    seconds = 10 if run.quick else 20
    for case, groups, members in CASES:
        def measure(server, rep):
            server.fresh()
            load.warm(run.tools, server, 200_000)
            before = machine.settled_rss_mb(server.pid)
            begin = machine.cpu_seconds(server.pid)
            command = [run.tools.groups(), server.ports[0], groups, members, seconds]
            process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, start_new_session=True)
            machine.first_class(process.pid)
            try:
                settled = line(process, 300)
                joined = machine.cpu_seconds(server.pid) - begin
                with machine.Span(server.pid, server.disk, [process.pid]) as span:
                    time.sleep(seconds - 2)
                held = machine.rss_mb(server.pid)
                beats = line(process, 60)
                process.wait(120)
            finally:
                process.kill()
                process.wait()
                process.stdout.close()
                process.stderr.close()
            time.sleep(8)  # rebalances without members, ext4's commit
            with machine.Span(server.pid, server.disk) as left:
                time.sleep(10)
            result = {'settled_ms': settled['settled_ms'], 'join_cpu_s': joined, 'rss_before_mb': before, 'rss_mb': held, 'rss_more_mb': held - before,
                      'heartbeats_s': beats['heartbeats_s'], 'cpu_ms_s': span.fine_cpu * 1e3 / span.seconds, 'cpu_us_heartbeat': span.fine_cpu / span.seconds / beats['heartbeats_s'] * 1e6,
                      'wakeups_s': span.wakeups / span.seconds, 'wakeups_heartbeat': span.wakeups / span.seconds / beats['heartbeats_s'],
                      'p50_us': beats['p50_us'], 'p99_us': beats['p99_us'], 'rebalances_meanwhile': beats['rebalances'], 'errors': beats['errors'],
                      'left_wakeups_s': left.wakeups / left.seconds, 'left_cpu_ms_s': left.fine_cpu * 1e3 / left.seconds, 'left_rss_mb': machine.rss_mb(server.pid), **span.beside()}
            server.stop()
            return result, load.shown([command[0], 'PORT', *command[2:]])

        run.rounds('groups', case, measure, 1, ('ledge', 'ledge-b', 'kafka'))
