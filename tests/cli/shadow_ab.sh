#!/bin/bash
# shadow_ab.sh - what a running program finds out about its two databases, seen from outside
. "$(dirname "$0")/lib.sh"
has_sled || skip 'this build has no sled'
"$MIA" sample --quiet --records 500 --seed 4 source || fail 'no sample'
"$MIA" shadow create --quiet pair source target || fail 'no pair'

# begin sound|lossy: the program in the background, $id the first key.
begin()
{
    rm -f go && mkfifo go
    "$MIA_TEST_PROGRAMS/pair-user" pair "$1" <go >"$work/said" 2>"$work/complaints" &
    user=$!
    exec 9>go
    for _ in $(seq 600); do
        grep -q '^ready .' "$work/said" && break
        kill -0 "$user" 2>/dev/null || fail "the program ended: $(cat "$work/complaints")"
        sleep 0.1
    done
    id=$(sed -n 's/^ready //p' "$work/said")
    [ -n "$id" ] || fail 'the program is not ready'
}

end()
{
    exec 9>&-
    wait "$user" || fail "the program failed: $(cat "$work/complaints")"
}

# wait_for EXPECTATION...: until the tool says so, 30 seconds at most.
wait_for()
{
    for _ in $(seq 300); do
        "$MIA" shadow ab --json pair >"$work/out" 2>"$work/err"
        "$MIA_TEST_PROGRAMS/json-check" "$work/out" "$@" 2>/dev/null >&2 && return
        sleep 0.1
    done
    json "$work/out" "$@"
}

part 'nothing yet'
run shadow ab pair
expect_failure 4 'mia_shadow_ab_start'
run shadow ab source
expect_failure 4 'mia_shadow_ab_start'

part 'a program that runs'
begin sound
compared=0
for _ in $(seq 300); do
    run shadow ab --json pair
    compared=$(sed -n 's/^ *"compared": \([0-9]*\),*$/\1/p' "$work/out" | sort -n | head -1)
    [ "${compared:-0}" -gt 0 ] && break
    sleep 0.1
done
[ "${compared:-0}" -gt 0 ] || fail 'nothing was compared'
expect_status 0
expect_no_err
expect_json running=true primary=sled candidate=mdbx write_failures=0 mismatches.total=0 \
    operations.get.compared:integer operations.get.skipped:integer operations.get.errors=0 \
    operations.scan.mismatches.total=0 operations.get.ratio.mean:real started_ms:integer \
    written_ms:integer
if grep -q '"percentiles": true' "$work/out"; then
    for side in primary candidate; do
        for measure in median p90 p99 p999 max; do
            expect_json "operations.get.latency_ns.$side.$measure:integer" \
                "operations.scan.latency_ns.$side.$measure:integer"
        done
    done
    expect_json operations.get.ratio.median:real operations.scan.ratio.p999:real
    run shadow ab pair
    expect_out '^  median .* [0-9.]+ (ns|µs|ms)  .* [0-9.]+$'
    expect_out '^  p99\.9  '
    expect_out '^  longest  '
fi
run shadow ab pair
expect_status 0
expect_out '^  state +running, written [0-9.]+ s ago$'
expect_out '^  primary +sled$'
expect_out '^  candidate +mdbx$'
expect_out '^  get +primary +candidate +candidate/primary$'
expect_out '^  mean  '
expect_out '^  compared +[1-9]'
run shadow ab --quiet pair
expect_status 0
expect_no_out

part 'a program that has ended'
end
run shadow ab pair
expect_status 0
expect_out '^  state +ended, '

part 'a candidate that loses a record'
begin lossy
wait_for running=true first_mismatches.0.class=missing
expect_json first_mismatches.0.tree=nodes "first_mismatches.0.key=$id" \
    first_mismatches.0.key_size="${#id}" operations.get.mismatches.extra=0
run shadow ab pair
expect_status 1
expect_out "^  missing +get +nodes  $id\$"
expect_out '^  missing +[0-9,]+ \('

part 'a program that was killed'
kill -KILL "$user"
wait "$user" 2>/dev/null
exec 9>&-
run shadow ab --json pair
expect_status 1
expect_json running=true

part 'a file that is damaged, and one of another version'
cp pair/mia-shadow-ab kept
printf 'x' | dd of=pair/mia-shadow-ab bs=1 seek=40 conv=notrunc 2>/dev/null
run shadow ab pair
expect_failure 3 'checksum'
{ echo 'mia-shadow-ab 2'; echo 'more 1'; } >body
{ cat body; echo "sha256 $(sha256sum <body | cut -d ' ' -f 1)"; } >pair/mia-shadow-ab
run shadow ab pair
expect_failure 4 'update it'
cp kept pair/mia-shadow-ab
run shadow ab --json pair
expect_status 1

part 'wrong usage'
run shadow ab
expect_status 2
run shadow ab pair other
expect_status 2
