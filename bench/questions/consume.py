# SPDX-License-Identifier: Apache-2.0
"""Consume: one librdkafka consumer over 100 B and 1 KiB records; 16 KiB records beside sendfile's own rate.

For 16 KiB a reader that does nothing but take the bytes (bench/load/fetch.cc, 1 MiB a request and one request outstanding, as
consumers do by default) shows the server instead of the client; the kernel's sendfile is read by the same loop right before it.
"""
import json

from harness import load, machine

SIZES = (('100 B', 100, 1_000_000), ('1 KiB', 1024, 400_000))


def ask(run):
    for case, size, count in SIZES:
        count = count // 4 if run.quick else count
        read(run, case, size, count)
    raw(run)


def each(run, case, reps, prepare, measure):
    """Data are stored once per server; the readings alternate between the servers."""
    open_servers = []
    topics = {}
    try:
        for server in run.chosen():
            if all(run.book.has('consume', case, server.name, rep) for rep in range(reps)):
                continue
            try:
                server.up()
                topics[server.name] = prepare(server)
                open_servers.append(server)
                server.freeze()
            except (OSError, RuntimeError, load.Failed) as error:
                run.say(f'consume: {case}: {server.name}: cannot be prepared: {error}')
                run.failures += 1
                server.kill()

        def one(server, rep):
            server.thaw()
            try:
                return measure(server, topics[server.name])
            finally:
                server.freeze()

        run.rounds('consume', case, one, reps, [s.name for s in open_servers], hold=True)
    finally:
        for server in open_servers:
            if server.slow_start and server.process:
                server.thaw()
                server.drop(topics[server.name])
            server.rest()


def read(run, case, size, count):
    def prepare(server):
        load.warm(run.tools, server)
        topic = server.new_topic()
        load.produce(run.tools, server, topic, size, count)
        load.consume(run.tools, server, topic, size, count)
        return topic

    each(run, case, run.reps(5), prepare, lambda server, topic: load.consume(run.tools, server, topic, size, count))


def raw(run):
    count = 8_000 if run.quick else 32_000
    size, passes = 16384, 4

    def prepare(server):
        topic = server.new_topic()
        load.produce(run.tools, server, topic, size, count)
        with open(server.disk.path / 'plain', 'wb') as out:
            for _ in range(count * size // 2**20):
                out.write(b'x' * 2**20)
        server.disk.sync()
        return topic

    def measure(server, topic):
        kernel = json.loads(load.run([run.tools.fetch(), 'sendfile', server.disk.path / 'plain', passes], 120))
        command = [run.tools.fetch(), 'kafka', server.ports[0], topic, 2**20, passes]
        with machine.Span(server.pid, server.disk) as span:
            got = json.loads(load.run(command, 120))
        if got['bytes'] < count * size * passes:
            raise load.Failed(f'{server.name} gave {got["bytes"]} bytes')
        client, _ = load.consume(run.tools, server, topic, size, count)
        return {'mb_s': got['mb_s'], 'sendfile_mb_s': kernel['mb_s'], 'to_sendfile': got['mb_s'] / kernel['mb_s'], 'rdkafka_mb_s': client['mb_s'],
                'cpu_us_msg': span.cpu / (count * passes) * 1e6, **span.beside()}, load.shown([*command[:2], 'PORT', *command[3:]])

    # kfake's three brokers lead in turn: the reader would have to look for its own.
    each_names = [s.name for s in run.chosen() if not s.name.startswith('kfake')]
    saved = run.servers
    run.servers = {n: saved[n] for n in each_names}
    try:
        each(run, '16 KiB', run.reps(5), prepare, measure)
    finally:
        run.servers = saved
