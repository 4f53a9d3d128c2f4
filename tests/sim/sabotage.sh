#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sabotage.sh LEDGE_SIM: switches each deliberate bug on in turn and expects the simulation to find it.
out=$(mktemp); trap 'rm -f "$out"' EXIT
missed=0
for bug in no-sync ack-before-sync ignore-durable-mark trust-snapshot recycle-too-early; do
  if "$1" --seeds 500 --sabotage "$bug" > "$out" 2>&1; then
    echo "$bug: NOT FOUND in 500 seeds"; missed=1
  else
    echo "$bug: $(grep -hE 'VIOLATION|check failed|aborted' "$out" | head -1)"
  fi
done
exit $missed
