# SPDX-License-Identifier: Apache-2.0
"""Resident memory: idle, with 100 connections, with 1,000 partitions, after 1 M records of 100 B and after replaying them."""
import socket

from harness import load, machine, wire

FEWER = {'kafka': 1}
NAMES = ('ledge', 'ledge-b', 'kafka', 'kfake', 'kfake-sync')  # a flush per message is no matter of memory


def ask(run):
    count = 250_000 if run.quick else 1_000_000

    def empty(server, rep):
        server.fresh()
        found = {'idle_mb': machine.settled_rss_mb(server.pid)}
        connections = [socket.create_connection((wire.HOST, server.ports[0])) for _ in range(100)]
        for connection in connections:
            wire.ask(connection, 18, 0)
        found['connections_mb'] = machine.settled_rss_mb(server.pid)
        for connection in connections:
            connection.close()
        server.new_topic(1000)
        found['partitions_mb'] = machine.settled_rss_mb(server.pid)
        server.stop()
        return found, 'VmRSS of the server: idle; with 100 connections that asked once; with a topic of 1,000 partitions'

    def loaded(server, rep):
        server.fresh()
        topic = server.new_topic()
        _, command = load.produce(run.tools, server, topic, 100, count)
        found = {'produced_mb': machine.settled_rss_mb(server.pid)}
        load.consume(run.tools, server, topic, 100, count)
        found['replayed_mb'] = machine.settled_rss_mb(server.pid)
        server.stop()
        return found, command

    run.rounds('memory', 'empty', empty, run.reps(3, 1), NAMES, FEWER)
    run.rounds('memory', f'{count:,} x 100 B', loaded, run.reps(3, 1), NAMES, FEWER)
