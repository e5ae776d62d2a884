#!/bin/sh
# kernel_bits.sh PROGRAM WANTED [EMULATOR PROGRAM]: all fingerprints of a precision are one, on this
# processor and on the emulated one; WANTED is a path that must be among them.
set -eu
lines=$("$1")
[ $# -lt 4 ] || lines="$lines
$("$3" "$4")"
echo "$lines"
echo "$lines" | grep -q "^$2 " || { echo "no path $2"; exit 1; }
for precision in float32 bf16; do
    kinds=$(echo "$lines" | awk -v p="$precision" '$2 == p { print $3 }' | sort -u | wc -l)
    [ "$kinds" = 1 ] || { echo "$precision: $kinds different results"; exit 1; }
done
