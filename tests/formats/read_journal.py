#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""read_journal.py FOLDER: reads a journal by docs/formats/journal.md alone and prints what it holds as JSON.

A second reader: it shares no code with the program. What it finds has the shape of `ledge journal info --json` and
`ledge journal dump --json --index`, so that the two can be compared (test_read_journal.py).
"""
import json
import sys

from crc32c import crc32c
from journal_file import APPEND, INDEX, LOG_START, RELOCATED, SNAPSHOT, TRUNCATE, Refused, files_of, known_durable, scan
from journal_state import Damaged, Recovered, index_piece, snapshot

KINDS = {1: 'append', 2: 'relocated', 3: 'log-start', 4: 'truncate', 5: 'drop', 6: 'snapshot', 7: 'index'}


def damage_of(result, base):
    """(stream, first, last) of what is known to be missing; -1 for what nobody can attribute."""
    out, expected = [(0, -1, -1)] * len(result.lost_ranges), {}
    for e in result.entries:
        if e.kind in (LOG_START, TRUNCATE):
            expected.pop(e.stream, None)
        if e.kind == APPEND:
            if e.first > expected.get(e.stream, e.first):
                out.append((e.stream, expected[e.stream], e.first - 1))
            expected[e.stream] = e.last + 1
        if not e.sound and e.kind in (APPEND, RELOCATED):
            out.append((e.stream, e.first, e.last))
        if not e.sound and e.kind in (SNAPSHOT, INDEX):
            out.append((0, -1, -1))
    return out


def inspect(folder):
    segments, lines, damage, torn = [], [], [], 0
    files = files_of(folder)
    for i, f in enumerate(files):
        s = {'file': f.name, 'sequence': f.head.sequence if f.head else 0,
             'base_position': f.head.base if f.head else 0, 'used_bytes': 0, 'frames': 0, 'entries': 0,
             'state': {'quarantine': 'quarantined', 'spare': 'spare'}.get(f.kind, 'open'),
             'snapshot': {'state': 'none', 'parts': []}, 'index_pieces': 0, 'index_rows': 0}
        segments.append(s)
        if not f.usable and f.kind == 'segment':
            damage.append((0, -1, -1))
        if not f.usable or f.kind == 'spare':
            continue
        follow = files[i + 1] if i + 1 < len(files) else None
        result = scan(f.data, f.head, known_durable(f, follow))
        damage += damage_of(result, f.head.base)
        torn += result.torn
        s['used_bytes'], s['frames'] = result.end, result.frames
        s['entries'] = sum(e.sound for e in result.entries)
        if result.sealed and f.kind == 'segment':
            s['state'] = 'sealed'
        state, parts = snapshot(e for e in result.entries if e.sound)
        s['snapshot'] = {'state': state, 'parts': [[t, n, crc] for t, (n, crc, _) in sorted(parts.items())]}
        for e in result.entries:
            if not e.sound:
                continue
            lines.append({'file': f.name, 'position': e.position, 'stream': e.stream,
                          'kind': KINDS.get(e.kind, 'unknown'), 'first_offset': e.first, 'last_offset': e.last,
                          'max_timestamp': e.timestamp, 'leader_epoch': e.epoch, 'bytes': e.bytes,
                          'crc': crc32c(e.body)})
            if e.kind == INDEX and e.stream != 1:
                s['index_pieces'] += 1
                try:
                    sections = index_piece(e.body, f.head.base)
                except Damaged:
                    damage.append((0, -1, -1))
                    continue
                for x in sections:
                    s['index_rows'] += len(x.rows)
                    lines.append({'file': f.name, 'index_piece': e.first, 'stream': x.stream, 'flags': x.flags,
                                  'next_offset': x.next, 'max_timestamp': x.timestamp, 'truncated_to': x.truncated_to,
                                  'rows': [[r.first, r.last, r.timestamp, r.position, r.length, r.flags]
                                           for r in x.rows]})
    return {'id': next((f.head.journal for f in files if f.head), '0' * 32), 'torn_tail_bytes': torn,
            'segments': segments, 'damage': sorted(damage)}, lines


def recovered(folder):
    try:
        r = Recovered(folder)
    except Refused:
        return {'refused': True}
    if r.refused:
        return {'refused': True}
    streams = []
    for stream in sorted(r.streams):
        batches, lost = r.readable(stream)
        streams.append({'stream': stream, 'log_start': r.streams[stream].log_start,
                        'next_offset': r.streams[stream].next, 'batches': batches, 'lost': lost})
    return {'torn_tail_bytes': r.torn, 'damage': sorted(map(list, r.damage)), 'streams': streams}


if __name__ == '__main__':
    info, dump = inspect(sys.argv[1])
    json.dump({'info': info, 'dump': dump, 'recovered': recovered(sys.argv[1])}, sys.stdout)
    print()
