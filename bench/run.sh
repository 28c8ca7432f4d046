#!/bin/sh
# run.sh BUILD_FOLDER [RECORDS...] - both benchmarks; BUILD_FOLDER has the tool, the target `bench`
# and the programs of interop/. RECORDS: sizes of the databases to migrate (100000 1000000).
# WORK=folder: where the databases are made and removed (default: the build folder). ROUNDS=n.
set -u
build=$1
interop=$(sed -n 's/^MIA_INTEROP_DIR:PATH=//p' "$build/CMakeCache.txt")/release
shift
[ $# -gt 0 ] || set -- 100000 1000000
work=$(mktemp -d "${WORK:-$build}/bench.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
failed=0

echo "== libmia against plain libmdbx"
"$build/bench/bench_engine" "$work/engine" 300000 "${ROUNDS:-15}" || failed=1
rm -rf "$work/engine"
for records; do
    echo
    echo "== migration of $records records"
    "$build/bench/bench_migrate" "$build/mia" "$interop" "$work/migrate" "$records" \
        "${ROUNDS:-5}" || failed=1
    rm -rf "$work/migrate"
done
exit $failed
