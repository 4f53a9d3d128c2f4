#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""read_journal.py FOLDER: reads a journal by docs/formats/journal.md alone and prints what it holds as JSON.

A second reader: it shares no code with the program. It does not repair flipped bits.
"""
import json
import pathlib
import struct
import sys

PAGE, FRAME_MAX = 4096, 8 << 20
TABLE = []
for n in range(256):
    for _ in range(8):
        n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
    TABLE.append(n)


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def segment_header(data):
    for at in (0, 2048):
        raw = data[at:at + 128]
        if len(raw) == 128 and raw[:8] == b'LedgJnl1' and struct.unpack_from('<I', raw, 124)[0] == crc32c(raw[:124]):
            version, flags, ignore, read, refuse = struct.unpack_from('<IIQQQ', raw, 8)
            sequence, base, size, salt = struct.unpack_from('<QQQQ', raw, 56)
            if version != 1 or refuse:
                raise SystemExit('a later format')
            return {'id': raw[40:56].hex(), 'sequence': sequence, 'base': base, 'size': size, 'salt': salt,
                    'crc': crc32c(raw[:124])}
    return None


def frame_header(data, head, at):
    raw = data[at:at + 64]
    if len(raw) < 64 or raw[:4] != b'\x01LGF':
        return None
    salt, position, length, entries, mark, run, previous = struct.unpack_from('<QQIIQII', raw, 8)
    entries_crc, crc = struct.unpack_from('<II', raw, 56)
    if salt != head['salt'] or position != head['base'] + at or crc != crc32c(raw[:60]):
        return None
    if length < 64 or length % 8 or length > FRAME_MAX or at + length > head['size'] - PAGE:
        return None
    return {'at': at, 'length': length, 'entries': entries, 'mark': mark, 'run': run, 'previous': previous,
            'entries_crc': entries_crc, 'crc': crc}


def entry_at(data, head, at, end, run):
    raw = data[at:at + 56]
    if len(raw) < 56 or at + 56 > end:
        return None
    seed = crc32c(struct.pack('<QQ', head['salt'], head['base'] + at))
    stream, kind, epoch, first, last, timestamp, size, body_crc, its_run, crc = struct.unpack('<QB3xiqqqIIII', raw)
    if crc != crc32c(raw[:52], seed) or its_run != run or at + 56 + size > end:
        return None
    body = data[at + 56:at + 56 + size]
    return {'stream': stream, 'kind': kind, 'epoch': epoch, 'first': first, 'last': last, 'timestamp': timestamp,
            'bytes': size, 'position': head['base'] + at, 'sound': crc32c(body) == body_crc, 'raw': raw,
            'stored': 56 + (size + 7) // 8 * 8}


def frame_entries(data, head, frame):
    """The entries, and whether the whole frame counts."""
    found, headers, at, end = [], b'', frame['at'] + 64, frame['at'] + frame['length']
    while at + 56 <= end:
        entry = entry_at(data, head, at, end, frame['run'])
        if not entry:
            at += 8
            continue
        headers += entry['raw']
        found.append(entry)
        at += entry['stored']
    whole = (len(found) == frame['entries'] and at == end and all(e['sound'] for e in found)
             and crc32c(headers) == frame['entries_crc'])
    return found, whole


def footer(data, head):
    raw = data[head['size'] - PAGE:][:64]
    if raw[:4] == b'\x01LGE' and struct.unpack_from('<I', raw, 60)[0] == crc32c(raw[:60]) \
            and struct.unpack_from('<Q', raw, 8)[0] == head['salt']:
        return struct.unpack_from('<Q', raw, 24)[0]
    return None


def next_header(data, head, at, limit):
    while 0 <= (at := data.find(b'\x01LGF', at, limit)):
        if at % 8 == 0 and (frame := frame_header(data, head, at)):
            return frame
        at += 1
    return None


def scan(data, head, durable):
    """Frames that count, entries, damage; `durable`: a position known to be durable from elsewhere."""
    at, chain, mark, frames = PAGE, head['crc'], durable, 0
    entries, lost, hole, sealed, data_end = [], [], False, False, PAGE
    index_seen = False
    while not sealed:
        frame = frame_header(data, head, at)
        found, whole = frame_entries(data, head, frame) if frame else ([], False)
        good = frame and (hole or frame['previous'] == chain)
        if not (good and whole):
            further, to = at + 8, head['size'] - PAGE
            while (ahead := next_header(data, head, further, to)):
                mark = max(mark, ahead['mark'])
                further = ahead['at'] + 8
            if head['base'] + at >= mark:
                break
            if not good:
                ahead = next_header(data, head, at + 8, min(to, mark - head['base']))
                lost.append({'position': head['base'] + at})
                if not ahead:
                    at = mark - head['base']
                    break
                at, hole = ahead['at'], True
                continue
        for e in found:
            e.pop('raw')
            if not e['sound']:
                lost.append({'stream': e['stream'], 'first': e['first'], 'last': e['last']})
                continue
            entries.append(e)
            index_seen |= e['kind'] == 7
            sealed |= e['kind'] == 7 and e['stream'] == 1
        frames, hole, chain, mark = frames + 1, False, frame['crc'], max(mark, frame['mark'])
        at += frame['length']
        if not index_seen:
            data_end = at
    if not sealed and not lost:
        at = data_end
    return {'used_bytes': at, 'frames': frames, 'sealed': sealed, 'lost': lost, 'entries': entries}


def read(folder):
    files = sorted(pathlib.Path(folder).glob('segment-*.journal'))
    loaded = [(f.name, f.read_bytes()) for f in files]
    heads = [segment_header(data) for _, data in loaded]
    out = []
    for i, ((name, data), head) in enumerate(zip(loaded, heads)):
        if not head:
            out.append({'file': name, 'problem': 'no valid segment header'})
            continue
        durable, follow = 0, heads[i + 1] if i + 1 < len(heads) else None
        if follow and follow['sequence'] == head['sequence'] + 1 and frame_header(loaded[i + 1][1], follow, PAGE):
            durable = footer(data, head) or 0
        segment = {'file': name, 'sequence': head['sequence'], 'base_position': head['base']}
        segment.update(scan(data, head, durable))
        out.append(segment)
    return {'id': next((h['id'] for h in heads if h), None), 'segments': out}


if __name__ == '__main__':
    json.dump(read(sys.argv[1]), sys.stdout)
    print()
