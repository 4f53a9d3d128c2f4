# SPDX-License-Identifier: Apache-2.0
"""member.py LIBRARY BOOTSTRAP TOPIC GROUP [STRATEGY [INSTANCE]]: one member of a consumer group; prints the value of every
record that it is given, commits as the library's users do, and leaves the group at SIGTERM."""
import signal
import sys
import threading

library, bootstrap, topic, group = sys.argv[1:5]
strategy = sys.argv[5] if len(sys.argv) > 5 else 'range'
instance = sys.argv[6] if len(sys.argv) > 6 else None
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())


def seen(value):
    sys.stdout.write(value.decode() + '\n')
    sys.stdout.flush()


def confluent():
    import confluent_kafka
    # The server sets the times and the assignment in the consumer protocol.
    protocol = {'group.protocol': 'consumer'} if strategy == 'consumer-protocol' else {
        'session.timeout.ms': 6000, 'heartbeat.interval.ms': 500, 'partition.assignment.strategy': strategy}
    consumer = confluent_kafka.Consumer({
        'bootstrap.servers': bootstrap, 'group.id': group, 'auto.offset.reset': 'earliest', 'auto.commit.interval.ms': 500,
        **protocol,
        **({'group.instance.id': instance} if instance else {})})
    consumer.subscribe([topic])
    while not stop.is_set():
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            seen(message.value())
    consumer.close()


def kafka_python():
    import kafka
    consumer = kafka.KafkaConsumer(
        topic, bootstrap_servers=bootstrap, group_id=group, auto_offset_reset='earliest', session_timeout_ms=6000,
        heartbeat_interval_ms=500, auto_commit_interval_ms=500)
    while not stop.is_set():
        for messages in consumer.poll(200).values():
            for message in messages:
                seen(message.value)
    consumer.close()


{'confluent': confluent, 'kafka-python': kafka_python}[library]()
