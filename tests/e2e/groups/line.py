# SPDX-License-Identifier: Apache-2.0
"""The line between clients and a server: passes bytes on, can be cut, and keeps the books of what the server told groups.

What a server answered is noted before it is passed on: whatever a client does because of it comes later in the books. Reads
the messages with the differential test's codec, which shares no code with Ledge."""
import asyncio
import collections
import contextlib
import struct
import threading
import time

from differential import schema

NAMES = {8: 'OffsetCommit', 9: 'OffsetFetch', 11: 'JoinGroup', 13: 'LeaveGroup', 14: 'SyncGroup', 68: 'ConsumerGroupHeartbeat'}

Joined = collections.namedtuple('Joined', 'member generation')
Beat = collections.namedtuple('Beat', 'member epoch assigned')
Left = collections.namedtuple('Left', 'member')
Committed = collections.namedtuple('Committed', 'offsets')
Fetched = collections.namedtuple('Fetched', 'offsets asked')


class Frames:
    """Cuts a stream of bytes into frames; what nobody wants to read is skipped, not kept."""

    def __init__(self, wanted):
        self.wanted, self.buffer, self.skip = wanted, bytearray(), 0

    def feed(self, data):
        if self.skip >= len(data):
            self.skip -= len(data)
            return
        self.buffer += data[self.skip:]
        self.skip = 0
        while len(self.buffer) >= 20 or (len(self.buffer) >= 8 and self._size() <= len(self.buffer) - 4):
            size = self._size()
            head = bytes(self.buffer[4:12])
            if not self.wanted(head):
                have = min(len(self.buffer), size + 4)
                self.skip = size + 4 - have
                del self.buffer[:have]
                continue
            if len(self.buffer) < size + 4:
                return
            frame = bytes(self.buffer[4:size + 4])
            del self.buffer[:size + 4]
            yield frame

    def _size(self):
        return struct.unpack_from('>i', self.buffer)[0]


class Conversation:
    """One connection: which answers are worth reading, and what they say."""

    def __init__(self, note):
        self.note, self.asked = note, {}
        self.requests = Frames(lambda head: struct.unpack_from('>h', head)[0] in NAMES)
        self.answers = Frames(lambda head: struct.unpack_from('>i', head)[0] in self.asked)

    def sent(self, data):
        for frame in self.requests.feed(data):
            key, version, correlation, size = struct.unpack_from('>hhih', frame)
            message = schema.request(NAMES[key])
            at = 10 + max(size, 0) + (1 if message.flexible(version) else 0)
            self.asked[correlation] = (NAMES[key], version, dict(message.decode(version, frame[at:]), asked=time.monotonic()))

    def answered(self, data):
        for frame in self.answers.feed(data):
            api, version, request = self.asked.pop(struct.unpack_from('>i', frame)[0])
            message = schema.response(api)
            answer = message.decode(version, frame[5 if message.flexible(version) else 4:])
            for event in getattr(self, api)(request, answer):
                self.note(event)

    @staticmethod
    def JoinGroup(_, answer):
        if answer['errorCode'] == 0:
            yield Joined(answer['memberId'], answer['generationId'])

    @staticmethod
    def SyncGroup(*_):
        return ()

    @staticmethod
    def LeaveGroup(request, answer):
        if answer['errorCode'] == 0:
            yield Left(request.get('memberId') or ','.join(m['memberId'] for m in request.get('members', ())))

    @staticmethod
    def ConsumerGroupHeartbeat(request, answer):
        if answer['errorCode'] == 0:
            if request['memberEpoch'] < 0:
                yield Left(answer['memberId'])
            else:
                assigned = answer['assignment']
                yield Beat(answer['memberId'], answer['memberEpoch'], None if assigned is None else
                           tuple(p for t in assigned['topicPartitions'] for p in t['partitions']))

    @staticmethod
    def OffsetCommit(request, answer):
        good = {p['partitionIndex'] for t in answer['topics'] for p in t['partitions'] if p['errorCode'] == 0}
        offsets = {p['partitionIndex']: p['committedOffset'] for t in request['topics'] for p in t['partitions']
                   if p['partitionIndex'] in good}
        if offsets:
            yield Committed(offsets)

    @staticmethod
    def OffsetFetch(request, answer):
        topics = [t for g in answer['groups'] for t in g['topics']] if 'groups' in answer else answer['topics']
        offsets = {p['partitionIndex']: p['committedOffset'] for t in topics for p in t['partitions'] if p['errorCode'] == 0}
        if offsets:
            yield Fetched(offsets, request['asked'])


class Line:
    """`with Line(server port) as line`: clients use line.bootstrap, which the server has to advertise (line.port)."""

    def __init__(self, port):
        self.port = port
        self.upstream = None
        self.events = []  # (time, event), in the order in which the server said them
        self.wrong = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.server, self.tasks = None, set()

    @property
    def bootstrap(self):
        return f'127.0.0.1:{self.port}'

    def note(self, event):
        self.events.append((time.monotonic(), event))

    def open(self, upstream):
        """Passes connections on to the server at (host, port)."""
        self.upstream = upstream
        self._run(self._open())

    def cut(self):
        """Ends all connections; new ones are refused until open()."""
        self._run(self._cut())

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    async def _open(self):
        self.server = await asyncio.start_server(self._connected, '127.0.0.1', self.port, limit=1 << 20)

    async def _cut(self):
        if self.server:
            self.server.close()
            self.server = None
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        writers = [writer]
        try:
            up_reader, up_writer = await asyncio.open_connection(*self.upstream, limit=1 << 20)
            writers.append(up_writer)
            talk = Conversation(self.note)
            ways = [asyncio.ensure_future(self._pass(reader, up_writer, talk.sent)),
                    asyncio.ensure_future(self._pass(up_reader, writer, talk.answered))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for w in writers:
                w.transport.abort()
            self.tasks.discard(asyncio.current_task())

    async def _pass(self, reader, writer, look):
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 18):
                try:
                    look(data)
                except Exception as error:  # a message that the books cannot be kept of must not pass unnoticed
                    self.wrong.append(repr(error))
                    raise
                writer.write(data)
                await writer.drain()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.cut()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
