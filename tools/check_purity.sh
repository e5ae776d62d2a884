#!/bin/sh
# Fails when the pure folders import anything but the names in core_may_import.txt (D1).
# Usage: check_purity.sh libbase.a libvalue.a ...
set -eu
export LC_ALL=C
here=$(dirname "$0")
merged=$(mktemp)
trap 'rm -f "$merged"' EXIT
ld -r -o "$merged" --whole-archive "$@"
extra=$(nm -u "$merged" | awk '{ print $2 }' | sort -u | grep -vxFf "$here/core_may_import.txt" | grep -v '^__asan_\|^__ubsan_\|^__tsan_\|^__sanitizer_\|^__gmpn_' || true)
[ -z "$extra" ] || { echo "the core imports: $extra"; exit 1; }
