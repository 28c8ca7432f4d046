#!/bin/bash
# kill.sh [ROUNDS] - SIGKILL at random instants: the source is as it was, nothing stands under the
# target's name, and --resume or --force comes to the right end
. "$(dirname "$0")/lib.sh"
need_sled
rounds=${1:-12}
RANDOM=${MIA_TEST_SEED:-1}
make_sled large 6 source --megabytes 32
snapshot source >"$work/before"
sled_digest source >"$work/digest"

start=$(date +%s%N)
run migrate --raw --batch-bytes 256K source target
expect_status 0
whole_ms=$((($(date +%s%N) - start) / 1000000))
rm -r target

killed=0
for ((round = 0; round < rounds; round++)); do
    delay_ms=$((RANDOM % (whole_ms + 1)))
    part "round $round: SIGKILL after $delay_ms ms"
    "$MIA" migrate --raw --batch-bytes 256K source target >"$work/out" 2>"$work/err" &
    sleep "$(awk "BEGIN { print $delay_ms / 1000 }")"
    kill -KILL $! 2>/dev/null
    wait $! 2>/dev/null
    status=$?
    last_command="mia migrate, killed after $delay_ms ms"
    expect_unchanged source "$work/before"
    if [ -e target ]; then # the rename came before the signal: then it is complete
        run dump --digest target
        expect_status 0
        expect_equal_files "$work/digest" "$work/out"
    else
        killed=$((killed + 1))
        options=(--force)
        if [ -e target.mia-partial ]; then
            run migrate --raw source target # neither: it must not guess
            expect_failure 4 '(--resume|--force)'
            [ $((round % 2)) = 0 ] && options=(--resume)
        fi
        run migrate --raw --json "${options[@]}" source target
        expect_status 0
        expect_json "records=$(wc -l <"$work/digest")"
    fi
    run verify source target
    expect_status 0
    run dump --digest target
    expect_equal_files "$work/digest" "$work/out"
    rm -rf target "${TMPDIR:?}"/*
    expect_only source
done
[ "$killed" -gt 0 ] || fail 'no run was killed before its end'
