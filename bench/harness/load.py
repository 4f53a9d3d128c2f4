# SPDX-License-Identifier: Apache-2.0
"""Load on a server: librdkafka's own benchmark program, and our latency tool."""
import json
import re
import shlex
import subprocess

from . import machine


class Failed(Exception):
    """The load did not go through as it has to; nothing is measured then."""


def shown(command):
    """A command as the results print it: without the folders and ports of this machine."""
    words = [str(c) for c in command]
    return re.sub(r'127\.0\.0\.1:\d+', 'SERVER', shlex.join([words[0].rsplit('/', 1)[-1], *words[1:]]))


def run(command, timeout):
    """Output of a load program that runs before everything else on the machine."""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, errors='replace',
                               start_new_session=True)
    machine.first_class(process.pid)
    try:
        out, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, _ = process.communicate()
        raise Failed(f'{shown(command)}: not done after {timeout} s: {out[-300:]}') from None
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode:
        raise Failed(f'{shown(command)}: exit {process.returncode}: {out[-300:]}')
    return out


def produced(out, command, size, count):
    found = re.findall(r'(\d+) delivered \(offset -?\d+, (\d+) failed\) in (\d+)ms: (\d+) msgs/s and ([\d.]+) MB/s', out)
    if not found:
        raise Failed(f'{shown(command)}: {out[-300:]}')
    delivered, failed, ms, rate, _ = map(float, found[-1])
    if failed or delivered < count:
        raise Failed(f'{shown(command)}: {int(delivered)} of {count} acked, {int(failed)} failed')
    return {'msg_s': rate, 'mb_s': rate * size / 1e6, 'seconds': ms / 1e3, 'records': int(delivered)}


def ceiling(tools, size, count):
    """rdkafka_performance against the mock server that librdkafka carries."""
    command = [tools.performance(), '-P', '-t', 'mock', '-p', 0, '-s', size, '-c', count, '-a', '-1', '-X', 'test.mock.num.brokers=1', '-i', 60000]
    return produced(run(command, 120), command, size, count), shown(command)


def produce(tools, server, topic, size, count, partition=0, settings=(), timeout=300):
    """rdkafka_performance as one producer, acks=all; every record must be acked."""
    command = [tools.performance(), '-P', '-t', topic, '-p', partition, '-s', size, '-c', count, '-a', '-1', '-b', server.bootstrap, '-i', 60000,
               *(a for s in settings for a in ('-X', s))]
    with machine.Span(server.pid, server.disk) as span:
        out = run(command, timeout)
    return {**produced(out, command, size, count), 'cpu_us_msg': span.cpu / count * 1e6, 'client_us_msg': span.client_cpu / count * 1e6,
            **span.beside()}, shown(command)


def consume(tools, server, topic, size, count, settings=(), timeout=120):
    command = [tools.performance(), '-C', '-t', topic, '-p', 0, '-o', 'beginning', '-c', count, '-b', server.bootstrap, '-i', 60000,
               *(a for s in settings for a in ('-X', s))]
    with machine.Span(server.pid, server.disk) as span:
        out = run(command, timeout)
    found = re.findall(r'(\d+) messages \((\d+) bytes\) consumed in (\d+)ms: (\d+) msgs/s \(([\d.]+) MB/s', out)
    if not found or int(found[-1][0]) < count:
        raise Failed(f'{shown(command)}: {out[-300:]}')
    rate = float(found[-1][3])
    return {'msg_s': rate, 'mb_s': rate * size / 1e6, 'cpu_us_msg': span.cpu / count * 1e6, 'client_us_msg': span.client_cpu / count * 1e6, **span.beside()}, shown(command)


def latency(tools, server, topic, size, count, rate, settings=(), timeout=150):
    """Our latency tool: rate 0 is the closed loop."""
    command = [tools.latency(), server.bootstrap, topic, size, count, rate, *settings]
    with machine.Span(server.pid, server.disk) as span:
        out = run(command, timeout)
    result = json.loads(out[out.index('{'):])
    if result['failed'] or result['records'] < (count if rate else min(count, 50)):
        raise Failed(f'{shown(command)}: {result["records"]} of {count} acked, {result["failed"]} failed')
    return {**{k: v for k, v in result.items() if k != 'failed'}, 'cpu_us_msg': span.cpu / result['records'] * 1e6, **span.beside()}, shown(command)


def disk_floor(tools, server, count=1000):
    """What write + fdatasync takes on the server's own file system, now."""
    out = run([tools.disk(), server.disk.path, count], 60)
    return json.loads(out[out.index('{'):])


def warm(tools, server, count=600_000):
    """A JVM is judged warm, if not said otherwise: it has seen this load before."""
    if server.slow_start and not server.warm:
        topic = server.new_topic()
        for _ in range(2):
            produce(tools, server, topic, 100, count)
        consume(tools, server, topic, 100, count)
        server.drop(topic)
        server.warm = True
