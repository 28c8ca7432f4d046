#!/bin/bash
# sample.sh - mia sample: the same seed makes the same content, and real sled reads it
. "$(dirname "$0")/lib.sh"
need_sled

part 'make'
run sample --records 5000 --seed 7 one
expect_status 0
expect_no_err
expect_out '^Made one: 5,000 records, seed 7\.$'
run sample --json --records 5000 --seed 7 two
expect_status 0
expect_json path=two records=5000 seed=7
run sample --quiet --records 5000 --seed 8 three
expect_status 0
expect_no_out

part 'content'
sled_digest one >"$work/one"
sled_digest two >"$work/two"
sled_digest three >"$work/three"
[ "$(wc -l <"$work/one")" = 5000 ] || fail "$(wc -l <"$work/one") records instead of 5000"
expect_equal_files "$work/one" "$work/two"
! cmp -s "$work/one" "$work/three" || fail 'another seed made the same content'
run migrate --raw --quiet one target
expect_status 0
expect_same_content one target

part 'refusals'
run sample one
expect_failure 4 'one.* exists'
run sample no/such/parent
case $status in 4 | 6) expect_failure "$status" 'no/such' ;; *) fail "exit $status" ;; esac
expect_only one two three target
