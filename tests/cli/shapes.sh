#!/bin/bash
# shapes.sh SHAPE... - the shapes that are tested are all that make-sled can make
. "$(dirname "$0")/lib.sh"
need_sled
run_program "$MIA_INTEROP/make-sled" list
expect_status 0
awk '{ print $1 }' "$work/out" | sort >"$work/made"
printf '%s\n' "$@" | sort >"$work/tested"
expect_equal_files "$work/made" "$work/tested"
