#!/bin/bash
# random.sh - databases with random histories, many of them killed in the midst of a write: what the
# library reads where they lie is what the real sled recovers from a copy, to the last byte, and
# nothing of them changes. MIA_TEST_ROUNDS (100), MIA_TEST_SEED (of the first; the others follow).
. "$(dirname "$0")/../cli/lib.sh"
[ -x "$MIA_INTEROP/random-sled" ] || fail "$MIA_INTEROP/random-sled is not built"
rounds=${MIA_TEST_ROUNDS:-100}
seed=${MIA_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
echo "MIA_TEST_SEED=$seed"

# one SEED: prints how it went
one()
{
    local dir=$work/run/$1
    mkdir "$dir"
    "$MIA_INTEROP/random-sled" "$1" "$dir/db" >"$dir/wanted" 2>"$dir/history"
    case $? in
    0) ;;
    3) echo 'unreadable for sled'; rm -r "$dir"; return ;;
    *) echo "FAILED: random-sled: $(cat "$dir/history")"; return ;;
    esac
    snapshot "$dir/db" >"$dir/before"
    local kind=same
    "$MIA" dump --digest "$dir/db" >"$dir/got" 2>"$dir/said"
    local code=$?
    if [ $code = 3 ] && grep -q 'intact messages' "$dir/said"; then
        kind='same, torn'
        "$MIA" dump --digest --accept-torn-log "$dir/db" >"$dir/got" 2>"$dir/said"
        code=$?
    fi
    snapshot "$dir/db" >"$dir/after"
    if [ $code != 0 ] || ! cmp -s "$dir/wanted" "$dir/got"; then
        echo "FAILED: exit $code: $(head -c 500 "$dir/said") $(diff "$dir/wanted" "$dir/got" | head -c 500)"
        cat "$dir/history"
    elif ! cmp -s "$dir/before" "$dir/after"; then
        echo "FAILED: the database was changed: $(diff "$dir/before" "$dir/after")"
    else
        echo "$kind"
        rm -r "$dir"
    fi
}

# Two at a time: most of the time passes while sled waits for the disk.
half()
{
    for ((i = $1; i < rounds; i += 2)); do one $((seed + i)); done
}
half 0 >"$work/even" &
half 1 >"$work/odd"
wait
cat "$work/even" "$work/odd" | grep -E '^(same|unreadable)' | sort | uniq -c
if grep -A1 -h '^FAILED' "$work/even" "$work/odd"; then
    exit 1
fi
read=$(grep -ch '^same' "$work/even" "$work/odd" | awk '{ sum += $1 } END { print sum }')
[ "$read" -ge $((rounds * 9 / 10)) ] || fail "only $read of $rounds databases could be compared"
