#!/usr/bin/env bash
# Builds every fuzz target and runs each for SECONDS over its seeds; two at a time.
set -uo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-20}
cmake --preset fuzz >build/fuzz.log 2>&1 && cmake --build --preset fuzz >>build/fuzz.log 2>&1 || { tail -n 40 build/fuzz.log; exit 1; }
export seconds
find build/fuzz/fuzz -maxdepth 1 -type f -executable -name 'fuzz_*' | sort | xargs -P2 -I{} bash -c '
    name=$(basename {}); seeds=fuzz/corpus/${name#fuzz_}; found=build/fuzz/found/$name
    mkdir -p "$found" "$seeds"
    if {} -max_total_time=$seconds -timeout=10 -rss_limit_mb=2048 -artifact_prefix="$found/" -print_final_stats=1 "$found" "$seeds" >"build/fuzz/$name.log" 2>&1; then
        echo "$name: $(grep -c . < <(ls "$seeds")) seeds, $(sed -n "s/stat::number_of_executed_units: *//p" "build/fuzz/$name.log") runs, nothing found"
    else
        echo "$name: FOUND SOMETHING"; tail -n 30 "build/fuzz/$name.log"; exit 255
    fi'
