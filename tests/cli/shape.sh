#!/bin/bash
# shape.sh SHAPE [SEED] - one database of the real sled, all the way: migrate, compare by sled's own
# reading, verify, look inside, and the source as it was to the last byte and nanosecond
. "$(dirname "$0")/lib.sh"
need_sled
shape=$1
seed=${2:-1}

part "make $shape"
[ "$shape" = large ] && options=(--megabytes 24) || options=()
make_sled "$shape" "$seed" "source $shape" "${options[@]}"
snapshot "source $shape" >"$work/before"
sled_digest "source $shape" >"$work/digest"
records=$(wc -l <"$work/digest")

part 'migrate'
run migrate --raw --json "source $shape" 'target ünï'
expect_status 0
expect_no_err
expect_json "source=source $shape" 'target=target ünï' "records=$records" "verified_records=$records" \
    trees:integer key_bytes:integer value_bytes:integer long_keys:integer resumed_records=0 \
    target_bytes:integer page_size:integer differences.total=0 differences.missing=0 \
    differences.extra=0 differences.value=0 differences.order=0 digest:string \
    plan_seconds:real copy_seconds:real verify_seconds:real 'error!' \
    "digest=$(sha256sum <"$work/digest" | cut -d ' ' -f 1)"
cp "$work/out" "$work/report"
expect_unchanged "source $shape" "$work/before"
expect_only "source $shape" 'target ünï'

part 'the same content, by the real sled'
run dump --digest 'target ünï'
expect_status 0
expect_no_err
expect_equal_files "$work/digest" "$work/out"
run dump --digest "source $shape"
expect_status 0
expect_equal_files "$work/digest" "$work/out"

part 'verify'
run verify "source $shape" 'target ünï'
expect_status 0
expect_no_err
expect_out '^Identical\.$'
run verify --json "target ünï" "source $shape"
expect_status 0
expect_json identical=true "records=$records" differences.total=0 first_differences:array \
    "digest=$(sha256sum <"$work/digest" | cut -d ' ' -f 1)"
run check 'target ünï'
expect_status 0
expect_out '^sound: '
run check "source $shape"
expect_status 0
expect_out '^sound: '

part 'info counts what dump prints'
run info --json "source $shape"
expect_status 0
expect_json kind=sled format=sled size_on_disk:integer trees:array 'mdbx!'
awk -F ": " '/"records"/ { sum += $2 } END { print sum + 0 }' "$work/out" >"$work/sum"
[ "$(cat "$work/sum")" = "$records" ] || fail "info counts $(cat "$work/sum") records, sled $records"
sed -n '/"trees"/,/^  \]/{s/\],$/]/;p}' "$work/out" >"$work/source-trees"
run info --json 'target ünï'
expect_status 0
expect_json kind=mdbx format=raw mdbx.page_size:integer mdbx.size_limit:integer \
    mdbx.last_txn:integer mdbx.readers:array
sed -n '/"trees"/,/^  \]/{s/\],$/]/;p}' "$work/out" >"$work/target-trees"
expect_equal_files "$work/source-trees" "$work/target-trees"

part 'get: spot checks'
awk -v every=$((records / 7 + 1)) 'NR % every == 1 || every == 1' "$work/digest" | head -20 >"$work/some"
while IFS=, read -r -u 3 tree key hash; do # commas, because `read` joins empty fields at spaces
    [ ${#key} -lt 100000 ] || continue # no room for it on a command line
    run get --hex 'target ünï' "$tree" "$key"
    expect_status 0
    [ "$(sha256sum <"$work/out" | cut -d ' ' -f 1)" = "$hash" ] || fail "value of $key in $tree"
done 3< <(tr ' ' , <"$work/some")

part 'dump: one line per pair, as text and as JSON'
run dump 'target ünï'
expect_status 0
[ "$(wc -l <"$work/out")" = "$records" ] || fail 'not one line per pair'
run dump --json 'target ünï'
expect_status 0
[ "$(wc -l <"$work/out")" = "$records" ] || fail 'not one line per pair'
[ "$shape" = records ] || json --lines "$work/out" # Jansson refuses NUL in the names of members

expect_unchanged "source $shape" "$work/before"
expect_only "source $shape" 'target ünï'
