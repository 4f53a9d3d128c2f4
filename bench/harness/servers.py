# SPDX-License-Identifier: Apache-2.0
"""Ledge and its peers as processes on loopback, each with a disk of its own."""
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

from . import machine, wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests' / 'kafka'))

import apache_kafka  # noqa: E402


def free_ports(count):
    """COUNT consecutive free ports, below those that the kernel gives to clients: thousands of them connect before a server starts
    again on its ports."""
    clients_from = int(pathlib.Path('/proc/sys/net/ipv4/ip_local_port_range').read_text().split()[0])
    for _ in range(1000):
        port = random.randrange(10000, max(clients_from, 20000) - count)
        try:
            for i in range(count):
                with socket.socket() as s:
                    s.bind((wire.HOST, port + i))
            return list(range(port, port + count))
        except OSError:
            continue
    raise RuntimeError('no free ports')


class Server:
    """One server under measurement. `name` is how results and the command line call it, `label` how tables do."""

    slow_start = False  # a start takes seconds: kept running between measurements, stopped in its tracks meanwhile
    port_count = 1

    def __init__(self, name, label, work, loop=True):
        self.name, self.label = name, label
        self.disk = machine.Disk(work / 'disks' / name, loop=loop)
        self.log_path = work / f'{name}.log'
        self.ports = free_ports(self.port_count)
        self.process = None
        self.frozen = False
        self.warm = False
        self.options = []
        self.topics = 0

    @property
    def folder(self):
        return self.disk.path / 'data'

    @property
    def pid(self):
        if not self.process:
            raise RuntimeError(f'{self.name} does not run')
        return self.process.pid

    @property
    def bootstrap(self):
        return f'{wire.HOST}:{self.ports[0]}'

    @property
    def controller(self):
        return self.ports[-1]

    def command(self):
        raise NotImplementedError

    def prepare(self):
        self.folder.mkdir(parents=True)

    def wipe(self):
        """Ends the server and empties its disk."""
        self.stop()
        self.disk.mount()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.disk.trim()
        self.prepare()
        self.disk.sync()

    def start(self, timeout=180, ready=True):
        """Milliseconds from exec to the first answer."""
        with self.log_path.open('ab') as log:
            begin = time.perf_counter()
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
            machine.first_class(self.pid)
            while True:
                try:
                    wire.api_versions(self.ports[0])
                    took = (time.perf_counter() - begin) * 1000
                    break
                except OSError:
                    if self.process.poll() is not None or time.perf_counter() - begin > timeout:
                        self.stop(signal.SIGKILL)
                        raise RuntimeError(f'{self.name} did not start: {self.log_path.read_text(errors="replace")[-1000:]}') from None
                    time.sleep(0.0002)
        self.warm = False
        if ready:
            self.wait_ready()
        return took

    def wait_ready(self):
        """Kafka answers ApiVersions before it can create topics."""
        wire.wait_for(wire.create_topic, 120, self.controller, 'ready', pause=0.1)

    def fresh(self):
        """Running, on an empty disk."""
        self.wipe()
        return self.start()

    def up(self):
        """Running and taking topics: anew on an empty disk, or, where a start takes seconds, the process that is there."""
        if self.slow_start and self.process and self.process.poll() is None:
            self.thaw()
        else:
            self.fresh()

    def rest(self):
        """After a measurement: gone, or kept without using the processors."""
        if self.slow_start and self.process and self.process.poll() is None:
            self.freeze()
        else:
            self.stop()

    def new_topic(self, partitions=1):
        self.topics += 1
        topic = f't{self.topics}'
        wire.create_topic(self.controller, topic, partitions)
        for partition in {0, partitions - 1}:
            wire.wait_for(wire.end_offset, 60, self.ports, topic, partition)
        return topic

    def drop(self, topic, seconds=0.5):
        """Deletes a topic where the process is kept; its files are gone before anything else is measured. Others are wiped."""
        if self.slow_start:
            wire.delete_topic(self.controller, topic)
            time.sleep(seconds)

    def freeze(self):
        if self.process and not self.frozen:
            self.process.send_signal(signal.SIGSTOP)
            self.frozen = True

    def thaw(self):
        if self.frozen:
            self.process.send_signal(signal.SIGCONT)
            self.frozen = False
            if self.slow_start:
                self.wait_ready()
                time.sleep(1)

    def stop(self, how=signal.SIGTERM):
        """Milliseconds that it took; None when nothing ran."""
        if not self.process:
            return None
        begin = time.perf_counter()
        if self.process.poll() is None:
            self.process.send_signal(how)
            if self.frozen:
                self.process.send_signal(signal.SIGCONT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process, self.frozen = None, False
        return (time.perf_counter() - begin) * 1000

    def kill(self):
        self.stop(signal.SIGKILL)

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.disk.unmount()


class Ledge(Server):
    def __init__(self, name, label, work, program, loop=True):
        super().__init__(name, label, work, loop)
        self.program = pathlib.Path(program).resolve()

    def command(self):
        sets = [f'listeners=PLAINTEXT://{self.bootstrap}', 'http.listener=', *self.options]
        return [str(self.program), 'serve', '--data', str(self.folder), *(a for s in sets for a in ('--set', s))]

    def version(self):
        return subprocess.run([str(self.program), 'version'], capture_output=True, text=True, check=True).stdout.split('\n')[0]


class Kfake(Server):
    port_count = 3

    def __init__(self, name, label, work, program, synced, loop=True):
        super().__init__(name, label, work, loop)
        self.program, self.synced = program, synced

    def command(self):
        return [str(self.program), '-port', str(self.ports[0]), '-dir', str(self.folder), *(['-sync'] if self.synced else [])]

    def version(self):
        text = (ROOT / 'bench' / 'load' / 'kfake' / 'go.mod').read_text()
        return 'kfake ' + next(line.split()[-1] for line in text.splitlines() if line.rstrip().split(' ')[-2:-1] == ['github.com/twmb/franz-go/pkg/kfake'])


class Kafka(Server):
    """Apache Kafka with the heap and collector of its own start script and its own defaults. One node wants one replica of
    its internal topics; a deleted topic's files go at once instead of after a minute, to leave the disk as it was."""

    slow_start = True
    port_count = 2

    PROPERTIES = '''process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/logs
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
file.delete.delay.ms=200
'''
    JVM = ['-Xmx1G', '-Xms1G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20', '-XX:InitiatingHeapOccupancyPercent=35',
           '-XX:+ExplicitGCInvokesConcurrent', '-Djava.awt.headless=true']

    def __init__(self, name, label, work, properties=(), loop=True):
        super().__init__(name, label, work, loop)
        self.properties = list(properties)
        self.blank = work / f'{name}.formatted'  # a formatted folder, copied for every fresh start of this run: the ports are in it
        shutil.rmtree(self.blank, ignore_errors=True)

    @property
    def controller(self):
        return self.ports[0]

    def wipe(self):
        super().wipe()
        self.warm = False

    def java(self, main, *arguments):
        return ['java', *self.JVM, f'-Dlog4j2.configurationFile={apache_kafka.HERE / "log4j2.xml"}', '-cp', apache_kafka.class_path(), main, *arguments]

    def prepare(self):
        super().prepare()
        text = self.PROPERTIES.format(port=self.ports[0], controller=self.ports[1], folder=self.folder)
        self.config = self.folder / 'server.properties'
        self.config.write_text(text + ''.join(f'{p}\n' for p in self.properties))
        if not self.blank.exists():
            done = subprocess.run(self.java('kafka.tools.StorageTool', 'format', '--standalone', '-t', 'AAAAAAAAQAGAAAAAAAAAAA', '-c', str(self.config)),
                                  capture_output=True, text=True, timeout=120)
            if done.returncode:
                raise RuntimeError(f'{self.name} cannot be formatted: {done.stdout[-500:]} {done.stderr[-500:]}')
            shutil.copytree(self.folder / 'logs', self.blank)
        else:
            shutil.copytree(self.blank, self.folder / 'logs')

    def command(self):
        return self.java('kafka.Kafka', str(self.config))

    def version(self):
        return 'Apache Kafka ' + apache_kafka.clients_jar().rsplit('-', 1)[1].removesuffix('.jar')


LABELS = {
    'ledge': 'Ledge',
    'ledge-b': 'Ledge, the other build',
    'kafka': 'Kafka, no sync before ack',
    'kafka-flush1': 'Kafka, flush per message',
    'kfake': 'kfake, no sync',
    'kfake-sync': 'kfake, sync per request',
}
SYNCED = {'ledge', 'ledge-b', 'kafka-flush1', 'kfake-sync'}


def make(name, work, tools, ledge, ledge_b=None, loop=True):
    label = LABELS[name]
    if name == 'ledge':
        return Ledge(name, label, work, ledge, loop)
    if name == 'ledge-b':
        return Ledge(name, label, work, ledge_b, loop)
    if name.startswith('kfake'):
        return Kfake(name, label, work, tools.kfake(), name == 'kfake-sync', loop)
    return Kafka(name, label, work, ['log.flush.interval.messages=1'] if name == 'kafka-flush1' else [], loop)
