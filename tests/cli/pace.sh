#!/bin/bash
# pace.sh - work that goes at a given rate, and stands still while a file exists
. "$(dirname "$0")/lib.sh"
need_sled
run sample --quiet --records 12000 source
expect_status 0
snapshot source >"$work/before"

# wait_for REGEX: in what the job in the background says.
wait_for()
{
    for ((i = 0; i < 200; i++)); do
        grep -qE -- "$1" "$work/err" && return
        sleep 0.05
    done
    fail "was not said: $1"
}

# begin ARGUMENT...: in the background; its number is in $job.
begin()
{
    last_command="mia $* &"
    : >"$work/err" # what was said before would be taken for an answer
    env --default-signal=INT "$MIA" "$@" >"$work/out" 2>"$work/err" &
    job=$!
}

end()
{
    wait "$job"
    status=$?
}

# pauses ARGUMENT...: it stands still at once, ends by Ctrl-C, and goes on when the file is gone.
pauses()
{
    touch "$work/pause"
    begin "$@" --pause-file "$work/pause"
    wait_for "^mia: $1: paused while .*/pause exists$"
    sleep 0.3
    kill -0 "$job" 2>/dev/null || fail 'it did not wait'
    kill -INT "$job"
    end
    expect_status 5
    begin "$@" --pause-file "$work/pause"
    wait_for 'paused while'
    rm "$work/pause"
    end
    expect_status "${wanted:-0}"
    expect_err "^mia: $1: .*/pause is gone: going on$"
}

part 'a migration at a rate: never faster, and not much slower'
bytes=$(($(stat -c %s source/db) + 2 * $(run plan --json source; sed -n 's/^  "\(key\|value\)_bytes": \([0-9]*\),/\2/p' "$work/out" | paste -sd+ | bc)))
rate=$((bytes / 3))
start=$(date +%s%N)
run migrate --json --max-rate $rate source target
took_ms=$((($(date +%s%N) - start) / 1000000))
expect_status 0
[ "$took_ms" -ge 2700 ] || fail "$took_ms ms for what takes 3000"
[ "$took_ms" -le 9000 ] || fail "$took_ms ms for what takes 3000"
expect_unchanged source "$work/before"

part 'verify and rollback, too'
start=$(date +%s%N)
run verify --max-rate $((rate * 2)) source target
expect_status 0
run rollback --max-rate $((rate * 2)) target back
expect_status 0
took_ms=$((($(date +%s%N) - start) / 1000000))
[ "$took_ms" -ge 1800 ] || fail "$took_ms ms"
rm -r back

part 'pauses'
pauses verify source target
pauses rollback --force target back
rm -r target back
pauses migrate source target
rm -r target
[ ! -e target.mia-partial ] || fail 'something was left'

part 'stopped while it stands still in the middle: all is kept, the command carries the options'
begin migrate --max-rate $((rate / 2)) --pause-file "$work/a pause" --batch-bytes 16K source target
for ((i = 0; i < 200; i++)); do
    [ "$(stat -c %s target.mia-partial/mdbx.dat 2>/dev/null || echo 0)" -gt 0 ] && break
    sleep 0.05
done
sleep 0.5
touch "$work/a pause"
wait_for 'paused while'
before=$(sha256sum <target.mia-partial/mdbx.dat)
sleep 1.5 # a flush of what is committed may still come
before=$(sha256sum <target.mia-partial/mdbx.dat)
sleep 0.5
[ "$before" = "$(sha256sum <target.mia-partial/mdbx.dat)" ] || fail 'it went on'
kill -INT "$job"
end
expect_status 5
command=$(sed -n '/^To go on:$/{n;s/^ *//p}' "$work/err")
case $command in
*" --max-rate=$((rate / 2)) --pause-file '$work/a pause' source target") ;;
*) fail "the command is: $command" ;;
esac
rm "$work/a pause"
run plan --json --resume source target
expect_status 0
expect_json partial=true resumable=true
run plan --json source target
expect_status 4
expect_json partial=true resumable=true obstacles.0.obstacle=partial
run plan source target
expect_out 'earlier run .*--resume goes on'

part 'the plan and the migration agree on what can be resumed'
cp -r source "$work/other" && touch "$work/other/db"
for arguments in "$work/other" 'source'; do
    raw=''
    [ "$arguments" = source ] && raw=--raw
    run plan --resume $raw "$arguments" target
    expect_status 4
    reason=$(sed -n 's/^refused: //p' "$work/out")
    run migrate --resume $raw "$arguments" target
    expect_status 4
    [ "$reason" = "$(sed -n 's/^mia: migrate: //p' "$work/err")" ] || fail "planned: $reason"
done
run_program bash -c "${command/--max-rate=*--pause/--pause}"
expect_status 0
run verify source target
expect_status 0
rm -r target

part 'a whole base'
mkdir base
cp -r source base/knowledge
touch "$work/pause"
begin migrate --base base --pause-file "$work/pause" --max-rate 1G installation
wait_for 'paused while'
kill -INT "$job"
end
expect_status 5
rm "$work/pause"
run migrate --base base --max-rate 1G installation
expect_status 0
expect_unchanged source "$work/before"

part 'usage'
run migrate --max-rate 10 source target
expect_status 2
run verify --max-rate fast source target
expect_status 2
