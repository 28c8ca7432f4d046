#!/bin/sh
# build.sh PRESET [OPTION...] - configures build/PRESET and builds it; options beginning with -D go
# to the configuration, the others to the build (--target NAME...). JOBS=n: n jobs at a time.
set -u
cd "$(dirname "$0")/.." || exit 2
preset=$1
shift
unset MAKEFLAGS MFLAGS # a job server of the calling make cannot be reached through Ninja

definitions=""
while [ $# -gt 0 ] && [ "${1#-D}" != "$1" ]; do
    definitions="$definitions $1"
    shift
done

log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! cmake --preset "$preset" $definitions >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
cmake --build --preset "$preset" --parallel "${JOBS:-$(nproc)}" "$@"
