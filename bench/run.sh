#!/bin/sh
# run.sh BUILD_FOLDER [RECORDS...] - every benchmark, and their report; BUILD_FOLDER has the tool, the target `bench`
# and the programs of interop/. RECORDS: sizes of the databases to read and to migrate
# (240000: 100 MB; another ten times as large takes ten minutes more).
# MOST=n: messages of the largest store whose growth is measured (1,000,000, of 1 GB; ten times as many take some
# minutes more).
# WORK=folder: where the databases are made and removed (default: the build folder). ROUNDS=n.
# REPORT=folder: where performance.md and performance.html go (default: BUILD_FOLDER/bench).
set -u
build=$1
here=$(dirname "$0")
interop=$(sed -n 's/^MIA_INTEROP_DIR:PATH=//p' "$build/CMakeCache.txt")/release
report=${REPORT:-$build/bench}
shift
[ $# -gt 0 ] || set -- 240000
work=$(mktemp -d "${WORK:-$build}/bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
export BENCH_GOALS="$work/goals"
: >"$BENCH_GOALS"
failed=0

# part TITLE COMMAND...
part()
{
    echo
    echo "== $1"
    shift
    began=$(date +%s)
    "$@" || failed=1
    echo "($(($(date +%s) - began)) s)"
}

part 'libmia against plain libmdbx' \
    "$build/bench/bench_engine" "$work/engine" 300000 "${ROUNDS:-7}"
rm -rf "$work/engine"
part 'records against the Rust crates' \
    "$build/bench/bench_model" "$interop/bench-models" "${ROUNDS:-7}"
for records; do
    # the largest takes longest and varies least
    rounds=5 && [ "$records" -gt 1000000 ] && rounds=3
    part "reading a sled database of $records records" \
        "$build/bench/bench_sled" "$build/mia" "$interop" "$work/sled" "$records" "${ROUNDS:-$rounds}"
    rm -rf "$work/sled"
    part "migration of $records records" \
        "$build/bench/bench_migrate" "$build/mia" "$interop" "$work/migrate" "$records" \
        "${ROUNDS:-$rounds}"
    rm -rf "$work/migrate"
done
part 'a store against plain libmdbx' \
    "$build/bench/bench_store" "$work/store" 200000 "${ROUNDS:-7}"
part 'lists on libmdbx against the indexes of MIA on sled' \
    "$build/bench/bench_queries" "$work/queries" 20000 "${ROUNDS:-9}"
part 'the store beside other designs' \
    "$build/bench/bench_designs" "$interop/bench-designs" "$work/designs" 150000 "${ROUNDS:-5}"
rm -rf "$work/store" "$work/queries" "$work/designs"
part 'growth' "$build/bench/bench_growth" "$work/growth" "${MOST:-1000000}"
part 'readers' "$build/bench/bench_readers" "$work/readers"
rm -rf "$work/growth" "$work/readers"
if [ -x "$build/bench/bench_vector" ]; then
    part 'the vector graph against usearch, and the exact scan' \
        "$build/bench/bench_vector" "$interop/bench-usearch" \
        "$here/../tests/fixtures/sentences/sentences.i8" 0 384 "${ROUNDS:-3}"
fi

mkdir -p "$report"
"$build/bench/bench_engine" --machine "$work" | sed 's/^machine: /Measured on /' >"$work/machine"
echo
"$here/report.py" "$BENCH_GOALS" "$work/machine" "$report/performance.md" "$report/performance.html" &&
    echo "$report/performance.md, $report/performance.html" || failed=1
exit $failed
