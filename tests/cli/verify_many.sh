#!/bin/bash
# verify_many.sh - a million differences need no more memory than one, to be told or to be repaired
. "$(dirname "$0")/lib.sh"
case ${MIA_SANITIZE:-} in ?*) skip 'a sanitizer needs memory of its own' ;; esac
command -v prlimit >/dev/null || skip 'no prlimit'
alter=$MIA_TEST_PROGRAMS/alter
million=1000000

part 'make'
run_program "$alter" left fill 61 1000 10
run migrate --raw left right
expect_status 0
run_program "$alter" right fill 6d616e79 $million 12
expect_status 0

limited()
{
    run_program prlimit --data=$((48 << 20)) "$MIA" "$@"
}

part 'told and reported'
limited verify --json --report report left right
expect_status 1
expect_json differences.total=$million differences.extra=$million
[ "$(wc -l <report)" = $million ] || fail 'the report has not all of them'
rm report

part 'a repair is stopped: what is repaired stays, and needs no force again'
env --default-signal=INT "$MIA" verify --json --repair --force left right >"$work/out" 2>"$work/err" &
sleep 0.4
kill -INT $! 2>/dev/null
wait $!
status=$?
last_command='mia verify --repair, SIGINT'
case $status in
5)
    expect_json error.status=MIA_ERR_CANCELLED error.resume_command:string
    expect_err '^To go on:$'
    expect_err ' verify --repair --force .*left right$'
    [ ! -e right.mia-verify ] || fail 'a repair leaves no checkpoint'
    ;;
0 | 130) ;;
*) fail "exit $status" ;;
esac

part 'repaired'
force=--force
[ "$status" = 5 ] && "$MIA" verify --quiet --report report left right
[ "$status" = 5 ] && [ "$(wc -l <report)" -lt $million ] && force=
limited verify --json --repair $force left right
expect_status 0
expect_json differences.total=0 repaired.total:integer
limited verify --quiet left right
expect_status 0
