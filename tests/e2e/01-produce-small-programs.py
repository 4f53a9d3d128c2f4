# SPDX-License-Identifier: Apache-2.0
"""Four small programs such as users start with, in Java, Scala, Kotlin and Clojure: bootstrap edge-broker:9092, 100 records.

The name edge-broker is resolved by the JVM's jdk.net.hosts.file to a loopback address of its own, so that port 9092 is free
there whatever else runs on this machine.
"""
import pytest
from support.run import JVM, java_classes, jvm, kotlin_classes, run, scala_classes
from support.target import make_server

pytestmark = pytest.mark.xdist_group('edge-broker')  # there is one such address
ADDRESS = '127.0.92.9'


def program(language):
    match language:
        case 'Java':
            return 'EdgeProducer', [], [java_classes('EdgeProducer')]
        case 'Scala':
            return 'EdgeProducerScala', [], [scala_classes('EdgeProducer')]
        case 'Kotlin':
            return 'EdgeProducerKt', [], [kotlin_classes('EdgeProducer')]
        case 'Clojure':
            return 'clojure.main', [JVM / 'edge_producer.clj'], []


@pytest.mark.parametrize('language', ['Java', 'Scala', 'Kotlin', 'Clojure'])
@pytest.mark.timeout(600)
def test_a_hundred_edge_messages_arrive(own_folder, ran, language):
    main, arguments, classes = program(language)
    hosts = own_folder / 'hosts'
    hosts.write_text(f'{ADDRESS} edge-broker\n')
    with make_server(own_folder / 'server', host=ADDRESS, port=9092, advertised='edge-broker'):
        run(jvm(main, *arguments, classes=classes, options=[f'-Djdk.net.hosts.file={hosts}']), timeout=120)
        reader = jvm('EdgeReader', 'edge-topic', 100, classes=[java_classes('EdgeReader')],
                     options=[f'-Djdk.net.hosts.file={hosts}'])
        lines = run(reader, timeout=120).stdout.splitlines()
    assert lines == [f'{i}\tEdge message {i}' for i in range(100)]
    ran(language, records=len(lines))
