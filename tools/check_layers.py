#!/usr/bin/env python3
"""check_layers.py SRC: every quoted include in SRC against SRC/layers.txt.

Fails on: an include of a folder that the file does not allow, a folder that is not listed, a listed folder that is
missing or has no README.md, a cycle in the file, and a third-party header included by a header.
Tests, fuzzers and benchmarks (NAME_test.cc, _fuzz.cc, _bench.cc, test_*.h) may also include sim/.
"""
import pathlib
import re
import sys

# The headers of these libraries are slow to compile and leak names: only .cc files may include them.
THIRD_PARTY = re.compile(r'#include <(boost|fmt|yaml-cpp|zstd|lz4|snappy|zlib|openssl)')
INCLUDE = re.compile(r'^\s*#include "([a-z_]+)/')


def read_layers(path):
    layers = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.split('#')[0].strip()
        if not line:
            continue
        folder, colon, may = line.partition(':')
        if not colon:
            sys.exit(f'{path}:{number}: expected "folder: folders"')
        for below in may.split():
            if below not in layers:
                sys.exit(f'{path}:{number}: {folder} may include {below}, which is not listed above it')
        layers[folder.strip()] = set(may.split())
    return layers


def main(src):
    layers = read_layers(src / 'layers.txt')
    problems = []
    for folder in sorted(p.name for p in src.iterdir() if p.is_dir()):
        if folder not in layers:
            problems.append(f'{src}/{folder}: not in layers.txt')
    for folder, may in layers.items():
        home = src / folder
        if not (home / 'README.md').is_file():
            problems.append(f'{home}/README.md: missing; one paragraph on what belongs here and what does not')
        for file in sorted(list(home.rglob('*.h')) + list(home.rglob('*.cc'))):
            test = bool(re.search(r'(_test|_fuzz|_bench)\.cc$', file.name)) or file.name.startswith('test_')
            allowed = may | {folder} | ({'sim', 'os'} if test else set())
            for number, line in enumerate(file.read_text().splitlines(), 1):
                include = INCLUDE.match(line)
                if include and include.group(1) not in allowed:
                    problems.append(f'{file}:{number}: {folder} may not include {include.group(1)} (src/layers.txt)')
                if file.suffix == '.h' and THIRD_PARTY.match(line):
                    problems.append(f'{file}:{number}: third-party header in a header; include it in the .cc file')
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1])))
