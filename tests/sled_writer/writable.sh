#!/bin/bash
# writable.sh SHAPE SEGMENT_SIZE LEVEL - a directory of ours through the hands of the real sled: the
# same pairs, both directions, thousands of changes, two more openings
: "${MIA_INTEROP:?}" "${MIA_TEST_PROGRAMS:?}"
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
"$MIA_TEST_PROGRAMS/fresh-sled" "$1" "${MIA_TEST_SEED:-1}" "$work/db" "$2" "$3" >"$work/lines" || exit 1
cd "$work" && "$MIA_INTEROP/check-sled-writable" db lines ${4:+--operations "$4"}
