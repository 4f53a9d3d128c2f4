#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sabotage.sh LEDGE_SIM: switches each deliberate bug on in turn and expects its rig of the simulation to find it.
out=$(mktemp); trap 'rm -f "$out"' EXIT
missed=0
bugs=$("$1" --list-sabotages)
[ -n "$bugs" ] || { echo "this build has no deliberate bugs"; exit 1; }
for bug in $bugs; do
  if "$1" --seeds 500 --sabotage "$bug" > "$out" 2>&1; then
    echo "$bug: NOT FOUND in 500 seeds"; missed=1
  else
    echo "$bug: $(grep -hE 'VIOLATION|check failed|aborted' "$out" | head -1)"
  fi
done
exit $missed
