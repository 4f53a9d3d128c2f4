# SPDX-License-Identifier: Apache-2.0
"""Segment files of a journal, read by docs/formats/journal.md alone: headers, frames, entries; what is a torn tail and
what is damage."""
import dataclasses
import pathlib
import struct

from crc32c import crc32c, repair

PAGE, FRAME_MAX = 4096, 8 << 20
APPEND, RELOCATED, LOG_START, TRUNCATE, DROP, SNAPSHOT, INDEX = range(1, 8)
MAGIC = b'\x01LGF'


class Refused(Exception):
    """A later format."""


@dataclasses.dataclass
class Header:
    journal: str
    fresh: bool
    sequence: int
    base: int
    size: int
    salt: int
    crc: int
    gaps: bool = False  # frames may begin at the next page


@dataclasses.dataclass
class Frame:
    at: int
    length: int
    entries: int
    mark: int
    run: int
    previous: int
    entries_crc: int
    crc: int


@dataclasses.dataclass
class Entry:
    position: int  # of its header
    stream: int
    kind: int
    epoch: int
    first: int
    last: int
    timestamp: int
    bytes: int
    sound: bool
    body: bytes
    header: bytes
    repaired: bool

    @property
    def stored(self):
        return 56 + (self.bytes + 7) // 8 * 8

    @property
    def body_position(self):
        return self.position + 56


def segment_header(data):
    """None: no valid header. The first copy that is sound; else the first that one flipped bit explains."""
    copies = [data[at:at + 128] for at in (0, 2048)]
    tried = [c for c in copies if len(c) == 128 and crc32c(c[:124]) == int.from_bytes(c[124:], 'little')]
    tried += [m for c in copies if len(c) == 128 and (m := repair(c))]
    raw = next((c for c in tried if c[:8] == b'LedgJnl1'), None)
    if raw is None or len(data) < PAGE:
        return None
    version, flags, _ignore, _read, refuse = struct.unpack_from('<IIQQQ', raw, 8)
    if version != 1 or refuse & ~1:
        raise Refused('segment')
    sequence, base, size, salt = struct.unpack_from('<QQQQ', raw, 56)
    if size < 2 * PAGE or size % PAGE or size > 1 << 40 or sequence == 0 or base > 1 << 62:
        return None
    return Header(raw[40:56].hex(), bool(flags & 1), sequence, base, size, salt, crc32c(raw[:124]), bool(refuse & 1))


def frame_header(data, head, at, may_repair=False):
    raw = data[at:at + 64]
    if len(raw) < 64 or at + 64 > head.size - PAGE:
        return None
    if crc32c(raw[:60]) != int.from_bytes(raw[60:], 'little'):
        raw = repair(raw) if may_repair else None
    if raw is None or raw[:4] != MAGIC:
        return None
    version, flags, salt, position, length, entries, mark, run, previous = struct.unpack_from('<BBxxQQIIQII', raw, 4)
    if salt != head.salt or position != head.base + at:
        return None
    if length < 64 or length % 8 or length > FRAME_MAX or at + length > head.size - PAGE:
        return None
    if mark > position or entries > (length - 64) // 56:
        return None
    frame = Frame(at, length, entries, mark, run, previous, *struct.unpack_from('<II', raw, 56))
    frame.later = version != 1 or flags != 0
    return frame


def frame_behind_gap(data, head, at, chain):
    """The frame at the next page that follows the one that ends at AT."""
    page = (at + PAGE - 1) // PAGE * PAGE
    gap = data[at:page]
    if not head.gaps or not gap or len(gap) < page - at or int.from_bytes(gap, 'little').bit_count() > 1:
        return None
    frame = frame_header(data, head, page, True)
    return frame if frame and frame.previous == chain else None


def entry_at(data, head, at, end, run, may_repair):
    """RUN None: any; the one of the frame is not at hand, and a flipped bit may be in the entry's own."""
    raw = data[at:at + 56]
    if len(raw) < 56 or at + 56 > end:
        return None
    seed = crc32c(struct.pack('<QQ', head.salt, head.base + at))
    sound = crc32c(raw[:52], seed) == int.from_bytes(raw[52:], 'little')
    mended = raw if sound else repair(raw, seed) if may_repair else None
    if mended is None:
        return None
    stream, kind, epoch, first, last, timestamp, size, body_crc, its_run = struct.unpack_from('<QB3xiqqqIII', mended)
    body = data[at + 56:at + 56 + size]
    entry = Entry(head.base + at, stream, kind, epoch, first, last, timestamp, size, False, body, mended, not sound)
    if (run is not None and its_run != run) or at + entry.stored > end or first < 0:
        return None
    if kind in (APPEND, RELOCATED) and not first <= last < (1 << 63) - 1:
        return None
    entry.sound = len(body) == size and crc32c(body) == body_crc
    entry.body_crc = body_crc
    return entry


def put_right(entry):
    """A small record of the program's own, less one flipped bit."""
    if entry and not entry.sound and entry.stream < 1024 and entry.bytes <= 600 and len(entry.body) == entry.bytes:
        mended = repair(entry.body + entry.body_crc.to_bytes(4, 'little'), body=True)
        if mended:
            entry.body, entry.sound = mended[:-4], True
    return entry


