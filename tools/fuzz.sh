#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# tools/fuzz.sh SECONDS [TARGET...]: runs each built libFuzzer target for SECONDS, one per core at a time; new inputs into
# build/fuzz/corpus, seeds from tests/fuzz/corpus/TARGET. Fails when one of them crashes; what made it crash is in build/fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1; shift
mkdir -p build/fuzz/crashes
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(find build/fuzz/src build/fuzz -maxdepth 1 -type f -perm -u+x -name '*_fuzz' -printf '%f\n' | sort -u)
[ ${#targets[@]} -gt 0 ] || { echo "no target is built"; exit 1; }

run() {
  local target=$1 name program corpus seeds=()
  name=${target%_fuzz}
  program=$(find build/fuzz/src build/fuzz -maxdepth 1 -type f -name "$target" | head -1)
  corpus=build/fuzz/corpus/$name; mkdir -p "$corpus"
  for s in "tests/fuzz/corpus/$name" "tests/fuzz/corpus/$target"; do [ -d "$s" ] && seeds+=("$s"); done
  if "$program" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/crashes/ "$corpus" "${seeds[@]}" > "build/fuzz/$name.log" 2>&1; then
    echo "$target, $seconds s: $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$name.log") inputs," \
      "$(sed -n 's/^stat::average_exec_per_sec: *//p' "build/fuzz/$name.log")/s"
  else
    echo "== $target"; tail -40 "build/fuzz/$name.log"
    return 1
  fi
}
export -f run; export seconds
echo "${#targets[@]} targets, $seconds s each, $(nproc) at a time"
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'run {}' || { echo "a target failed"; exit 1; }
echo "${#targets[@]} targets, no crash"
