#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_read_journal.py SAMPLE: the second reader and the program agree on what SAMPLE wrote, whole and damaged."""
import subprocess
import sys
import tempfile
import pathlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import read_journal  # noqa: E402


def program(sample, folder):
    return sorted(subprocess.run([sample, folder], check=True, capture_output=True, text=True).stdout.splitlines())


def second_reader(folder):
    lines = []
    for s in read_journal.read(folder)['segments']:
        for e in s['entries']:
            lines.append(f"entry {s['file']} {e['position']} {e['stream']} {e['kind']} {e['first']} {e['last']} "
                         f"{e['timestamp']} {e['bytes']}")
        lines.append(f"segment {s['file']} {s['used_bytes']} {s['frames']} {int(s['sealed'])}")
    return sorted(lines)


def main(sample):
    with tempfile.TemporaryDirectory() as folder:
        ours = program(sample, folder)
        assert len(ours) > 90, ours
        assert ours == second_reader(folder), 'whole'
        file = sorted(pathlib.Path(folder).glob('segment-*'))[0]
        data = bytearray(file.read_bytes())
        for at in (4096 + 20000, 4096 + 64 + 56 + 30):  # in bodies: damage that no reader repairs
            data[at] ^= 0x55
        file.write_bytes(data)
        damaged = program(sample, folder)
        assert damaged != ours and damaged == second_reader(folder), 'damaged'
    print(f'{len(ours)} lines agree')


if __name__ == '__main__':
    main(sys.argv[1])
