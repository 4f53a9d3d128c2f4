#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Writes tests/fuzz/corpus/request_decode from the declared messages: tools/make_request_seeds.sh [PROGRAM], where
# PROGRAM is wire_declarations, from build/dev if not given. To be run after a message is declared or gains a version.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=tests/fuzz/corpus/request_decode
mkdir -p "$folder"
"${1:-build/dev/wire_declarations}" seeds | python3 -c '
import pathlib, sys
for line in sys.stdin:
    name, data = line.split()
    (pathlib.Path(sys.argv[1]) / name).write_bytes(bytes.fromhex(data))' "$folder"
# A whole frame: ApiVersions 3 with its header.
printf '\0\0\3\0\0\22\0\3\0\0\0\7\0\2me\0\3ab\0041.0\0' > "$folder/frame"
