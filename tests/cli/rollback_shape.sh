#!/bin/bash
# rollback_shape.sh SHAPE [SEED] - a database of the real sled to libmdbx and back: the real sled shows
# the same pairs, in the same trees, and can go on writing
. "$(dirname "$0")/lib.sh"
need_sled
shape=$1
seed=${2:-1}

part "make $shape"
[ "$shape" = large ] && options=(--megabytes 24) || options=()
make_sled "$shape" "$seed" source "${options[@]}"
sled_digest source >"$work/digest"
records=$(wc -l <"$work/digest")
sum=$(sha256sum <"$work/digest" | cut -d ' ' -f 1)
run migrate --raw --quiet source target
expect_status 0
snapshot target | grep -v mdbx.lck >"$work/before"

# came_back DIR: what the real sled shows of it, and that nothing else changed.
came_back()
{
    sled_digest "$1" >"$work/back"
    expect_equal_files "$work/digest" "$work/back"
    run info --json source
    sed -n '/"trees"/,/^  \]/p' "$work/out" >"$work/wanted-trees"
    run info --json "$1"
    sed -n '/"trees"/,/^  \]/p' "$work/out" >"$work/found-trees"
    expect_equal_files "$work/wanted-trees" "$work/found-trees"
    snapshot target | grep -v mdbx.lck >"$work/now"
    expect_equal_files "$work/before" "$work/now"
}

part 'rollback'
run rollback --json target back
expect_status 0
expect_no_err
expect_json source=target target=back "records=$records" "verified_records=$records" \
    "digest=$sum" trees:integer target_bytes:integer write_seconds:real verify_seconds:real 'error!'
came_back back

part 'in the form that another application opens'
run rollback --segment-size 4K --compress 3 target small
expect_status 0
expect_out '^Rolled target back to small, verified\.$'
came_back small

part 'from sled to sled'
run rollback --quiet source again
expect_status 0
expect_no_out
came_back again

part 'the real sled goes on writing'
for directory in back small; do
    run_program "$MIA_INTEROP/check-sled-writable" "$directory" "$work/digest" --operations 3000
    expect_status 0
done
expect_only source target back small again
