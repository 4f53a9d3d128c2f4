# SPDX-License-Identifier: Apache-2.0
"""What Ledge is to reach: each bar with where its figures come from. docs/performance.md is made from these rows."""
import dataclasses
import typing

from harness.results import median, numbers, ratios


@dataclasses.dataclass(frozen=True)
class Bar:
    group: str
    name: str
    relation: str  # '<=' or '>='
    limit: float
    unit: str  # '×' for a ratio to a peer
    values: typing.Callable  # (figures) -> [values], one per pair or repetition
    note: str = ''  # what limits it; printed when it is not reached

    def judge(self, figures):
        """(values, reached); reached is None when it was not measured."""
        values = numbers(self.values(figures))
        if not values:
            return [], None
        middle = median(values)
        return values, middle <= self.limit if self.relation == '<=' else middle >= self.limit


def cell(question, case, server, metric):
    return lambda figures: figures.get(question, {}).get(case, {}).get(server, {}).get(metric, [])


def ratio(question, case, metric, peer, ours='ledge'):
    return lambda figures: ratios(cell(question, case, ours, metric)(figures), cell(question, case, peer, metric)(figures))


def own(question, case, metric):
    return cell(question, case, 'ledge', metric)


EXT4 = 'Every 5 s ext4 writes the time of the last change through its journal, about four blocks and a flush; mounted with `commit=60` it does so every minute (below). `lazytime` does not help: on Linux 6.18 a new time makes the inode dirty with it too.'
SPACED = 'One record every 100 ms leaves one or two to a window, and a 4 KiB block is 41 × one record, 20 × two. 5 × takes eight records in a window.'

CLIENT = ('The load generator is the limit: its own server double, which stores nothing, answers it at that ceiling, and what waits for a disk leaves more records in its memory. '
          'kfake without any sync reaches 0.96 ×. Profile of the client: 18 % of its samples read clocks, 17 % write batches, 10 % number messages, 9 % allocate and free them. Both processors are not full; more needs a client that does less per record.')
COPIES = ('Profile (perf, cpu-clock, 3 M records): the kernel copies, 13 % out of the socket and 16 % into the page cache; checking the records is 8 %, the batch\'s CRC 7 %, the first 64 KiB of each '
          'request copied once more 4 %; the rest is the file system\'s and the wakeups of 70 commits. The journal no longer reads a batch for its own checksum. '
          'What is left to take: that copy of 4 %, and io_uring with registered buffers for the socket\'s.')
PAGES = ('Profile (perf, cpu-clock, 600,000 records): 61 % of the server\'s samples are the copy into pages of the page cache that were never there before, 8 % the copy out of the socket, 4 % the CRC. '
         'The processors are not full: a commit of 2.9 MB takes 1.6 to 2.8 ms for that copy and 7 to 10 ms for the flush on this disk, one after the other, which alone is 220 to 320 MB/s. '
         'Writing one commit while the one before is being flushed gave 16 % on the bare disk; direct writes would spare the copy and leave consumers without the page cache.')
SEGMENT = 'A start reads and checks what lies behind the newest snapshot, here 9 MB of a segment of at most 32 MiB, 0.3 ms a MB; 4 ms are the process and two flushes. Smaller segments would cost more snapshots and flushes.'
FLUSHES = ('Four flushes follow each other: the segment\'s header, its name, the folder\'s own name, the first records; each 0.5 to 1.5 ms on the machine\'s own disk, where the whole start takes 4.6 ms, and more on this loop device. '
           'The header and the first records could share one.')
MORE_SEGMENTS = ('Listing 640 files instead of 32, a snapshot that names them, and what happens to lie behind the newest one, up to 32 MiB: '
                 '0.3 ms a MB. What would be needed: nothing that grows with the segments in the snapshot.')
FETCHED = ('The client is the limit: 0.74 µs per record in its two threads, the server 0.04 µs (kfake 0.33). Profile of the client: 23 % of its samples parse records, 21 % allocate and free them, 7 % copy out of the socket. Both servers come close to what librdkafka takes in, so neither can be twice the other; '
           'with 1 KiB records, where the server counts, it is 3 ×.')

