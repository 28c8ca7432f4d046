#!/bin/bash
# interrupt.sh - Ctrl-C, SIGTERM and SIGHUP: a stop at a safe point, and the command that goes on
. "$(dirname "$0")/lib.sh"
need_sled
make_sled large 4 "the source" --megabytes 48
snapshot "the source" >"$work/before"
sled_digest "the source" >"$work/digest"
target=$'it\'s a\ttarget'

# interrupt SIGNAL SECONDS ARGUMENT...: background jobs of a script ignore SIGINT, so env undoes it.
interrupt()
{
    local signal=$1 seconds=$2
    shift 2
    last_command="SIG$signal after $seconds s: mia $*"
    env --default-signal="$signal" "$MIA" "$@" >"$work/out" 2>"$work/err" &
    sleep "$seconds"
    kill -"$signal" $! 2>/dev/null
    wait $!
    status=$?
}

# How long does it take? The signals are spread over that time.
start=$(date +%s%N)
run migrate --raw --batch-bytes 64K "the source" "$target"
expect_status 0
whole_ms=$((($(date +%s%N) - start) / 1000000))
rm -r "$target"

stopped=0
for share in 15 30 45 60 75 90; do
    case $share in 30 | 75) signal=TERM ;; 45) signal=HUP ;; *) signal=INT ;; esac
    part "SIG$signal after $share %"
    interrupt $signal "$(awk "BEGIN { print $whole_ms * $share / 100000 }")" \
        migrate --raw --json --batch-bytes 64K "the source" "$target"
    expect_unchanged "the source" "$work/before"
    if [ "$status" != 0 ]; then
        expect_status 5
        stopped=$((stopped + 1))
        expect_json error.exit=5 error.status=MIA_ERR_CANCELLED error.resume_command:string
        expect_err '^To go on:$'
        [ ! -e "$target" ] || fail 'a target was published'
        [ -z "$(ls -A "$TMPDIR")" ] || fail 'scratch was left'
        command=$(sed -n '/^To go on:$/{n;s/^ *//p}' "$work/err")
        case $command in *' --resume '*) ;; *) fail "no --resume in: $command" ;; esac
        run_program bash -c "$command" # as a user would paste it
        expect_status 0
        expect_json resumed_records:integer "records=$(wc -l <"$work/digest")"
    fi
    run dump --digest "$target"
    expect_status 0
    expect_equal_files "$work/digest" "$work/out"
    rm -r "$target"
    expect_only 'the source'
done
[ "$stopped" -gt 0 ] || fail 'no run was stopped'

part 'an ignored signal stays ignored'
trap '' HUP # and so it is for the tool
"$MIA" migrate --raw "the source" "$target" >"$work/out" 2>"$work/err" &
trap - HUP
for ((i = 0; i < 20; i++)); do
    kill -HUP $! 2>/dev/null || break
    sleep 0.05
done
wait $!
status=$?
expect_status 0
rm -r "$target"

part 'commands that read leave no scratch behind'
for seconds in 0.02 0.05 0.1 0.2; do
    for arguments in dump 'dump --digest' info check; do
        interrupt TERM "$seconds" $arguments "the source"
        case $status in 0 | 5 | 143) ;; *) fail "exit $status" ;; esac # 143: before it could catch
        [ -z "$(ls -A "$TMPDIR")" ] || fail "scratch was left: $(ls -AR "$TMPDIR")"
    done
done
"$MIA" dump "the source" 2>"$work/err" | head -n 1 >"$work/out"
[ -z "$(ls -A "$TMPDIR")" ] || fail 'scratch was left behind a closed pipe'
expect_unchanged "the source" "$work/before"
