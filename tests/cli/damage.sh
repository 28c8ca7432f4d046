#!/bin/bash
# damage.sh - damaged sources and targets: exit 3 or another answer with a message, never a death
# by a signal, never something under the target's name that differs from what was read
. "$(dirname "$0")/lib.sh"
need_sled
make_sled mixed 5 sound
snapshot sound >"$work/sound"

# Whatever the tool makes of a damaged source: a clean answer, and the source stays as it is.
try_source()
{
    snapshot source >"$work/before"
    run migrate --raw source target
    case $status in
    0) # the damage is in a place that holds no live data; what was written must be complete
        run verify source target
        expect_status 0
        rm -r target
        ;;
    3 | 4)
        expect_failure "$status" '[a-z]'
        [ ! -e target ] || fail 'a target was published'
        ;;
    *) fail "exit $status" ;;
    esac
    echo "$status" >>"$work/answers"
    rm -rf target.mia-partial
    expect_unchanged source "$work/before"
}

# damage FILE OFFSET HEX: overwrites bytes.
damage()
{
    printf "$(sed 's/../\\x&/g' <<<"$3")" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

part 'source: bytes changed'
size=$(stat -c %s sound/db)
for ((i = 0; i < 8; i++)); do
    cp -r sound source
    damage source/db $((size * i / 8 + 17 * i + 40)) ffffffffffffffff
    try_source
    rm -r source
done

part 'source: cut off'
for ((i = 0; i < 4; i++)); do
    cp -r sound source
    truncate -s $((size * i / 4 + i * 100)) source/db
    try_source
    rm -r source
done

part 'source: configuration, snapshot and blobs'
for file in sound/conf sound/snap.*; do
    [ -f "$file" ] || continue
    cp -r sound source
    truncate -s 5 "source/${file#sound/}"
    try_source
    damage "source/${file#sound/}" 0 ffffffffff
    try_source
    rm -r source
done
cp -r sound source
: >source/db
try_source
rm -r source
grep -q 3 "$work/answers" || fail 'no damage at all was answered with exit 3'
expect_unchanged sound "$work/sound"

part 'target: bytes changed'
run migrate --raw --quiet sound whole
expect_status 0
size=$(stat -c %s whole/mdbx.dat)
noticed=0
for ((i = 0; i < 8; i++)); do
    cp -r whole target
    damage target/mdbx.dat $((size * i / 10 + 4096 + 8 * i)) ffffffffffffffffffffffffffffffff
    for command in 'info target' 'check target' 'dump target' 'verify sound target'; do
        run $command
        case $status in
        0 | 1 | 3 | 4) [ "$status" = 0 ] || noticed=$((noticed + 1)) ;;
        *) fail "exit $status" ;;
        esac
    done
    rm -r target
done
[ "$noticed" -gt 0 ] || fail 'no damage of the target was noticed'

part 'target: cut off'
for share in 0 1 2 3; do
    cp -r whole target
    truncate -s $((size * share / 4)) target/mdbx.dat
    run check target
    case $status in 3 | 4) expect_err '^mia: check: ' ;; *) fail "exit $status" ;; esac
    run verify sound target
    case $status in 1 | 3 | 4) ;; *) fail "exit $status" ;; esac
    rm -r target
done
expect_only sound whole
