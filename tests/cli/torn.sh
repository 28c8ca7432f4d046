#!/bin/bash
# torn.sh - bits flip near the end of sled's log, where sled takes damage for the end and drops what
# follows without a word. mia copies everything, or says what is at stake: never less in silence.
. "$(dirname "$0")/lib.sh"
need_sled

flip()
{
    perl -e 'open F, "+<", $ARGV[0] or die; binmode F; seek F, $ARGV[1], 0; read F, $b, 1;
             seek F, $ARGV[1], 0; print F chr(ord($b) ^ 1 << $ARGV[2])' "$@" || fail 'no bit was flipped'
}

torn=''
# flip_near_end SEED: sets torn to a number if a flipped bit tore the log. What sled wrote where depends
# on its timing, so a database may be without such a place.
flip_near_end()
{
    rm -rf source whole
    make_sled mixed "$1" source
    sled_digest source >"$work/whole"
    run migrate --raw --quiet source whole
    expect_status 0
    local size at i
    size=$(stat -c %s source/db)
    for i in $(seq 1 96); do
        [ -z "$torn" ] || [ "$i" -le 24 ] || break
        at=$((size - size * i / 320))
        rm -rf damaged target
        cp -r source damaged
        flip damaged/db "$at" $((i % 8))
        run migrate --raw --quiet damaged target
        if [ "$status" = 0 ]; then
            run dump --digest target
            expect_equal_files "$work/whole" "$work/out"
        else
            [ "$status" = 4 ] || expect_failure 3 '(damage|corrupt)'
            [ ! -e target ] && [ ! -e target.mia-partial ] || fail 'something was left'
            if grep -q 'intact messages' "$work/err"; then
                torn=$i
                rm -rf torn
                cp -r damaged torn
            fi
        fi
    done
}

part 'bits near the end: everything arrives, or it is refused'
for seed in 11 12 13 14 15 16; do
    [ -n "$torn" ] || flip_near_end "$seed"
done
[ -n "$torn" ] || fail 'no bit tore the log: the test is blind'

part 'all readers refuse it'
snapshot torn >"$work/before"
for command in 'dump --digest torn' 'info torn' 'check torn' 'get torn nodes key' 'verify torn whole'; do
    # shellcheck disable=SC2086
    run $command
    expect_failure 3 'intact messages behind it.*--accept-torn-log'
done

part 'on request it is read as sled reads it'
run migrate --raw --quiet --accept-torn-log torn accepted
expect_status 0
sled_digest torn >"$work/wanted"
run dump --digest accepted
expect_equal_files "$work/wanted" "$work/out"
expect_unchanged torn "$work/before"
run verify --accept-torn-log torn whole
expect_status 1
