#!/bin/bash
# verify_stop.sh - a verification that is stopped by a signal prints the command that goes on; report,
# counts and digest are those of one that nobody disturbed. Also after SIGKILL, and in the middle of a
# migration.
. "$(dirname "$0")/lib.sh"
alter=$MIA_TEST_PROGRAMS/alter
MIA_SANITIZE=${MIA_SANITIZE:-}

part 'make'
run_program "$alter" left fill 61 400000 100 # "a"
run_program "$alter" left fill 62 1000 10    # "b"
run migrate --raw left right
expect_status 0
cp -r right same
run_program "$alter" right fill 61 3000 99 # other values at the beginning
run_program "$alter" right fill 63 2000 10 # a tree at the end
run_program "$alter" right del 62 3030303030353030
start=$(date +%s%N)
run verify --json --report wanted left right
whole_ms=$((($(date +%s%N) - start) / 1000000))
expect_status 1
expect_json differences.total=5001 differences.value=3000 differences.extra=2000 \
    differences.missing=1
digest=$(sed -n 's/.*"digest": "\(.*\)".*/\1/p' "$work/out")

# finish: pastes the command until it comes to its end, and compares what came of it.
finish()
{
    local command=$1
    run_program bash -c "$command"
    expect_status 1
    expect_json differences.total=5001 differences.value=3000 differences.extra=2000 \
        differences.missing=1 records=401000 "digest=$digest" resumed_records:integer
    expect_equal_files wanted report
    [ ! -e right.mia-verify ] || fail 'the checkpoint was left'
}

stopped=0
for share in 20 40 60 80; do
    for signal in INT TERM; do
        part "SIG$signal after $share %"
        rm -f report
        env --default-signal="$signal" "$MIA" verify --json --report report left right \
            >"$work/out" 2>"$work/err" &
        sleep "$(awk "BEGIN { print $whole_ms * $share / 100000 }")"
        kill -"$signal" $! 2>/dev/null
        wait $!
        status=$?
        last_command="mia verify, SIG$signal after $share %"
        case $status in 1 | 130 | 143) continue ;; esac # over already; not begun
        expect_status 5
        stopped=$((stopped + 1))
        [ -e right.mia-verify ] || fail 'no checkpoint'
        expect_json error.exit=5 error.status=MIA_ERR_CANCELLED error.resume_command:string
        command=$(sed -n '/^To go on:$/{n;s/^ *//p}' "$work/err")
        case $command in *' --resume '*) ;; *) fail "no --resume in: $command" ;; esac
        finish "$command"
    done
done
[ "$stopped" -gt 0 ] || fail 'no run was stopped'

part 'SIGKILL: what was saved counts'
resumed=0
[ -z "$MIA_SANITIZE" ] || resumed=1 # a sanitizer must be the first library
for ((round = 0; round < 6 && ${#MIA_SANITIZE} == 0; round++)); do # by this clock ten seconds are a tenth of one, and 400 KB 40 MB
    rm -f report
    LD_PRELOAD=$MIA_TEST_PROGRAMS/libfast-clock.so "$MIA" verify --max-rate 400K --report report left right \
        >"$work/out" 2>"$work/err" &
    while [ ! -e right.mia-verify ] && kill -0 $! 2>/dev/null; do sleep 0.005; done
    kill -KILL $! 2>/dev/null
    wait $! 2>/dev/null
    [ -e right.mia-verify ] || continue
    resumed=$((resumed + 1))
    finish "'$MIA' verify --json --resume --report report left right"
done
[ "$resumed" -gt 0 ] || fail 'no checkpoint was ever there'

part 'only with what it was'
stop()
{
    for ((i = 0; i < 20; i++)); do
        rm -f right.mia-verify
        env --default-signal=INT "$MIA" verify --report report left right >/dev/null 2>&1 &
        sleep "$(awk "BEGIN { print $whole_ms / 2500 }")"
        kill -INT $! 2>/dev/null
        wait $!
        [ -e right.mia-verify ] && return
    done
    fail 'it was never stopped'
}
stop
run verify --resume left right
expect_failure 4 'other options'
mv report elsewhere
run verify --resume --report report left right
expect_failure 4 'is not what was written until the interruption'
mv elsewhere report
run_program "$alter" right put 64 61 62
run verify --resume --report report left right
expect_failure 4 'right is not what it was'
run verify --report report left right
expect_status 1
[ ! -e right.mia-verify ] || fail 'the checkpoint was left'
run verify --resume left right
expect_failure 4 'there is nothing to go on with'
