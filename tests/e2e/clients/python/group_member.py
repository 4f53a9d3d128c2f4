# SPDX-License-Identifier: Apache-2.0
"""group_member.py LIBRARY BOOTSTRAP TOPIC GROUP SESSION_MS HEARTBEAT_MS [KEY=VALUE ...]: one member of a consumer group. It commits what it
has handled, leaves the group when its standard input ends, and says what happens to it, one line each:

  assigned 0,1,2     partitions that are its own from here on, besides those that it has
  revoked 0,1        partitions that are no longer
  record 3 17 text   partition, offset, value
  committed 3:18     the server has acknowledged it
  refused text       something failed that may be tried again

One that takes long to start, a JVM, says "ready" and then waits for a line before it joins.
"""
import asyncio
import os
import sys
import threading

library, bootstrap, topic, group = sys.argv[1:5]
session, heartbeat = map(int, sys.argv[5:7])
settings = dict(s.split('=', 1) for s in sys.argv[7:])
stop = threading.Event()


def wait_for_end():
    while os.read(0, 4096):
        pass
    stop.set()


threading.Thread(target=wait_for_end, daemon=True).start()
FEW = 20  # records between two commits


def say(*words):
    sys.stdout.write(' '.join(map(str, words)) + '\n')
    sys.stdout.flush()


def numbers(partitions):
    return ','.join(str(p.partition) for p in partitions)


def confluent():
    import confluent_kafka
    handled = {}

    def commit(consumer):
        if handled:
            try:
                done = consumer.commit(asynchronous=False, offsets=[confluent_kafka.TopicPartition(topic, p, o) for p, o in handled.items()])
                say('committed', *(f'{c.partition}:{c.offset}' for c in done if not c.error))
            except confluent_kafka.KafkaException as error:
                say('refused', error)
            handled.clear()

    def revoked(consumer, partitions):
        commit(consumer)
        say('revoked', numbers(partitions))

    def lost(_, partitions):
        handled.clear()
        say('revoked', numbers(partitions))

    classic = {'session.timeout.ms': session, 'heartbeat.interval.ms': heartbeat}
    consumer = confluent_kafka.Consumer({'bootstrap.servers': bootstrap, 'group.id': group, 'auto.offset.reset': 'earliest',
                                         'enable.auto.commit': False, 'client.id': 'confluent', 'reconnect.backoff.max.ms': 500,
                                         **({} if settings.get('group.protocol') == 'consumer' else classic), **settings})
    consumer.subscribe([topic], on_assign=lambda _, p: say('assigned', numbers(p)), on_revoke=revoked, on_lost=lost)
    since = 0
    while not stop.is_set():
        message = consumer.poll(0.1)
        if message is not None and message.error() is None:
            say('record', message.partition(), message.offset(), message.value().decode())
            handled[message.partition()] = message.offset() + 1
            since += 1
        if message is None or since >= FEW:
            commit(consumer)
            since = 0
    commit(consumer)
    consumer.close()


def kafka_python():
    import kafka
    consumer = kafka.KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, auto_offset_reset='earliest', session_timeout_ms=session,
                                   heartbeat_interval_ms=heartbeat, enable_auto_commit=False, client_id='kafka-python',
                                   reconnect_backoff_max_ms=500)

    class Listener(kafka.ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            say('revoked', numbers(revoked))

        def on_partitions_assigned(self, assigned):
            say('assigned', numbers(assigned))
    consumer.subscribe([topic], listener=Listener())
    while not stop.is_set():
        handled = {}
        try:
            # Long enough for a rebalance: one that ends between two polls is forgotten, and the member joins again.
            polled = consumer.poll(1000, max_records=FEW)
        except kafka.errors.KafkaConnectionError as error:  # this library tells its user that the server is away
            say('refused', error)
            continue
        for partition, messages in polled.items():
            for message in messages:
                say('record', message.partition, message.offset, message.value.decode())
            handled[partition] = kafka.OffsetAndMetadata(messages[-1].offset + 1, '', -1)
        if handled:
            try:
                consumer.commit(handled)
                say('committed', *(f'{p.partition}:{o.offset}' for p, o in handled.items()))
            except kafka.errors.KafkaError as error:
                say('refused', error)
    consumer.close()


def aiokafka():
    import aiokafka

    class Listener(aiokafka.abc.ConsumerRebalanceListener):
        def on_partitions_revoked(self, revoked):
            say('revoked', numbers(revoked))

        def on_partitions_assigned(self, assigned):
            say('assigned', numbers(assigned))

    async def main():
        consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, auto_offset_reset='earliest',
                                             session_timeout_ms=session, heartbeat_interval_ms=heartbeat, enable_auto_commit=False,
                                             client_id='aiokafka', request_timeout_ms=10_000)
        consumer.subscribe([topic], listener=Listener())
        await consumer.start()
        while not stop.is_set():
            handled = {}
            for partition, messages in (await consumer.getmany(timeout_ms=100, max_records=FEW)).items():
                for message in messages:
                    say('record', message.partition, message.offset, message.value.decode())
                handled[partition] = messages[-1].offset + 1
            if handled:
                try:
                    await consumer.commit(handled)
                    say('committed', *(f'{p.partition}:{o}' for p, o in handled.items()))
                except aiokafka.errors.KafkaError as error:
                    say('refused', repr(error))
        await consumer.stop()
    asyncio.run(main())


{'confluent-kafka': confluent, 'kafka-python': kafka_python, 'aiokafka': aiokafka}[library]()
