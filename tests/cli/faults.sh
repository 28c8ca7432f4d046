#!/bin/bash
# faults.sh - a disk that fails, or is full, from some call on, as users see it: the exit code is 4 or 6,
# one line says why, the sources are as they were, and the command that goes on comes to its end. (Every
# call in turn, inside one process: tests/crash/test_faults.c.)
. "$(dirname "$0")/lib.sh"
need_sled
case ${MIA_SANITIZE:-} in ?*) skip 'a sanitizer must be the first library' ;; esac
run sample --records 400 typed
expect_status 0
make_sled names 3 raw
mkdir -p base/conversations base/other
cp -a typed base/conversations/active
cp -a raw base/other/notes
for source in typed raw base; do snapshot "$source" >"$work/before.$source"; done

# faulty NTH ERRNO ARGUMENT...: the tool on such a disk; ERRNO 0: writes are short
faulty()
{
    local nth=$1 reason=$2
    shift 2
    run_program env LD_PRELOAD="$MIA_TEST_PROGRAMS/libfail-calls.so" MIA_FAIL_NTH="$nth" \
        MIA_FAIL_ERRNO="$reason" "$MIA" "$@"
}

# Of a few calls at the beginning, and then ever fewer.
moments='1 2 3 5 8 12 17 23 30 40 55 75 100 140 200 300'

# every_way TARGET AGAIN_OPTION ARGUMENT...: fails at each moment with EIO and with ENOSPC; what is left is
# gone on with by the same command with the option
every_way()
{
    local target=$1 option=$2 nth reason failed=0
    shift 2
    for nth in $moments; do
        for reason in 5 28; do # EIO, ENOSPC
            faulty "$nth" "$reason" "$@"
            if [ "$status" != 0 ]; then
                failed=$((failed + 1))
                [ "$status" = 4 ] || expect_failure 6 '.'
                [ "$status" = 6 ] || expect_failure 4 '.'
                again=("$@")
                [ -e "$target.mia-partial" ] && again+=("$option")
                if [ ! -e "$target" ]; then
                    run "${again[@]}"
                    if [ "$status" = 4 ] && [ "$option" = --resume ]; then
                        expect_failure 4 '--force'
                        run "$@" --force
                    fi
                    expect_status 0
                fi
            fi
            compare_target
            rm -rf "$target"
        done
    done
    [ "$failed" -ge 6 ] || fail "only $failed runs failed" # a rollback of little makes few calls
    for nth in 1 4 9; do
        faulty "$nth" 0 "$@"
        [ "$status" = 0 ] || [ "$status" = 6 ] || fail "exit $status"
        rm -rf "$target" "$target.mia-partial"
    done
}

part 'migrate'
compare_target()
{
    run verify typed target
    expect_status 0
}
every_way target --resume migrate typed target
expect_unchanged typed "$work/before.typed"

part 'migrate --raw'
compare_target()
{
    run verify raw target
    expect_status 0
}
every_way target --resume migrate --raw raw target
expect_unchanged raw "$work/before.raw"

part 'rollback'
run migrate typed migrated
expect_status 0
compare_target()
{
    run verify migrated back
    expect_status 0
}
every_way back --force rollback migrated back

part 'a whole base'
for nth in $moments; do
    faulty "$nth" 28 migrate --base base root
    case $status in 0 | 4 | 6) ;; *) fail "exit $status" ;; esac
    run migrate --base base root
    expect_status 0
    for command in 'cutover root' 'rollback --base root' 'finish --yes root'; do
        # shellcheck disable=SC2086
        faulty "$nth" 5 $command
        if [ "$status" != 0 ]; then
            case $status in 4 | 6) ;; *) fail "exit $status" ;; esac
            # shellcheck disable=SC2086
            run $command
            [ "$status" = 0 ] || expect_failure 4 '.' # what could not be synced was done all the same
        fi
    done
    run verify typed root/generations/2/conversations/active
    expect_status 0
    run verify raw root/generations/2/other/notes
    expect_status 0
    rm -r root
done
expect_unchanged base "$work/before.base"
