#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/fuzz.sh SECONDS [TARGET...]: runs each built libFuzzer target for SECONDS, new inputs into build/fuzz/corpus,
# seeds from tests/fuzz/corpus/TARGET. Fails at the first crash, which is kept in build/fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1; shift
mkdir -p build/fuzz/crashes
ran=0
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(find build/fuzz/src build/fuzz -maxdepth 1 -type f -perm -u+x -name '*_fuzz' -printf '%f\n' | sort -u)
for target in "${targets[@]}"; do
  name=${target%_fuzz}
  program=$(find build/fuzz/src build/fuzz -maxdepth 1 -type f -name "$target" | head -1)
  corpus=build/fuzz/corpus/$name; mkdir -p "$corpus"
  seeds=(); for s in "tests/fuzz/corpus/$name" "tests/fuzz/corpus/$target"; do [ -d "$s" ] && seeds+=("$s"); done
  echo "== $target, $seconds s"
  "$program" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/crashes/ "$corpus" "${seeds[@]}" > "build/fuzz/$name.log" 2>&1 ||
    { tail -40 "build/fuzz/$name.log"; exit 1; }
  grep -E 'stat::number_of_executed_units|stat::average_exec_per_sec' "build/fuzz/$name.log"
  ran=$((ran + 1))
done
echo "$ran targets, no crash"
[ $ran -gt 0 ]
