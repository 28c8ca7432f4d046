#!/bin/bash
# fuzz.sh [SECONDS] [NAME...] - builds the fuzzers (preset fuzz) and runs each for so long, 30
# seconds if nothing is said, from its kept inputs in fuzz/corpus/NAME. JOBS=n: n at a time.
# Inputs that reach something new go to build/fuzz/found/NAME, where the next run takes them up. One
# that breaks something is kept in build/fuzz/broken, named, and makes the exit code 1.
cd "$(dirname "$0")/.." || exit 2
seconds=30
case ${1:-} in
[0-9]*) seconds=$1 && shift ;;
esac
if [ $# -eq 0 ]; then
    set -- fuzz/fuzz_*.c
    set -- "${@#fuzz/fuzz_}"
    set -- "${@%.c}"
fi
out=build/fuzz

if ! command -v clang >/dev/null; then
    echo "fuzz: clang with libFuzzer is needed: tools/bootstrap.sh test installs it" >&2
    exit 1
fi
echo "== fuzz: build"
tools/build.sh fuzz --target fuzzers || exit 1

# As in test.sh: sanitizers want their address ranges free.
fixed_addresses=()
if setarch -R true 2>/dev/null; then
    fixed_addresses=(setarch -R)
fi

# run NAME: true if nothing broke.
run()
{
    local name=$1 log=$out/log/$1 options=() inputs broken
    mkdir -p "$out/found/$name" "$out/broken" "$out/log"
    [ -f "fuzz/$name.dict" ] && options+=("-dict=fuzz/$name.dict")
    if ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 UBSAN_OPTIONS=print_stacktrace=1 \
        "${fixed_addresses[@]}" "$out/fuzz_$name" -max_total_time="$seconds" -timeout=20 \
        -print_final_stats=1 -artifact_prefix="$out/broken/$name-" "${options[@]}" \
        "$out/found/$name" "fuzz/corpus/$name" >"$log" 2>&1; then
        inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "fuzz_$name: $inputs inputs in $seconds s, nothing broke"
        return 0
    fi
    broken=$(sed -n 's/.*Test unit written to //p' "$log")
    grep -m 1 -B 2 -A 25 -E 'ERROR:|runtime error:|Assertion' "$log" || tail -n 25 "$log"
    echo "fuzz_$name: FAILED, see $log; again: $out/fuzz_$name ${broken:-}"
    return 1
}

echo "== fuzz: $* for $seconds s each"
failed=0
running=0
for name; do
    if [ "$running" -ge "${JOBS:-$(nproc)}" ]; then
        wait -n || failed=1
        running=$((running - 1))
    fi
    run "$name" &
    running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
    wait -n || failed=1
    running=$((running - 1))
done
exit $failed
