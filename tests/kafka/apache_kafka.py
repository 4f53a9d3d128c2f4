#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A real Apache Kafka from its published jars: one node, KRaft, loopback, data in a folder of its own.

  apache_kafka.py setup                  resolve the jars (once; into build/kafka)
  apache_kafka.py run [KEY=VALUE ...]    start a broker on a free port, print its address, stop it at Ctrl-C
  apache_kafka.py tool NAME ARGS...      a tool by its script name without "kafka-" and ".sh": topics, console-producer, ...

As a module: `with Broker(folder) as broker: broker.bootstrap`.
"""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / 'build' / 'kafka'

TOOLS = {
    'topics': 'org.apache.kafka.tools.TopicCommand',
    'configs': 'kafka.admin.ConfigCommand',
    'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
    'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
    'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
    'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
    'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
    'cluster': 'org.apache.kafka.tools.ClusterTool',
    'verifiable-producer': 'org.apache.kafka.tools.VerifiableProducer',
    'producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
    'storage': 'kafka.tools.StorageTool',
}

PROPERTIES = '''
process.roles=broker,controller
node.id={node}
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://{advertised}:{advertised_port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
# Tests write records with timestamps of years ago; retention, which first looks after 30 s, must not take them away mid-run.
log.initial.task.delay.ms=86400000
'''


def resolve(pom, out):
    """The class path of POM's dependencies, resolved by Maven once per content of the file."""
    out = pathlib.Path(out)
    stamp = out.with_suffix('.pom')
    if not (out.exists() and stamp.exists() and stamp.read_text() == pathlib.Path(pom).read_text()):
        out.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(['mvn', '-q', '-B', '-Dstyle.color=never', '-f', pom, 'dependency:build-classpath', '-DincludeScope=runtime',
                        f'-Dmdep.outputFile={out}'], check=True, timeout=900, stdin=subprocess.DEVNULL)
        shutil.copy(pom, stamp)
    return out.read_text().strip()


def class_path():
    return resolve(HERE / 'pom.xml', BUILD / 'classpath')


def clients_jar():
    return next(p for p in class_path().split(':') if '/kafka-clients-' in p)


def java(main, *arguments, heap='256M', options=()):
    """The command line for one of Kafka's classes."""
    return ['java', f'-Xmx{heap}', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true',
            f'-Dlog4j2.configurationFile={HERE / "log4j2.xml"}', *options, '-cp', class_path(), main, *map(str, arguments)]


def tool(name, *arguments, **options):
    return java(TOOLS[name], *arguments, **options)


def free_port(host='127.0.0.1'):
    with socket.socket() as s:
        s.bind((host, 0))
        return s.getsockname()[1]


class Broker:
    def __init__(self, folder, host='127.0.0.1', port=None, advertised=None, properties=(), advertised_port=None):
        self.folder = pathlib.Path(folder)
        self.host, self.port = host, port or free_port(host)
        self.advertised, self.advertised_port = advertised or host, advertised_port or self.port
        self.properties = list(properties)
        self.node_id = 1
        self.process = None

    @property
    def bootstrap(self):
        return f'{self.host}:{self.port}'

    @property
    def pid(self):
        return self.process.pid

    def start(self, timeout=120):
        self.folder.mkdir(parents=True, exist_ok=True)
        data, config, log = (self.folder / n for n in ('data', 'server.properties', 'log'))
        text = PROPERTIES.format(node=self.node_id, host=self.host, port=self.port, advertised=self.advertised,
                                 advertised_port=self.advertised_port,
                                 controller=free_port(), data=data)
        config.write_text(text + ''.join(f'{p}\n' for p in self.properties))
        if not data.exists():
            uuid = subprocess.run(tool('storage', 'random-uuid'), check=True, capture_output=True, text=True, timeout=60)
            subprocess.run(tool('storage', 'format', '--standalone', '-t', uuid.stdout.split()[-1], '-c', config),
                           check=True, capture_output=True, timeout=60)
        with log.open('wb') as out:
            self.process = subprocess.Popen(java('kafka.Kafka', config, heap='768M'), stdout=out, stderr=out,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if 'Kafka Server started' in log.read_text(errors='replace'):
                return self
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f'Kafka did not start; the end of {log}:\n' + log.read_text(errors='replace')[-3000:])

    def stop(self, timeout=60):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def main(arguments):
    if arguments[:1] == ['setup']:
        print(len(class_path().split(':')), 'jars')
    elif arguments[:1] == ['run']:
        with tempfile.TemporaryDirectory(prefix='kafka-') as folder, Broker(folder, properties=arguments[1:]) as broker:
            print(broker.bootstrap, 'pid', broker.pid, flush=True)
            try:
                broker.process.wait()
            except KeyboardInterrupt:
                pass
    elif arguments[:1] == ['tool'] and len(arguments) > 1 and arguments[1] in TOOLS:
        command = tool(arguments[1], *arguments[2:])
        os.execvp(command[0], command)
    else:
        print(__doc__, '\ntools:', ' '.join(TOOLS))
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