def whole_entries(data, head, frame):
    """The entries of a frame that counts; None when something in it does not fit."""
    found, headers, at, end = [], b'', frame.at + 64, frame.at + frame.length
    for _ in range(frame.entries):
        entry = put_right(entry_at(data, head, at, end, frame.run, True))
        if not entry or not entry.sound:
            return None
        headers += entry.header
        found.append(entry)
        at += entry.stored
    return found if at == end and crc32c(headers) == frame.entries_crc else None


def salvaged_entries(data, head, frame):
    """Of a damaged frame: each entry whose header fits, and the ranges of which nothing can be said."""
    found, lost, gap, at, end = [], [], None, frame.at + 64, frame.at + frame.length
    while at + 56 <= end:
        entry = put_right(entry_at(data, head, at, end, frame.run, gap is None))
        if entry:
            if gap is not None:
                lost.append(gap)
                gap = None
            found.append(entry)
            at += entry.stored
        else:
            gap = at if gap is None else gap
            at += 8
    if gap is not None:
        lost.append(gap)
    return found, lost


def footer_end(data, head):
    """The position behind the last frame, by the footer; None when there is no valid one."""
    raw = repair(data[head.size - PAGE:][:64]) if len(data) >= head.size else None
    if raw is None or raw[:4] != b'\x01LGE' or struct.unpack_from('<Q', raw, 8)[0] != head.salt:
        return None
    return struct.unpack_from('<Q', raw, 24)[0]


def next_header(data, head, at, limit):
    while 0 <= (at := data.find(MAGIC, at, limit + 3)) < limit:
        if at % 8 == 0 and (frame := frame_header(data, head, at)):
            return frame
        at += 1
    return None


@dataclasses.dataclass
class Scan:
    frames: int = 0
    end: int = PAGE  # file offset behind the last frame that counts
    data_end: int = PAGE
    torn: int = 0
    sealed: bool = False
    directory: tuple = None  # position and length of the directory's body
    damaged: bool = False
    lost_ranges: list = dataclasses.field(default_factory=list)  # file offsets where unreadable ranges begin
    entries: list = dataclasses.field(default_factory=list)      # in order; those with sound == False are lost


def scan(data, head, durable, only_whole=False):
    """`durable`: a position before which everything is known to be durable, from a later segment. `only_whole`: up to the
    first frame that does not count."""
    out, at, chain, hole = Scan(), PAGE, head.crc, False
    mark, furthest, looked, index_seen = min(durable, head.base + head.size), 0, False, False
    limit = head.size - PAGE

    def was_durable():
        nonlocal mark, furthest, looked
        if head.base + at >= mark and not looked:
            looked, further = True, at + 8
            while ahead := next_header(data, head, further, limit):
                mark = max(mark, ahead.mark)
                furthest = max(furthest, ahead.at + ahead.length)
                further = ahead.at + 8
        return head.base + at < mark

    while not out.sealed:
        before, frame = at, frame_header(data, head, at, True)
        if not hole and not (frame and frame.previous == chain):
            frame = frame_behind_gap(data, head, at, chain)
        if frame and frame.later:
            raise Refused('frame')
        at = frame.at if frame else at
        entries = whole_entries(data, head, frame) if frame else None
        if entries is None and (only_whole or not was_durable()):
            out.torn += max(at + frame.length if frame else before, furthest) - before
            at = before
            break
        if entries is None:
            out.damaged = True
            if not frame:
                out.lost_ranges.append(at)
                end = min(mark - head.base, limit)
                ahead = next_header(data, head, at + 8, end)
                if not ahead:
                    at = (end + 7) // 8 * 8
                    break
                at, hole = ahead.at, True
                continue
            entries, lost = salvaged_entries(data, head, frame)
            out.lost_ranges += lost
        for entry in entries:
            out.entries.append(entry)
            if entry.sound and entry.kind == INDEX:
                index_seen = True
                if entry.stream == 1:
                    out.sealed, out.directory = True, (entry.body_position, entry.bytes)
        out.frames, hole, chain, mark = out.frames + 1, False, frame.crc, max(mark, frame.mark)
        at += frame.length
        if not index_seen:
            out.data_end = at
    out.end = at
    if not out.sealed and not out.damaged:
        out.torn += out.end - out.data_end
        out.end = out.data_end
    return out


class File:
    """One file of the folder."""

    def __init__(self, path):
        self.name = path.name
        self.kind, _, number = path.stem.partition('-')
        self.sequence = int(number)
        self.data = path.read_bytes()
        self.head = segment_header(self.data)

    @property
    def usable(self):
        return self.head is not None and (self.kind != 'segment' or self.head.sequence == self.sequence)


def files_of(folder):
    return [File(p) for p in sorted(pathlib.Path(folder).iterdir())
            if p.suffix == '.journal' and p.stem.partition('-')[0] in ('segment', 'spare', 'quarantine')
            and len(p.stem.partition('-')[2]) == 20]


def known_durable(file, follow):
    """A segment with frames is begun when the one before is durable to its end, which the footer names."""
    if not follow or follow.kind != 'segment' or not follow.usable or follow.head.sequence != file.head.sequence + 1:
        return 0
    return (footer_end(file.data, file.head) or 0) if frame_header(follow.data, follow.head, PAGE, True) else 0
