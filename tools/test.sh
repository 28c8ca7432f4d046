#!/bin/bash
# test.sh PRESET... - builds each preset, runs its tests, and sums up. Fails if any build or test
# does; the other presets are tried all the same. JOBS=n: n jobs at a time.
cd "$(dirname "$0")/.." || exit 2
jobs=${JOBS:-$(nproc)}

# Sanitizers want their address ranges free; kernels that randomise more bits than they expect take
# one now and then. A container may forbid to switch that off, and mostly does well without.
fixed_addresses=()
if setarch -R true 2>/dev/null; then
    fixed_addresses=(setarch -R)
fi

summary=()
failed=0
for preset; do
    echo "== $preset: build"
    began=$SECONDS
    if ! tools/build.sh "$preset" -DMIA_TESTS=ON; then
        summary+=("$preset: does not build")
        failed=1
        continue
    fi
    built=$SECONDS
    echo "== $preset: test"
    if "${fixed_addresses[@]}" ctest --preset "$preset" --parallel "$jobs"; then
        result=passed
    else
        result=FAILED
        failed=1
    fi
    summary+=("$preset: $result (built in $((built - began)) s, tested in $((SECONDS - built)) s)")
done

echo
printf '%s\n' "${summary[@]}"
exit $failed
