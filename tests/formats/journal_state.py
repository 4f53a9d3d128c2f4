# SPDX-License-Identifier: Apache-2.0
"""What a journal's entries add up to, by docs/formats/journal.md alone: snapshots, index blocks, recovery, and which
batches of a stream can be read."""
import dataclasses

from crc32c import crc32c
from journal_file import (APPEND, DROP, INDEX, LOG_START, RELOCATED, SNAPSHOT, TRUNCATE, Header, entry_at, files_of,
                          known_durable, scan)

MANIFEST = (1 << 64) - 1


class Damaged(Exception):
    pass


class Bytes:
    """Numbers from a body, one behind the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if self.at + n > len(self.data):
            raise Damaged
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n):
        return int.from_bytes(self.take(n), 'little')

    def uvarint(self):
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value & (1 << 64) - 1
            if shift > 63:
                raise Damaged

    def zigzag(self):
        value = self.uvarint()
        return value >> 1 ^ -(value & 1)

    @property
    def more(self):
        return self.at < len(self.data)


# --- snapshots

def snapshot(entries):
    """(state, parts): 'none', 'partial' or 'whole', and of the manifest's parts tag -> (bytes, crc, content)."""
    manifest, parts = None, {}
    for entry in entries:
        if entry.kind != SNAPSHOT or not entry.sound:
            break
        if entry.stream == MANIFEST:
            if manifest is not None:
                break
            reader = Bytes(entry.body)
            try:
                if reader.number(4) != 1:
                    break
                rows = [(reader.number(4), reader.number(4), reader.number(8)) for _ in range(reader.number(4))]
            except Damaged:
                break
            manifest = {tag: (length, crc) for tag, crc, length in rows}
            parts = {tag: b'' for tag in manifest}
            continue
        if entry.stream not in parts or entry.first != len(parts[entry.stream]):
            break
        if len(parts[entry.stream]) + entry.bytes > manifest[entry.stream][0]:
            break
        parts[entry.stream] += entry.body
    if manifest is None:
        return 'none', {}
    whole = all(len(parts[t]) == n and crc32c(parts[t]) == crc for t, (n, crc) in manifest.items())
    return 'whole' if whole else 'partial', {t: (*manifest[t], parts[t]) for t in manifest}


@dataclasses.dataclass
class Stream:
    log_start: int = 0
    next: int = 0


@dataclasses.dataclass
class Older:
    """A sealed segment as a snapshot's table has it."""
    sequence: int
    base: int
    size: int
    salt: int
    data_end: int
    directory: tuple
    witness: tuple  # (state, stream, offset)


def journal_part(body):
    reader, streams, segments, stream = Bytes(body), {}, {}, 0
    if reader.number(4) != 1:
        raise Damaged
    for _ in range(reader.uvarint()):
        stream += reader.uvarint()
        streams[stream] = Stream(reader.uvarint(), reader.uvarint())
        reader.zigzag()
    for _ in range(reader.uvarint()):
        sequence, base, size = reader.uvarint(), reader.uvarint(), reader.uvarint()
        salt = reader.number(8)
        data_end, directory = reader.uvarint(), (reader.uvarint(), reader.uvarint())
        reader.number(1)
        witness = (reader.number(1), reader.uvarint(), reader.zigzag())
        segments[sequence] = Older(sequence, base, size, salt, data_end, directory, witness)
    return streams, segments


# --- index blocks

@dataclasses.dataclass
class Row:
    first: int
    last: int
    timestamp: int
    position: int  # of the body
    length: int
    flags: int = 0


@dataclasses.dataclass
class Section:
    stream: int
    flags: int
    next: int
    timestamp: int
    truncated_to: int  # -1: it was not
    rows: list


def index_piece(body, base):
    reader, stream, out = Bytes(body), 0, []
    while reader.more:
        stream = stream + reader.uvarint() & (1 << 64) - 1
        flags = reader.number(1)
        section = Section(stream, flags, reader.uvarint(), reader.zigzag(), -1, [])
        if flags & 8:
            section.truncated_to = reader.uvarint()
        count = reader.uvarint()
        rows = Bytes(reader.take(reader.uvarint()))
        offset, position, timestamp = 0, base, 0
        for _ in range(count):
            head, row_flags, first = rows.uvarint(), 0, offset
            if head & 1:
                row_flags = rows.number(1)
                first = offset + rows.zigzag()
                at = position + rows.zigzag()
            else:
                at = position + rows.uvarint()
            length, timestamp = rows.uvarint(), timestamp + rows.zigzag()
            row = Row(first, first + (head >> 1), timestamp, at, length, row_flags)
            section.rows.append(row)
            offset, position = row.last + 1, row.position + row.length
        out.append(section)
    return out


