#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Writes the reference pages that come from declarations, and the map in docs/architecture.md.
#
#   tools/docs.sh [PROGRAM]           writes them; PROGRAM is ledge_docs, from build/release if not given
#   tools/docs.sh --check [PROGRAM]   says which of them are stale, and fails then
set -euo pipefail
cd "$(dirname "$0")/.."

check=
if [ "${1:-}" = --check ]; then check=1; shift; fi
program=${1:-build/release/ledge_docs}

stale=0
pages=$("$program")  # a program that is missing ends the script here
for page in $pages; do
  if [ -n "$check" ]; then
    "$program" "$page" | diff -q - "docs/$page" >/dev/null 2>&1 || { echo "docs/$page is stale; run make docs" >&2; stale=1; }
  else
    mkdir -p "$(dirname "docs/$page")"
    "$program" "$page" >"docs/$page.new" && mv "docs/$page.new" "docs/$page"
  fi
done
python3 tools/generate_map.py ${check:+--check} || stale=1
exit $stale