KILLED = 'after kill -9 with 1,000,000 x 100 B'
GB1, GB20 = 'after kill -9 with 1 GB in 1,000 partitions', 'after kill -9 with 20 GB in 1,000 partitions'
LOADED = '1,000,000 x 100 B'
IDLE, WAITING = '60 s with an open log', '3 waiting consumers'
CRASH = '20 x kill -9'


def twenty_to_one(figures):
    return ratios(own('start', GB20, 'first_answer_ms')(figures), own('start', GB1, 'first_answer_ms')(figures))


BARS = (
    Bar('Durable produce', "100 B: records/s, to the load generator's own ceiling", '>=', 0.9, '×', ratio('produce', '100 B', 'msg_s', 'mock'), CLIENT),
    Bar('Durable produce', '100 B: records/s, to kfake with sync', '>=', 1, '×', ratio('produce', '100 B', 'msg_s', 'kfake-sync')),
    Bar('Durable produce', "100 B: server CPU per record, to kfake's with sync", '<=', 0.5, '×', ratio('produce', '100 B', 'cpu_us_msg', 'kfake-sync'), COPIES),
    Bar('Durable produce', "100 B: server CPU per record, to Kafka's without sync", '<=', 0.1, '×', ratio('produce', '100 B', 'cpu_us_msg', 'kafka'), COPIES),
    Bar('Durable produce', '1 KiB: records/s, to kfake with sync', '>=', 1.8, '×', ratio('produce', '1 KiB', 'msg_s', 'kfake-sync'), PAGES),
    Bar('Durable produce', '1 KiB: records/s, to Kafka without sync', '>=', 3, '×', ratio('produce', '1 KiB', 'msg_s', 'kafka'),
        PAGES + ' Kafka waits for no flush here.'),
    Bar('Durable produce', "1 KiB: server CPU per record, to kfake's with sync", '<=', 0.6, '×', ratio('produce', '1 KiB', 'cpu_us_msg', 'kfake-sync'), PAGES),
    Bar('1,000 partitions', '100 B: records/s, to Kafka without sync', '>=', 4, '×', ratio('partitions', '1,000 partitions', 'msg_s', 'kafka')),
    Bar('1,000 partitions', '100 B: records/s, to Kafka with a flush per message', '>=', 8, '×', ratio('partitions', '1,000 partitions', 'msg_s', 'kafka-flush1')),
    Bar('1,000 partitions', '100 B: records/s, to kfake with sync', '>=', 20, '×', ratio('partitions', '1,000 partitions', 'msg_s', 'kfake-sync')),
    Bar('1,000 partitions', '100 B: records/s, to kfake without sync', '>=', 0.8, '×', ratio('partitions', '1,000 partitions', 'msg_s', 'kfake')),
    Bar('Consume', '100 B: records/s, to kfake', '>=', 2, '×', ratio('consume', '100 B', 'msg_s', 'kfake'), FETCHED),
    Bar('Consume', '1 KiB: records/s, to kfake', '>=', 1.5, '×', ratio('consume', '1 KiB', 'msg_s', 'kfake')),
    Bar('Consume', "16 KiB: bytes/s, to sendfile's own rate", '>=', 0.8, '×', own('consume', '16 KiB', 'to_sendfile')),
    Bar('Ack latency', "one outstanding: p50, to the disk's own 4 KiB append + fdatasync", '<=', 1.3, '×', own('latency', 'one outstanding', 'to_growing')),
    Bar('Ack latency', "1,000/s: p99, to kfake's with sync", '<=', 1 / 3, '×', ratio('latency', '1,000/s', 'p99_us', 'kfake-sync')),
    Bar('Idle', 'wakeups in 60 s', '<=', 0, '', own('idle', IDLE, 'wakeups')),
    Bar('Idle', 'device writes in 60 s', '<=', 0, '', own('idle', IDLE, 'device_writes')),
    Bar('Idle', 'wakeups with 3 waiting consumers', '<=', 15, '/s', own('idle', WAITING, 'wakeups_s')),
    Bar('Memory', 'idle', '<=', 5, 'MB', own('memory', 'empty', 'idle_mb')),
    Bar('Memory', 'with 100 connections', '<=', 6, 'MB', own('memory', 'empty', 'connections_mb')),
    Bar('Memory', 'with 1,000 partitions', '<=', 8, 'MB', own('memory', 'empty', 'partitions_mb')),
    Bar('Memory', 'after 1 M records of 100 B', '<=', 10, 'MB', own('memory', LOADED, 'produced_mb')),
    Bar('Memory', 'after replaying them', '<=', 10, 'MB', own('memory', LOADED, 'replayed_mb')),
    Bar('Start', 'to the first answer, empty', '<=', 5, 'ms', own('start', 'empty', 'first_answer_ms'), FLUSHES),
    Bar('Start', 'after kill -9 with 1 M records', '<=', 10, 'ms', own('start', KILLED, 'first_answer_ms'), SEGMENT),
    Bar('Start', 'after kill -9 with 20 GB in 1,000 partitions', '<=', 100, 'ms', own('start', GB20, 'first_answer_ms')),
    Bar('Start', 'the same, page cache empty', '<=', 100, 'ms', own('start', GB20, 'cold_first_answer_ms')),
    Bar('Start', '20 GB to 1 GB', '<=', 1.1, '×', twenty_to_one, MORE_SEGMENTS),
    Bar('Flash', 'lone 100 B ack, one after the other: device bytes to payload', '<=', 42, '×', own('flash', 'lone acks, one after the other', 'times_payload')),
    Bar('Flash', 'the same: flushes per ack', '<=', 1, '', own('flash', 'lone acks, one after the other', 'flushes_record')),
    Bar('Flash', 'lone 100 B ack at 10/s: device bytes to payload', '<=', 42, '×', own('flash', 'lone acks, 10/s', 'times_payload'), EXT4),
    Bar('Flash', 'the same: flushes per ack', '<=', 1, '', own('flash', 'lone acks, 10/s', 'flushes_record'), EXT4),
    Bar('Flash', 'the same, mounted with commit=60: device bytes to payload', '<=', 42, '×', own('flash', 'lone acks, 10/s, commit=60', 'times_payload')),
    Bar('Flash', 'the same: flushes per ack', '<=', 1, '', own('flash', 'lone acks, 10/s, commit=60', 'flushes_record')),
    Bar('Flash', '10 records/s, window of 100 ms, ten at a time: device bytes to payload', '<=', 5, '×',
        own('flash', '10/s, ten at a time, window of 100 ms', 'times_payload'), EXT4),
    Bar('Flash', 'the same, mounted with commit=60', '<=', 5, '×', own('flash', '10/s, ten at a time, window of 100 ms, commit=60', 'times_payload')),
    Bar('Flash', '10 records/s, window of 100 ms, evenly spaced: device bytes to payload', '<=', 5, '×', own('flash', '10/s, window of 100 ms', 'times_payload'), SPACED),
    Bar('Flash', 'batches of 64 KiB: device bytes to payload', '<=', 1.05, '×', own('flash', 'batches of 64 KiB', 'times_payload')),
    Bar('20 kill -9', 'acked records lost', '<=', 0, '', own('crash', CRASH, 'lost')),
    Bar('20 kill -9', 'records duplicated', '<=', 0, '', own('crash', CRASH, 'duplicated')),
    Bar('20 kill -9', 'records out of order', '<=', 0, '', own('crash', CRASH, 'reordered')),
    Bar('Groups', '1,000 groups of 3 members: wakeups per heartbeat', '<=', 1, '', own('groups', '1,000 groups of 3', 'wakeups_heartbeat')),
    Bar('Groups', 'the same groups without members: wakeups', '<=', 0, '/s', own('groups', '1,000 groups of 3', 'left_wakeups_s')),
    Bar('Size', 'the stripped static program', '<=', 6, 'MB', own('size', 'installed', 'program_mb')),
)
