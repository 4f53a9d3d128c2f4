# SPDX-License-Identifier: Apache-2.0
"""Ack latency of lone 100 B records, acks=all: closed loop beside the disk's own fdatasync, and open loop at 1,000/s.

The disk is asked right before each closed loop, on the same file system: a 4 KiB write and fdatasync, in a growing file and in one
written beforehand. In the open loop a record's latency counts from when it was due, so nothing is omitted.
"""
from harness import load

OPEN_FEWER = {'kafka': 2, 'kafka-flush1': 1}


def ask(run):
    def closed(server, rep):
        server.up()
        load.warm(run.tools, server)
        topic = server.new_topic()
        disk = load.disk_floor(run.tools, server, 400)
        metrics, command = load.latency(run.tools, server, topic, 100, 1000 if run.quick else 3000, 0)
        server.drop(topic)
        return {**metrics, **{f'disk_{k}': v for k, v in disk.items()}, 'to_growing': metrics['p50_us'] / disk['growing_4k_p50_us'],
                'to_written': metrics['p50_us'] / disk['written_4k_p50_us']}, command

    def open_loop(server, rep):
        server.up()
        load.warm(run.tools, server)
        topic = server.new_topic()
        metrics, command = load.latency(run.tools, server, topic, 100, 3000 if run.quick else 8000, 1000)
        server.drop(topic)
        return metrics, command

    run.rounds('latency', 'one outstanding', closed, run.reps(5))
    run.rounds('latency', '1,000/s', open_loop, run.reps(5), fewer=OPEN_FEWER)
