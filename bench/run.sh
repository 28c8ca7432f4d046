#!/bin/sh
# run.sh BUILD_FOLDER [RECORDS...] - every benchmark; BUILD_FOLDER has the tool, the target `bench`
# and the programs of interop/. RECORDS: sizes of the databases to read and to migrate
# (24000 240000 2400000: 10 MB, 100 MB, 1 GB).
# WORK=folder: where the databases are made and removed (default: the build folder). ROUNDS=n.
set -u
build=$1
interop=$(sed -n 's/^MIA_INTEROP_DIR:PATH=//p' "$build/CMakeCache.txt")/release
shift
[ $# -gt 0 ] || set -- 24000 240000 2400000
work=$(mktemp -d "${WORK:-$build}/bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failed=0

# part TITLE COMMAND...
part()
{
    echo
    echo "== $1"
    shift
    "$@" || failed=1
}

part 'libmia against plain libmdbx' \
    "$build/bench/bench_engine" "$work/engine" 300000 "${ROUNDS:-15}"
rm -rf "$work/engine"
part 'a store against plain libmdbx' \
    "$build/bench/bench_store" "$work/store" 200000 "${ROUNDS:-9}"
part 'lists on libmdbx against the indexes of MIA on sled' \
    "$build/bench/bench_queries" "$work/queries" 20000 "${ROUNDS:-9}"
part 'growth and readers' "$build/bench/bench_readers" "$work/readers"
rm -rf "$work/store" "$work/queries" "$work/readers"
part 'records against the Rust crates' \
    "$build/bench/bench_model" "$interop/bench-models" "${ROUNDS:-15}"
if [ -x "$build/bench/bench_vector" ]; then
    part 'the vector graph against usearch, and the exact scan' \
        "$build/bench/bench_vector" "$interop/bench-usearch" \
        "$(dirname "$0")/../tests/fixtures/sentences/sentences.i8"
fi
for records; do
    part "reading a sled database of $records records" \
        "$build/bench/bench_sled" "$build/mia" "$interop" "$work/sled" "$records" "${ROUNDS:-5}"
    rm -rf "$work/sled"
    part "migration of $records records" \
        "$build/bench/bench_migrate" "$build/mia" "$interop" "$work/migrate" "$records" \
        "${ROUNDS:-5}"
    rm -rf "$work/migrate"
done
exit $failed