def directory_rows(body):
    reader = Bytes(body)
    count = reader.number(4)
    reader.number(4)
    return [(reader.number(8), reader.number(8), reader.number(8), reader.number(4)) for _ in range(count)]


class Rows:
    """Of one segment: per stream the rows in offset order, and the lowest offset it was truncated to."""

    def __init__(self):
        self.rows, self.truncated = {}, {}

    def put(self, stream, row):
        rows = [r for r in self.rows.get(stream, []) if r.last < row.first or r.first > row.last]
        self.rows[stream] = sorted(rows + [row], key=lambda r: r.first)

    def append(self, stream, row):
        self.rows.setdefault(stream, []).append(row)

    def truncate(self, stream, offset):
        self.rows[stream] = [r for r in self.rows.get(stream, []) if r.last < offset]
        self.truncated[stream] = min(self.truncated.get(stream, offset), offset)


def body_in(file, position, length):
    """The body at a position with its entry header before it; None when either is not sound."""
    at = position - 56 - file.head.base
    raw = file.data[at:at + 56] if at >= 4096 else b''
    if len(raw) < 56:
        return None
    for may_repair in (False, True):
        entry = entry_at(file.data, file.head, at, at + 56 + (length + 7) // 8 * 8, None, may_repair)
        if entry and entry.bytes == length and entry.sound:
            return entry.body
    return None


def rows_by_index(file, directory):
    """None: the index is damaged."""
    out = Rows()
    try:
        body = body_in(file, *directory)
        for _stream, _first, position, length in directory_rows(body if body else b''):
            piece = body_in(file, position, length)
            for section in index_piece(piece if piece is not None else b'\xff', file.head.base):
                for row in section.rows:
                    out.append(section.stream, row)
                if section.truncated_to >= 0:
                    out.truncated[section.stream] = section.truncated_to
    except Damaged:
        return None
    return out


def rows_by_frames(file, data_end):
    out, last = Rows(), {}
    for e in scan(file.data, file.head, data_end).entries:
        if not e.sound:
            continue
        row = Row(e.first, e.last, e.timestamp, e.body_position, e.bytes)
        if e.kind == APPEND and (not out.rows.get(e.stream) or e.first > out.rows[e.stream][-1].last):
            out.append(e.stream, row)
        elif e.kind == RELOCATED:
            out.put(e.stream, row)
        elif e.kind == TRUNCATE:
            out.truncate(e.stream, e.first)
        elif e.kind == DROP:
            out.rows.pop(e.stream, None)
    return out


# --- recovery

class Recovered:
    def __init__(self, folder):
        self.damage, self.torn, self.streams, self.refused = [], 0, {}, False
        self.tables = []  # (file, Rows, whether its bodies were checked), oldest first
        segments = [f for f in files_of(folder) if f.kind == 'segment']
        if not segments:  # an empty folder begins a new journal; one that has lost its segments does not
            self.refused = len(files_of(folder)) > 0
            return
        self.by_sequence = {f.sequence: f for f in segments}
        start, older = self.newest_snapshot([f for f in segments])
        if start is None:
            self.refused = True
            return
        replayed = [f for f in segments if f.usable and f.sequence >= start.sequence]
        tables = []
        for i, file in enumerate(replayed):
            if not self.replay(file, replayed[i + 1] if i + 1 < len(replayed) else None, i == 0, tables):
                break
        for row in older.values():
            file = self.by_sequence.get(row.sequence)
            if not file:
                if row.witness[0] == 1 and self.alive(*row.witness[1:]):
                    self.damage.append((row.witness[1], -1, row.witness[2]))
                continue
            if not file.head and row.salt == 0:
                self.damage.append((0, -1, -1))
                continue
            # The table says what a damaged header said, but for its checksum.
            file.head = file.head or Header('', False, row.sequence, row.base, row.size, row.salt, 0)
            rows = rows_by_index(file, row.directory) if row.directory[0] else None
            self.tables.append((file, rows or rows_by_frames(file, row.data_end), False))
        self.tables += tables

    def newest_snapshot(self, segments):
        """The segment to start from, and its table of older ones."""
        usable = [f for f in segments if f.usable]
        for i in range(len(usable) - 1, -1, -1):
            file = usable[i]
            if i + 1 < len(usable) and usable[i + 1].sequence != file.sequence + 1:
                return None, None
            if file.sequence == 1:
                self.note_unreadable(segments, file, i, usable)
                return file, {}
            state, parts = snapshot(snapshot_entries(file))
            if state == 'whole':
                self.streams, older = journal_part(parts[0][2])
                self.note_unreadable(segments, file, i, usable)
                return file, older
        return None, None

    def note_unreadable(self, segments, start, index, usable):
        """Segments without a valid header among those that had to be looked at: the newest two that have one, or
        those from `start` on."""
        oldest = min(start.sequence, usable[max(0, len(usable) - 2)].sequence)
        self.damage += [(0, -1, -1) for f in segments if not f.usable and f.sequence > oldest]
        if len(usable) < 2:
            self.damage += [(0, -1, -1) for f in segments if not f.usable and f.sequence < oldest]

    def alive(self, stream, offset):
        return stream >= 1024 and stream in self.streams and offset >= self.streams[stream].log_start

    def lose(self, stream, first, last):
        if stream not in self.streams or last >= self.streams[stream].log_start:
            self.damage.append((stream, first, last))

    def replay(self, file, follow, first_one, tables):
        """False: this segment and what is behind it holds nothing."""
        result, rows, records, had = scan(file.data, file.head, known_durable(file, follow)), Rows(), False, len(self.damage)
        for e in result.entries:
            if e.kind in (SNAPSHOT, INDEX):
                continue
            records = records or e.sound
            self.apply(e, rows)
        self.damage += [(0, -1, -1) for _ in result.lost_ranges]
        self.torn += result.torn
        if not records and not result.damaged and not first_one:
            self.torn += result.end - 4096
            return False
        damaged = result.damaged or len(self.damage) > had
        if result.sealed and not damaged:
            rows = rows_by_index(file, result.directory) or rows_by_frames(file, file.head.base + result.data_end)
        tables.append((file, rows, True))
        return True

    def apply(self, e, rows):
        row = Row(e.first, e.last, e.timestamp, e.body_position, e.bytes)
        stream = self.streams.get(e.stream)
        if e.kind == APPEND:
            stream = self.streams.setdefault(e.stream, Stream())
            if e.first < stream.next:
                self.lose(e.stream, e.first, e.last)
                return
            if e.first > stream.next:
                self.lose(e.stream, stream.next, e.first - 1)
            stream.next = e.last + 1
            if e.sound:
                rows.append(e.stream, row)
        elif e.kind == RELOCATED and stream and e.sound:
            rows.put(e.stream, row)
        elif e.kind == LOG_START:
            stream = self.streams.setdefault(e.stream, Stream())
            stream.log_start, stream.next = max(stream.log_start, e.first), max(stream.next, e.first)
        elif e.kind == TRUNCATE and stream:
            stream.next = min(stream.next, e.first)
            rows.truncate(e.stream, e.first)
        elif e.kind == DROP:
            self.streams.pop(e.stream, None)
            rows.rows.pop(e.stream, None)
        if not e.sound and e.kind in (APPEND, RELOCATED):
            self.lose(e.stream, e.first, e.last)

    def readable(self, stream):
        """(batches, lost): of the newest row for each offset, those whose bytes are sound; and the gaps."""
        chosen = []
        for file, rows, checked in self.tables:
            limit = rows.truncated.get(stream)
            if limit is not None:
                chosen = [c for c in chosen if c[0].last < limit]
            newer = rows.rows.get(stream, [])
            if newer and chosen and newer[0].first <= chosen[-1][0].last:
                chosen = [c for c in chosen if all(r.first > c[0].last or r.last < c[0].first for r in newer)]
            chosen += [(r, file, checked) for r in newer]
        chosen.sort(key=lambda c: c[0].first)
        state, batches, lost = self.streams[stream], [], []
        expected = state.log_start
        for row, file, checked in chosen:
            if row.last < expected or row.last >= state.next:
                continue
            body = body_in(file, row.position, row.length)
            if body is None and not checked:
                continue
            if row.first > expected:
                lost.append([expected, row.first - 1])
            batches.append([row.first, row.last, row.timestamp, row.position, row.length,
                            -1 if body is None else crc32c(body)])
            expected = row.last + 1
        if expected < state.next:
            lost.append([expected, state.next - 1])
        return batches, lost


def snapshot_entries(file):
    """The entries at the segment's head, in frames that count."""
    for e in scan(file.data, file.head, 0, only_whole=True).entries:
        if e.kind != SNAPSHOT:
            return
        yield e
