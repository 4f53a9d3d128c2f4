# SPDX-License-Identifier: Apache-2.0
"""Many partitions: 100 B records, each to a random one of 1,000, linger 20 ms, acks=all; the same to one partition.

`sticky.partitioning.linger.ms=0` makes librdkafka choose for every record. All servers get the same number of records: with fewer,
the slow ones would be judged by smaller batches.
"""
from harness import load

SETTINGS = ('sticky.partitioning.linger.ms=0', 'linger.ms=20')
FEWER = {'kfake-sync': 1, 'kafka-flush1': 1, 'kafka': 2}  # minutes each


def ask(run):
    for partitions in (1000, 1):
        count = 200_000 if run.quick else 1_000_000

        def measure(server, rep):
            server.up()
            load.warm(run.tools, server)
            topic = server.new_topic(partitions)
            metrics, command = load.produce(run.tools, server, topic, 100, count, -1, SETTINGS, timeout=600)
            server.drop(topic, 5)
            return metrics, command

        run.rounds('partitions', f'{partitions:,} partition{"s" if partitions > 1 else ""}', measure, run.reps(5 if partitions > 1 else 3), fewer=FEWER)
