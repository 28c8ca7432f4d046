#!/bin/sh
# run.sh PROGRAM OUT - runs an example in a new directory; it must print what is in OUT.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work/db" >"$work/out"
diff "$2" "$work/out"
