# SPDX-License-Identifier: Apache-2.0
"""Durable produce: one librdkafka producer, one partition, acks=all; records/s and the server's CPU per record.

100 B and 1 KiB records. Each run of Ledge and kfake begins on an empty disk; a JVM has seen 1.2 M records before, but in the cold case.
"mock" is the load generator's own ceiling.
"""
import types

from harness import load

# The load generator against its own mock of a server, inside its own process: what it can reach at most.
MOCK = types.SimpleNamespace(name='mock', kill=lambda: None)
SIZES = (('100 B', 100, 1_000_000), ('1 KiB', 1024, 400_000))


def ask(run):
    for case, size, count in SIZES:
        def measure(server, rep):
            server.up()
            load.warm(run.tools, server)
            topic = server.new_topic()
            metrics, command = load.produce(run.tools, server, topic, size, count)
            server.drop(topic)
            return metrics, command

        for rep in range(run.reps(3, 1)):
            if not run.book.has('produce', case, 'mock', rep):
                run.one('produce', case, MOCK, rep, lambda _, rep: load.ceiling(run.tools, size, count), hold=True)
        run.rounds('produce', case, measure, run.reps(5))

    def cold(server, rep):
        server.fresh()
        return load.produce(run.tools, server, server.new_topic(), 100, 1_000_000)

    if not run.quick:
        run.rounds('produce', '100 B, JVM just started', cold, 2, ('kafka', 'kafka-flush1'))
