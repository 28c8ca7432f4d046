#!/bin/bash
# rollback.sh - mia rollback: later writes come along; refusals; stops of every kind leave nothing
. "$(dirname "$0")/lib.sh"
need_sled
alter=$MIA_TEST_PROGRAMS/alter

part 'make'
make_sled mixed 5 source
run migrate --raw --quiet source target
expect_status 0

part 'what was written after the migration comes along'
run_program "$alter" target put 6c61746572 6b6579 76616c7565 # a new tree, "later"
expect_status 0
run_program "$alter" target fill 6d616e79 2000 50 # "many"
expect_status 0
run dump --digest target
expect_status 0
cp "$work/out" "$work/digest"
grep -q '^6c61746572 6b6579 ' "$work/digest" || fail 'alter did not write'
run rollback target back
expect_status 0
expect_no_err
expect_out '^Rolled target back to back, verified\.$'
expect_out '^  records +[0-9,]+$'
expect_out "^  digest +$(sha256sum <"$work/digest" | cut -d ' ' -f 1)\$"
sled_digest back >"$work/back"
expect_equal_files "$work/digest" "$work/back"
run rollback --no-verify target unread
expect_status 0
expect_out '^Rolled target back to unread, not verified\.$'
sled_digest unread >"$work/back"
expect_equal_files "$work/digest" "$work/back"
rm -r unread

part 'and back again'
run migrate --raw --quiet back again
expect_status 0
run dump --digest again
expect_equal_files "$work/digest" "$work/out"
rm -r again

part 'as the sled database was made'
make_sled compressed 5 packed
run migrate --raw --quiet packed packed-target
expect_status 0
run rollback --quiet packed-target packed-back
expect_status 0
run_program cmp packed/conf packed-back/conf
expect_status 0
run rollback --quiet --no-compress --segment-size 64K packed-target loose-back
expect_status 0
grep -aq 'use_compression: false' loose-back/conf || fail 'compressed'
grep -aq 'segment_size: 65536' loose-back/conf || fail 'another segment size'
rm -r packed packed-target packed-back loose-back

# refused REGEX SOURCE TARGET [OPTION...]: and the same in JSON.
refused()
{
    local pattern=$1 source=$2 target=$3
    shift 3
    run rollback "$@" "$source" "$target"
    expect_failure 4 "$pattern"
    run rollback --json "$@" "$source" "$target"
    expect_status 4
    expect_json error.exit=4 error.command=rollback error.message:string error.status:string
}

part 'refusals'
echo text >file
mkdir empty
snapshot target | grep -v mdbx.lck >"$work/before"
snapshot back >"$work/back"
refused 'back exists' target back
refused 'back exists' target back --force
refused 'absent does not exist' absent new
refused 'file is a file' file new
refused 'empty is no database' empty new
refused 'inside the source' target target/new
refused 'target exists' target target
refused 'no-parent' target no-parent/new
refused 'file' target file/new
mkdir new.mia-partial
refused 'new\.mia-partial is left of an interrupted rollback: start over with --force' target new
run rollback --quiet --force target new
expect_status 0
[ ! -e new.mia-partial ] || fail 'new.mia-partial was left'
rm -r new
snapshot target | grep -v mdbx.lck >"$work/now"
expect_equal_files "$work/before" "$work/now"
expect_unchanged back "$work/back"

part 'two at once'
mkdir new.mia-partial
flock -F new.mia-partial sleep 60 &
holder=$!
for ((i = 0; i < 100; i++)); do
    flock -n new.mia-partial true || break
    sleep 0.05
done
refused 'another rollback to new is running' target new --force
kill "$holder"
wait "$holder" 2>/dev/null
rmdir new.mia-partial

part 'progress'
run rollback --progress target new
expect_status 0
expect_err '^mia: rollback: verify +100%  [0-9,]+ of [0-9,]+ records'
rm -r new
expect_only source target back file empty

part 'SIGTERM and SIGKILL at any instant: nothing under the name, or all of it'
make_sled large 6 big.sled --megabytes 48
run migrate --raw --quiet big.sled big
expect_status 0
run dump --digest big
cp "$work/out" "$work/digest"
start=$(date +%s%N)
run rollback big whole
expect_status 0
whole_ms=$((($(date +%s%N) - start) / 1000000))
rm -r whole
stopped=0
for signal in TERM KILL; do
    for share in 0 10 20 30 50 70 90; do
        rm -rf new
        "$MIA" rollback big new >"$work/out" 2>"$work/err" &
        sleep "$(awk "BEGIN { print $whole_ms * $share / 100000 }")"
        kill -$signal $! 2>/dev/null
        wait $! 2>/dev/null
        status=$?
        last_command="mia rollback, SIG$signal after $share %"
        if [ -e new ]; then
            sled_digest new >"$work/back"
            expect_equal_files "$work/digest" "$work/back"
            continue
        fi
        stopped=$((stopped + 1))
        case $signal$status in
        TERM5) [ ! -e new.mia-partial ] || fail 'a stopped rollback left something' ;;
        TERM143 | KILL137) ;; # 143: before it could catch the signal
        *) fail "exit $status" ;;
        esac
        rm -rf "${TMPDIR:?}"/*
        run rollback --quiet --force big new
        expect_status 0
        sled_digest new >"$work/back"
        expect_equal_files "$work/digest" "$work/back"
    done
done
[ "$stopped" -gt 0 ] || fail 'no run was stopped'
