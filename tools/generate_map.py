#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""generate_map.py [--check]: the folder map of docs/architecture.md, between its two markers.

One line per folder of src/layers.txt, from the bottom up: the first line of its README.md and what it may include.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / 'docs' / 'architecture.md'
BEGIN, END = '<!-- map: made by make docs -->', '<!-- end of map -->'


def folder_map():
    rows = ['| folder | what it is | may include |', '|---|---|---|']
    for line in (ROOT / 'src' / 'layers.txt').read_text().splitlines():
        folder, colon, may = line.split('#')[0].partition(':')
        if not colon:
            continue
        folder = folder.strip()
        readme = (ROOT / 'src' / folder / 'README.md').read_text().splitlines()[0]
        rows.append(f'| [`src/{folder}`](../src/{folder}/README.md) | {readme} | {" ".join(may.split()) or "nothing"} |')
    return '\n'.join(rows)


def main():
    text = PAGE.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f'{PAGE}: the markers of the map are missing')
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    fresh = f'{head}{BEGIN}\n{folder_map()}\n{END}{tail}'
    if '--check' in sys.argv:
        if fresh != text:
            sys.exit('the map in docs/architecture.md is stale; run make docs')
    elif fresh != text:
        PAGE.write_text(fresh)


if __name__ == '__main__':
    main()
